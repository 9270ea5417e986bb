"""The helpdesk as people and agents meet it: through the pages, the mails, the faxes and LINE."""

import io
import re
from uuid import uuid4

import psycopg
import pytest
from PIL import Image

from .phones import link_case
from .test_individual import apply_as_individual, open_account

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

DIGITS = {character: value for value, character in enumerate("一二三四五六七八九", start=1)}


def a_scan():
    """A picture, as a telephone takes one of a letter."""
    content = io.BytesIO()
    Image.new("RGB", (400, 300), "white").save(content, "PNG")
    return content.getvalue()


def write_by_form(someone, files=None, **values):
    """Send the form as fast as a program does, and answer the question that it asks then. Returns the number."""
    someone.go("/contact")
    someone.send("/contact", files=files, expect=422, **values)
    first, second = re.search(
        "([一二三四五六七八九])加([一二三四五六七八九])等於多少", someone.words
    ).groups()
    someone.send("/contact", files=files, sum=str(DIGITS[first] + DIGITS[second]), **values)
    assert someone.path.startswith("/contact/")
    assert "我們已收到您的訊息" in someone.words
    return re.search(r"HD\d{4}-\d{6}", someone.words)[0]


def agent_named(visitor, name):
    agent = visitor()
    agent.log_in(name)
    return agent


def disable(system, person):
    """What a year without a login does to an account."""
    with psycopg.connect(system.administrator_dsn("mtnet_accounts"), autocommit=True) as connection:
        connection.execute(
            "UPDATE account SET state = 'frozen', reminded_days = 7, active_on = current_date - 366,"
            " freeze_on = current_date - 276, remind_on = NULL, disable_on = current_date - 1"
            " WHERE account_name = %s",
            [person.account_name],
        )
    system.run("accounts", "python", "-m", "accounts.lifecycle.cli")


def is_turned_away(browser, person):
    browser.go("/login")
    browser.send("/login", expect=403, account_name=person.account_name, password=person.password)
    return "帳號已停用" in browser.words


def boxes(agent, action):
    """All that there is to tick in the form."""
    form = agent.page.find("form", action=action)
    return [box["value"] for box in form.find_all("input", {"name": "checks"})]


def test_two_agents_give_a_disabled_account_back_and_one_of_them_alone_cannot(
    system, visitor, person, reading
):
    number = apply_as_individual(owner := visitor(), person, reading)
    open_account(system, owner, visitor(), person, reading, number)
    disable(system, person)
    system.wait_for_message(to=person.email, containing="您的 MTNet 帳號已停用")
    holder = visitor()
    assert is_turned_away(holder, person)
    ticket = write_by_form(
        holder,
        files={"files": ("公文.png", a_scan(), "image/png")},
        email=person.email,
        subject="申請帳號復用",
        text="因出海作業一年未登入，請恢復使用。附機關公文。",
    )
    page = holder.path

    first = agent_named(visitor, "helpdesk1")
    first.go(f"/desk/tickets/{ticket}")
    scan = first.http.get(first.link("公文.png"))
    assert scan.headers["content-type"] == "image/png"
    first.follow("以此案件申請帳號復用")
    assert first.page.find("input", id="reference")["value"] == ticket
    first.send("/desk/reactivations/new", account_name=person.account_name)
    case = first.path
    check, approve, refuse = (f"{case}/{what}" for what in ("check", "approve", "refuse"))
    assert "停用" in first.page.select_one("dl").get_text()
    everything = boxes(first, check)
    assert len(everything) == 5
    reason = "致電帳號原留電話，由本人說明。"
    first.send(check, expect=409, checks=everything[1:], reason=reason)
    assert first.page.select_one(".govuk-error-summary")
    first.send(check, checks=everything, reason=reason)
    assert "已查核，待第二人核定" in first.words

    # The page offers it to nobody who has checked, and the portal takes it from nobody who has.
    assert first.page.find("form", action=approve) is None
    assert "須由另一位客服人員檢視證明文件後核定。" in first.words
    hidden = first.page.find("form", action=refuse).find_all("input", type="hidden")
    forged = {field["name"]: field["value"] for field in hidden} | {"checks": everything}
    answer = first.http.post(approve, data=forged)
    assert answer.status_code == 409
    assert "證明文件由您查核，須由另一位同仁核定" in answer.text
    assert is_turned_away(visitor(), person)

    second = agent_named(visitor, "helpdesk2")
    before = system.newest_message_id()
    second.go("/desk/reactivations").follow(case.rpartition("/")[2])
    assert second.path == case
    assert boxes(second, approve) == everything
    second.send(approve, checks=everything)
    assert "客服人員甲" in second.words
    assert "客服人員乙" in second.words
    assert second.page.find("form", action=approve) is None
    told = system.wait_for_message(to=person.email, containing="證明文件已審核通過", after=before)
    assert person.account_name in told["text"]
    holder.log_in(person.account_name, person.password)
    assert holder.path == "/account"

    # Whoever wrote is answered where they wrote.
    first.go(f"/desk/tickets/{ticket}")
    answering = f"/desk/tickets/{ticket}/answer"
    first.send(answering, outcome=case.rpartition("/")[2])
    first.send(answering, then="resolved")
    holder.wait_for_words(page, case.rpartition("/")[2])
    assert "已解決" in holder.words


