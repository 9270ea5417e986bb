"""Faults as the desk sees them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any
from uuid import UUID

from mtnet_chassis.data.database import Tx

from helpdesk.faults import similarity
from helpdesk.faults.actions import Reported
from helpdesk.faults.rules import Fault
from helpdesk.faults.similarity import Report
from helpdesk.faults.store import FaultStore, MessageStore
from helpdesk.many_tickets import actions as tickets
from helpdesk.many_tickets.actions import Summary

# Who reports the same fault does so within days. Comparing so many, each with each or each with one text, takes less
# than a tenth of a second. What is sorted out is compared no more, and the next ones are.
COMPARED_FOR = timedelta(days=3)
MOST_LOOKED_AT = 20_000
MOST_COMPARED = 200
MOST_COMPARED_WITH_ONE = 1_000
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


def _unsorted(tx: Tx, store: FaultStore, now: datetime) -> list[UUID]:
    """Open tickets of the last days that are about no fault yet, newest first."""
    found = tickets.recent(tx, now - COMPARED_FOR, MOST_LOOKED_AT)
    sorted_out = store.about_a_fault(found)
    return [ticket_id for ticket_id in found if ticket_id not in sorted_out]


def _similar(tx: Tx, store: FaultStore, fault: Fault, now: datetime) -> dict[str, Any]:
    """Likest first, and how many there are that are not shown or not compared."""
    unsorted = _unsorted(tx, store, now)
    found = tickets.summaries(tx, unsorted[:MOST_COMPARED_WITH_ONE])
    reports = [_report(each) for each in found]
    likest = (similarity.likest(title, reports) for title in (fault.title_zh, fault.title_en))
    ids = dict.fromkeys(each for pair in zip_longest(*likest) for each in pair if each is not None)
    return {
        "similar": [_ticket(each) for each in _in_order(found, list(ids)[:MOST_SIMILAR])],
        "alike": len(ids),
        "compared": len(found),
        "unsorted": len(unsorted),
    }


def _report(summary: Summary) -> Report:
    return Report(summary.ticket_id, f"{summary.subject} {summary.begins}")


def _in_order(found: Collection[Summary], ids: Sequence[UUID]) -> list[Summary]:
    known = {each.ticket_id: each for each in found}
    return [known[ticket_id] for ticket_id in ids]


def incidents(tx: Tx, now: datetime) -> dict[str, Any]:
    """What is being worked on, and what looks like one fault that many report."""
    store = FaultStore(tx)
    running = rows(store, store.open_faults())
    unsorted = _unsorted(tx, store, now)
    found = tickets.summaries(tx, unsorted[:MOST_COMPARED])
    groups = similarity.groups_of([_report(each) for each in found])
    return {
        "running": [each for each in running if each["announced_at"] or each["reports"]],
        "groups": [{"tickets": [_ticket(each) for each in _in_order(found, ids)]} for ids in groups],
        "compared": len(found),
        "unsorted": len(unsorted),
    }


def reported(done: Reported) -> dict[str, Any]:
    return {
        "number": done.fault.number,
        "version": done.fault.version,
        "tickets": done.tickets,
        "left_out": done.left_out,
    }
