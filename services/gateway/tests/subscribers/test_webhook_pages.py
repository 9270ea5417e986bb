"""The operator's pages of a webhook: address, secret, what was sent, and what is done when something is away."""

import pytest
from gateway.rpc.client import Refused, ServiceUnavailable

from ..conftest import a_session
from .test_subscriber_pages import SYSTEM

AT = "/operations/subscribers/vessels"
URL = "https://ships.example.com/mtnet-events"
ISSUED_AT = "2026-11-27T01:00:00+00:00"
WEBHOOK = {
    "url": URL,
    "set_at": ISSUED_AT,
    "secrets": [{"number": 1, "issued_at": ISSUED_AT, "ends_at": None}],
}
SENDING = {
    "name": "vessels",
    "url": URL,
    "state": "active",
    "secrets": 1,
    "paused_at": None,
    "paused_by": "",
    "pause_reason": "",
    "stopped_at": None,
    "failing_since": None,
    "problem": "",
    "waiting": 3,
}
EVENT_ID = "0190b3c5-2b70-7d11-a0b1-c2d3e4f50618"
EVENT = {
    "event_id": EVENT_ID,
    "event": "accounts.AccountActivated",
    "subject": "account/7",
    "state": "failed",
    "attempts": 2,
    "status": 500,
    "problem": "",
    "received_at": ISSUED_AT,
    "next_attempt_at": None,
    "finished_at": "2026-11-30T01:00:00+00:00",
}
TRIES = [
    {
        "attempt": 1,
        "at": ISSUED_AT,
        "milliseconds": 15000,
        "status": None,
        "problem": "no answer in time",
        "answer": "",
    },
    {
        "attempt": 2,
        "at": ISSUED_AT,
        "milliseconds": 200,
        "status": 500,
        "problem": "",
        "answer": "<b>boom</b>",
    },
]
SECRET = {"name": "vessels", "issued": True, "secret": "whsec_shown-once"}
NONE_ISSUED = {"name": "vessels", "issued": False, "secret": None}


@pytest.fixture
def operator(browser, everything):
    everything.answers |= {
        "accounts.resume_session": a_session("operator"),
        "accounts.subscriber": SYSTEM | {"webhook": WEBHOOK},
        "accounts.set_webhook": SECRET,
        "accounts.renew_webhook_secret": SECRET,
        "accounts.remove_webhook": SYSTEM,
        "notify.webhook_log": {"webhook": SENDING, "items": [EVENT], "next_before": None},
        "notify.webhook_delivery": EVENT
        | {"headers": {"ce-type": EVENT["event"]}, "body": None, "tries": TRIES},
    }
    return browser.cookie("sid", "s" * 43)


@pytest.mark.parametrize("path", ["", "/address", "/secret", "/remove", f"/events/{EVENT_ID}"])
def test_only_operators_see_them(browser, everything, path):
    everything.answers["accounts.resume_session"] = a_session("helpdesk_lead", "reviewer", "editor")
    assert browser.cookie("sid", "s" * 43).get(f"{AT}/webhook{path}").status_code == 403


class TestThePageOfTheSystem:
    def test_says_where_events_go_and_how_that_goes(self, operator, everything):
        operator.get(f"{AT}?lang=en")
        for words in (URL, "Events are sent", "No. 1", "Pause the webhook"):
            assert words in operator.words
        assert "Let the webhook go on" not in operator.words

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"state": "paused", "paused_by": "operator2", "paused_at": ISSUED_AT, "pause_reason": "moves"},
             ("operator2", "moves", "Let the webhook go on")),
            ({"state": "stopped", "stopped_at": ISSUED_AT}, ("410", "Let the webhook go on")),
            ({"failing_since": ISSUED_AT, "problem": "connection refused"}, ("connection refused",)),
        ],
    )  # fmt: skip
    def test_says_what_keeps_events_from_arriving(self, operator, everything, changes, words):
        everything.answers["notify.webhook_log"]["webhook"] = SENDING | changes
        operator.get(f"{AT}?lang=en")
        assert all(each in operator.words for each in words)

    @pytest.mark.parametrize(
        ("answer", "words"),
        [(ServiceUnavailable("notify", "away"), "does not answer just now"),
         (Refused("WEBHOOK_NOT_FOUND"), "has not heard of it yet")],
    )  # fmt: skip
    def test_shows_the_rest_where_the_sender_says_nothing(self, operator, everything, answer, words):
        everything.answers["notify.webhook_log"] = answer
        for path in ("", "/webhook"):
            assert operator.get(f"{AT}{path}?lang=en").status_code == 200
            assert words in operator.words
            assert URL in operator.words

    def test_offers_a_webhook_to_a_system_that_has_none_and_nothing_to_one_that_is_removed(
        self, operator, everything
    ):
        everything.answers["accounts.subscriber"] = SYSTEM
        operator.get(AT)
        assert operator.page.find("a", href=f"{AT}/webhook/address")
        assert everything.requests_to("notify.webhook_log") == []
        everything.answers["accounts.subscriber"] = SYSTEM | {"state": "removed"}
        operator.get(AT)
        assert not operator.page.find("a", href=f"{AT}/webhook/address")


