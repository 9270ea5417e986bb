"""Several windows, several cases, a shared computer: no page acts on a case it does not show, nothing typed is lost."""

from contextlib import nullcontext
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from gateway.rpc.client import Refused
from mtnet_contracts.calls import accounts

from .conftest import NOW, Browser, a_case, a_session, an_application

FIRST, SECOND = "PTAPPLY936EC90162340", "PTAPPLY0000000000ABC"
CASE = "d20aa8b5-cc22-4e49-9f2d-7659dca85309"


def tokens_of(browser, first="1" * 43, second="2" * 43):
    return browser.cookie(f"case-{FIRST}", first).cookie(f"case-{SECOND}", second)


def numbered(request):
    """Each token opens its own case."""
    number = FIRST if request["application_token"] == "1" * 43 else SECOND
    return an_application(
        case_number=number, application_id=str(uuid4()), versions={"company": "v1", "applicant": "v2"}
    )


@pytest.fixture
def two_cases(browser, everything):
    everything.answers["accounts.application"] = numbered
    return tokens_of(browser)


def cookies_set(answer):
    return [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("case-")]


def hidden(page, action):
    form = next(f for f in page.find_all("form") if f.get("action") == action)
    found = {}
    for field in form.find_all("input", type="hidden"):
        found.setdefault(field["name"], []).append(field["value"])
    return {name: values if values[1:] else values[0] for name, values in found.items()}


def send(browser, action, origin=False, **more):
    """Press the button of the form on the open page that leads to `action`."""
    values = hidden(browser.page, action) | more
    headers = browser.headers | ({"Origin": "http://localhost"} if origin else {})
    answer = browser.http.post(action, data=values, headers=headers)
    browser.show(answer)
    return answer


# Two windows, two cases


def many_keys(count):
    return {f"case-PTAPPLY{number:013X}": "f" * 43 for number in range(count)}


@pytest.mark.parametrize("path", ["/apply/", "/apply/identity-type", "/case", f"/case/{FIRST}"])
@pytest.mark.parametrize("count", [1, 30, 2000])
def test_however_many_keys_a_browser_shows_one_call_looks_at_the_last_of_them(
    portal, everything, path, count
):
    everything.answers["accounts.application"] = lambda asked: numbered(asked) | {"status": "in_review"}
    keys = {f"case-{FIRST}": "1" * 43} | many_keys(count) | {f"case-{SECOND}": "2" * 43}
    header = "; ".join(f"{name}={value}" for name, value in keys.items())
    answer = portal.test_client(use_cookies=False).get(path, headers={"Cookie": header})
    assert answer.status_code == 200
    (asked,) = everything.requests_to("accounts.opened_applications")
    tokens = asked["application_tokens"]
    assert len(tokens) == min(count + 2, accounts.applications.MOST_TOKENS)
    assert "2" * 43 in tokens
    assert ("1" * 43 in tokens) == (FIRST in path or count == 1), (
        "the case of the address is always among them"
    )
    assert len(everything.asked) <= 2, "the case of the page, and all others"
    assert len(cookies_set(answer)) == tokens.count("f" * 43), "what opens nothing is dropped"


@pytest.mark.parametrize("value", ["", "short", "x" * 201, "with.dot" * 5, "名" * 43, "f" * 42 + "%"])
def test_a_key_that_cannot_be_one_is_asked_of_nobody(portal, everything, value):
    header = f"case-{FIRST}={value}".encode().decode("latin-1")
    for path in ("/apply/", "/case", f"/case/{FIRST}"):
        portal.test_client(use_cookies=False).get(path, headers={"Cookie": header})
    assert everything.asked == []


def test_a_key_under_another_cases_name_opens_neither(browser, everything):
    everything.answers["accounts.application"] = numbered
    browser.cookie(f"case-{FIRST}", "2" * 43).get("/apply/")
    assert FIRST not in browser.words
    assert SECOND not in browser.words


@pytest.mark.parametrize(
    ("action", "call"),
    [
        ("/case/{}/withdraw", "accounts.withdraw_application"),
        ("/apply/{}/check", "accounts.submit_application"),
        ("/apply/{}/section/company", "accounts.save_section"),
        ("/apply/{}/form", "accounts.attach_form"),
    ],
)
def test_a_page_acts_on_the_case_it_shows_whatever_another_window_opened(
    two_cases, everything, action, call, monkeypatch
):
    monkeypatch.setattr(
        "gateway.applying.documents.put_upload",
        lambda _: nullcontext({"upload_key": "uploads/12345678", "filename": "form.pdf"}),
    )
    everything.answers[call] = numbered({"application_token": "1" * 43})
    two_cases.get(action.format(FIRST))
    shown = two_cases.page
    two_cases.get(f"/case/{SECOND}")
    two_cases.page = shown
    assert send(two_cases, action.format(FIRST), truthful="yes").status_code == 303
    assert everything.requests_to(call)[0]["application_token"] == "1" * 43


