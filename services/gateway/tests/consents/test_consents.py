"""After a new privacy notice: asked before any page of the account, and back to where one was."""

import pytest
from gateway.rpc.client import Refused
from mtnet_contracts.calls import accounts

from ..conftest import Browser, a_session, example, sealed
from ..test_windows import hidden, send

TEXT = {"zh-Hant": "告知書內容", "en": "What the notice says"}
NOTICE = {
    "version": "2026-12",
    "title": {"zh-Hant": "新告知書", "en": "New notice"},
    "body": TEXT,
    "effective_on": "2026-12-01",
}


@pytest.fixture
def asked(browser, everything):
    """Somebody who logged in after a new version of the notice."""
    everything.answers["accounts.resume_session"] = a_session("member") | {"needs_consent": True}
    everything.answers["accounts.own_consents"] = {"needed": NOTICE, "agreed": []}
    return browser.cookie("sid", "s" * 43)


def agree(everything):
    everything.answers["accounts.resume_session"] = a_session("member")
    everything.answers["accounts.own_consents"] = {"needed": None, "agreed": []}


@pytest.mark.parametrize(
    "path", ["/account", "/account/profile", "/account/password", "/account/history", "/account/sessions"]
)
def test_each_page_of_the_account_leads_to_the_notice_and_back(asked, path):
    answer = asked.get(path)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/account/notice?next={path}")
    assert asked.get(answer.headers["Location"]).status_code == 200
    assert "告知書內容" in asked.words
    assert hidden(asked.page, "/account/notice")["next"] == path


@pytest.mark.parametrize(
    "path",
    ["/", "/privacy", "/news", "/account/privacy", "/account/privacy/ask", "/account/close", "/apply/"],
)
def test_public_pages_and_ones_rights_stay_open(asked, path):
    assert asked.get(path).status_code == 200


def test_the_home_page_of_a_reviewer_does_not_ask_for_the_queue(browser, everything):
    everything.answers["accounts.resume_session"] = a_session("reviewer", unit="north") | {
        "needs_consent": True
    }
    everything.answers["review.queue"] = Refused("CONSENT_REQUIRED")
    assert browser.cookie("sid", "s" * 43).get("/").status_code == 200
    assert everything.requests_to("review.queue") == []


def test_agreeing_goes_on_and_no_gateway_goes_by_what_it_remembers(asked, everything):
    asked.get("/account/notice?next=/account/history")
    everything.answers["accounts.agree_to_notice"] = lambda request: (
        agree(everything) or {"needed": None, "agreed": []}
    )
    answer = send(asked, "/account/notice", decision="agree")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/history")
    assert everything.requests_to("accounts.agree_to_notice") == [{"notice_version": "2026-12"}]
    assert [told for told in everything.told if "session_changed" in told]


def test_not_now_says_what_that_means_and_offers_logout_and_rights(asked, everything):
    asked.get("/account/notice?next=/account/history")
    answer = send(asked, "/account/notice", decision="later")
    assert answer.headers["Location"] == "/account/notice/later?next=/account/history"
    assert len(everything.requests_to("accounts.decline_notice")) == 1
    assert everything.requests_to("accounts.agree_to_notice") == []
    asked.get(answer.headers["Location"])
    main = asked.page.find("main")
    links = {a["href"] for a in main.find_all("a")}
    assert {"/account/privacy", "/account/close", "/account/notice?next=/account/history"} <= links
    assert main.find("form", action="/logout")


def test_a_notice_that_changed_while_it_was_read_is_shown_anew(asked, everything):
    asked.get("/account/notice")
    everything.answers["accounts.agree_to_notice"] = Refused(
        "INVALID", fields={"notice_version": ["NOTICE_OUTDATED"]}
    )
    everything.answers["accounts.own_consents"] = {"needed": NOTICE | {"version": "2027-01"}, "agreed": []}
    assert send(asked, "/account/notice", decision="agree").status_code == 422
    assert asked.page.find(id="notice_version-error")
    assert hidden(asked.page, "/account/notice")["notice_version"] == "2027-01"


