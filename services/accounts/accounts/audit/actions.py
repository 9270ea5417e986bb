"""Verify the audit log: is each entry what was written, and does each follow the one before?"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from mtnet_chassis.telemetry import logger
from prometheus_client import Gauge

from accounts.actions.desk import Desk
from accounts.audit.store import BREAK_ACCEPTED, FIRST, Entry, Stored, Verified, chained

log = logger()

BROKEN_POSITION = Gauge(
    "mtnet_audit_broken_position", "The first entry of the audit log that does not hold; 0 when all do."
)
VERIFIED_AT = Gauge("mtnet_audit_verified_timestamp_seconds", "When the audit log was verified last.")

EVERY = timedelta(days=1)
BATCH = 1_000
# Whoever altered this many left nothing to tell apart.
MOST_BREAKS = 100


@dataclass(frozen=True)
class Break:
    """Where the log does not hold. `stored` is the entry there; None where entries are missing at the end."""

    position: int
    what: str
    stored: Stored | None


ALTERED = "its content is not what was written"
NOT_FOLLOWING = "it does not follow the entry before: one was removed, put in or written anew"
MISSING = "this entry was verified before and is not there any more"


class NoSuchBreak(Exception):
    """Nothing is wrong at that position."""


def verify(desk: Desk, *, full: bool = False) -> tuple[Verified, list[Break]]:
    """Verify what is new since the last time, or with `full` everything; keeps how far it came.

    Stops remembering at the first break that no operator has accepted, so that it is found again the next time.
    """
    known = desk.audit.verified(lock=True)
    accepted = desk.audit.accepted_breaks()
    breaks = {each.position: each for each in _where_it_ended(desk, known)}
    stopped = not breaks.keys() <= accepted
    reached = known
    start = Verified(0, FIRST, desk.now) if full or known is None else known
    for position, digest, found in _followed(desk, start):
        if found is not None:
            breaks.setdefault(position, found)
            stopped = stopped or position not in accepted
        if not stopped and (reached is None or position > reached.position):
            reached = Verified(position, digest, desk.now)
        if len(breaks) >= MOST_BREAKS:
            break
    found_open = min(breaks.keys() - accepted, default=None)
    reached = replace(reached or start, at=desk.now, broken_position=found_open)
    desk.audit.save_verified(reached)
    return reached, [breaks[position] for position in sorted(breaks)]


def look(desk: Desk) -> None:
    """Once a day, in whichever replica is first; every replica tells the result."""
    known = desk.audit.verified()
    if known is None or desk.now >= known.at + EVERY:
        known, breaks = verify(desk)
        for each in breaks:
            # Not the entry itself: it names people, and a log of processes is read by more of them.
            log.error("audit log broken", position=each.position, problem=each.what)
        if known.broken_position is None:
            log.info("audit log verified", position=known.position)
    BROKEN_POSITION.set(known.broken_position or 0)
    VERIFIED_AT.set(known.at.timestamp())


def accept(desk: Desk, position: int, *, who: str, reason: str) -> None:
    """An operator has looked into a break: the daily run goes on behind it. Raises NoSuchBreak."""
    _, breaks = verify(desk, full=True)
    if position not in {each.position for each in breaks}:
        raise NoSuchBreak(position)
    desk.audit.append(
        Entry(
            at=desk.now,
            actor_account_id=None,
            action=BREAK_ACCEPTED,
            subject_id=None,
            detail={"position": position, "who": who, "reason": reason},
        )
    )
    verify(desk)


def _where_it_ended(desk: Desk, known: Verified | None) -> list[Break]:
    """Whether the entry that was verified last is there as it was: else the end was cut off, or all written anew."""
    if known is None or not known.position:
        return []
    entries = desk.audit.entries_from(known.position, 1)
    if not entries or entries[0].position != known.position:
        return [Break(known.position, MISSING, None)]
    if entries[0].hash != known.hash or not _is_what_was_written(entries[0]):
        return [Break(known.position, ALTERED, entries[0])]
    return []


def _followed(desk: Desk, start: Verified) -> Iterator[tuple[int, bytes, Break | None]]:
    """Each entry behind `start`: its position, its hash, and what is wrong there."""
    # An entry put in before the first has a number below zero.
    previous, position = start.hash, start.position or -(2**63)
    while entries := desk.audit.entries_from(position + 1, BATCH):
        for stored in entries:
            found = None
            if not _is_what_was_written(stored):
                found = Break(stored.position, ALTERED, stored)
            elif stored.previous_hash != previous:
                found = Break(stored.position, NOT_FOLLOWING, stored)
            previous, position = stored.hash, stored.position
            yield position, previous, found
        time.sleep(0)  # in the service others get their turn


def _is_what_was_written(stored: Stored) -> bool:
    return stored.hash == chained(stored.previous_hash, stored.entry)