class TestTheAddress:
    def test_the_first_one_shows_the_secret_once_in_an_answer_that_nobody_keeps(self, operator, everything):
        answer = operator.post(f"{AT}/webhook/address", key="the-form", url=f" {URL} ", reason="no AMQP")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
        assert operator.page.find(id="secret").get_text() == SECRET["secret"]
        (request,) = everything.requests_to("accounts.set_webhook")
        assert request == {"name": "vessels", "url": URL, "reason": "no AMQP"}
        assert everything.keys_to("accounts.set_webhook")[0]
        assert SECRET["secret"] not in operator.get(AT).text

    def test_another_one_keeps_the_secret(self, operator, everything):
        everything.answers["accounts.set_webhook"] = NONE_ISSUED
        answer = operator.post(f"{AT}/webhook/address", url=URL, reason="moves")
        assert answer.headers["Location"].endswith(f"{AT}?saved=webhook_set")

    def test_a_second_press_says_where_it_was_shown_and_the_way_on(self, operator, everything):
        everything.answers["accounts.set_webhook"] = SECRET | {"secret": None}
        operator.post(f"{AT}/webhook/address?lang=en", key="the-form", url=URL, reason="no AMQP")
        assert "It cannot be shown again" in operator.words
        assert operator.page.find("a", href=f"{AT}/webhook/secret")

    @pytest.mark.parametrize("code", ["WEBHOOK_NOT_HTTPS", "WEBHOOK_NOT_PUBLIC", "WEBHOOK_NAME_UNKNOWN"])
    def test_what_is_refused_is_said_at_its_field_and_stays(self, operator, everything, code):
        everything.answers["accounts.set_webhook"] = Refused("INVALID", {"url": [code]})
        assert operator.post(f"{AT}/webhook/address", url="http://10.0.0.1/", reason="x").status_code == 422
        assert operator.page.find(id="url-error")
        assert operator.page.find(id="url")["value"] == "http://10.0.0.1/"
        assert operator.page.find(id="reason").get_text(strip=True) == "x"


def test_two_secrets_at_a_time_are_said_at_the_days(operator, everything):
    everything.answers["accounts.renew_webhook_secret"] = Refused(
        "INVALID", {"overlap_days": ["TWO_SECRETS"]}
    )
    assert operator.post(f"{AT}/webhook/secret", overlap_days="7", reason="x").status_code == 422
    assert operator.page.find(id="overlap_days-error")


class TestWhatWasSent:
    def test_is_looked_for_and_goes_on_with_the_same_filter(self, operator, everything):
        everything.answers["notify.webhook_log"]["next_before"] = EVENT_ID
        operator.get(f"{AT}/webhook?state=failed&event=accounts.AccountActivated&lang=en")
        asked = everything.requests_to("notify.webhook_log")[-1]
        assert (asked["state"], asked["event"]) == ("failed", "accounts.AccountActivated")
        older = operator.page.find("a", rel="next")["href"]
        assert f"before={EVENT_ID}" in older
        assert "state=failed" in older
        assert "500" in operator.words

    def test_an_id_that_is_none_is_said_at_its_field(self, operator, everything):
        assert operator.get(f"{AT}/webhook?event_id=seven").status_code == 422
        assert operator.page.find(id="event_id-error")
        assert operator.page.find(id="event_id")["value"] == "seven"

    def test_each_attempt_and_its_answer_and_no_personal_data(self, operator, everything):
        operator.get(f"{AT}/webhook/events/{EVENT_ID}?lang=en")
        for words in ("no answer in time", "HTTP 500", "<b>boom</b>", "it holds personal data", "15.00 s"):
            assert words in operator.words

    def test_one_that_waits_is_not_sent_again_by_hand(self, operator, everything):
        everything.answers["notify.webhook_delivery"] |= {"state": "waiting", "finished_at": None}
        operator.get(f"{AT}/webhook/events/{EVENT_ID}")
        assert not operator.page.find(id="reason")

    def test_sent_again_with_a_reason(self, operator, everything):
        at = f"{AT}/webhook/events/{EVENT_ID}/again"
        everything.answers["notify.send_event_again"] = Refused("INVALID", {"reason": ["REQUIRED"]})
        assert operator.post(at, page=f"{AT}/webhook/events/{EVENT_ID}", reason="").status_code == 422
        assert operator.page.find(id="reason-error")
        everything.answers["notify.send_event_again"] = {"state": "active", "event_id": EVENT_ID}
        assert (
            operator.post(at, page=f"{AT}/webhook/events/{EVENT_ID}", reason="asked for")
            .headers["Location"]
            .endswith(f"/events/{EVENT_ID}?saved=again")
        )
        assert everything.requests_to("notify.send_event_again")[-1]["reason"] == "asked for"

    @pytest.mark.parametrize("code", ["WEBHOOK_NOT_FOUND", "DELIVERY_NOT_FOUND"])
    def test_what_is_not_there_is_not_found(self, operator, everything, code):
        everything.answers["notify.webhook_delivery"] = Refused(code)
        assert operator.get(f"{AT}/webhook/events/{EVENT_ID}").status_code == 404


@pytest.mark.parametrize(
    ("act", "call", "to"),
    [
        ("test", "notify.test_webhook", f"/webhook/events/{EVENT_ID}"),
        ("pause", "notify.pause_webhook", "?saved=webhook_paused"),
        ("resume", "notify.resume_webhook", "?saved=webhook_resumed"),
        ("remove", "accounts.remove_webhook", "?saved=webhook_removed"),
    ],
)
def test_each_act_takes_a_reason_and_says_when_it_cannot_be(operator, everything, act, call, to):
    done = SYSTEM if act == "remove" else {"state": "active", "event_id": EVENT_ID}
    everything.answers[call] = done
    answer = operator.post(f"{AT}/webhook/{act}", key="the-form", reason="依函辦理")
    assert answer.headers["Location"].endswith(to)
    (request,) = everything.requests_to(call)
    assert request == {"name": "vessels", "reason": "依函辦理"}
    everything.answers[call] = Refused("WEBHOOK_NOT_FOUND")
    assert operator.post(f"{AT}/webhook/{act}", reason="依函辦理").status_code == 409
    assert operator.page.find(id="error-summary")
    assert operator.page.find(id="reason").get_text(strip=True) == "依函辦理"