def test_what_was_typed_before_the_login_survives_login_and_notice(browser, everything):
    """The session ended in the middle of a request; then there is a new notice, too."""
    everything.answers["accounts.own_consents"] = {"needed": NOTICE, "agreed": []}
    browser.cookie("sid", "s" * 43).get("/account/privacy/ask")
    everything.answers["accounts.resume_session"] = Refused("SESSION_ENDED")
    send(browser, "/account/privacy/ask", kind="correct", words="姓名應為陳小華")
    assert browser.page.find("input", {"name": "kept-words"})["value"] == "姓名應為陳小華"
    needs = a_session("member") | {"needs_consent": True}
    everything.answers["accounts.log_in"] = needs | {"session_token": "n" * 43, "device_token": None}
    everything.answers["accounts.resume_session"] = needs
    login = send(browser, "/login", account_name="carrier2026", password="right")
    assert login.status_code == 200
    assert browser.page.find("input", {"name": "kept-words"})["value"] == "姓名應為陳小華"
    assert hidden(browser.page, "/account/notice")["next"] == "/account/privacy/ask"
    everything.answers["accounts.agree_to_notice"] = lambda request: (
        agree(everything) or {"needed": None, "agreed": []}
    )
    assert send(browser, "/account/notice", decision="agree").status_code == 200
    assert browser.page.find("textarea", {"name": "words"}).get_text().strip() == "姓名應為陳小華"


def test_a_form_that_was_open_already_keeps_what_was_typed(browser, everything):
    browser.cookie("sid", "s" * 43).get("/account/profile/title")
    everything.answers["accounts.resume_session"] = a_session("member") | {"needs_consent": True}
    everything.answers["accounts.own_consents"] = {"needed": NOTICE, "agreed": []}
    everything.answers["accounts.save_profile"] = Refused("CONSENT_REQUIRED")
    answer = send(browser, "/account/profile/title", value="經理")
    assert answer.status_code == 403
    assert browser.page.find("input", {"name": "kept-value"})["value"] == "經理"


def test_a_program_is_told_by_a_code_and_can_agree(portal, everything):
    headers = {"Authorization": f"Bearer {sealed('s' * 43)}"}
    http = portal.test_client()
    everything.answers["accounts.own_profile"] = Refused("CONSENT_REQUIRED")
    refused = http.get("/api/v1/account/profile", headers=headers)
    assert (refused.status_code, refused.json["errors"]) == (403, {"refusal": ["CONSENT_REQUIRED"]})
    everything.answers["accounts.own_consents"] = {"needed": NOTICE, "agreed": []}
    assert http.get("/api/v1/account/consents", headers=headers).json["needed"]["version"] == "2026-12"
    consent = example(accounts.consents.ConsentView) | {"notice_version": "2026-12"}
    everything.answers["accounts.agree_to_notice"] = {"needed": None, "agreed": [consent]}
    sent = http.post("/api/v1/account/consents", json={"notice_version": "2026-12"}, headers=headers)
    assert (sent.status_code, sent.json["agreed"][0]["notice_version"]) == (200, "2026-12")
    assert [told for told in everything.told if "session_changed" in told]
    assert http.post("/api/v1/account/consents/decline", headers=headers).status_code == 204


def test_whoever_has_agreed_sees_to_what(portal, everything):
    consent = {"notice_version": "2025-02", "agreed_at": "2026-11-23T09:25:24+00:00", "how": "application"}
    everything.answers["accounts.own_consents"] = {"needed": None, "agreed": [consent]}
    browser = Browser(portal, "en").cookie("sid", "s" * 43)
    browser.get("/account/notice")
    assert "Version 2025-02" in browser.words
    assert "In the application for the account" in browser.words
