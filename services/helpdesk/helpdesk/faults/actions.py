"""What can be done with faults: record, change, gather the tickets that report one, tell everybody, solve it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_contracts.vocabulary.dates import TAIPEI

from helpdesk.desk_acts.actions import note_act
from helpdesk.desk_people.access import agent_of
from helpdesk.faults import messages
from helpdesk.faults.alike import alike
from helpdesk.faults.rules import (
    AHEAD,
    CHANGEABLE,
    Fault,
    StartsLater,
    TooManyReports,
    Update,
    number_of,
    told,
    with_workaround,
)
from helpdesk.faults.store import FaultStore
from helpdesk.faults.telling import tell as tell_reporters
from helpdesk.many_tickets import actions as tickets
from helpdesk.tickets.rules import State, TicketNotFound

# One fault is reported by at most so many tickets.
MOST_REPORTS = 20_000


@dataclass(frozen=True)
class Reported:
    """What became of the reporters: how many were added or told, and the numbers of tickets that were not."""

    fault: Fault
    tickets: int
    left_out: list[str]


def record_fault(
    tx: Tx,
    outbox: Outbox,
    actor: Actor,
    fields: Mapping[str, Any],
    ticket_ids: Collection[UUID],
    now: datetime,
) -> Reported:
    """Raises StartsLater, TooManyReports."""
    if fields["started_at"] > now + AHEAD:
        raise StartsLater
    store = FaultStore(tx)
    fault = Fault(
        fault_id=uuid4(),
        number=number_of(now.astimezone(TAIPEI).year, store.next_count()),
        recorded_at=now,
        recorded_by=agent_of(actor).name,
        **{name: fields[name] for name in CHANGEABLE},
    )
    store.add(fault)
    note_act(outbox, actor, "fault_recorded", now, number=fault.number)
    added, left_out = _add(tx, store, fault, actor, ticket_ids, now)
    return Reported(fault, len(added), left_out)


def change_fault(
    tx: Tx,
    outbox: Outbox,
    actor: Actor,
    number: str,
    version: int,
    fields: Mapping[str, Any],
    now: datetime,
) -> Fault:
    """Raises FaultNotFound, FaultIsResolved, FaultChanged, StartsLater."""
    store = FaultStore(tx)
    before = store.fault_for_update(number)
    fault = before.changed(version, fields, now)
    if fault != before:
        store.save(fault)
        note_act(outbox, actor, "fault_changed", now, number=number)
    return fault


def add_reports(
    tx: Tx,
    outbox: Outbox,
    actor: Actor,
    number: str,
    ticket_ids: Collection[UUID],
    *,
    numbers: Collection[str],
    every_alike: bool,
    tell: bool,
    now: datetime,
) -> Reported:
    """`every_alike`: those that read like the fault, too. With `tell`, what was announced last goes to all that are
    added. Raises FaultNotFound, FaultIsResolved, TooManyReports, TicketNotFound.
    """
    store = FaultStore(tx)
    fault = store.fault_for_update(number)
    fault.require_open()
    by_number = tickets.ids_of_numbers(tx, numbers)
    if by_number.keys() < set(numbers):
        raise TicketNotFound
    wanted = [*ticket_ids, *by_number.values()]
    if every_alike:
        wanted += alike(tx, store, fault, now).likest
    added, left_out = _add(tx, store, fault, actor, list(dict.fromkeys(wanted)), now)
    said = store.updates_of([fault.fault_id])[fault.fault_id]
    if tell and said:
        texts = _text_of(fault, said[0])
        left_out += tell_reporters(tx, outbox, fault.fault_id, agent_of(actor), texts, added, None, now)[1]
    note_act(outbox, actor, "fault_reports_added", now, number=number, tickets=len(added))
    return Reported(fault, len(added), left_out)


def remove_report(tx: Tx, outbox: Outbox, actor: Actor, number: str, ticket_id: UUID, now: datetime) -> Fault:
    """Raises FaultNotFound, FaultIsResolved."""
    store = FaultStore(tx)
    fault = store.fault_for_update(number)
    fault.require_open()
    if store.remove_ticket(fault.fault_id, ticket_id):
        note_act(outbox, actor, "fault_report_removed", now, number=number)
    return fault


def announce_fault(
    tx: Tx,
    outbox: Outbox,
    actor: Actor,
    number: str,
    *,
    version: int,
    text_zh: str,
    text_en: str,
    tell: bool,
    now: datetime,
) -> Reported:
    """Everybody can read it; with `tell`, reporters get it on their own channel.

    Raises FaultNotFound, FaultIsResolved, FaultChanged.
    """
    store = FaultStore(tx)
    before = store.fault_for_update(number)
    fault = before.announced(version, now)
    kind = "update" if before.announced_at else "announced"
    update = Update(kind, now, agent_of(actor).name, text_zh, text_en)
    store.save(fault)
    store.add_update(fault.fault_id, update)
    outbox.announce(messages.fault_announced(fault, update))
    note_act(outbox, actor, "fault_announced", now, number=number)
    if not tell:
        return Reported(fault, 0, [])
    texts = _text_of(fault, update)
    told_to = tell_reporters(tx, outbox, fault.fault_id, agent_of(actor), texts, None, None, now)
    return Reported(fault, *told_to)


def resolve_fault(
    tx: Tx,
    outbox: Outbox,
    actor: Actor,
    number: str,
    *,
    version: int,
    solution_zh: str,
    solution_en: str,
    cause: str,
    now: datetime,
) -> Reported:
    """Everybody who reported it gets the solution, and their tickets are solved with it.

    Raises FaultNotFound, FaultIsResolved, FaultChanged.
    """
    store, agent = FaultStore(tx), agent_of(actor)
    fault = store.fault_for_update(number).resolved(agent, version, solution_zh, solution_en, cause, now)
    store.save(fault)
    if fault.announced_at is not None:
        store.add_update(fault.fault_id, Update("resolved", now, agent.name, solution_zh, solution_en))
        outbox.announce(messages.fault_resolved(fault, now))
    texts = told(solution_zh, solution_en)
    solved, left_out = tell_reporters(tx, outbox, fault.fault_id, agent, texts, None, State.RESOLVED, now)
    note_act(outbox, actor, "fault_resolved", now, number=number, tickets=solved)
    return Reported(fault, solved, left_out)


def _add(
    tx: Tx, store: FaultStore, fault: Fault, actor: Actor, ticket_ids: Collection[UUID], now: datetime
) -> tuple[list[UUID], list[str]]:
    """Tickets that there are, each where its thread goes on. Raises TooManyReports."""
    wanted = tickets.heads_of(tx, ticket_ids)
    if store.counts_of([fault.fault_id]).get(fault.fault_id, 0) + len(wanted) > MOST_REPORTS:
        raise TooManyReports
    added = store.add_tickets(fault.fault_id, [each.ticket_id for each in wanted], agent_of(actor).name, now)
    return added, [each.number for each in wanted if each.ticket_id not in added]


def _text_of(fault: Fault, update: Update) -> dict[str, str]:
    """What reporters get, by their language."""
    return told(
        with_workaround(update.text_zh, fault.workaround_zh),
        with_workaround(update.text_en, fault.workaround_en),
    )


# What other topics ask.


def announced_faults(tx: Tx, resolved_since: datetime, most: int) -> list[tuple[Fault, list[Update]]]:
    """What may be read, with what was said, newest first: faults that are not over, and those over since then."""
    store = FaultStore(tx)
    found = store.announced_faults(resolved_since, most)
    updates = store.updates_of([fault.fault_id for fault in found])
    return [(fault, updates[fault.fault_id]) for fault in found]


def open_faults(tx: Tx) -> list[Fault]:
    """Worst first."""
    return FaultStore(tx).open_faults()
