"""Record what came in: where it belongs, in a ticket that goes on or a new one. Once for each item_id.

Everything that is recorded together is looked up together and written together: a full mailbox costs a few statements,
not a dozen for each mail. What may depend on an earlier one waits for the next round, so that the order in which one
person wrote decides, as if each had come alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.failpoints import failpoint

from helpdesk.acknowledgements.actions import acknowledge
from helpdesk.deadlines.actions import working_calendar
from helpdesk.deadlines.rules import WorkingCalendar
from helpdesk.many_tickets import actions as many_tickets
from helpdesk.recording.rules import beside_each_other, known_by, until_they_meet
from helpdesk.recording.store import RecordingStore
from helpdesk.requesters import actions as requesters
from helpdesk.requesters.actions import Sender
from helpdesk.requesters.rules import Requester, shown_name
from helpdesk.tickets import actions as tickets
from helpdesk.tickets import belonging, messages
from helpdesk.tickets.belonging import Belongs, Candidate
from helpdesk.tickets.changes import differences
from helpdesk.tickets.link_tokens import new_link_token
from helpdesk.tickets.rules import MOST_MERGED, REOPENS_WITHIN, Inbound, Recorded, Ticket

MOST_LOOKED_UP = 50


@dataclass(frozen=True)
class Placed:
    """One thing, whose it is, all that this person is known as, and where it belongs."""

    inbound: Inbound
    requester: Requester
    people: Sequence[UUID]
    belongs: Belongs


def record_inbound(tx: Tx, outbox: Outbox, inbound: Inbound, now: datetime) -> Recorded:
    """One thing, in the caller's transaction."""
    return record_all(tx, outbox, [inbound], now)[0]


def record_all(tx: Tx, outbox: Outbox, inbounds: Sequence[Inbound], now: datetime) -> list[Recorded]:
    """In the caller's transaction, in this order. Returns where each went."""
    recorded: list[Recorded] = []
    calendar = working_calendar()
    while len(recorded) < len(inbounds):
        rest = inbounds[len(recorded) :]
        recorded += _record_round(tx, outbox, rest[: beside_each_other(rest)], calendar, now)
    return recorded


def _record_round(
    tx: Tx, outbox: Outbox, inbounds: Sequence[Inbound], calendar: WorkingCalendar, now: datetime
) -> list[Recorded]:
    """As many from the first on as do not meet in a person or a ticket: at least one."""
    store = RecordingStore(tx)
    senders = [
        Sender(known_by(each), each.address, each.name, each.locale, each.item_id) for each in inbounds
    ]
    whose = requesters.requesters_of(tx, senders, now)
    known = store.entries_of_items([each.item_id for each in inbounds])
    people = requesters.people(tx, [each.person_id for each in whose])
    candidates = _candidates(tx, store, inbounds, whose, people, now)
    placed = [
        Placed(
            inbound,
            requester,
            people[requester.person_id],
            belonging.belongs_to(inbound, found, now),
        )
        for inbound, requester, found in zip(inbounds, whose, candidates, strict=True)
    ]
    placed = _within_bounds(store, placed)
    placed = placed[: until_they_meet([_meets_by(each) for each in placed])]
    fresh = [each for each in placed if each.inbound.item_id not in known]
    recorded = dict(
        zip([e.inbound.item_id for e in fresh], _write(tx, outbox, fresh, calendar, now), strict=True)
    )
    for item_id, (entry_id, ticket_id, number) in known.items():
        recorded[item_id] = Recorded(ticket_id, entry_id, number, new=False, again=True)
    return [recorded[each.inbound.item_id] for each in placed]


def _meets_by(placed: Placed) -> list[tuple[str, str]]:
    return [
        ("person", str(placed.requester.person_id)),
        *(("ticket", str(each)) for each in _touches(placed)),
    ]


def _touches(placed: Placed) -> list[UUID]:
    """The tickets there are that this changes."""
    return [each.ticket_id for each in (placed.belongs.to, placed.belongs.continues) if each is not None]


def _candidates(
    tx: Tx,
    store: RecordingStore,
    inbounds: Sequence[Inbound],
    whose: Sequence[Requester],
    people: Mapping[UUID, Sequence[UUID]],
    now: datetime,
) -> list[list[Candidate]]:
    """Of each: the tickets that it may belong to, most trusted first."""
    by_token = store.tickets_with_links([i.link_token.lower() for i in inbounds if i.link_token])
    by_number = many_tickets.ids_of_numbers(
        tx, [i.ticket_number.upper() for i in inbounds if i.ticket_number]
    )
    referred = store.tickets_referred_to(
        [(place, each) for place, i in enumerate(inbounds) for each in belonging.entry_ids_of(i.references)],
        [(place, each) for place, i in enumerate(inbounds) for each in i.references[:MOST_LOOKED_UP]],
    )
    recent = store.recent_tickets_of(people, now - REOPENS_WITHIN)
    named = [*by_token.values(), *by_number.values(), *referred.values()]
    roots = tickets.roots_of(tx, {*named, *(each for some in recent.values() for each in some)})

    def found(place: int, inbound: Inbound, requester: Requester) -> list[Candidate]:
        def candidate(how: str, ticket_id: UUID) -> Candidate:
            root = roots[ticket_id]
            return Candidate(how, root, root.requester_id in people[requester.person_id])

        if inbound.link_token and (ticket_id := by_token.get(inbound.link_token.lower())):
            return [candidate("token", ticket_id)]
        if place in referred:
            return [candidate("reference", referred[place])]
        numbered = by_number.get((inbound.ticket_number or "").upper())
        return [
            *([candidate("number", numbered)] if numbered else []),
            *(Candidate("person", roots[each], True) for each in recent.get(requester.person_id, ())),
        ]

    return [found(place, *pair) for place, pair in enumerate(zip(inbounds, whose, strict=True))]