def test_starting_another_application_leaves_the_first_where_it_was(two_cases, everything):
    everything.answers["accounts.start_application"] = {
        "application_token": "3" * 43,
        "application": an_application(case_number="PTAPPLY1111111111111"),
    }
    two_cases.get("/apply/")
    assert {FIRST, SECOND} <= {word for word in two_cases.words.replace("，", " ").split()}
    answer = two_cases.post("/apply/identity-type", identity_type="company")
    assert answer.headers["Location"] == "/apply/PTAPPLY1111111111111/steps"
    (cookie,) = cookies_set(answer)
    assert cookie.startswith("case-PTAPPLY1111111111111=")
    assert "Max-Age=2592000" in cookie


def test_a_section_saved_meanwhile_is_shown_beside_what_was_typed(two_cases, everything):
    everything.answers["accounts.save_section"] = Refused("ANSWERS_CHANGED")
    two_cases.get(f"/apply/{FIRST}/section/company")
    before = hidden(two_cases.page, f"/apply/{FIRST}/section/company")
    everything.answers["accounts.application"] = an_application(versions={"company": "v9"})
    answer = send(
        two_cases,
        f"/apply/{FIRST}/section/company",
        name_zh="這個視窗航運",
        phone="02-24201234",
        city="taipei",
    )
    assert answer.status_code == 409
    assert everything.requests_to("accounts.save_section")[0]["version"] == "v1"
    assert two_cases.page.find("input", {"name": "name_zh"})["value"] == "這個視窗航運"
    elsewhere = two_cases.page.find(class_="portal-pairs").get_text(" ", strip=True)
    assert "範例航運" in elsewhere
    assert "基隆市" in elsewhere
    assert "24201234" not in elsewhere
    assert (
        two_cases.page.find("a", string="保留另一個視窗的內容")["href"] == f"/apply/{FIRST}/section/company"
    )
    after = hidden(two_cases.page, f"/apply/{FIRST}/section/company")
    assert after["version"] == "v9"
    assert after["key"] != before["key"]


def test_a_wrong_field_does_not_hide_a_change_made_elsewhere(two_cases, everything):
    everything.answers["accounts.save_section"] = Refused("INVALID", {"phone": ["PHONE_INVALID"]})
    two_cases.get(f"/apply/{FIRST}/section/company")
    everything.answers["accounts.application"] = an_application(versions={"company": "v9"})
    send(two_cases, f"/apply/{FIRST}/section/company", phone="1")
    assert hidden(two_cases.page, f"/apply/{FIRST}/section/company")["version"] == "v1"


def test_what_is_submitted_is_what_the_page_showed(two_cases, everything):
    everything.answers["accounts.submit_application"] = Refused("ANSWERS_CHANGED")
    two_cases.get(f"/apply/{FIRST}/check")
    answer = send(two_cases, f"/apply/{FIRST}/check", truthful="yes")
    assert answer.status_code == 409
    asked = everything.requests_to("accounts.submit_application")[0]
    assert asked["versions"] == {"company": "v1", "applicant": "v2"}
    assert "另一個視窗" in two_cases.words


def test_a_case_that_cannot_be_withdrawn_any_more_says_so_on_its_page(two_cases, everything):
    everything.answers["accounts.application"] = an_application(
        status="approved", submitted_at=NOW.isoformat()
    )
    everything.answers["accounts.withdraw_application"] = Refused("NOT_WITHDRAWABLE")
    two_cases.get(f"/case/{FIRST}/withdraw")
    assert send(two_cases, f"/case/{FIRST}/withdraw").status_code == 409
    assert "案件目前不能撤回" in two_cases.words


# A case that is not open here


