"""Faults as the desk sees them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from mtnet_chassis.data.database import Tx

from helpdesk.faults import similarity
from helpdesk.faults.actions import Reported
from helpdesk.faults.alike import alike, report_of, unsorted
from helpdesk.faults.rules import Fault
from helpdesk.faults.store import FaultStore, MessageStore
from helpdesk.many_tickets import actions as tickets
from helpdesk.many_tickets.actions import Summary

# Each with each, these take less than a tenth of a second.
MOST_COMPARED = 200
MOST_SIMILAR = 100
# Of its reporters a page names so many, and says how many there are.
MOST_NAMED = 200
NOTHING_SIMILAR: dict[str, Any] = {"similar": [], "alike": 0, "compared": 0, "unsorted": 0}


def rows(store: FaultStore, faults: Sequence[Fault]) -> list[dict[str, Any]]:
    counts = store.counts_of([each.fault_id for each in faults])
    return [vars(each) | {"reports": counts.get(each.fault_id, 0)} for each in faults]


def listed(tx: Tx, *, tab: str, before: int | None, limit: int) -> dict[str, Any]:
    store = FaultStore(tx)
    if tab == "open":
        return {"items": rows(store, store.open_faults()), "next_before": None}
    found = store.resolved_faults(before=before, limit=limit + 1)
    shown = found[:limit]
    return {
        "items": rows(store, shown),
        "next_before": shown[-1].position if len(found) > limit else None,
    }


def fault_view(tx: Tx, number: str, now: datetime) -> dict[str, Any]:
    """Raises FaultNotFound."""
    store = FaultStore(tx)
    fault = store.fault(number)
    named = store.tickets_of(fault.fault_id, MOST_NAMED)
    summaries = {each.ticket_id: each for each in tickets.summaries(tx, [row["ticket_id"] for row in named])}
    similar = _similar(tx, store, fault, now) if fault.resolved_at is None else NOTHING_SIMILAR
    return rows(store, [fault])[0] | {
        "updates": store.updates_of([fault.fault_id])[fault.fault_id],
        "to_tell": MessageStore(tx).count_to_tell(fault.fault_id),
        "failing": MessageStore(tx).count_failing(fault.fault_id),
        "tickets": [vars(summaries[row["ticket_id"]]) | row for row in named],
        **similar,
    }


def fault_of_ticket(tx: Tx, ticket_id: UUID) -> dict[str, Any]:
    store = FaultStore(tx)
    fault = store.fault_of_ticket(ticket_id)
    return {"fault": rows(store, [fault])[0] if fault else None}


def _ticket(summary: Summary) -> dict[str, Any]:
    """One that was not told anything yet."""
    return vars(summary) | {"told_at": None, "unreachable": False}


def _similar(tx: Tx, store: FaultStore, fault: Fault, now: datetime) -> dict[str, Any]:
    """Likest first, and how many there are that are not shown or not compared."""
    found = alike(tx, store, fault, now)
    return {
        "similar": [_ticket(each) for each in _in_order(found.compared, found.likest[:MOST_SIMILAR])],
        "alike": len(found.likest),
        "compared": len(found.compared),
        "unsorted": found.unsorted,
    }


def _in_order(found: Collection[Summary], ids: Sequence[UUID]) -> list[Summary]:
    known = {each.ticket_id: each for each in found}
    return [known[ticket_id] for ticket_id in ids]


def incidents(tx: Tx, now: datetime) -> dict[str, Any]:
    """What is being worked on, and what looks like one fault that many report."""
    store = FaultStore(tx)
    running = rows(store, store.open_faults())
    open_ones = unsorted(tx, store, now)
    found = tickets.summaries(tx, open_ones[:MOST_COMPARED])
    groups = similarity.groups_of([report_of(each) for each in found])
    return {
        "running": [each for each in running if each["announced_at"] or each["reports"]],
        "groups": [{"tickets": [_ticket(each) for each in _in_order(found, ids)]} for ids in groups],
        "compared": len(found),
        "unsorted": len(open_ones),
    }


def reported(done: Reported) -> dict[str, Any]:
    return {
        "number": done.fault.number,
        "version": done.fault.version,
        "tickets": done.tickets,
        "left_out": done.left_out,
    }
