"""LINE's webhook, and the pages on which people link theirs: for an account, and for a case."""

import base64

import pytest
from gateway.line.webhook import SIGNATURE
from gateway.rpc.client import Refused, ServiceUnavailable
from mtnet_contracts.calls.notify.line import LARGEST_WEBHOOK_BYTES

from ..conftest import Browser, a_session, opened_applications

NUMBER = "PTAPPLY936EC90162340"
TOKEN = "q" * 50
SIGNED = "A" * 43 + "="
LINK = {
    "linked": False,
    "reachable": False,
    "linked_at": None,
    "add_friend_url": "https://line.me/R/ti/p/@mtnet",
}
LINKED = LINK | {"linked": True, "reachable": True, "linked_at": "2026-11-26T04:00:00+00:00"}
DIALOG = "https://access.line.me/dialog/bot/accountLink?linkToken=a&nonce=b"


@pytest.fixture
def asked(everything):
    everything.answers |= {
        "accounts.resume_session": a_session("member"),
        "notify.line_link": LINK,
        "notify.line_link_target": {"display_name": "小明", "dialog_origin": "https://access.line.me"},
        "notify.start_line_link": {"dialog_url": DIALOG},
        "notify.unlink_line": LINK,
        "notify.receive_line_webhook": {},
    }
    return everything


@pytest.fixture
def owner(browser, asked):
    return browser.cookie("sid", "s" * 43)


@pytest.fixture
def applicant(browser, asked):
    asked.answers["accounts.opened_applications"] = opened_applications(asked)
    return browser.cookie(f"case-{NUMBER}", "t" * 43)


class TestWebhook:
    def tell(self, portal, body=b'{"events": []}', signature=SIGNED):
        return portal.test_client().post(
            "/webhooks/line",
            data=body,
            headers={"X-Line-Signature": signature, "Content-Type": "application/json"},
        )

    def test_the_bytes_go_to_notify_as_they_came(self, portal, asked):
        body = b'{ "events":[],\n "x": "\xe6\xb8\xaf" }'
        assert self.tell(portal, body).status_code == 200
        (request,) = asked.requests_to("notify.receive_line_webhook")
        assert base64.b64decode(request["body"]) == body
        assert request["signature"] == SIGNED

    @pytest.mark.parametrize("signature", ["", "x", "A" * 44, "A" * 43 + "=\n", "漢" * 44])
    def test_what_can_be_no_signature_is_asked_of_nobody(self, portal, asked, signature):
        assert SIGNATURE.fullmatch(signature) is None
        if signature.isascii() and "\n" not in signature:
            assert self.tell(portal, signature=signature).status_code == 401
        assert asked.requests_to("notify.receive_line_webhook") == []

    @pytest.mark.parametrize(
        ("code", "status"), [("WEBHOOK_SIGNATURE_WRONG", 401), ("WEBHOOK_UNREADABLE", 400), ("INVALID", 400)]
    )
    def test_what_notify_refuses_is_said_in_a_status(self, portal, asked, code, status):
        asked.answers["notify.receive_line_webhook"] = Refused(code)
        assert self.tell(portal).status_code == status

    def test_while_notify_is_away_line_is_to_come_again(self, portal, asked):
        asked.answers["notify.receive_line_webhook"] = ServiceUnavailable("notify", "away")
        assert self.tell(portal).status_code == 503

    def test_a_large_body_is_asked_of_nobody(self, portal, asked):
        assert self.tell(portal, b"x" * (LARGEST_WEBHOOK_BYTES + 1)).status_code == 413
        assert asked.requests_to("notify.receive_line_webhook") == []

    def test_it_needs_no_session_and_sets_no_cookie(self, portal, asked):
        answer = self.tell(portal)
        assert "Set-Cookie" not in answer.headers
        assert asked.requests_to("accounts.resume_session") == []


class TestState:
    def test_who_is_not_linked_is_shown_how(self, owner):
        assert owner.get("/account/line").status_code == 200
        assert owner.page.find("a", href=LINK["add_friend_url"])
        assert owner.page.find("svg").find("title").get_text(), "the picture has a name"

    def test_who_is_linked_sees_since_when_and_may_end_it(self, owner, asked):
        asked.answers["notify.line_link"] = LINKED
        owner.get("/account/line")
        assert "115-11-26 12:00:00" in owner.words
        assert owner.post("/account/line/unlink", "/account/line").status_code == 303
        assert len(asked.requests_to("notify.unlink_line")) == 1

    def test_who_has_blocked_us_is_told_where_notices_go(self, owner, asked):
        asked.answers["notify.line_link"] = LINKED | {"reachable": False}
        owner.get("/account/line")
        assert "封鎖" in owner.words

    def test_who_is_not_logged_in_logs_in_first(self, browser, asked):
        asked.answers["accounts.resume_session"] = Refused("SESSION_ENDED")
        assert browser.get("/account/line").headers["Location"].startswith("/login?next=")

    def test_an_applicant_has_the_same_page(self, applicant, asked):
        assert applicant.get(f"/case/{NUMBER}/line").status_code == 200
        assert asked.requests_to("accounts.application_pass") == [{"application_token": "t" * 43}]
        asked.answers["notify.line_link"] = LINKED
        done = applicant.post(f"/case/{NUMBER}/line/unlink", f"/case/{NUMBER}/line")
        assert done.headers["Location"].startswith(f"/case/{NUMBER}/line?")


