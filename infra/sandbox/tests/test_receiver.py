"""The receiver of a downstream system's webhook: what it verifies and shows, and that it misbehaves as it is told."""

import json
import socket
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest
from sandbox.in_thread import SandboxInThread
from sandbox.receiver.kept import KEPT, Receivers
from sandbox.receiver.words import WORDS
from sandbox.settings import Settings
from standardwebhooks import Webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
BODY = '{"account_id": "a-1", "note": "<script>alert(1)</script>"}'


def a_free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def running():
    sandbox = SandboxInThread(Settings(a_free_port(), a_free_port(), {}))
    yield sandbox
    sandbox.close()


@pytest.fixture
def sandbox(running):
    running.ask("DELETE", "/api/receiver")
    running.ask("PUT", "/api/receiver/vessels/fault", {"mode": "none"})
    assert running.ask("PUT", "/api/receiver/vessels", {"secrets": [SECRET]})[0] == 204
    return running


def post(sandbox, secret=SECRET, at=None, system="vessels", body=BODY):
    """The status; 0 where nothing was answered."""
    at = at or datetime.now(UTC)
    headers = {
        "Content-Type": "application/json",
        "webhook-id": "msg-1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg-1", at, BODY),
        "ce-type": "accounts.AccountActivated",
    }
    request = urllib.request.Request(f"{sandbox.url}/receiver/{system}", body.encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        return refused.code
    except OSError:
        return 0


def came(sandbox):
    return json.loads(sandbox.ask("GET", "/api/receiver?system=vessels")[1])


def test_what_is_signed_by_its_secret_is_taken_and_counted(sandbox):
    assert [post(sandbox), post(sandbox)] == [200, 200]
    found = came(sandbox)
    assert [(each["verified"], each["event_id"]) for each in found["items"]] == [(True, "msg-1")] * 2
    assert found["times"] == {"msg-1": 2}


@pytest.mark.parametrize(
    "wrong", [{"secret": OTHER}, {"at": datetime.now(UTC) - timedelta(hours=1)}, {"body": "{}"}]
)
def test_what_is_not_is_refused_and_shown_as_such(sandbox, wrong):
    assert post(sandbox, **wrong) == 401
    assert [each["verified"] for each in came(sandbox)["items"]] == [False]


def test_without_a_secret_it_says_that_it_cannot_tell(sandbox):
    assert post(sandbox, system="unknown") == 200
    assert "not verified" in sandbox.ask("GET", "/receiver?system=unknown&lang=en")[1]


@pytest.mark.parametrize(
    ("mode", "status"),
    [("refuse", 500), ("away", 503), ("busy", 429), ("gone", 410), ("cut", 0), ("cut_after", 0)],
)
def test_it_misbehaves_as_often_as_it_is_told(sandbox, mode, status):
    assert sandbox.ask("PUT", "/api/receiver/vessels/fault", {"mode": mode, "count": 1})[0] == 200
    assert [post(sandbox), post(sandbox)] == [status, 200]
    assert len(came(sandbox)["items"]) == (2 if mode == "cut_after" else 1)


@pytest.mark.parametrize(
    "fault", [{}, {"mode": "tired"}, {"mode": "slow", "seconds": 1e9}, {"mode": "away", "count": 0}]
)
def test_a_fault_that_is_none_is_refused(sandbox, fault):
    assert sandbox.ask("PUT", "/api/receiver/vessels/fault", fault)[0] == 422


@pytest.mark.parametrize("secrets", [None, ["hunter2"], ["whsec_*"], [SECRET] * 4, "whsec_x"])
def test_a_secret_that_is_none_is_refused(sandbox, secrets):
    assert sandbox.ask("PUT", "/api/receiver/vessels", {"secrets": secrets})[0] == 422


def test_the_page_shows_what_came_as_text_in_both_languages(sandbox):
    post(sandbox)
    for language in ("zh", "en"):
        page = sandbox.ask("GET", f"/receiver?system=vessels&lang={language}")[1]
        assert WORDS[language]["right"] in page
        assert "<script>alert" not in page


def test_it_keeps_no_more_than_so_much():
    receivers = Receivers()
    for number in range(KEPT + 5):
        receivers.keep("vessels", {"webhook-id": str(number)}, "{}")
    assert len(receivers.newest_first("vessels", KEPT * 2)) == KEPT
    assert len(receivers.times) <= KEPT
