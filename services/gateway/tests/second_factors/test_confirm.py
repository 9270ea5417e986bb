"""Before what is dangerous a page asks who it is, and comes back to what was typed."""

import pytest
from gateway.rpc.client import Refused
from mtnet_contracts.calls import accounts

from ..conftest import a_case, a_session, sealed
from ..test_windows import hidden, send

CASE = "d20aa8b5-cc22-4e49-9f2d-7659dca85309"
NEW = "n" * 43


@pytest.fixture
def reviewer(browser, everything):
    everything.answers["accounts.confirm_identity"] = a_session("reviewer", unit="north") | {
        "session_token": NEW
    }
    everything.answers["review.case"] = a_case(application_id=CASE)
    return browser.cookie("sid", "s" * 43)


def required():
    return Refused("CONFIRMATION_REQUIRED")


def test_a_page_that_needs_it_asks_and_is_shown_afterwards(reviewer, everything):
    queue = everything.answers["review.queue"]
    everything.answers["review.queue"] = required()
    asked = reviewer.get("/review/?page=2")
    assert asked.status_code == 303
    assert asked.headers["Location"] == "/account/confirm?next=/review/?page%3D2"
    reviewer.get(asked.headers["Location"])
    assert reviewer.page.find("input", {"name": "username"})["autocomplete"] == "username"
    everything.answers["review.queue"] = queue
    answer = send(reviewer, "/account/confirm", password="right")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/review/?page=2")
    assert answer.headers["Set-Cookie"].startswith(f"sid={sealed(NEW)};")
    (request,) = everything.requests_to("accounts.confirm_identity")
    assert (request["session_token"], request["password"]) == ("s" * 43, "right")
    # No gateway goes by what it remembers of the former token.
    assert [told for told in everything.told if "session_changed" in told]


def test_what_was_typed_is_there_again_and_is_not_sent_by_itself(reviewer, everything):
    reviewer.get(f"/review/{CASE}")
    everything.answers["review.forward_case"] = required()
    asked = send(reviewer, f"/review/{CASE}/decide", decision="forward", note="請先看第二頁")
    assert asked.status_code == 403
    assert reviewer.page.find("input", {"name": "kept-note"})["value"] == "請先看第二頁"
    wrong = dict(everything.answers)
    everything.answers["accounts.confirm_identity"] = Refused("CONFIRMATION_FAILED")
    assert send(reviewer, "/account/confirm", password="wrong").status_code == 422
    assert "密碼錯誤" in reviewer.page.find(id="password-error").get_text()
    everything.answers.update(wrong)
    sent = len(everything.requests_to("review.forward_case"))
    answer = send(reviewer, "/account/confirm", password="right")
    assert answer.status_code == 200
    assert reviewer.page.find("textarea", {"name": "note"}).get_text().strip() == "請先看第二頁"
    assert "尚未送出" in reviewer.words
    assert len(everything.requests_to("review.forward_case")) == sent
    # The page was asked for with the new token.
    assert everything.requests_to("accounts.resume_session")[-1]["session_token"] == NEW


def test_an_empty_password_is_asked_for_at_its_field(reviewer, everything):
    reviewer.get("/account/confirm?next=/account")
    assert send(reviewer, "/account/confirm", password="").status_code == 422
    assert reviewer.page.find(id="password-error")
    assert hidden(reviewer.page, "/account/confirm")["next"] == "/account"
    assert everything.requests_to("accounts.confirm_identity") == []


def test_nobody_is_led_to_another_portal(reviewer):
    reviewer.get("/account/confirm?next=https://elsewhere.example/")
    assert send(reviewer, "/account/confirm", password="right").headers["Location"] == "/account"


def test_a_program_is_told_and_gets_a_new_token(portal, everything):
    everything.answers["review.queue"] = required()
    api = portal.test_client(use_cookies=False)
    bearer = {"Authorization": f"Bearer {sealed('s' * 43)}"}
    answer = api.get("/api/v1/reviews", headers=bearer)
    assert (answer.status_code, answer.get_json()["errors"]) == (403, {"refusal": ["CONFIRMATION_REQUIRED"]})
    everything.answers["accounts.confirm_identity"] = a_session("reviewer") | {"session_token": NEW}
    confirmed = api.post("/api/v1/sessions/current/confirm", json={"password": "x"}, headers=bearer)
    assert confirmed.get_json()["session_token"] == sealed(NEW)


def test_every_call_may_be_refused_so():
    assert accounts.sessions.LOG_OUT.may_refuse_with("CONFIRMATION_REQUIRED")
