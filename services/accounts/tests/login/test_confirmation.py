"""Somebody who is logged in proves once more who they are, before what is dangerous."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from mtnet_chassis.rpc.actor import ActorVerifier

from ..builders import a_member
from ..conftest import ACTOR_KEY, refusal

pytestmark = pytest.mark.stack

PASSWORD = "Quay!2026side"


@pytest.fixture(autouse=True)
def nothing_counted(rows):
    rows("DELETE FROM failed_login")


@pytest.fixture
def name(transactions):
    return a_member(transactions, PASSWORD)


def confirmed_at(entered):
    return ActorVerifier(ACTOR_KEY.public_key().public_bytes_raw()).verify(entered["actor"]).confirmed_at


def actions_of(rows, name):
    found = rows(
        "SELECT action FROM audit_entry JOIN account ON account_id = subject_id WHERE account_name = %s"
        " ORDER BY position",
        name,
    )
    return [action for (action,) in found]


def test_a_login_confirms_and_so_does_the_password_later(ask, rows, name):
    entered = ask("log_in", account_name=name, password=PASSWORD)
    now = datetime.now(UTC)
    assert now - confirmed_at(entered) < timedelta(minutes=1)
    rows("UPDATE session SET confirmed_at = now() - interval '3 hours'")
    token = entered["session_token"]
    resumed = ask("resume_session", session_token=token)
    assert now - confirmed_at(resumed) > timedelta(hours=2)
    confirmed = ask("confirm_identity", session_token=token, password=PASSWORD)
    assert datetime.now(UTC) - confirmed_at(confirmed) < timedelta(minutes=1)
    # The session got a new token: one that was stolen before is worth nothing.
    assert refusal(ask, "resume_session", session_token=token).code == "SESSION_ENDED"
    again = ask("resume_session", session_token=confirmed["session_token"])
    assert confirmed_at(again) == confirmed_at(confirmed)
    assert again["latest_at"] == resumed["latest_at"]
    assert actions_of(rows, name) == ["logged_in", "identity_confirmed"]


def test_wrong_passwords_are_counted_with_those_of_logins(ask, rows, name):
    entered = ask("log_in", account_name=name, password=PASSWORD, ip="192.0.2.44")
    ask_wrongly = {"session_token": entered["session_token"], "password": "wrong", "ip": "192.0.2.44"}
    for _ in range(5):
        assert refusal(ask, "confirm_identity", **ask_wrongly).code == "CONFIRMATION_FAILED"
    right = ask_wrongly | {"password": PASSWORD}
    assert refusal(ask, "confirm_identity", **right).code == "CONFIRMATION_FAILED"
    login = {"account_name": name, "password": PASSWORD, "ip": "192.0.2.44"}
    assert refusal(ask, "log_in", **login).code == "LOGIN_FAILED"
    # The session goes on, not confirmed; the owner's device has a limit of its own.
    assert ask("resume_session", session_token=entered["session_token"])
    assert ask("confirm_identity", **right, device_token=entered["device_token"])
    assert actions_of(rows, name)[1:] == ["confirmation_failed"] * 6 + ["identity_confirmed"]


def test_no_session_no_confirmation(ask, rows, name):
    entered = ask("log_in", account_name=name, password=PASSWORD)
    asked = {"session_token": entered["session_token"], "password": PASSWORD}
    rows("UPDATE account SET state = 'disabled' WHERE account_name = %s", name)
    assert refusal(ask, "confirm_identity", **asked).code == "SESSION_ENDED"
    assert (
        refusal(ask, "confirm_identity", **asked | {"session_token": uuid4().hex * 2}).code == "SESSION_ENDED"
    )
    rows("UPDATE account SET state = 'active' WHERE account_name = %s", name)
    ask("log_out", session_token=entered["session_token"])
    assert refusal(ask, "confirm_identity", **asked).code == "SESSION_ENDED"