def test_what_was_typed_survives_proving_once_more_who_one_is(two_cases, everything):
    section = f"/apply/{FIRST}/section/applicant?then=check"
    two_cases.get(section)
    everything.answers["accounts.save_section"] = Refused("APPLICATION_TOKEN_INVALID")
    closed = send(
        two_cases, section, name="王小明", reason="很長的申請原因", systems=["crew", "vessels"], version="v2"
    )
    assert closed.status_code == 403
    assert "沒有遺失" in two_cases.words
    everything.answers["accounts.application"] = an_application(versions={"applicant": "v9"})
    sent = send(two_cases, "/case")
    assert sent.status_code == 200
    assert everything.requests_to("accounts.request_case_access")[0]["query"] == FIRST
    code = next(f["action"] for f in two_cases.page.find_all("form") if "/case/code/" in f.get("action", ""))
    everything.answers["accounts.open_case"] = Refused("CODE_WRONG")
    assert send(two_cases, code, code="000000").status_code == 422
    opened = {
        "application_token": "4" * 43, "application_id": CASE, "case_number": FIRST, "identity_type": "company",
        "status": "returned", "started_at": NOW.isoformat(), "submitted_at": None, "updated_at": NOW.isoformat(),
    }  # fmt: skip
    everything.answers["accounts.open_case"] = {"cases": [opened]}
    back = send(two_cases, code, code="123456")
    assert back.status_code == 200
    assert two_cases.page.find("input", {"name": "name"})["value"] == "王小明"
    assert two_cases.page.find("textarea", {"name": "reason"}).get_text() == "很長的申請原因"
    ticked = [
        i["value"] for i in two_cases.page.find_all("input", {"name": "systems"}) if i.has_attr("checked")
    ]
    assert ticked == ["vessels", "crew"]
    assert hidden(two_cases.page, section)["version"] == "v2"
    assert everything.requests_to("accounts.application")[-1]["application_token"] == "4" * 43
    (cookie,) = [c for c in cookies_set(back) if "Max-Age=172800" in c]
    assert cookie.startswith(f"case-{FIRST}={'4' * 43}")


def test_a_page_of_a_case_not_open_here_asks_for_a_code_and_comes_back(browser, everything):
    answer = browser.get(f"/apply/{FIRST}/check")
    assert answer.status_code == 403
    assert hidden(browser.page, "/case")["next"] == f"/apply/{FIRST}/check"
    send(browser, "/case")
    code = next(f["action"] for f in browser.page.find_all("form") if "/case/code/" in f.get("action", ""))
    opened = {
        "application_token": "4" * 43, "application_id": CASE, "case_number": FIRST, "identity_type": "company",
        "status": "draft", "started_at": NOW.isoformat(), "submitted_at": None, "updated_at": NOW.isoformat(),
    }  # fmt: skip
    everything.answers["accounts.open_case"] = {"cases": [opened]}
    assert send(browser, code, code="123456").headers["Location"] == f"/apply/{FIRST}/check"


@pytest.mark.parametrize("wanted", ["//evil.example", f"/case/{SECOND}", "/review/", "nowhere"])
def test_a_code_leads_to_pages_of_the_cases_it_opened_and_nowhere_else(browser, everything, wanted):
    opened = {
        "application_token": "4" * 43, "application_id": CASE, "case_number": FIRST, "identity_type": "company",
        "status": "returned", "started_at": NOW.isoformat(), "submitted_at": None, "updated_at": NOW.isoformat(),
    }  # fmt: skip
    everything.answers["accounts.open_case"] = {"cases": [opened]}
    answer = browser.post(f"/case/code/{CASE}", code="123456", next=wanted)
    assert answer.headers["Location"] == f"/case/{FIRST}"


def test_the_link_of_a_mail_leads_to_the_case_where_it_is_open(two_cases):
    assert two_cases.get(f"/case?number={FIRST.lower()}").headers["Location"] == f"/case/{FIRST}"
    assert two_cases.get("/case?number=PTAPPLY0000000000000").status_code == 200
    assert two_cases.page.find(id="query")["value"] == "PTAPPLY0000000000000"


# A shared computer


def test_a_case_can_be_closed_on_this_computer(two_cases, everything):
    everything.answers["accounts.application"] = an_application(
        status="in_review", submitted_at=NOW.isoformat()
    )
    two_cases.get(f"/case/{FIRST}")
    answer = send(two_cases, f"/case/{FIRST}/leave")
    assert answer.headers["Location"] == "/case?left=1"
    assert everything.requests_to("accounts.leave_application") == [{"application_token": "1" * 43}]
    (cookie,) = cookies_set(answer)
    assert cookie.startswith(f"case-{FIRST}=;")
    two_cases.get("/case?left=1")
    assert "已在此電腦關閉案件" in two_cases.words
    assert two_cases.get(f"/case/{FIRST}").status_code == 403