def entries(agent):
    """What stands in the thread of the ticket that is open, the oldest first."""
    return [
        row.get_text(" ", strip=True)
        for row in agent.page.find(id="ticket-thread").find_all("li", recursive=False)
    ]


def test_mail_line_fax_and_form_of_one_person_are_one_thread_and_the_answer_is_read_without_login(
    system, visitor, person, reading, phone
):
    owner = visitor()
    person.fax = f"022{uuid4().int % 10**7:07d}"
    case = apply_as_individual(owner, person, reading)
    link_case(owner, case, phone)
    open_account(system, owner, visitor(), person, reading, case)

    before = system.newest_message_id()
    letter = {
        "from": person.email,
        "to": "service@mtnet.gov.tw",
        "subject": "進港申報無法送出",
        "text": "請協助查明。",
    }
    phone.http.post("/write", data=letter).raise_for_status()
    receipt = system.wait_for_message(to=person.email, channel="email", containing="[HD", after=before)
    ticket = re.search(r"HD\d{4}-\d{6}", receipt["subject"])[0]
    phone.do("say", text="船名是海安一號。")
    agent = agent_named(visitor, "helpdesk1")
    agent.wait_for_words(f"/desk/tickets/{ticket}", "船名是海安一號。")
    phone.http.post("/fax/in", data={"number": person.fax, "text": "申報書影本"}).raise_for_status()
    agent.wait_for_words(f"/desk/tickets/{ticket}", "fax.tiff", seconds=40)
    by_form = visitor()
    merged = write_by_form(by_form, email=person.email, subject="補充船籍證書", text="證書號碼另附。")
    assert merged != ticket
    agent.wait_for_words(f"/desk/tickets/{ticket}", "證書號碼另附。")
    thread = entries(agent)
    assert len(thread) == 4
    told = ("請協助查明。", "船名是海安一號。", "fax.tiff", "證書號碼另附。")
    for entry, words in zip(thread, told, strict=True):
        assert words in entry
    sheet = agent.page.select_one("figure.portal-sheet img")
    assert agent.http.get(sheet["src"]).headers["content-type"] == "image/png"
    # Whoever sends a form may have typed somebody else's address: it stays apart, and shows nothing of the others.
    assert "未驗證身分" in thread[3]
    assert merged in thread[3]
    by_form.go(by_form.path)
    for words in told[:3]:
        assert words not in by_form.words

    before = system.newest_message_id()
    agent.send(f"/desk/tickets/{ticket}/answer", text="系統已修復，請重新送出。", then="resolved")
    link = re.search(r"/contact/[A-Za-z0-9_\-]+", receipt["text"])[0]
    reader = visitor()
    reader.wait_for_words(link, "系統已修復，請重新送出。")
    assert reader.http.cookies.get("sid") is None
    assert "請協助查明。" in reader.words
    reader.send(f"{link}/satisfaction", satisfaction="5", comment="很快就處理好了")
    assert "已收到您的評分" in reader.words
    agent.wait_for_words(f"/desk/tickets/{ticket}", "滿意度：5 分中的 5 分")
    assert "很快就處理好了" in agent.words


def report_with(agent, text):
    """The report of a shift that says so."""
    return next(each for each in agent.page.find_all("article") if text in each.get_text())


def figures(part):
    return [each.get_text(" ", strip=True) for each in part.find("dl", class_="portal-pairs").find_all("dd")]


def test_a_shift_is_handed_over_by_one_and_taken_over_by_the_next(visitor):
    leaving, coming, lead = (
        agent_named(visitor, name) for name in ("helpdesk1", "helpdesk2", "helpdesklead")
    )
    text = f"十點前回電基隆港 {uuid4().hex[:8]}"
    leaving.go("/desk/shifts")
    leaving.send("/desk/shifts/handover", expect=422, text="")
    leaving.go("/desk/shifts")
    stood = figures(leaving.page)
    leaving.send("/desk/shifts/handover", text=text)
    assert "已交班，請下一班同仁在此接班。" in leaving.words
    own = report_with(leaving, text)
    assert "須由其他同仁接班。" in own.get_text()
    assert own.find("form") is None
    assert figures(own) == stood

    for each in (coming, lead):
        each.go("/desk/shifts")
    form = report_with(coming, text).find("form")["action"]
    # Nobody takes over from themselves, by another way either.
    hidden = leaving.page.find(id="page-form").find_all("input", type="hidden")
    forged = leaving.http.post(form, data={field["name"]: field["value"] for field in hidden})
    assert forged.status_code in (403, 409)
    coming.send(form)
    assert "您已接班。" in coming.words
    done = report_with(coming, text)
    assert "客服人員甲" in done.get_text()
    assert re.search(r"客服人員乙 於 .* 接班", done.get_text(" ", strip=True))
    assert done.find("form") is None
    assert figures(done) == stood
    lead.send(form, expect=409)
    assert re.search(r"客服人員乙 於 .* 接班", report_with(lead, text).get_text(" ", strip=True))
    leaving.go("/desk/shifts")
    assert re.search(r"客服人員乙 於 .* 接班", report_with(leaving, text).get_text(" ", strip=True))
