"""The journey in Chromium, with JavaScript and without: from the first page to the first login."""

import re
import time
from uuid import uuid4

import pytest
from mtnet_contracts.vocabulary.limits import LARGEST_FILE_BYTES

from tests.authenticator import code_for, key_in

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

DEMO_PASSWORD = "Mtnet!2026demo"
PASSWORD = "ZAs145@1"


def an_id_number():
    body = f"1{uuid4().int % 10_000_000:07d}"
    total = 1 + sum(w * int(d) for w, d in zip((8, 7, 6, 5, 4, 3, 2, 1), body, strict=True))
    return f"A{body}{-total % 10}"


def a_mobile():
    return f"09{uuid4().int % 9}{uuid4().int % 10_000_000:07d}"


class Story:
    """One person at one page after another."""

    def __init__(self, system, page, look, name, check):
        self.system, self.page, self.name, self.check, self._look = system, page, name, check, look
        self.place = 0

    def look(self, what, **options):
        self.place += 1
        options.setdefault("check", self.check)
        self._look(self.page, f"{self.name}-{self.place:02d}-{what}", **options)

    def press(self, words):
        self.page.get_by_role("button", name=words, exact=True).first.click()

    def follow(self, words):
        self.page.locator("main a", has_text=words).first.click()

    def fill(self, **values):
        for name, value in values.items():
            self.page.locator(f"[name={name}]").fill(value)

    def mark(self, field, reason):
        """Say why the applicant has to change a field."""
        chosen = self.page.locator(f"[name='mark-{field}'][value={reason}]")
        self.page.locator("details", has=chosen).locator("summary").click()
        chosen.check()

    def prove(self, what, to):
        before = self.system.newest_message_id()
        self.press("傳送驗證碼")
        message = self.system.wait_for_message(to=to, after=before)
        code = re.search(r"(?<!\d)\d{6}(?!\d)", message["text"])[0]
        if what:
            self.look(what)
        self.fill(code=code)
        self.press("驗證")

    def log_in(self, account_name, password=DEMO_PASSWORD):
        self.page.goto("/login")
        self.fill(account_name=account_name, password=password)
        self.press("登入")
        self.take_second_step(account_name)

    def take_second_step(self, account_name):
        """Type the code of one's app; whoever has none yet sets one up with the key that the page shows."""
        if not self.page.locator("form[action='/login/second-step']").count():
            return
        shown = self.page.locator("#secret")
        key = key_in(shown.inner_text()) if shown.count() else None
        self.look("second-factor-set-up" if key else "second-step")
        self.fill(code=code_for(account_name, key))
        self.press("登入")
        if key:
            self.look("recovery-codes")
            self.follow("我已保存")

    def find_case(self, number):
        deadline = time.monotonic() + 20
        while True:
            self.page.goto(f"/review/?search={number}")
            if self.page.get_by_role("link", name=number).count():
                return
            assert time.monotonic() < deadline, f"{number} did not reach the queue"
            time.sleep(0.2)

    def wait_for(self, path, words):
        deadline = time.monotonic() + 20
        while True:
            self.page.goto(path)
            if words in self.page.inner_text("main"):
                return
            assert time.monotonic() < deadline, f"never saw {words}"
            time.sleep(0.2)


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_from_the_first_page_to_the_first_login(system, screen, look, tmp_path, javascript):
    name = "story" if javascript else "story-no-javascript"
    applicant = Story(system, screen(javascript=javascript), look, name, check=javascript)
    page = applicant.page
    account_name = f"user{uuid4().hex[:10]}"
    email, office = (f"{who}{uuid4().hex[:8]}@example.com" for who in ("clerk", "office"))
    mobile, office_mobile = a_mobile(), a_mobile()

    page.goto("/")
    applicant.follow("申請帳號")
    applicant.look("start")
    applicant.follow("開始申請")
    applicant.press("繼續")
    applicant.look("identity-type-missing")
    page.get_by_label("航商業者（公司）").check()
    applicant.press("繼續")
    applicant.look("steps", pictures=("light", "phone"))
    number = re.search(r"/apply/(PTAPPLY[0-9A-F]{13})/", page.url)[1]
    applicant.press("結束並關閉此案件")
    applicant.look("leave-unproved")
    applicant.follow("繼續填寫")
    page.goto("/apply/")
    applicant.look("start-unfinished", pictures=("light", "phone"))
    applicant.follow(f"繼續填寫案件 {number}")
    applicant.follow("註冊方式")
    applicant.press("繼續")
    assert page.title().startswith("錯誤：")
    applicant.look("notice-not-agreed")
    page.locator("[name=agreed]").check()
    applicant.press("繼續")
    applicant.fill(id_number="A123456780", account_name="短")
    applicant.press("繼續")
    assert page.input_value("[name=account_name]") == "短"
    applicant.look("identity-wrong")
    applicant.fill(id_number=an_id_number(), account_name=account_name)
    applicant.press("繼續")
    applicant.fill(
        unified_business_number="04595257",
        name_zh="範例航運股份有限公司",
        person_in_charge="負責人",
        address="港西街 1 號",
        phone="02-24201234",
        email=office,
        mobile=office_mobile,
    )
    page.locator("[name=city]").select_option("keelung")
    applicant.look("company", pictures=("light", "phone"))
    applicant.press("繼續")
    applicant.look("code-before")
    applicant.prove("code", "+886" + office_mobile[1:])
    applicant.prove("", office)
    applicant.fill(
        name="海運業務承辦人", phone="02-33436767#12", email=email, mobile=mobile, reason="辦理船舶進出港申報"
    )
    page.get_by_label("船舶管理系統").check()
    applicant.look("applicant")
    applicant.press("繼續")
    applicant.prove("", "+886" + mobile[1:])
    applicant.prove("", email)
    applicant.look("form")
    change_in_two_windows(applicant, number)
    upload_form(applicant, tmp_path)
    applicant.look("check", pictures=("light", "dark", "phone"))
    page.locator("[name=truthful]").check()
    applicant.press("送出申請")
    applicant.look("receipt", pictures=("light", "phone"))
    assert page.locator("#case-number").inner_text() == number

    north = Story(system, screen(javascript=javascript), look, f"{name}-north", check=javascript)
    north.log_in("northreviewer")
    north.find_case(number)
    north.page.goto("/review/")
    north.look("queue", pictures=("light", "dark", "phone"))
    north.find_case(number)
    north.follow(number)
    north.look("unclaimed")
    north.press("認領")
    with north.page.expect_popup() as opening:
        north.follow("查看帳號申請表")
    viewer = Story(system, opening.value, look, f"{name}-viewer", check=javascript)
    viewer.page.wait_for_load_state()
    assert viewer.page.evaluate("[...document.images].every(i => i.naturalWidth > 0)")
    viewer.look("stamped-form", pictures=("light", "phone"))
    viewer.page.close()
    north.press("送出決定")
    north.look("nothing-chosen")
    north.fill(note="寫到一半的說明")
    if javascript:
        with north.page.expect_response("**/session"):
            north.press("延長")
        assert north.page.input_value("[name=note]") == "寫到一半的說明"
    north.press("延長處理時間")
    assert "已延長至" in north.page.inner_text("main")
    assert north.page.input_value("[name=note]") == "寫到一半的說明"
    north.look("prolonged")
    north.page.context.clear_cookies(name="sid")
    north.press("送出決定")
    north.look("logged-out-while-writing")
    north.fill(account_name="northreviewer", password=DEMO_PASSWORD)
    north.press("登入")
    north.take_second_step("northreviewer")
    assert north.page.input_value("[name=note]") == "寫到一半的說明"
    north.look("back-from-login", check=False)
    north.page.get_by_label("退件請申請人補正").check()
    north.mark("company.phone", "MISMATCH")
    north.mark("form", "NOT_STAMPED")
    north.fill(note="電話與公司登記不符，請更正並重新用印。")
    north.look("marked", pictures=("light", "phone"))
    north.press("送出決定")
    assert "與其他資料不符" in north.page.inner_text("main")
    north.look("confirm-return", pictures=("light", "phone"))
    north.press("返回修改")
    assert north.page.input_value("[name=note]") == "電話與公司登記不符，請更正並重新用印。"
    north.press("送出決定")
    north.press("確認送出")
    assert "已記錄" in north.page.inner_text("main")

    system.wait_for_message(to=email, channel="email", containing="電話與公司登記不符")
    later = Story(system, screen(javascript=javascript), look, f"{name}-later", check=javascript)
    later.page.goto("/case")
    before = system.newest_message_id()
    later.fill(query=number)
    later.press("傳送驗證碼")
    later.look("code")
    message = system.wait_for_message(to=email, channel="email", after=before)
    later.fill(code=re.search(r"(?<!\d)\d{6}(?!\d)", message["text"])[0])
    later.press("驗證")
    later.wait_for(f"/case/{number}", "案件已退回")
    later.look("returned", pictures=("light", "dark", "phone"))
    later.follow("修改並重新送出")
    later.page.goto(f"/apply/{number}/section/company?then=check")
    later.look("company-marked")
    close_in_another_window(later, number)
    later.fill(phone="02-24209999")
    later.press("繼續")
    later.look("closed-while-typing")
    before = system.newest_message_id()
    later.press("傳送驗證碼")
    later.look("code-with-what-was-typed")
    message = system.wait_for_message(to=email, channel="email", after=before)
    later.fill(code=re.search(r"(?<!\d)\d{6}(?!\d)", message["text"])[0])
    later.press("驗證")
    assert later.page.input_value("[name=phone]") == "02-24209999"
    later.look("back-from-code")
    later.press("繼續")
    later.look("form-outdated")
    upload_form(later, tmp_path)
    later.page.locator("[name=truthful]").check()
    later.press("重新送出")
    assert later.page.locator("#case-number").inner_text() == number

    north.find_case(number)
    north.follow(number)
    north.press("認領")
    north.look("resubmitted", pictures=("light", "phone"))
    north.page.get_by_label("送往下一關").check()
    north.press("送出決定")
    operations = Story(system, screen(javascript=javascript), look, f"{name}-operations", check=False)
    operations.log_in("opsreviewer")
    operations.find_case(number)
    operations.follow(number)
    operations.press("認領")
    operations.page.get_by_label("核准").first.check()
    operations.press("送出決定")
    operations.press("確認送出")

    invitation = system.wait_for_message(to=email, channel="email", containing="/activate/")
    new = Story(system, screen(javascript=javascript), look, f"{name}-new", check=javascript)
    new.page.goto(re.search(r"/activate/[A-Za-z0-9_\-]+", invitation["text"])[0])
    new.look("activate")
    new.fill(password="short", again="short")
    new.press("啟用帳號")
    new.look("activate-weak")
    new.fill(password=PASSWORD, again=PASSWORD)
    new.press("啟用帳號")
    new.look("activated")
    new.log_in(account_name, PASSWORD)
    assert "剩餘時間" in new.page.inner_text("header")
    new.look("account", pictures=("light", "dark", "phone"))
    later.wait_for(f"/case/{number}", "帳號已啟用")
    later.look("approved")


