"""What can be done with shifts: put somebody down, take them off, hand over, take over."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_contracts.calls.helpdesk.shifts import ROSTER_DAYS

from helpdesk.desk_acts.actions import note_act
from helpdesk.desk_people import actions as desk_people
from helpdesk.desk_people.access import agent_of
from helpdesk.faults.actions import open_faults
from helpdesk.many_tickets import actions as tickets
from helpdesk.shifts.rules import (
    MOST_ON_SHIFT,
    SHIFT,
    Entry,
    Handover,
    ShiftFull,
    Slot,
    require_may_change,
    slot_at,
)
from helpdesk.shifts.store import ShiftStore
from helpdesk.tickets.rules import NotAnAgent

MOST_NAMED = 20
WAITING = ("waiting_customer", "waiting_third_party")


def named(slot: Slot) -> str:
    """As the audit log has it: `2026-11-26 morning`."""
    return f"{slot.day} {slot.shift}"


def roster(tx: Tx, actor: Actor, begins: date | None, now: datetime) -> dict[str, Any]:
    """Seven days, who is on now, and whom a lead may put down."""
    store, agent, current = ShiftStore(tx), agent_of(actor), slot_at(now)
    first = begins or current.day
    entries = store.entries(first, first + timedelta(days=ROSTER_DAYS - 1))
    on_now = [each for each in store.entries(current.day, current.day) if each.shift == current.shift]
    colleagues = desk_people.people(tx, now) if agent.lead else []

    def shown(entry: Entry) -> dict[str, Any]:
        mine = entry.account_id == agent.account_id
        over = Slot(entry.day, entry.shift).ends_at <= now
        return vars(entry) | {"mine": mine, "may_leave": (mine or agent.lead) and not over}

    return {
        "begins": first,
        "today": current.day,
        "now": current.shift,
        "ends_at": current.ends_at,
        "on_now": [shown(each) for each in on_now],
        "items": [shown(each) for each in entries],
        "colleagues": [{"account_id": account_id, "name": name} for account_id, name in colleagues],
        "may_put_down": agent.lead,
    }


def take_shift(
    tx: Tx, outbox: Outbox, actor: Actor, slot: Slot, account_id: UUID | None, now: datetime
) -> UUID:
    """Twice is once. Raises ShiftOfAnother, ShiftOver, ShiftTooFar, ShiftFull, NotAnAgent."""
    store, agent = ShiftStore(tx), agent_of(actor)
    who = account_id or agent.account_id
    require_may_change(slot, who, agent, now)
    name = agent.name if who == agent.account_id else desk_people.name_of(tx, who, now)
    if name is None:
        raise NotAnAgent
    store.lock_slot(slot)
    if store.put_down(slot, who, name, agent.name):
        if store.count(slot) > MOST_ON_SHIFT:
            raise ShiftFull
        note_act(outbox, actor, "shift_taken", now, subject_id=who, shift=named(slot))
    return who


def leave_shift(
    tx: Tx, outbox: Outbox, actor: Actor, slot: Slot, account_id: UUID | None, now: datetime
) -> UUID:
    """Twice is once. Raises ShiftOfAnother, ShiftOver."""
    store, agent = ShiftStore(tx), agent_of(actor)
    who = account_id or agent.account_id
    require_may_change(slot, who, agent, now)
    if store.take_off(slot, who):
        note_act(outbox, actor, "shift_left", now, subject_id=who, shift=named(slot))
    return who


def free_shifts(tx: Tx, account_id: UUID, now: datetime) -> None:
    """Somebody works here no more: shifts of theirs that have not begun are open again."""
    store = ShiftStore(tx)
    coming = [each for each in store.slots_of(account_id, slot_at(now).day) if each.begins_at > now]
    store.take_off_all(account_id, coming)


def situation(tx: Tx, now: datetime) -> dict[str, Any]:
    """How the desk stands: open, waiting, overdue, promised until the next shift ends, and open faults."""
    until = slot_at(now).ends_at + SHIFT
    by_state = tickets.live_by_state(tx)
    overdue, overdue_tickets = tickets.due(tx, None, now, MOST_NAMED)
    promised, promised_tickets = tickets.due(tx, now, until, MOST_NAMED)
    waiting = sum(by_state.get(state, 0) for state in WAITING)
    return {
        "open": sum(by_state.values()) - waiting,
        "waiting": waiting,
        "overdue": overdue,
        "promised": promised,
        "overdue_tickets": [_named(each) for each in overdue_tickets],
        "promised_tickets": [_named(each) for each in promised_tickets],
        "faults": [
            {"number": each.number, "title_zh": each.title_zh, "title_en": each.title_en}
            for each in open_faults(tx)[:MOST_NAMED]
        ],
    }


def _named(ticket: tickets.Summary) -> dict[str, str]:
    return {"number": ticket.number, "subject": ticket.subject}


def write_handover(tx: Tx, outbox: Outbox, actor: Actor, text: str, now: datetime) -> dict[str, Any]:
    """With how the desk stands at this moment, which is kept as it was."""
    agent, slot = agent_of(actor), slot_at(now)
    handover = ShiftStore(tx).add_handover(
        Handover(0, slot.day, slot.shift, now, agent.account_id, agent.name, text, situation(tx, now))
    )
    note_act(outbox, actor, "handover_written", now, shift=named(slot))
    return view(handover, actor)


def acknowledge_handover(
    tx: Tx, outbox: Outbox, actor: Actor, position: int, now: datetime
) -> dict[str, Any]:
    """Raises HandoverNotFound, OwnHandover, AcknowledgedAlready."""
    store = ShiftStore(tx)
    handover = store.handover_for_update(position).acknowledged(agent_of(actor), now)
    store.save_acknowledged(handover)
    note_act(outbox, actor, "handover_acknowledged", now, shift=named(Slot(handover.day, handover.shift)))
    return view(handover, actor)


def handovers(tx: Tx, actor: Actor, *, before: int | None, limit: int) -> dict[str, Any]:
    found = ShiftStore(tx).handovers(before, limit + 1)
    shown = found[:limit]
    return {
        "items": [view(each, actor) for each in shown],
        "next_before": shown[-1].position if len(found) > limit else None,
    }


def view(handover: Handover, actor: Actor) -> dict[str, Any]:
    return vars(handover) | {"may_acknowledge": handover.may_be_acknowledged_by(agent_of(actor))}
