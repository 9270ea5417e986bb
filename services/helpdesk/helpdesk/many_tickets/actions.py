"""The same said to many people at once, each by the channel that they wrote by."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_contracts.event import Event

from helpdesk.deadlines.actions import working_calendar
from helpdesk.deadlines.rules import WorkingCalendar
from helpdesk.desk_people.rules import Agent
from helpdesk.many_tickets.store import Answer, ManyTicketsStore, Summary
from helpdesk.tickets import actions as tickets
from helpdesk.tickets import belonging, messages
from helpdesk.tickets.changes import differences
from helpdesk.tickets.rules import DONE, State, Ticket

__all__ = [
    "Summary",
    "answer_many",
    "due",
    "heads_of",
    "ids_of_numbers",
    "live_by_state",
    "recent",
    "summaries",
]


def ids_of_numbers(tx: Tx, numbers: Collection[str]) -> dict[str, UUID]:
    """The tickets that have these numbers, merged or not; a number that nobody has is not in it."""
    return ManyTicketsStore(tx).ids_of_numbers(numbers)


def heads_of(tx: Tx, ticket_ids: Collection[UUID]) -> list[Summary]:
    """Those that there are, where each thread goes on, once and without spam, newest first."""
    many = ManyTicketsStore(tx)
    return many.summaries(set(many.head_ids(ticket_ids).values()))


def summaries(tx: Tx, ticket_ids: Collection[UUID]) -> list[Summary]:
    """Newest first."""
    return ManyTicketsStore(tx).summaries(ticket_ids)


def recent(tx: Tx, since: datetime, limit: int) -> list[UUID]:
    """Live ones that came since then, newest first."""
    return ManyTicketsStore(tx).recent(since, limit)


def due(tx: Tx, after: datetime | None, until: datetime, limit: int) -> tuple[int, list[Summary]]:
    """How many live ones are due by then (and after another instant), and the first of them."""
    return ManyTicketsStore(tx).due(after, until, limit)


def live_by_state(tx: Tx) -> dict[str, int]:
    """How many tickets the desk has before it."""
    return ManyTicketsStore(tx).live_by_state()


def answer_many(
    tx: Tx,
    outbox: Outbox,
    agent: Agent,
    ticket_ids: Collection[UUID],
    texts: Mapping[str, str],
    then: State | None,
    now: datetime,
) -> tuple[list[UUID], dict[UUID, str]]:
    """Write one text, in each person's language, and move every ticket to `then` where its state lets it.

    `ticket_ids` are those that were named; a thread that was merged since gets it where it goes on. Somebody who is
    just answering one of them goes on answering: what both say is in the thread. Returns which of those that were
    named were answered, and the numbers of those whose person cannot be written to; spam is neither.
    """
    many = ManyTicketsStore(tx)
    heads = many.head_ids(ticket_ids)
    found, calendar = tickets.tickets_for_update(tx, set(heads.values())), working_calendar()
    ways = many.ways(list(found), messages.MOST_REFERENCES)
    answers, saved, changes = [], [], []
    events: list[Event] = []
    for ticket_id, before in found.items():
        way = ways[ticket_id]
        if way.channel is None and before.channel != "web":
            continue
        after = _answered(before, then, now, calendar)
        text = texts[before.locale]
        entry_id, address = uuid4(), way.address or ""
        delivery = "sending" if way.channel else "page"
        answers.append(Answer(entry_id, ticket_id, way.channel or "web", address, text, delivery))
        saved.append(after)
        changes += differences(entry_id, before, after)
        events += messages.moves(before, after, "agent", now)
        if way.channel:
            title = belonging.shown_subject(way.subject, after.subject)
            sent_by = way.channel, address
            events.append(
                messages.ticket_answered(
                    after, sent_by, entry_id, way.name, text, title, list(way.references), now
                )
            )
    if answers:
        many.add_answers(answers, agent.account_id, agent.name, now)
        tickets.add_changes(tx, changes)
        many.save_answered(saved)
        outbox.announce_many(events)
    answered = {each.ticket_id for each in answers}
    told = [named for named, head in heads.items() if head in answered]
    unreachable = {named: found[head].number for named, head in heads.items() if head not in answered}
    return told, unreachable


def _answered(ticket: Ticket, then: State | None, now: datetime, calendar: WorkingCalendar) -> Ticket:
    """What is solved already is told, and stays solved."""
    changed = ticket
    if ticket.state not in DONE:
        if then is not None and then != ticket.state:
            changed = ticket.moved(then, now, calendar)
        elif then is None and ticket.state == State.NEW:
            changed = ticket.moved(State.OPEN, now, calendar)
    return replace(changed, first_answered_at=ticket.first_answered_at or now).touched(now)
