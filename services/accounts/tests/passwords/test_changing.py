"""Whoever is logged in changes the password, with the one in use."""

from types import SimpleNamespace

import pytest
from mtnet_chassis.rpc.actor import ActorVerifier

from ..builders import an_account
from ..conftest import ACTOR_KEY, refusal

pytestmark = pytest.mark.stack

PASSWORD, NEW = "Quay!2026side", "Buoy?7tide-moor"
HERE = "198.51.100.7"


@pytest.fixture(autouse=True)
def nothing_counted(rows):
    rows("DELETE FROM failed_login")


@pytest.fixture
def member(transactions, ask):
    account = an_account(transactions, PASSWORD)

    def log_in(password=PASSWORD, **more):
        return ask("log_in", account_name=account.account_name, password=password, ip=HERE, **more)

    def actor(session):
        verifier = ActorVerifier(ACTOR_KEY.public_key().public_bytes_raw())
        return verifier.verify(session["actor"])

    return SimpleNamespace(account=account, log_in=log_in, actor=actor)


def is_open(ask, session):
    return bool(ask("resume_session", session_token=session["session_token"])["actor"])


def test_a_changed_password_is_the_one_that_logs_in_and_ends_the_other_sessions(ask, member, announced, rows):
    other, here = member.log_in(), member.log_in()
    ask("change_password", actor=member.actor(here), current_password=PASSWORD, password=NEW, ip=HERE)
    assert is_open(ask, here)
    assert refusal(ask, "resume_session", session_token=other["session_token"]).code == "SESSION_ENDED"
    name = member.account.account_name
    assert refusal(ask, "log_in", account_name=name, password=PASSWORD).code == "LOGIN_FAILED"
    assert member.log_in(NEW)["session_token"]
    (told,) = announced("PasswordChanged", str(member.account.account_id))
    assert told["how"] == "CHANGED"
    assert told["emails"] == [member.account.email]
    assert told["mobiles"] == [member.account.mobile]
    recorded = rows(
        "SELECT action FROM audit_entry WHERE subject_id = %s AND action LIKE 'password%%'",
        member.account.account_id,
    )
    assert recorded == [("password_changed",)]


def test_a_form_sent_twice_changes_the_password_once(ask, member, announced):
    change = {"current_password": PASSWORD, "password": NEW, "actor": member.actor(member.log_in())}
    for _ in range(2):
        ask("change_password", key="a-form", **change)
    assert len(announced("PasswordChanged", str(member.account.account_id))) == 1


def test_wrong_current_passwords_count_like_wrong_logins(ask, member, announced, rows):
    change = {"password": NEW, "actor": member.actor(member.log_in()), "ip": HERE}
    for n in range(5):
        refused = refusal(ask, "change_password", current_password=f"Wrong!{n}wrong", **change)
        assert refused.fields == {"current_password": ["CURRENT_PASSWORD_WRONG"]}
    assert refusal(ask, "change_password", current_password=PASSWORD, **change).code == "TOO_MANY_PASSWORDS"
    name = member.account.account_name
    assert refusal(ask, "log_in", account_name=name, password=PASSWORD, ip=HERE).code == "LOGIN_FAILED"
    assert announced("PasswordChanged", str(member.account.account_id)) == []
    recorded = rows(
        "SELECT detail ->> 'reason' FROM audit_entry WHERE subject_id = %s"
        " AND action = 'password_change_refused' ORDER BY position",
        member.account.account_id,
    )
    assert recorded == [("wrong",)] * 5 + [("suspended",)]


def test_of_the_new_password_nothing_is_told_before_the_one_in_use_is_right(ask, member):
    """Else its rules would answer questions about the owner: is this the ID number, was this a former password?"""
    actor = member.actor(member.log_in())
    refused = refusal(ask, "change_password", actor=actor, current_password="Wrong!1wrong", password=PASSWORD)
    assert set(refused.fields) == {"current_password"}
    refused = refusal(ask, "change_password", actor=actor, current_password=PASSWORD, password=PASSWORD)
    assert refused.fields == {"password": ["PASSWORD_USED_BEFORE"]}


def test_nobody_changes_a_password_in_a_session_that_has_ended(ask, member):
    session = member.log_in()
    actor = member.actor(session)
    ask("log_out", session_token=session["session_token"])
    refused = refusal(ask, "change_password", actor=actor, current_password=PASSWORD, password=NEW)
    assert refused.code == "SESSION_ENDED"


def test_a_frozen_account_changes_no_password_with_an_old_actor(ask, member, rows):
    actor = member.actor(member.log_in())
    rows("UPDATE account SET state = 'frozen' WHERE account_id = %s", member.account.account_id)
    refused = refusal(ask, "change_password", actor=actor, current_password=PASSWORD, password=NEW)
    assert refused.code == "SESSION_ENDED"
