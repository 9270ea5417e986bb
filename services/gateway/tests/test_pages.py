"""Each page in both languages; what is refused, missing or away; what every answer carries."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from gateway.app import create_app
from gateway.files.downloads import safe_filename
from gateway.formatting import local_phone
from gateway.rpc.client import Refused, ServiceUnavailable
from mtnet_contracts.calls import accounts
from structlog.testing import capture_logs
from werkzeug.http import parse_options_header

from .conftest import Browser, a_case, a_returned_application, a_session, an_application, example, sealed

CASE = "d20aa8b5-cc22-4e49-9f2d-7659dca85309"
NUMBER = "PTAPPLY936EC90162340"
KEY = f"case-{NUMBER}"
PAGES = (
    "/",
    "/announcements?page=2",
    "/news",
    "/questions",
    "/news/some-page",
    "/services",
    "/affairs",
    "/contact",
    "/contact/0123456789abcdef0123?sent=1",
    "/desk/",
    "/desk/?view=mine&state=new&after=x",
    "/desk/?view=all&q=x",
    "/desk/tickets/HD2026-000123",
    "/desk/calls/new",
    "/desk/canned",
    "/desk/held",
    "/desk/canned/new",
    "/desk/tickets/HD2026-000123/question",
    "/desk/answers",
    "/desk/answers/new",
    "/desk/answers/missing",
    f"/desk/answers/{CASE}",
    f"/desk/answers/{CASE}/edit",
    "/desk/canned/0197e0a4-7c1e-7b52-a1f0-4f3b2c9d8e01",
    "/desk/figures",
    "/editing/questions",
    f"/editing/questions/{CASE}",
    "/desk/reactivations",
    "/desk/reactivations?tab=decided",
    "/desk/reactivations/new",
    "/desk/reactivations/RA2026-000001",
    "/desk/faults",
    "/desk/faults?tab=resolved",
    "/desk/faults/new",
    "/desk/faults/F2026-000001",
    "/desk/faults/F2026-000001/change",
    "/desk/incidents",
    "/desk/shifts",
    "/status",
    "/sitemap",
    "/accessibility",
    "/privacy",
    "/api/docs",
    "/api/docs/applications",
    "/api/events",
    "/api/events/review",
    "/apply/",
    "/apply/identity-type",
    f"/apply/{NUMBER}/steps",
    f"/apply/{NUMBER}/section/registration",
    f"/apply/{NUMBER}/section/identity",
    f"/apply/{NUMBER}/section/company",
    f"/apply/{NUMBER}/section/applicant",
    f"/apply/{NUMBER}/code/company_mobile",
    f"/apply/{NUMBER}/code/applicant_email?sent=1",
    f"/apply/{NUMBER}/form",
    f"/apply/{NUMBER}/check",
    "/case",
    f"/case/code/{CASE}",
    f"/case/{NUMBER}/withdraw",
    "/account",
    "/account/password",
    "/account/password?changed=1",
    "/account/sessions",
    "/forgot-password",
    "/forgot-password/sent",
    "/reset-password/0123456789abcdef0123",
    "/account/confirm",
    "/account/security",
    "/account/security/app",
    "/account/security/passkey",
    "/login/second-step",
    "/reactivate",
    "/account/close",
    "/account/closed",
    "/operations",
    "/operations/lifecycle",
    "/operations/lifecycle/runs",
    f"/operations/lifecycle/runs/{CASE}",
    "/operations/close-account",
    "/operations/suppressions",
    "/operations/broadcasts",
    "/operations/broadcasts/new",
    f"/operations/broadcasts/{CASE}",
    f"/operations/broadcasts/{CASE}/text",
    "/unsubscribe/0123456789abcdef0123",
    "/operations/suppressions/add",
    "/operations/subscribers",
    "/operations/subscribers/new_system",
    "/operations/subscribers/on_the_broker",
    "/operations/subscribers/vessels",
    "/operations/subscribers/vessels/change",
    "/operations/subscribers/vessels/grant",
    "/operations/subscribers/vessels/rotate",
    "/operations/subscribers/vessels/remove",
    "/operations/subscribers/vessels/revoke?event=accounts.AccountActivated",
    "/operations/subscribers/vessels/webhook",
    f"/operations/subscribers/vessels/webhook/events/{CASE}",
    "/operations/subscribers/vessels/webhook/address",
    "/operations/subscribers/vessels/webhook/secret",
    "/operations/subscribers/vessels/webhook/test",
    "/operations/subscribers/vessels/webhook/pause",
    "/operations/subscribers/vessels/webhook/resume",
    "/operations/subscribers/vessels/webhook/remove",
    "/operations/subscribers/vessels/scopes",
    "/operations/subscribers/vessels/revoke_scope?scope=accounts.read",
    f"/reactivate/{CASE}?name=demomember",
    "/account/profile",
    "/account/profile/phone",
    "/account/profile/locale",
    "/account/contacts",
    "/account/line",
    f"/case/{NUMBER}/line",
    f"/case/{NUMBER}/line/link?linkToken={'q' * 50}",
    f"/line/link?linkToken={'q' * 50}",
    f"/line/choose?linkToken={'q' * 50}",
    "/account/contacts/new/email",
    "/account/messages",
    f"/account/messages/{CASE}",
    "/account/notifications",
    "/account/notifications/fax",
    "/account/notifications/fax/code",
    f"/case/{NUMBER}/notifications",
    "/account/history",
    "/account/privacy",
    "/account/privacy/ask",
    "/account/notice",
    "/account/notice/later",
    "/contacts/undo/0123456789abcdef0123",
    "/operations/templates",
    "/operations/messages",
    "/operations/providers",
    "/operations/providers/sms/pause",
    "/operations/providers/sms/resume",
    "/operations/templates/application_returned/zh-Hant",
    "/operations/templates/application_returned/en/versions",
    "/review/",
    f"/review/{CASE}",
    "/activate/0123456789abcdef0123",
)


@pytest.mark.parametrize("language", ["zh-Hant", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_one_heading_a_title_its_language_and_nothing_inline(portal, everything, path, language):
    browser = Browser(portal, language).cookie(KEY, "t" * 43).cookie("sid", "s" * 43)
    browser.cookie("login", sealed("l" * 43))
    assert browser.get(path).status_code == 200
    assert browser.page.html["lang"] == ("en" if language == "en" else "zh-Hant-TW")
    assert len(browser.page.find_all("h1")) == 1
    assert browser.page.title.get_text().strip()
    assert not browser.page.title.get_text().startswith(("錯誤", "Error"))
    assert browser.page.find("a", href="#main-content")
    assert [a["accesskey"] for a in browser.page.find_all(accesskey=True)] == [["U"], ["C"], ["Z"]]
    for control in browser.page.find_all(["input", "select", "textarea"]):
        if control.get("type") != "hidden":
            assert control.get("id"), control
            assert browser.page.find("label", attrs={"for": control["id"]}), control
    for element in browser.page.find_all():
        assert element.name != "script" or element.get("src"), element
        assert element.name != "style", element
        assert not [name for name in element.attrs if name == "style" or name.startswith("on")], element


TABLES = (
    "/review/",
    f"/review/{CASE}",
    "/account/history",
    "/operations/lifecycle",
    "/operations/lifecycle/runs",
)
MORE_TABLES = (
    f"/operations/lifecycle/runs/{CASE}",
    "/operations/audit",
    "/operations/privacy-requests",
    "/operations/subscribers",
    "/operations/subscribers/vessels",
    "/operations/subscribers/vessels/webhook",
    f"/operations/subscribers/vessels/webhook/events/{CASE}",
)


@pytest.mark.parametrize("language", ["zh-Hant", "en"])
@pytest.mark.parametrize("path", [*TABLES, *MORE_TABLES])
def test_each_cell_says_its_column_so_that_a_row_can_be_a_card(portal, everything, path, language):
    browser = Browser(portal, language).cookie("sid", "s" * 43)
    browser.get(path)
    tables = browser.page.find_all("table", class_="portal-rows")
    assert tables
    for table in tables:
        headings = [th.get_text(strip=True) for th in table.thead.find_all("th")]
        for row in table.tbody.find_all("tr"):
            cells = row.find_all(["th", "td"])
            assert len(cells) == len(headings)
            for heading, cell in zip(headings, cells, strict=True):
                assert cell.get("data-label") == (heading if cell.name == "td" else None)


@pytest.mark.parametrize("path", ["/", "/nothing", "/api/v1/openapi.json"])
def test_every_answer_carries_the_security_headers(browser, path):
    answer = browser.get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_a_post_without_its_token_is_refused(browser, services):
    assert browser.http.post("/apply/identity-type", data={"identity_type": "company"}).status_code == 400
    assert services.asked == []


def test_what_was_typed_stays_and_the_errors_lead_to_the_fields(browser, everything):
    fields = {"account_name": ["ACCOUNT_LENGTH"], "id_number": ["ID_NUMBER_INVALID"]}
    everything.answers["accounts.save_section"] = Refused("INVALID", fields)
    browser.cookie(KEY, "t" * 43)
    answer = browser.post(f"/apply/{NUMBER}/section/identity", id_number="A1", account_name="短")
    assert answer.status_code == 422
    assert browser.page.title.get_text().startswith("錯誤：")
    assert browser.page.find("input", {"name": "account_name"})["value"] == "短"
    links = {a["href"] for a in browser.page.find(id="error-summary").find_all("a")}
    assert links == {"#account_name", "#id_number"}
    assert (
        browser.page.find("input", id="account_name")["aria-describedby"].split()[-1] == "account_name-error"
    )
    assert "帳號須為 8 至 20 碼" in browser.page.find(id="account_name-error").get_text()


def test_a_returned_case_marks_the_field_that_must_change(browser, everything):
    everything.answers["accounts.application"] = a_returned_application()
    browser.cookie(KEY, "t" * 43)
    browser.get(f"/apply/{NUMBER}/section/company")
    group = browser.page.find("input", {"name": "phone"}).find_parent(class_="govuk-form-group")
    assert "內容有誤" in group.get_text()
    browser.get(f"/case/{NUMBER}")
    assert "請更正電話" in browser.words
    assert "115-11-23 17:25:24" in browser.words
    english = Browser(browser.http.application, "en").cookie(KEY, "t" * 43)
    english.get(f"/case/{NUMBER}")
    assert "2026-11-23 17:25:24" in english.words


def test_a_form_sent_twice_carries_one_key(browser, everything):
    browser.cookie(KEY, "t" * 43)
    for _ in range(2):
        browser.post(f"/case/{NUMBER}/withdraw", key="the-form")
    first, second = everything.keys_to("accounts.withdraw_application")
    assert first == second is not None


def test_content_that_is_away_leaves_the_home_page_standing(browser, services):
    assert browser.get("/").status_code == 200
    assert "目前無法顯示公告" in browser.words


def test_a_service_that_is_away_says_what_can_be_done_and_others_work(browser, everything):
    everything.answers["accounts.application"] = ServiceUnavailable("accounts", "away")
    browser.cookie(KEY, "t" * 43)
    answer = browser.get(f"/apply/{NUMBER}/steps")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    assert "您已儲存的資料都還在" in browser.words
    assert browser.get("/news").status_code == 200


def test_a_session_that_cannot_be_asked_for_is_not_a_logout(browser, everything):
    everything.answers["accounts.resume_session"] = ServiceUnavailable("accounts", "away")
    browser.cookie("sid", "s" * 43)
    answer = browser.get("/")
    assert answer.status_code == 200
    assert "sid=" not in str(answer.headers.getlist("Set-Cookie"))
    assert browser.get("/review/").status_code == 503


def test_a_fault_shows_a_calm_page_and_no_detail(portal, everything):
    portal.config["PROPAGATE_EXCEPTIONS"] = False
    everything.answers["content.published"] = ValueError("the password is hunter2")
    browser = Browser(portal)
    assert browser.get("/news").status_code == 500
    assert "hunter2" not in browser.words
    assert "您儲存過的資料都還在" in browser.words


def test_only_reviewers_reach_the_review(browser, everything):
    assert browser.get("/review/").headers["Location"].startswith("/login?next=")
    everything.answers["accounts.resume_session"] = a_session("member")
    browser.cookie("sid", "s" * 43)
    assert browser.get("/review/").status_code == 403


def test_the_countdown_is_in_the_header(browser, everything):
    browser.cookie("sid", "s" * 43)
    browser.get("/account")
    assert "3小時58分鐘" in browser.page.header.get_text()


@pytest.mark.parametrize("code", ["STALE_VERSION", "CLAIMED_BY_ANOTHER", "NOT_CLAIMED"])
def test_a_conflict_keeps_what_the_reviewer_wrote(browser, everything, code):
    everything.answers["review.return_case"] = Refused(code)
    browser.cookie("sid", "s" * 43)
    answer = browser.post(
        f"/review/{CASE}/decide",
        page=f"/review/{CASE}",
        decision="return",
        version="7",
        note="請補印鑑",
        confirmed="return",
        **{"mark-form": "NOT_STAMPED"},
    )
    assert answer.status_code == 409
    assert browser.page.find("textarea", id="note").get_text() == "請補印鑑"
    assert browser.page.find("input", {"value": "NOT_STAMPED", "name": "mark-form"}).has_attr("checked")
    asked = everything.requests_to("review.return_case")[0]
    assert asked["version"] == 7
    assert asked["reasons"] == [{"field": "form", "code": "NOT_STAMPED"}]


def test_the_full_id_number_needs_a_reason(browser, everything):
    browser.cookie("sid", "s" * 43)
    assert browser.post(f"/review/{CASE}/id-number", page=f"/review/{CASE}", reason=" ").status_code == 422
    assert everything.requests_to("accounts.reveal_id_number") == []
    browser.post(f"/review/{CASE}/id-number", page=f"/review/{CASE}", reason="核對證件")
    assert everything.requests_to("accounts.reveal_id_number")[0]["reason"] == "核對證件"


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:1"]
)
def test_nobody_is_sent_to_another_host(browser, everything, target):
    answer = browser.http.get("/preferences", query_string={"lang": "en", "next": target})
    assert answer.headers["Location"] == "/"
    everything.answers["accounts.log_in"] = a_session("member") | {"session_token": "s" * 43}
    entered = browser.post("/login", account_name="demomember", password="x", next=target)
    assert entered.headers["Location"] == "/account"


def test_cookies_are_bound_to_the_host_over_https(portal_with, everything):
    secure = portal_with(portal_url="https://portal.example")
    everything.answers["accounts.log_in"] = a_session("member") | {"session_token": "s" * 43}
    everything.answers["accounts.resume_session"] = Refused("SESSION_ENDED")
    http = secure.test_client()
    page = http.get("/login", base_url="https://portal.example")
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    answer = http.post(
        "/login",
        base_url="https://portal.example",
        headers={"Referer": "https://portal.example/login"},
        data={"csrf_token": token, "account_name": "demomember", "password": "x"},
    )
    sent = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("__Host-sid="))
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in sent.split(";")}
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_an_uploaded_file_waits_where_accounts_finds_it(browser, portal, everything):
    browser.cookie(KEY, "t" * 43)
    browser.get(f"/apply/{NUMBER}/form")
    token = browser.token
    form = {"csrf_token": token, "file": (io.BytesIO(b"%PDF-1.7 stamped"), "用印.pdf")}
    found = []

    def attach(asked):
        found.append(portal.extensions["files"].get(asked["upload_key"]))
        return an_application(missing=[])

    everything.answers["accounts.attach_form"] = attach
    answer = browser.http.post(f"/apply/{NUMBER}/form", data=form, buffered=True)
    assert answer.status_code == 303
    asked = everything.requests_to("accounts.attach_form")[0]
    assert asked["upload_key"].startswith("uploads/")
    assert asked["filename"] == "用印.pdf"
    assert found == [b"%PDF-1.7 stamped"]


@pytest.mark.parametrize(("content", "words"), [(b"", "檔案是空的"), (b"x" * 1001, "檔案須小於 10 MB")])
def test_a_file_that_cannot_be_right_is_refused_at_once(browser, everything, monkeypatch, content, words):
    monkeypatch.setattr("gateway.files.uploads.LARGEST_FILE_BYTES", 1000)
    browser.cookie(KEY, "t" * 43)
    browser.get(f"/apply/{NUMBER}/form")
    token = browser.token
    answer = browser.http.post(
        f"/apply/{NUMBER}/form", data={"csrf_token": token, "file": (io.BytesIO(content), "a.pdf")}
    )
    assert answer.status_code == 422
    assert words in answer.text
    assert everything.requests_to("accounts.attach_form") == []


def test_a_download_can_do_nothing_in_the_browser(browser, portal, everything):
    portal.extensions["files"].put("forms/one", b"%PDF")
    everything.answers["accounts.own_form"] = {
        "key": "forms/one",
        "filename": "申請表.pdf",
        "media_type": "application/pdf",
        "size_bytes": 4,
    }
    answer = browser.cookie(KEY, "t" * 43).get(f"/apply/{NUMBER}/uploaded")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("申請表\r\nX-Evil: 1.pdf", "申請表X-Evil: 1.pdf"),
        ("C:\\temp\\..\\scan.pdf", "scan.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("exe\u202efdp.pdf", "exefdp.pdf"),
        ("\n", "file.pdf"),
    ],
)
def test_a_file_can_be_opened_whatever_its_name(browser, portal, everything, given, shown):
    portal.extensions["files"].put("forms/two", b"%PDF")
    stored = {"key": "forms/two", "filename": given, "media_type": "application/pdf", "size_bytes": 4}
    everything.answers["accounts.own_form"] = stored
    answer = browser.cookie(KEY, "t" * 43).get(f"/apply/{NUMBER}/uploaded")
    assert answer.status_code == 200
    assert "X-Evil" not in answer.headers
    _, options = parse_options_header(answer.headers["Content-Disposition"])
    assert options["filename"] == shown


@pytest.mark.parametrize(
    ("given", "fallback", "named"),
    [
        ("scan.pdf", "scan.pdf", "scan.pdf"),
        ("申請表.pdf", "file.pdf", "%E7%94%B3%E8%AB%8B%E8%A1%A8.pdf"),
        ("申請表 v2.pdf", "v2.pdf", "%E7%94%B3%E8%AB%8B%E8%A1%A8%20v2.pdf"),
        ('a "b" 100%.pdf', '"a _b_ 100_.pdf"', "a%20%22b%22%20100%25.pdf"),
        ("résumé's (1).pdf", '"resume\'s (1).pdf"', "r%C3%A9sum%C3%A9%27s%20%281%29.pdf"),
        ("🚢.pdf", "file.pdf", "%F0%9F%9A%A2.pdf"),
        ("掃描.PDF", "file.PDF", "%E6%8E%83%E6%8F%8F.PDF"),
        ("掃描／一.pdf", "file.pdf", "%E6%8E%83%E6%8F%8F%EF%BC%8F%E4%B8%80.pdf"),
        ("a;b=c,d.pdf", '"a;b=c,d.pdf"', "a%3Bb%3Dc%2Cd.pdf"),
    ],
)
def test_a_download_is_named_in_full_and_in_ascii(browser, portal, everything, given, fallback, named):
    portal.extensions["files"].put("forms/three", b"%PDF")
    stored = {"key": "forms/three", "filename": given, "media_type": "application/pdf", "size_bytes": 4}
    everything.answers["accounts.own_form"] = stored
    told = browser.cookie(KEY, "t" * 43).get(f"/apply/{NUMBER}/uploaded").headers["Content-Disposition"]
    assert told == f"attachment; filename={fallback}; filename*=UTF-8''{named}"
    assert parse_options_header(told)[1]["filename"] == given


@pytest.mark.parametrize(
    ("given", "media_type", "named"),
    [
        ("申請表", "application/pdf", "申請表.pdf"),
        ("form.exe", "application/pdf", "form.exe.pdf"),
        ("v1.2", "application/pdf", "v1.2.pdf"),
        (".pdf", "application/pdf", "pdf.pdf"),
        ("photo.PNG", "image/jpeg", "photo.jpg"),
        ("photo.jpeg", "image/jpeg", "photo.jpeg"),
        ("photo.JPG", "image/jpeg", "photo.JPG"),
        ("scan.pdf", "image/png", "scan.png"),
        ("scan.png", "image/png", "scan.png"),
        ("..", "image/png", "file.png"),
        ("notes.txt", "text/plain", "notes.txt"),
        ("notes", "application/octet-stream", "notes"),
        ("申" * 100, "application/pdf", "申" * 65 + ".pdf"),
    ],
)
def test_a_download_has_an_ending_that_opens_it(browser, portal, everything, given, media_type, named):
    portal.extensions["files"].put("forms/five", b"bytes")
    stored = {"key": "forms/five", "filename": given, "media_type": media_type, "size_bytes": 5}
    everything.answers["accounts.own_form"] = stored
    told = browser.cookie(KEY, "t" * 43).get(f"/apply/{NUMBER}/uploaded").headers["Content-Disposition"]
    assert parse_options_header(told)[1]["filename"] == named


@pytest.mark.parametrize("letter", ["a", "é", "申", "𠮷", "🚢"])
def test_a_very_long_name_keeps_its_ending_and_fits_a_file_system(letter):
    name = safe_filename(letter * 300 + ".pdf")
    assert name.endswith(f"{letter}.pdf")
    assert 200 - 4 < len(name.encode()) <= 200


@pytest.mark.parametrize("last", ["uploaded", "form.pdf", "receipt.pdf"])
def test_every_file_of_a_case_is_named_the_same_way(browser, portal, everything, last):
    portal.extensions["files"].put("forms/four", b"%PDF")
    stored = {"key": "forms/four", "filename": "申.pdf", "media_type": "application/pdf", "size_bytes": 4}
    for call in ("own_form", "generate_form", "receipt"):
        everything.answers[f"accounts.{call}"] = stored
    answer = browser.cookie(KEY, "t" * 43).get(f"/apply/{NUMBER}/{last}")
    assert (
        answer.headers["Content-Disposition"]
        == "attachment; filename=file.pdf; filename*=UTF-8''%E7%94%B3.pdf"
    )


def test_the_stamped_form_is_looked_at_as_pictures(browser, portal, everything):
    case = a_case()
    case["form"]["pages"] = 2
    everything.answers["review.case"] = case
    portal.extensions["files"].put("generated/one/page-2.jpg", b"\xff\xd8\xff")
    picture = {"key": "generated/one/page-2.jpg", "filename": "page-2.jpg", "media_type": "image/jpeg"}
    everything.answers["accounts.case_form_page"] = picture | {"size_bytes": 3}
    browser.cookie("sid", "s" * 43).get(f"/review/{CASE}/form/{case['form']['file_id']}/view")
    pictures = browser.page.main.find_all("img")
    assert [p["alt"] for p in pictures] == ["帳號申請表第 1 頁，共 2 頁", "帳號申請表第 2 頁，共 2 頁"]
    answer = browser.http.get(pictures[1]["src"])
    assert everything.requests_to("accounts.case_form_page")[0]["page"] == 2
    assert answer.headers["Content-Disposition"] == "inline"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert browser.get(f"/review/{CASE}/form/{uuid4()}/view").status_code == 404


def test_what_changed_is_told_in_words_and_every_field_can_be_marked(browser, everything):
    everything.answers["review.case"] = a_case(
        differences=[
            {"field": "company.city", "before": "keelung", "after": "taipei"},
            {"field": "applicant.systems", "before": "vessels, crew", "after": None},
        ]
    )
    browser.cookie("sid", "s" * 43).get(f"/review/{CASE}")
    changed = " ".join(row.get_text(" ", strip=True) for row in browser.page.find_all(["del", "ins"]))
    assert changed == "基隆市 臺北市 船舶管理系統、海運技術人員管理系統 （未填）"
    names = {i["name"] for i in browser.page.find_all("input", type="radio")}
    assert {"mark-company.district", "mark-company.postal_code"} <= names


def test_the_log_names_the_rule_and_never_a_token(browser, everything):
    browser.cookie(KEY, "application-secret-0123456789")
    with capture_logs() as said:
        browser.get("/activate/activation-secret-0123456789")
        browser.get(f"/apply/{NUMBER}/steps")
    assert "/activate/<token>" in str(said)
    assert "secret" not in str(said)


@pytest.mark.slow  # a hundred requests
def test_too_many_posts_are_asked_to_wait(services, settings, everything):
    browser = Browser(create_app(replace(settings, rate_limits=True), services))
    everything.answers["accounts.log_in"] = Refused("LOGIN_FAILED")
    browser.get("/login")
    token = browser.token
    form = {"csrf_token": token, "account_name": "demomember", "password": "x"}
    seen = [browser.http.post("/login", data=form).status_code for _ in range(31)]
    assert seen[:30] == [422] * 30
    assert seen[30] == 429


def test_a_frozen_account_is_told_the_way_back(browser, everything):
    everything.answers["accounts.log_in"] = Refused("ACCOUNT_FROZEN")
    answer = browser.post("/login", account_name="demomember", password="x")
    assert answer.status_code == 403
    assert "帳號已凍結" in browser.words
    said = browser.page.find("main").get_text(" ", strip=True)
    assert "0800-022-120" in said
    assert "service@mtnet.gov.tw" in said


def test_a_case_held_by_another_can_be_read_and_not_decided(browser, everything):
    everything.answers["review.case"] = a_case(claimed_by="南部航務中心審核員", may_claim=False, decisions=[])
    browser.cookie("sid", "s" * 43).get(f"/review/{CASE}")
    assert "由 南部航務中心審核員 處理中" in browser.words
    assert not browser.page.find("input", {"name": "decision"})


def test_probes_answer_without_a_session(browser, services):
    assert browser.http.get("/healthz").get_json() == {"alive": True}
    assert browser.http.get("/readyz").status_code == 200
    assert services.asked == []


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("+886233436767", "02-3343-6767"),
        ("+886233436767#12", "02-3343-6767 #12"),
        ("+886912345678", "0912-345-678"),
        ("+88637123456", "037-123-456"),
        ("+886800000123", "0800-000-123"),
        ("PTAPPLY1", "PTAPPLY1"),
    ],
)
def test_telephone_numbers_read_as_people_write_them(stored, shown):
    assert local_phone(stored) == shown


def test_an_activation_sent_twice_is_answered_by_its_door_also_when_the_link_is_used(browser, everything):
    browser.get("/activate/0123456789abcdef0123")
    form = {field["name"]: field.get("value", "") for field in browser.page.find_all("input")}
    form |= {"password": "Quay!2026side", "again": "Quay!2026side"}
    everything.answers["accounts.activation"] = Refused("ACTIVATION_LINK_INVALID")
    for _ in range(2):
        answer = browser.http.post("/activate/0123456789abcdef0123", data=form, headers=browser.headers)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/activated")
        browser.get("/activated")
        assert "帳號已啟用" in browser.words
    # The endpoint judges the link and the password each time, so no answer is kept.
    assert everything.keys_to("accounts.activate_account") == [None, None]


def test_a_browser_is_known_by_what_its_last_good_login_left(browser, everything):
    everything.answers["accounts.log_in"] = a_session("member") | {
        "session_token": "s" * 43,
        "device_token": "d" * 43,
    }
    for foreign in ("x" * 500, "d" * 43, "小明"):
        browser.cookie("device", foreign)
        answer = browser.post("/login", account_name="demomember", password="x")
        browser.http.delete_cookie("sid")
    kept = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("device="))
    assert "HttpOnly" in kept
    assert "SameSite=Lax" in kept
    everything.answers["accounts.log_in"] = Refused("LOGIN_FAILED")
    browser.post("/login", account_name="demomember", password="x")
    given = [asked["device_token"] for asked in everything.requests_to("accounts.log_in")]
    assert given == [None, None, None, "d" * 43]


def test_a_code_under_way_is_shown_when_its_page_is_opened_again(browser, everything):
    under_way = {
        "sent_at": "2026-11-23T09:25:24+00:00",
        "code_expires_at": "2026-11-23T09:35:24+00:00",
        "resend_at": "2026-11-23T09:26:24+00:00",
    }
    contacts = [c | under_way for c in an_application()["contacts"]]
    everything.answers["accounts.application"] = an_application(contacts=contacts)
    browser.cookie(KEY, "application-secret-0123456789")
    browser.get(f"/apply/{NUMBER}/code/applicant_email")
    assert "驗證碼已於 17:25:24 傳送至 clerk@example.com，17:35:24 前有效" in browser.words
    assert "17:26:24 起可以重新傳送" in browser.words
    assert browser.page.find("input", {"name": "code"})


@pytest.mark.parametrize("typed", ["", "  ", "\u200b"])
def test_an_empty_code_is_asked_for_and_is_no_try(browser, everything, typed):
    path = f"/apply/{NUMBER}/code/applicant_email"
    browser.cookie(KEY, "application-secret-0123456789")
    answer = browser.post(path, page=f"{path}?sent=1", code=typed)
    assert answer.status_code == 422
    assert "請輸入驗證碼" in browser.words
    asked = f"/case/code/{uuid4()}"
    assert browser.post(asked, code=typed).status_code == 422
    assert "請輸入驗證碼" in browser.words
    assert everything.requests_to("accounts.verify_contact") == []
    assert everything.requests_to("accounts.open_case") == []


def in_taipei(instant):
    return f"{instant.astimezone(ZoneInfo('Asia/Taipei')):%H:%M:%S}"


@pytest.mark.parametrize(
    ("call", "page", "asked_for", "tried"),
    [
        ("case_access", "/case", {"query": NUMBER}, "open_case"),
        ("device_code", "/login/device", {"account_name": "demomember"}, "confirm_device"),
    ],
)
@pytest.mark.parametrize("language", ["zh-Hant", "en"])
def test_the_page_of_a_code_says_when_it_was_sent_and_when_another_can_be(
    browser, everything, call, page, asked_for, tried, language
):
    browser.headers["Accept-Language"] = language
    challenge, sent = str(uuid4()), datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=5)
    again, ends = sent + timedelta(seconds=60), sent + timedelta(minutes=10)
    everything.answers[f"accounts.request_{call}"] = {
        "challenge_id": challenge,
        "sent_at": sent.isoformat(),
        "resend_at": again.isoformat(),
        "expires_at": ends.isoformat(),
    }
    everything.answers[f"accounts.{tried}"] = Refused("CODE_WRONG")

    def says_when():
        if language == "en":
            return (
                f"sent at {in_taipei(sent)}" in browser.words.replace("to its e-mail address ", "")
                and f"valid until {in_taipei(ends)}" in browser.words
                and f"new code from {in_taipei(again)}" in browser.words
            )
        return (
            f"驗證碼已於 {in_taipei(sent)} 傳送至" in browser.words
            and f"{in_taipei(ends)} 前有效" in browser.words
            and f"{in_taipei(again)} 起可以重新傳送" in browser.words
        )

    address = browser.post(page, **asked_for).headers["Location"]
    browser.get(address)
    assert says_when()
    action = browser.page.find("form", {"id": "page-form"})["action"]
    for code in ("", "000000"):
        assert browser.post(action, page=address, code=code).status_code == 422
        assert says_when()
        assert browser.page.find("form", {"id": "page-form"})["action"] == action
    assert len(everything.requests_to(f"accounts.{tried}")) == 1


def test_the_page_of_a_code_asked_for_on_the_way_says_so_too(browser, everything):
    sent = datetime.now(UTC).replace(microsecond=0)
    everything.answers["accounts.request_case_access"] = {
        "challenge_id": str(uuid4()),
        "sent_at": sent.isoformat(),
        "resend_at": (sent + timedelta(seconds=60)).isoformat(),
        "expires_at": (sent + timedelta(minutes=10)).isoformat(),
    }
    browser.post("/case", query=NUMBER, next=f"/case/{NUMBER}")
    assert f"驗證碼已於 {in_taipei(sent)} 傳送至" in browser.words
    assert "times=" in browser.page.find("form", {"id": "page-form"})["action"]


@pytest.mark.parametrize(
    "times",
    ["", "x", "1764148524-60-600", "9999999999-60-600", "1-1-1", "１７６４１４８５２４-60-600", "9" * 400],
)
def test_times_that_are_none_or_not_of_now_are_not_shown(browser, everything, times):
    answer = browser.get(f"/case/code/{uuid4()}?times={times}")
    assert answer.status_code == 200
    assert "10 分鐘內有效" in browser.words
    assert "起可以重新傳送" not in browser.words


def test_a_device_is_confirmed_by_a_code_to_the_mailbox(browser, everything):
    challenge = str(uuid4())
    everything.answers["accounts.request_device_code"] = example(accounts.tracking.CaseAccessReply) | {
        "challenge_id": challenge
    }
    assert browser.post("/login/device", account_name=" ").status_code == 422
    asked = browser.post("/login/device", account_name="demomember")
    assert asked.headers["Location"].split("?")[0] == f"/login/device/{challenge}"
    everything.answers["accounts.confirm_device"] = Refused("CODE_WRONG")
    assert browser.post(f"/login/device/{challenge}", code="000000").status_code == 422
    everything.answers["accounts.confirm_device"] = {"device_token": "d" * 43}
    done = browser.post(f"/login/device/{challenge}", code="123456")
    assert done.headers["Location"] == "/login?device=1"
    assert any(c.startswith("device=") for c in done.headers.getlist("Set-Cookie"))


def test_the_way_back_is_promised_only_once_a_contact_is_proved(browser, everything):
    browser.cookie(KEY, "application-secret-0123456789")
    everything.answers["accounts.application"] = an_application()
    browser.get(f"/apply/{NUMBER}/steps")
    assert "請記下案件編號" not in browser.words
    assert "請在這個瀏覽器繼續填寫" in browser.words
    contacts = an_application()["contacts"]
    contacts[3] |= {"verified_at": "2026-11-23T09:25:24+00:00"}
    everything.answers["accounts.application"] = an_application(contacts=contacts)
    browser.get(f"/apply/{NUMBER}/steps")
    assert "請記下案件編號" in browser.words


def test_nonsense_on_the_case_page_is_told_at_the_field(browser, everything):
    everything.answers["accounts.request_case_access"] = Refused("INVALID", {"query": ["CASE_QUERY_INVALID"]})
    assert browser.post("/case", query="hello").status_code == 422
    assert "請輸入案件編號（PTAPPLY 開頭" in browser.page.find(id="query-error").text
    assert browser.page.find("input", {"name": "query"})["value"] == "hello"


def test_correcting_leads_to_the_first_thing_that_was_marked(browser, everything):
    browser.cookie(KEY, "application-secret-0123456789")
    everything.answers["accounts.application"] = a_returned_application()
    browser.get(f"/case/{NUMBER}")
    button = browser.page.find("a", string="修改並重新送出") or browser.page.select_one("main a.govuk-button")
    assert button["href"] == f"/apply/{NUMBER}/section/company?then=check#phone"


def test_a_resubmission_with_nothing_changed_is_asked_about(browser, everything):
    browser.cookie(KEY, "application-secret-0123456789")
    everything.answers["accounts.application"] = a_returned_application()
    everything.answers["accounts.submit_application"] = Refused("NOTHING_CHANGED")
    path = f"/apply/{NUMBER}/check"
    assert browser.post(path, truthful="yes").status_code == 409
    assert "您沒有修改任何內容" in browser.words
    assert browser.page.find("input", {"name": "truthful"}).has_attr("checked")
    assert browser.page.find("input", {"name": "unchanged"})
    everything.answers["accounts.submit_application"] = a_returned_application()
    assert browser.post(path, truthful="yes", unchanged="yes").status_code == 303
    asked = [request["must_change"] for request in everything.requests_to("accounts.submit_application")]
    assert asked == [True, False]


def test_a_number_that_fails_its_check_digit_may_be_said_to_be_registered_so(browser, everything):
    browser.cookie(KEY, "application-secret-0123456789")
    everything.answers["accounts.application"] = an_application()
    path = f"/apply/{NUMBER}/section/company"
    browser.get(path)
    assert browser.page.find("input", {"name": "number_as_registered"}) is None
    everything.answers["accounts.save_section"] = Refused(
        "INVALID", {"unified_business_number": ["UNIFIED_BUSINESS_NUMBER_INVALID"]}
    )
    browser.post(path, unified_business_number="90316313")
    assert browser.page.find("input", {"name": "number_as_registered"})
    browser.post(path, unified_business_number="90316313", number_as_registered="yes")
    asked = [
        r["answers"].get("number_as_registered") for r in everything.requests_to("accounts.save_section")
    ]
    assert asked == [None, True]


@pytest.mark.parametrize("language", ["zh-Hant", "en"])
def test_only_an_organisation_is_told_that_one_code_may_be_enough(browser, everything, language):
    browser.headers["Accept-Language"] = language
    browser.cookie(KEY, "application-secret-0123456789")
    words = "one code is enough" if language == "en" else "不必再驗證一次"
    sections = an_application()["sections"]
    for asked in (sections, [section for section in sections if section != "company"]):
        everything.answers["accounts.application"] = an_application(sections=asked)
        browser.get(f"/apply/{NUMBER}/section/applicant")
        hint = browser.page.find(id="email-hint").get_text()
        assert ("Codes and news" if language == "en" else "驗證碼與案件通知") in hint
        assert (words in hint) is ("company" in asked)


@pytest.mark.parametrize("language", ["zh-Hant", "en"])
def test_what_cannot_be_printed_is_told_before_the_form_is_downloaded(browser, everything, language):
    browser.headers["Accept-Language"] = language
    contacts = [c | {"verified_at": "2026-11-23T09:25:24+00:00"} for c in an_application()["contacts"]]
    found = [
        {"field": "company.name_zh", "characters": ["U+E000", "U+F0001"]},
        {"field": "applicant.name", "characters": ["U+E001"]},
    ]
    browser.cookie(KEY, "application-secret-0123456789")
    everything.answers["accounts.application"] = an_application(contacts=contacts, unprintable=found)
    browser.get(f"/apply/{NUMBER}/form")
    told = browser.page.find(id="unprintable").parent
    lines = [line.get_text().strip() for line in told.find_all("li")]
    if language == "en":
        assert lines == ["Name in Chinese: U+E000 U+F0001", "Applicant's name: U+E001"]
        assert "kept as you typed them" in told.get_text()
        assert "by hand" in told.get_text()
    else:
        assert lines == ["公司／機關中文名稱：U+E000 U+F0001", "申請人姓名：U+E001"]
        assert "完整保存" in told.get_text()
        assert "手寫" in told.get_text()
    download = browser.page.find("a", href=f"/apply/{NUMBER}/form.pdf")
    assert download in told.find_all_next("a")
    everything.answers["accounts.application"] = an_application(contacts=contacts, unprintable=[])
    browser.get(f"/apply/{NUMBER}/form")
    assert browser.page.find(id="unprintable") is None
    assert browser.page.find("a", href=f"/apply/{NUMBER}/form.pdf")


def test_each_session_says_when_it_began(browser, everything):
    browser.cookie("sid", "s" * 43).get("/account/sessions")
    labels = [key.get_text(strip=True) for key in browser.page.main.find_all("dt")]
    assert "登入時間" in labels
    assert "登入成功" not in labels