class TestLinking:
    def test_both_sides_are_named_before_anything_is_linked(self, owner, asked):
        assert owner.get(f"/line/link?linkToken={TOKEN}").status_code == 200
        assert "小明" in owner.words
        assert "QWERTYUI" in owner.words or a_session("member")["account"]["account_name"] in owner.words
        assert asked.requests_to("notify.start_line_link") == []

    def test_the_policy_of_the_page_lets_its_form_go_on_to_line_and_nowhere_else(self, owner):
        policy = owner.get(f"/line/link?linkToken={TOKEN}").headers["Content-Security-Policy"]
        assert "form-action 'self' https://access.line.me;" in policy
        assert "unsafe" not in policy

    def test_who_agrees_goes_on_to_line(self, owner, asked):
        owner.get(f"/line/link?linkToken={TOKEN}")
        answer = owner.post("/line/link", linkToken=TOKEN)
        assert (answer.status_code, answer.headers["Location"]) == (303, DIALOG)
        assert asked.requests_to("notify.start_line_link") == [{"link_token": TOKEN}]

    def test_a_form_without_its_token_links_nobody(self, portal, asked):
        client = Browser(portal).cookie("sid", "s" * 43)
        answer = client.http.post("/line/link", data={"linkToken": TOKEN})
        assert answer.status_code == 400
        assert asked.requests_to("notify.start_line_link") == []

    @pytest.mark.parametrize(
        ("code", "status"),
        [("LINE_LINK_INVALID", 409), ("LINE_NO_FRIEND", 409), ("LINE_AWAY", 503), ("INVALID", 409)],
    )
    @pytest.mark.parametrize("language", ["zh-Hant", "en"])
    def test_why_it_cannot_be_is_said_in_words(self, portal, asked, language, code, status):
        browser = Browser(portal, language).cookie("sid", "s" * 43)
        asked.answers["notify.line_link_target"] = Refused(code)
        assert browser.get(f"/line/link?linkToken={TOKEN}").status_code == status
        assert browser.page.find("h1")
        asked.answers["notify.line_link_target"] = {
            "display_name": "小明",
            "dialog_origin": "https://x.example",
        }
        browser.get(f"/line/link?linkToken={TOKEN}")
        asked.answers["notify.start_line_link"] = Refused(code)
        assert browser.post("/line/link", linkToken=TOKEN).status_code == status

    def test_who_is_nobody_yet_chooses_between_account_and_case(self, browser, asked):
        asked.answers["accounts.resume_session"] = Refused("SESSION_ENDED")
        assert browser.get(f"/line/link?linkToken={TOKEN}").status_code == 200
        login = browser.page.find("a", href=lambda address: address and address.startswith("/login?next="))
        assert f"linkToken%3D{TOKEN}" in login["href"]
        assert browser.get(f"/line/case?linkToken={TOKEN}&number={NUMBER.lower()}").headers["Location"] == (
            f"/case/{NUMBER}/line/link?linkToken={TOKEN}"
        )

    def test_what_is_no_case_number_stays_and_is_said(self, browser, asked):
        assert browser.get(f"/line/case?linkToken={TOKEN}&number=PTAPPLY1").status_code == 422
        assert browser.page.find("input", attrs={"name": "number"})["value"] == "PTAPPLY1"
        assert browser.page.find("input", attrs={"name": "linkToken"})["value"] == TOKEN

    def test_an_applicant_links_the_case_in_the_address(self, applicant, asked):
        assert applicant.get(f"/case/{NUMBER}/line/link?linkToken={TOKEN}").status_code == 200
        assert NUMBER in applicant.words
        answer = applicant.post(f"/case/{NUMBER}/line/link", linkToken=TOKEN)
        assert answer.headers["Location"] == DIALOG

    def test_a_case_that_is_not_open_here_asks_for_its_code_and_comes_back(self, browser, asked):
        answer = browser.get(f"/case/{NUMBER}/line/link?linkToken={TOKEN}")
        assert answer.status_code == 403
        assert browser.page.find("input", attrs={"name": "next"})["value"] == (
            f"/case/{NUMBER}/line/link?linkToken={TOKEN}"
        )

    def test_a_name_that_somebody_chose_in_line_is_shown_as_text(self, owner, asked):
        asked.answers["notify.line_link_target"] = {
            "display_name": "<img src=x>", "dialog_origin": "https://access.line.me",
        }  # fmt: skip
        owner.get(f"/line/link?linkToken={TOKEN}")
        assert owner.page.find("img", src="x") is None
