"""Whose account it is that somebody hands in evidence for: told to the helpdesk, signed, and recorded."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_chassis.rpc.statements import StatementNotValid, StatementVerifier

from ..builders import put_accounts
from ..conftest import ACTOR_KEY

pytestmark = pytest.mark.stack
REASON = "letter: 航港字第 1140000001 號"


@pytest.fixture
def account(rows):
    """`account(state)`: id, name and the fingerprint of its holder."""

    def account(state):
        (account_id,) = put_accounts(rows, state, date(2025, 1, 31))
        name, key = f"user{uuid4().hex[:12]}", uuid4().hex
        rows(
            "UPDATE account SET account_name = %s, person_key = %s WHERE account_id = %s",
            name,
            key,
            account_id,
        )
        return account_id, name, key

    return account


def an_agent(**changes):
    values = {"account_id": uuid4(), "person_key": None, "roles": frozenset({"helpdesk_agent"})} | changes
    return Actor(
        account_name="helpdesk1",
        display_name="客服人員",
        session_id=uuid4(),
        expires_at=datetime.now(UTC) + timedelta(minutes=2),
        **values,
    )


@pytest.fixture
def look_up(ask):
    return lambda agent, name: ask("account_for_reactivation", actor=agent, account_name=name, reason=REASON)


@pytest.mark.parametrize("state", ["frozen", "disabled"])
def test_the_agent_gets_the_holder_and_what_the_helpdesk_believes(account, look_up, rows, state):
    account_id, name, key = account(state)
    agent = an_agent()
    said = look_up(agent, name.upper())
    assert (UUID(said["account_id"]), said["account_name"], said["state"]) == (account_id, name, state)
    verifier = StatementVerifier(ACTOR_KEY.public_key().public_bytes_raw())
    stated = verifier.verify(said["statement"], told_to=agent.account_id)
    assert (stated.account_id, stated.name, stated.person_key) == (account_id, said["name"], key)
    looked = rows(
        "SELECT actor_account_id, detail ->> 'reason' FROM audit_entry"
        " WHERE subject_id = %s AND action = 'account_looked_up'",
        account_id,
    )
    assert looked == [(agent.account_id, REASON)]


def test_it_is_told_to_this_agent_for_two_minutes_and_cannot_be_changed(account, look_up):
    agent = an_agent()
    statement = look_up(agent, account("disabled")[1])["statement"]
    verifier = StatementVerifier(ACTOR_KEY.public_key().public_bytes_raw())
    later = datetime.now(UTC) + timedelta(minutes=2)
    for token, told_to, now in (
        (statement, uuid4(), None),
        (statement, agent.account_id, later),
        (statement[:-4] + "AAAA", agent.account_id, None),
    ):
        with pytest.raises(StatementNotValid):
            verifier.verify(token, told_to=told_to, now=now)


def refusal(work):
    with pytest.raises(Refused) as refused:
        work()
    return refused.value.fields["account_name"]


@pytest.mark.parametrize("state", ["approved", "active"])
def test_an_account_that_needs_no_evidence_is_told_as_such(account, look_up, state):
    _, name, _ = account(state)
    if state == "approved":
        with pytest.raises(Refused):
            look_up(an_agent(), name)
    else:
        assert refusal(lambda: look_up(an_agent(), name)) == ["NOTHING_TO_REACTIVATE"]


def test_there_is_no_such_account(look_up):
    assert refusal(lambda: look_up(an_agent(), "nobodyhere1")) == ["ACCOUNT_NOT_FOUND"]


def test_nobody_looks_up_their_own_account_for_this(account, look_up):
    account_id, name, key = account("disabled")
    for agent in (an_agent(account_id=account_id), an_agent(person_key=key)):
        assert refusal(lambda agent=agent: look_up(agent, name)) == ["OWN_REACTIVATION"]
