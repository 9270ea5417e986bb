"""Open tickets that nobody has sorted yet, and those of them that read like a fault."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from uuid import UUID

from mtnet_chassis.data.database import Tx

from helpdesk.faults import similarity
from helpdesk.faults.rules import Fault
from helpdesk.faults.similarity import Report
from helpdesk.faults.store import FaultStore
from helpdesk.many_tickets import actions as tickets
from helpdesk.many_tickets.actions import Summary

# Who reports the same fault does so within days. Comparing so many with one text takes less than a tenth of a second.
# What is sorted out is compared no more, and the next ones are.
COMPARED_FOR = timedelta(days=3)
MOST_LOOKED_AT = 20_000
MOST_COMPARED_WITH_ONE = 1_000


@dataclass(frozen=True)
class Alike:
    """`likest`: those that read like the fault, likest first, of `compared`, the newest of `unsorted` tickets."""

    likest: list[UUID]
    compared: list[Summary]
    unsorted: int


def unsorted(tx: Tx, store: FaultStore, now: datetime) -> list[UUID]:
    """Open tickets of the last days that are about no fault yet, newest first."""
    found = tickets.recent(tx, now - COMPARED_FOR, MOST_LOOKED_AT)
    sorted_out = store.about_a_fault(found)
    return [ticket_id for ticket_id in found if ticket_id not in sorted_out]


def alike(tx: Tx, store: FaultStore, fault: Fault, now: datetime) -> Alike:
    open_ones = unsorted(tx, store, now)
    found = list(tickets.summaries(tx, open_ones[:MOST_COMPARED_WITH_ONE]))
    reports = [report_of(each) for each in found]
    likest = (similarity.likest(title, reports) for title in (fault.title_zh, fault.title_en))
    ids = dict.fromkeys(each for pair in zip_longest(*likest) for each in pair if each is not None)
    return Alike(list(ids), found, len(open_ones))


def report_of(summary: Summary) -> Report:
    return Report(summary.ticket_id, f"{summary.subject} {summary.begins}")
