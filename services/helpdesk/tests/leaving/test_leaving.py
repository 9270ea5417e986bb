"""Whoever loses their role at the desk: at once they are asked nothing, own nothing and hold nothing up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from helpdesk.leaving.endpoints import LeavingEndpoints
from helpdesk.recording.actions import record_inbound
from helpdesk.tickets import leaving as tickets
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_contracts.events import AccountRolesChanged
from mtnet_contracts.vocabulary.dates import taipei_day

from ..builders import NOW, an_actor, an_inbound

SERVICES = ("helpdesk",)


@pytest.fixture
def agent():
    """Signed a moment ago."""
    return an_actor(display_name="要調職的人", expires_at=datetime.now(UTC) + timedelta(seconds=110))


@pytest.fixture
def colleague():
    return an_actor("helpdesk_agent", "helpdesk_lead", display_name="組長")


@pytest.fixture
def take(asking, transactions):
    """Opens a ticket for somebody; returns its number."""

    def take(agent, state=None):
        with transactions.transaction() as tx:
            inbound = an_inbound(address=f"{uuid4().hex}@example.com")
            number = record_inbound(tx, Outbox(tx), inbound, NOW).number
        ticket = asking("ticket", of=agent, number=number)
        changes = {"owner_id": str(agent.account_id)} | ({"state": state} if state else {})
        known = {"ticket_id": ticket["ticket_id"], "version": ticket["version"]}
        asking("change_ticket", of=agent, **known, changes=changes)
        return number

    return take


def lose(transactions, agent, *roles, at=None):
    event = AccountRolesChanged(
        account_id=agent.account_id,
        account_name=agent.account_name,
        roles=("member", *roles),
        changed_at=at or datetime.now(UTC),
    )
    with transactions.transaction() as tx:
        LeavingEndpoints().end_person_without_role(tx, event)


def again(agent, seconds=1):
    """As accounts signs them after they have logged in again."""
    return replace(agent, expires_at=datetime.now(UTC) + timedelta(minutes=2, seconds=seconds))


def test_what_they_own_and_answer_comes_free_and_what_they_solved_stays_theirs(
    asking, transactions, agent, colleague, take, rows
):
    owned, solved, untouched = take(agent), take(agent, "resolved"), take(colleague)
    answering = take(colleague)
    leased = asking("ticket", of=agent, number=answering)["ticket_id"]
    asking("lease_ticket", of=agent, ticket_id=leased)
    peer = an_actor()
    assert asking("ticket", of=peer, number=answering)["lease_by"] == "要調職的人"
    for _ in range(2):
        lose(transactions, agent)
    shown = asking("ticket", of=colleague, number=owned)
    assert (shown["owner_id"], shown["owner_name"], shown["state"]) == (None, None, "open")
    changes = [each["changes"] for each in shown["entries"] if each["kind"] == "change"]
    assert changes[-1] == [{"field": "owner_name", "before": "要調職的人", "after": None}]
    assert asking("ticket", of=colleague, number=solved)["owner_name"] == "要調職的人"
    assert asking("ticket", of=colleague, number=untouched)["owner_name"] == "組長"
    after = asking("ticket", of=peer, number=answering)
    assert (after["lease_by"], after["owner_name"]) == (None, "組長")
    asking("lease_ticket", of=peer, ticket_id=leased)
    mine = asking("list_tickets", of=colleague, view="unowned")["items"]
    assert owned in [each["number"] for each in mine]


def test_pages_that_show_a_ticket_of_theirs_look_again(transactions, agent, take, rows):
    number = take(agent)
    lose(transactions, agent)
    told = rows(
        "SELECT payload::jsonb ->> 'because' FROM outbox WHERE name = 'TicketChanged'"
        " AND payload::jsonb ->> 'number' = %s",
        number,
    )
    assert told == [("left",)]


def test_what_was_signed_before_is_refused_and_brings_nobody_back(asking, transactions, agent, colleague):
    asking("count_tickets", of=agent)
    lose(transactions, agent)
    with pytest.raises(Refused) as refused:
        asking("count_tickets", of=agent)
    assert refused.value.code == "NOT_SIGNED_IN"
    people = {each["account_id"] for each in asking("desk_people", of=colleague)["people"]}
    assert str(agent.account_id) not in people
    asking("count_tickets", of=again(agent))
    people = {each["account_id"] for each in asking("desk_people", of=colleague)["people"]}
    assert str(agent.account_id) in people


def test_a_late_event_ends_whoever_went_on_with_what_was_signed_before(
    asking, transactions, agent, colleague
):
    """The relay was behind: they called after the change, with what was signed before it."""
    taken_away = datetime.now(UTC)
    asking("count_tickets", of=agent)
    lose(transactions, agent, at=taken_away)
    people = {each["account_id"] for each in asking("desk_people", of=colleague)["people"]}
    assert str(agent.account_id) not in people


def test_a_late_event_takes_nothing_from_whoever_has_the_role_again(asking, transactions, agent, take):
    taken_away = datetime.now(UTC)
    back = again(agent)
    number = take(back)
    lose(transactions, agent, at=taken_away)
    assert asking("ticket", of=back, number=number)["owner_name"] == "要調職的人"


@pytest.mark.parametrize("left", ["helpdesk_agent", "helpdesk_lead", "helpdesk_administrator"])
def test_another_role_of_the_desk_keeps_what_they_have(asking, transactions, agent, take, left):
    number = take(agent)
    lose(transactions, agent, left)
    assert asking("ticket", of=agent, number=number)["owner_name"] == "要調職的人"


def test_shifts_that_have_not_begun_are_open_again(asking, transactions, agent, colleague):
    days = [taipei_day(datetime.now(UTC)) + timedelta(days=ahead) for ahead in (1, 2)]
    for who in (agent, colleague):
        for day in days:
            asking("take_shift", of=who, day=day.isoformat(), shift="morning")
    lose(transactions, agent)
    roster = asking("roster", of=colleague, begins=days[0].isoformat())["items"]
    there = [each["name"] for each in roster if each["shift"] == "morning"]
    assert "要調職的人" not in there
    assert there.count("組長") == 2


def test_more_than_fit_in_one_part_come_free(transactions, asking, agent, take, monkeypatch, rows):
    monkeypatch.setattr(tickets, "FREED_AT_A_TIME", 2)
    numbers = [take(agent) for _ in range(5)]
    lose(transactions, agent)
    left = rows("SELECT number FROM ticket WHERE number = ANY (%s) AND owner_id IS NOT NULL", numbers)
    assert left == []