def _within_bounds(store: RecordingStore, placed: Sequence[Placed]) -> list[Placed]:
    """A thread that is of too many tickets already is linked with the next one."""
    joins = [each.belongs for each in placed if each.belongs.apart or each.belongs.continues]
    if not joins:
        return list(placed)
    sizes = store.sizes_of([ticket.ticket_id for each in joins if (ticket := each.to or each.continues)])

    def bounded(belongs: Belongs) -> Belongs:
        ticket = belongs.to or belongs.continues
        if ticket is None or sizes.get(ticket.ticket_id, 1) < MOST_MERGED:
            return belongs
        return Belongs.new_linked_with(ticket)

    return [replace(each, belongs=bounded(each.belongs)) for each in placed]


def _write(
    tx: Tx, outbox: Outbox, placed: Sequence[Placed], calendar: WorkingCalendar, now: datetime
) -> list[Recorded]:
    locked = tickets.tickets_for_update(tx, [ticket_id for each in placed for ticket_id in _touches(each)])
    opens = [each.belongs.to is None or each.belongs.apart for each in placed]
    numbers = iter(tickets.next_numbers(tx, now, sum(opens)))
    opened: list[tuple[Ticket, Inbound, UUID]] = []
    saved: list[Ticket] = []
    rows: list[dict[str, Any]] = []
    changes: list[tuple[UUID, str, str | None, str | None]] = []
    events: list[Any] = []
    recorded: list[Recorded] = []

    def changed(ticket: Ticket, found: Sequence[tuple[UUID, str, str | None, str | None]]) -> None:
        if found:
            rows.append({"entry_id": found[0][0], "ticket_id": ticket.ticket_id, "kind": "change", "at": now})
            changes.extend(found)

    for each, new in zip(placed, opens, strict=True):
        entry_id, belongs = uuid4(), each.belongs
        if belongs.to is not None:
            before = locked[belongs.to.ticket_id]
            ticket = _with_message(before, each, calendar, now)
            saved.append(ticket)
            changed(ticket, differences(uuid4(), before, ticket))
            events += messages.moves(before, ticket, "message", now)
        if new:
            ticket = _opened(each, next(numbers), calendar, now)
            if belongs.to is not None:
                ticket = replace(ticket, merged_into=belongs.to.ticket_id)
                changed(locked[belongs.to.ticket_id], [(uuid4(), "merged", None, ticket.number)])
            if belongs.continues is not None:
                form = locked[belongs.continues.ticket_id]
                ticket = _going_on(ticket, form, calendar, now)
                saved.append(replace(form, merged_into=ticket.ticket_id, lease=None).touched(now))
                changed(ticket, [(uuid4(), "merged", None, form.number)])
            opened.append((ticket, each.inbound, entry_id))
            events.append(messages.ticket_opened(ticket))
        rows.append(_row(each, ticket.ticket_id, entry_id, now))
        recorded.append(Recorded(ticket.ticket_id, entry_id, ticket.number, new=new))
    tickets.add_tickets(tx, [ticket for ticket, _, _ in opened])
    tickets.save_tickets(tx, saved)
    failpoint("tickets.before_entry")
    tickets.add_entries(tx, rows)
    tickets.add_changes(tx, changes)
    for each, made in zip(placed, recorded, strict=True):
        tickets.add_files(tx, made.entry_id, each.inbound.attachments)
    RecordingStore(tx).link(
        [
            (made.ticket_id, other.ticket_id)
            for each, made in zip(placed, recorded, strict=True)
            if (other := each.belongs.linked_to) is not None and other.ticket_id != made.ticket_id
        ],
        now,
    )
    outbox.announce_many(events)
    acknowledge(tx, outbox, opened, now)
    return recorded


def _opened(placed: Placed, number: str, calendar: WorkingCalendar, now: datetime) -> Ticket:
    inbound = placed.inbound
    ticket = Ticket.opened(
        ticket_id=uuid4(),
        number=number,
        link_token=new_link_token(),
        requester_id=placed.requester.requester_id,
        channel=inbound.channel,
        address=inbound.address,
        locale=inbound.locale,
        subject=belonging.shown_subject(inbound.subject, inbound.text),
        category=inbound.category,
        now=now,
        calendar=calendar,
    )
    return replace(ticket, spam=inbound.spam, by_form=inbound.channel == "web")


def _going_on(ticket: Ticket, form: Ticket, calendar: WorkingCalendar, now: datetime) -> Ticket:
    """The matter of a form, as far as it is: what the desk has done of it counts."""
    ticket = replace(
        ticket,
        subject=form.subject,
        state=form.state,
        priority=form.priority,
        category=ticket.category or form.category,
        team=form.team,
        owner_id=form.owner_id,
        owner_name=form.owner_name,
        deadlines=form.deadlines,
        first_answered_at=form.first_answered_at,
    )
    return ticket.with_message(now, calendar)


def _with_message(before: Ticket, placed: Placed, calendar: WorkingCalendar, now: datetime) -> Ticket:
    inbound = placed.inbound
    after = before.with_message(now, calendar, automatic=inbound.automatic)
    if not inbound.automatic and inbound.address and before.requester_id in placed.people:
        # An answer goes where the person wrote from last. A colleague's message is kept, and answered to the person.
        after = replace(after, channel=inbound.channel, address=inbound.address)
    return after


def _row(placed: Placed, ticket_id: UUID, entry_id: UUID, now: datetime) -> dict[str, Any]:
    inbound, name = placed.inbound, placed.inbound.name or placed.requester.name
    return tickets.row_of(
        inbound, ticket_id, entry_id, shown_name(known_by(inbound), name, inbound.address), now
    )