def test_a_draft_that_no_code_could_open_again_is_asked_about(two_cases, everything):
    two_cases.get(f"/apply/{FIRST}/steps")
    send(two_cases, f"/case/{FIRST}/leave")
    assert "將無法再開啟這份草稿" in two_cases.words
    assert everything.requests_to("accounts.leave_application") == []
    assert send(two_cases, f"/case/{FIRST}/leave").status_code == 303
    assert len(everything.requests_to("accounts.leave_application")) == 1


def test_logging_out_closes_the_cases_too(two_cases, everything):
    two_cases.cookie("sid", "s" * 43).get("/account")
    answer = send(two_cases, "/logout")
    assert sorted(
        r["application_token"][0] for r in everything.requests_to("accounts.leave_application")
    ) == [
        "1",
        "2",
    ]
    assert len(cookies_set(answer)) == 2


def test_after_submitting_the_browser_keeps_the_key_for_two_hours(two_cases):
    two_cases.get(f"/apply/{FIRST}/check")
    (cookie,) = cookies_set(send(two_cases, f"/apply/{FIRST}/check", truthful="yes"))
    assert cookie.startswith(f"case-{FIRST}=")
    assert "Max-Age=7200" in cookie


def test_the_progress_page_shows_no_full_id_number(two_cases, everything):
    everything.answers["accounts.application"] = an_application(
        status="in_review", submitted_at=NOW.isoformat()
    )
    two_cases.get(f"/case/{FIRST}")
    assert "A123***" in two_cases.words
    assert "A123456789" not in two_cases.page.decode()


# The reviewer's words


@pytest.fixture
def reviewer(browser, everything):
    everything.answers["review.case"] = a_case(application_id=CASE)
    return browser.cookie("sid", "s" * 43)


def test_a_note_survives_a_session_that_ended_while_it_was_written(reviewer, everything):
    reviewer.get(f"/review/{CASE}")
    everything.answers["accounts.resume_session"] = Refused("SESSION_ENDED")
    answer = send(
        reviewer,
        f"/review/{CASE}/decide",
        decision="return",
        note="很長的說明",
        **{"mark-company.phone": "MISMATCH"},
    )
    assert answer.status_code == 401
    assert everything.requests_to("review.return_case") == []
    assert hidden(reviewer.page, "/login")["next"] == f"/review/{CASE}"
    everything.answers["accounts.log_in"] = Refused("LOGIN_FAILED")
    assert send(reviewer, "/login", account_name="northreviewer", password="x").status_code == 422
    everything.answers["accounts.log_in"] = a_session("reviewer", unit="north") | {"session_token": "n" * 43}
    back = send(reviewer, "/login", account_name="northreviewer", password="y")
    assert back.status_code == 200
    assert "sid=" + "n" * 43 in str(back.headers.getlist("Set-Cookie"))
    assert reviewer.page.find("textarea", id="note").get_text() == "很長的說明"
    assert reviewer.page.find("input", {"name": "decision", "value": "return"}).has_attr("checked")
    chosen = reviewer.page.find("input", {"name": "mark-company.phone", "checked": True})
    assert chosen["value"] == "MISMATCH"
    assert chosen.find_parent("details").has_attr("open")


def test_a_note_stays_readable_when_the_case_has_gone_to_somebody_else(reviewer, everything):
    reviewer.get(f"/review/{CASE}")
    everything.answers["review.forward_case"] = Refused("CLAIMED_BY_ANOTHER")
    everything.answers["review.case"] = a_case(
        application_id=CASE, decisions=[], claimed_by="別人", may_claim=False
    )
    answer = send(reviewer, f"/review/{CASE}/decide", decision="forward", note="寫了很久的說明")
    assert answer.status_code == 409
    assert not reviewer.page.find("textarea", id="note")
    assert "寫了很久的說明" in reviewer.words