def change_in_two_windows(story, number):
    """The same section, open twice: the second to save is shown what the first one did."""
    other = story.page.context.new_page()
    for window in (story.page, other):
        window.goto(f"/apply/{number}/section/applicant")
    other.locator("[name=reason]").fill("另一個視窗寫的申請原因")
    other.get_by_role("button", name="繼續", exact=True).click()
    other.wait_for_url("**/form")  # a page that is closed on its way to another can hang for ever
    other.close()
    story.fill(reason="辦理船舶進出港申報與查詢", title="專員")
    story.press("繼續")
    assert "另一個視窗寫的申請原因" in story.page.inner_text("main")
    story.look("changed-in-another-window", pictures=("light", "dark", "phone"))
    story.press("繼續")


def close_in_another_window(story, number):
    other = story.page.context.new_page()
    other.goto(f"/case/{number}")
    other.get_by_role("button", name="結束並關閉此案件").click()
    assert "已在此電腦關閉案件" in other.inner_text("main")
    other.close()


def upload_form(story, tmp_path):
    """Download the form and give it back as if it had been stamped and scanned."""
    with story.page.expect_download() as downloading:
        story.follow("下載帳號申請表（PDF）")
    stamped = tmp_path / f"{uuid4()}.pdf"
    downloading.value.save_as(stamped)
    if story.check:  # with JavaScript
        refuse_what_is_too_large(story, tmp_path)
    story.page.locator("[name=file]").set_input_files(stamped)
    story.press("上傳")
    story.page.wait_for_load_state("load")
    assert story.page.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0)")
    story.look("is-this-it", pictures=("light", "phone"))
    story.follow("是，繼續")


def refuse_what_is_too_large(story, tmp_path):
    """The browser says so at the field, and sends nothing."""
    page, sent = story.page, []
    large, small = tmp_path / "large.pdf", tmp_path / "small.pdf"
    with large.open("wb") as file:
        file.truncate(LARGEST_FILE_BYTES + 1)
    small.write_bytes(b"%PDF-1.7")
    page.on(
        "request", watch := lambda request: sent.append(request.url) if request.method == "POST" else None
    )
    field = page.locator("[name=file]")
    field.set_input_files(large)
    told = page.locator("#file-too-large")
    assert told.inner_text() == "檔案須小於 10 MB，請降低掃描解析度"
    assert "file-too-large" in field.get_attribute("aria-describedby").split()
    page.get_by_role("button", name="上傳", exact=True).click()
    assert page.evaluate("document.activeElement.id") == "file"
    story.look("too-large", pictures=("light", "phone"))
    field.set_input_files(small)
    assert told.count() == 0
    assert "file-too-large" not in field.get_attribute("aria-describedby")
    assert sent == []
    page.remove_listener("request", watch)
