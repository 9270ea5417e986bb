"""Where one is logged in, and how each session is ended."""

from types import SimpleNamespace
from uuid import uuid4

import pytest
from mtnet_chassis.rpc.actor import ActorVerifier

from ..builders import an_account
from ..conftest import ACTOR_KEY, refusal

pytestmark = pytest.mark.stack

PASSWORD = "Quay!2026side"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/17.4 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def member(transactions, ask):
    account = an_account(transactions, PASSWORD)

    def log_in(ip="198.51.100.7", user_agent=None):
        session = ask(
            "log_in", account_name=account.account_name, password=PASSWORD, ip=ip, user_agent=user_agent
        )
        session["who"] = ActorVerifier(ACTOR_KEY.public_key().public_bytes_raw()).verify(session["actor"])
        return session

    return SimpleNamespace(account=account, log_in=log_in)


def ended(ask, session):
    return refusal(ask, "resume_session", session_token=session["session_token"]).code == "SESSION_ENDED"


def test_the_list_says_where_on_what_and_since_when_this_one_first(ask, member):
    phone = member.log_in("203.0.113.9", PHONE)
    here = member.log_in()
    member.log_in()
    found = ask("sessions", actor=here["who"])
    assert found["total"] == 3
    first, *others = found["sessions"]
    assert first["is_current"]
    assert first["session_id"] == str(here["who"].session_id)
    (one,) = [each for each in others if each["session_id"] == str(phone["who"].session_id)]
    assert (one["browser"], one["system"], one["ip"]) == ("Safari", "iPhone", "203.0.113.9")
    assert not one["is_current"]
    assert one["started_at"] <= one["used_at"] < one["expires_at"]


def test_sessions_that_ran_out_or_were_ended_are_not_listed(ask, member, rows):
    here = member.log_in()
    left, idle, old = member.log_in(), member.log_in(), member.log_in()
    ask("log_out", session_token=left["session_token"])
    rows(
        "UPDATE session SET touched_at = now() - interval '5 hours' WHERE session_id = %s",
        idle["who"].session_id,
    )
    rows(
        "UPDATE session SET started_at = now() - interval '13 hours' WHERE session_id = %s",
        old["who"].session_id,
    )
    found = ask("sessions", actor=here["who"])
    assert [each["session_id"] for each in found["sessions"]] == [str(here["who"].session_id)]


def test_the_list_has_a_bound_and_says_how_many_there_are(ask, member, monkeypatch):
    monkeypatch.setattr("accounts.sessions.own.MOST_LISTED", 2)
    here = member.log_in()
    for _ in range(3):
        member.log_in()
    found = ask("sessions", actor=here["who"])
    assert (len(found["sessions"]), found["total"]) == (2, 4)
    assert found["sessions"][0]["is_current"]


def test_one_session_is_ended_at_once_and_twice_is_once(ask, member, rows):
    here, other = member.log_in(), member.log_in()
    for _ in range(2):
        ask("end_session", actor=here["who"], session_id=other["who"].session_id)
    assert ended(ask, other)
    assert refusal(ask, "sessions", actor=other["who"]).code == "SESSION_ENDED"
    assert ask("resume_session", session_token=here["session_token"])["actor"]
    recorded = rows(
        "SELECT detail ->> 'session_id' FROM audit_entry WHERE subject_id = %s AND action = 'session_ended'",
        member.account.account_id,
    )
    assert recorded == [(str(other["who"].session_id),)]


def test_nobody_ends_the_session_of_somebody_else(ask, member, transactions):
    other = an_account(transactions, PASSWORD)
    theirs = ask("log_in", account_name=other.account_name, password=PASSWORD)
    session_id = ActorVerifier(ACTOR_KEY.public_key().public_bytes_raw()).verify(theirs["actor"]).session_id
    mine = member.log_in()["who"]
    assert refusal(ask, "end_session", actor=mine, session_id=session_id).code == "SESSION_NOT_FOUND"
    assert refusal(ask, "end_session", actor=mine, session_id=uuid4()).code == "SESSION_NOT_FOUND"
    assert ask("resume_session", session_token=theirs["session_token"])["actor"]


def test_all_other_sessions_are_ended_together(ask, member):
    others = [member.log_in(), member.log_in()]
    here = member.log_in()
    assert ask("end_other_sessions", actor=here["who"]) == {"ended": 2}
    assert all(ended(ask, each) for each in others)
    assert ask("end_other_sessions", actor=here["who"]) == {"ended": 0}
    assert ask("resume_session", session_token=here["session_token"])["actor"]


@pytest.mark.parametrize(
    ("user_agent", "browser", "system"),
    [
        (PHONE, "Safari", "iPhone"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
            " Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0",
            "Edge", "Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile"
            " Safari/537.36 Line/14.9.0",
            "LINE", "Android",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox", "Linux"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko)"
            " Chrome/126.0.0.0 Safari/537.36",
            "Chrome", "macOS",
        ),
        ("python-httpx/0.28.1", "python-httpx", ""),
        ("Mozilla/5.0 (something new)", "", ""),
        ("<script>alert(1)</script>", "", ""),
        (None, "", ""),
    ],
)  # fmt: skip
def test_a_device_is_called_what_its_owner_would_call_it(user_agent, browser, system):
    from accounts.devices.rules import device_of

    device = device_of(user_agent)
    assert (device.browser, device.system) == (browser, system)