@pytest.mark.parametrize("endpoint", ["claim", "id-number"])
def test_prolonging_and_looking_up_keep_the_decision_being_written(reviewer, everything, endpoint):
    mine = a_case(application_id=CASE, claimed_by="我", claimed_by_me=True)
    everything.answers |= {"review.case": mine, "review.claim_case": mine}
    reviewer.get(f"/review/{CASE}")
    button = reviewer.page.find("button", formaction=f"/review/{CASE}/{endpoint}")
    assert button["form"] == "page-form"
    assert reviewer.page.find("button", form="page-form")["class"] == ["portal-enter"]
    before = hidden(reviewer.page, f"/review/{CASE}/decide")
    values = before | {"note": "寫到一半", "decision": "return", "mark-form": "EXPIRED", "reason": "核對"}
    answer = reviewer.http.post(button["formaction"], data=values, headers=reviewer.headers)
    reviewer.show(answer)
    assert answer.status_code == 200
    assert reviewer.page.find("textarea", id="note").get_text() == "寫到一半"
    assert reviewer.page.find("input", {"name": "mark-form", "checked": True})["value"] == "EXPIRED"
    assert hidden(reviewer.page, f"/review/{CASE}/decide")["key"] != before["key"]


# Where one is


@pytest.mark.parametrize(
    ("path", "page"),
    [
        (f"/review/{CASE}/decide", f"/review/{CASE}"),
        (f"/apply/{FIRST}/form/remove", f"/apply/{FIRST}/form"),
        (f"/apply/{FIRST}/code/applicant_email/send", f"/apply/{FIRST}/code/applicant_email"),
        (f"/apply/{FIRST}/section/company?then=check", f"/apply/{FIRST}/section/company?then=check"),
        ("/logout", "/"),
    ],
)
def test_after_an_error_the_other_language_leads_to_a_page_that_can_be_shown(reviewer, path, page):
    answer = reviewer.http.post(path, data={}, headers=reviewer.headers)
    assert answer.status_code == 400
    english = BeautifulSoup(answer.text, "html.parser").find("a", hreflang="en")["href"]
    gone = reviewer.http.get(english)
    assert gone.headers["Location"] == page


def test_a_form_that_could_not_be_taken_gives_back_what_was_typed(two_cases, everything):
    two_cases.get(f"/apply/{FIRST}/section/applicant")
    form = {"csrf_token": "old", "name": "王小明", "reason": "很長的申請原因"}
    ours = two_cases.http.post(
        f"/apply/{FIRST}/section/applicant", data=form, headers={"Origin": "http://localhost"}
    )
    assert ours.status_code == 400
    assert "很長的申請原因" in ours.text
    strange = two_cases.http.post(
        f"/apply/{FIRST}/section/applicant", data=form, headers={"Origin": "http://evil.example"}
    )
    assert "很長的申請原因" not in strange.text


def test_extending_by_script_answers_with_the_new_end(reviewer, everything):
    ends = a_session("reviewer")
    everything.answers["accounts.extend_session"] = ends
    reviewer.get(f"/review/{CASE}")
    token = hidden(reviewer.page, "/session")["csrf_token"]
    answer = reviewer.http.post(
        "/session", data={"csrf_token": token}, headers={"Accept": "application/json"}
    )
    assert answer.get_json()["expires_at"] == ends["expires_at"]


def test_the_last_minutes_are_told(reviewer, everything):
    soon = a_session("reviewer") | {"expires_at": a_session("reviewer")["expires_at"]}
    reviewer.get("/account")
    assert not reviewer.page.find(id="session-soon").get_text(strip=True)
    soon["expires_at"], soon["latest_at"] = NOW.isoformat(), soon["latest_at"]
    everything.answers["accounts.resume_session"] = soon
    reviewer.get("/account")
    assert "按「延長」即可繼續" in reviewer.page.find(id="session-soon").get_text()
    soon["latest_at"] = soon["expires_at"]
    reviewer.get("/account")
    assert "不能再延長" in reviewer.page.find(id="session-soon").get_text()


def test_a_new_privacy_notice_is_never_ticked_already(browser, everything):
    browser.cookie(f"case-{FIRST}", "1" * 43)
    everything.answers["accounts.privacy_notice"]["version"] = "2026-12"
    for agreed_to, ticked in (("2025-02", False), ("2026-12", True)):
        registration = {"method": "email", "agreed": True, "notice_version": agreed_to}
        everything.answers["accounts.application"] = an_application(answers={"registration": registration})
        browser.get(f"/apply/{FIRST}/section/registration")
        assert browser.page.find("input", id="agreed").has_attr("checked") is ticked


def test_english_reads_in_english(two_cases, everything):
    everything.answers["accounts.save_section"] = Refused("ANSWERS_CHANGED")
    english = tokens_of(Browser(two_cases.http.application, "en"))
    english.get(f"/apply/{FIRST}/section/company")
    send(english, f"/apply/{FIRST}/section/company", name_zh="X")
    assert "changed in another window" in english.words
