"""Whoever works at the desk: from the first look on, and no longer than their account can be used."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from helpdesk.desk_people.actions import note_here
from helpdesk.desk_people.rules import GONE_AFTER, Agent
from helpdesk.leaving.endpoints import LeavingEndpoints
from helpdesk.recording.actions import record_inbound
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_contracts.events import AccountClosed, AccountDisabled, AccountFrozen

from ..builders import NOW, an_actor, an_inbound

SERVICES = ("helpdesk",)


@pytest.fixture
def newcomer(asking):
    """Has logged in and looked at the list, and has done nothing else."""
    newcomer = an_actor(
        display_name=f"新人{uuid4().hex[:6]}", expires_at=datetime.now(UTC) + timedelta(minutes=2)
    )
    asking("count_tickets", of=newcomer)
    return newcomer


@pytest.fixture
def give(asking, transactions):
    """Gives a new ticket to somebody; returns whose it is then, or the refusal."""
    with transactions.transaction() as tx:
        number = record_inbound(tx, Outbox(tx), an_inbound(address=f"{uuid4().hex}@example.com"), NOW).number

    def give(account_id):
        one = an_actor()
        ticket = asking("ticket", of=one, number=number)
        changes = {"owner_id": str(account_id)}
        try:
            asking(
                "change_ticket",
                of=one,
                ticket_id=ticket["ticket_id"],
                version=ticket["version"],
                changes=changes,
            )
        except Refused as refused:
            return refused.code
        return asking("ticket", of=one, number=number)["owner_name"]

    return give


def people(asking):
    return [(each["account_id"], each["name"]) for each in asking("desk_people", of=an_actor())["people"]]


def ended(event, account_id, at):
    known = {"account_id": account_id, "account_name": "agent01"}
    if event is AccountClosed:
        return event(**known, reason=AccountClosed.REASON_BY_OPERATOR, closed_at=at)
    more = {"reason": event.REASON_INACTIVE, "last_active_on": at.date()}
    return event(**known, **more, **{"frozen_at" if event is AccountFrozen else "disabled_at": at})


def tell(transactions, event):
    handle = {
        AccountClosed: "end_closed_person",
        AccountDisabled: "end_disabled_person",
        AccountFrozen: "end_frozen_person",
    }[type(event)]
    with transactions.transaction() as tx:
        getattr(LeavingEndpoints(), handle)(tx, event)


def test_a_new_colleague_can_be_given_a_ticket_at_once(asking, give, newcomer):
    assert (str(newcomer.account_id), newcomer.display_name) in people(asking)
    assert give(newcomer.account_id) == newcomer.display_name
    assert give(uuid4()) == "NOT_AN_AGENT"


@pytest.mark.parametrize("event", [AccountFrozen, AccountDisabled, AccountClosed])
def test_whose_account_ended_is_given_nothing_until_they_call_again(
    asking, give, newcomer, transactions, event
):
    later = datetime.now(UTC) + timedelta(minutes=1)
    tell(transactions, ended(event, newcomer.account_id, later))
    assert (str(newcomer.account_id), newcomer.display_name) not in people(asking)
    assert give(newcomer.account_id) == "NOT_AN_AGENT"
    with transactions.transaction() as tx:
        note_here(tx, Agent(newcomer.account_id, "改名"), later + timedelta(seconds=1))
    assert give(newcomer.account_id) == "改名"
    # The same event once more, or one that was on its way for long, ends nobody who is here again.
    tell(transactions, ended(event, newcomer.account_id, later))
    assert give(newcomer.account_id) == "改名"


def test_who_has_not_called_for_long_has_lost_the_role(asking, transactions):
    gone = Agent(uuid4(), f"離職{uuid4().hex[:6]}")
    with transactions.transaction() as tx:
        note_here(tx, gone, datetime.now(UTC) - GONE_AFTER)
    assert (str(gone.account_id), gone.name) not in people(asking)


def test_a_look_writes_once_an_hour(transactions, rows):
    agent = Agent(uuid4(), "客服")
    for minutes in (0, 59, 61):
        with transactions.transaction() as tx:
            note_here(tx, agent, NOW + timedelta(minutes=minutes))
    assert rows("SELECT seen_at FROM desk_person WHERE account_id = %s", agent.account_id) == [
        (NOW + timedelta(minutes=61),)
    ]
