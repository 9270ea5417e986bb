"""Append to the audit log, and verify it: is each entry what was written, and does each follow the one before?"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from datetime import time as clock
from typing import Any
from uuid import UUID

from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_chassis.telemetry import logger
from mtnet_contracts.calls.call import INVALID
from mtnet_contracts.vocabulary.dates import TAIPEI
from prometheus_client import Gauge

from accounts.audit.rules import (
    ALTERED,
    BREAK_ACCEPTED,
    FIRST,
    MISSING,
    MOST_BREAKS,
    NOT_FOLLOWING,
    SEARCHED,
    VERIFY_EVERY,
    Break,
    Entry,
    FoundEntry,
    NoSuchBreak,
    Search,
    Verified,
)
from accounts.audit.store import AuditStore
from accounts.sources import known_address

log = logger()

BROKEN_POSITION = Gauge(
    "mtnet_audit_broken_position", "The first entry of the audit log that does not hold; 0 when all do."
)
VERIFIED_AT = Gauge("mtnet_audit_verified_timestamp_seconds", "When the audit log was verified last.")

BATCH = 1_000


def record(
    audit: AuditStore,
    action: str,
    *,
    now: datetime,
    subject_id: UUID | None,
    detail: dict[str, Any],
    actor_account_id: UUID | None = None,
    ip: str | None = None,
) -> None:
    """Append one entry. Writers wait for each other until commit, since the chain has one end."""
    audit.append(
        Entry(
            at=now,
            actor_account_id=actor_account_id,
            action=action,
            subject_id=subject_id,
            detail=detail,
            ip=ip,
        )
    )


def entries_about(
    audit: AuditStore,
    subject_ids: Iterable[UUID],
    *,
    only: Iterable[str] | None,
    without: Iterable[str],
    begins: datetime | None,
    ends: datetime | None,
    limit: int,
    offset: int,
) -> tuple[list[Entry], int]:
    """Entries about these, newest first, and how many there are. `only` and `without` name actions."""
    return audit.entries_about(
        list(subject_ids),
        only=None if only is None else list(only),
        without=list(without),
        begins=begins,
        ends=ends,
        limit=limit,
        offset=offset,
    )


def search(
    audit: AuditStore,
    actor: Actor,
    *,
    from_day: date | None,
    to_day: date | None,
    action: str | None,
    name: str | None,
    ip: str | None,
    before: int | None,
    limit: int,
    now: datetime,
) -> tuple[list[FoundEntry], int | None, Verified | None]:
    """Entries that an operator asked for, newest first, what to ask for next, and how far the log was verified.

    A look at the log is an entry of its own, written with the first page. Raises Refused(INVALID) for what is no
    address.
    """
    address = known_address(ip) if ip else None
    if ip and address is None:
        raise Refused(INVALID, fields={"ip": ["NOT_VALID"]})
    wanted = Search(
        begins=_begin_of(from_day) if from_day else None,
        ends=_begin_of(to_day + timedelta(days=1)) if to_day else None,
        action=action or None,
        ip=address,
        before=before,
    )
    ids = audit.ids_named(name) if name else None
    found = audit.search(wanted, ids, limit + 1)
    if before is None:
        asked = {"from": from_day, "to": to_day, "action": action, "name": name, "ip": address}
        detail = {key: str(value) for key, value in asked.items() if value}
        record(
            audit,
            SEARCHED,
            now=now,
            subject_id=None,
            detail=detail,
            actor_account_id=actor.account_id,
            ip=actor.ip,
        )
    more = len(found) > limit
    return found[:limit], found[limit - 1].position if more else None, audit.verified()


def _begin_of(day: date) -> datetime:
    """Midnight in Taipei."""
    return datetime.combine(day, clock(), TAIPEI)


def verify(audit: AuditStore, now: datetime, *, full: bool = False) -> tuple[Verified, list[Break]]:
    """Verify what is new since the last time, or with `full` everything, and store how far it came.

    What is stored stays before the first break that no operator has accepted, so that the next run finds it again.
    """
    known = audit.verified(lock=True)
    accepted = audit.accepted_breaks()
    breaks = {each.position: each for each in _breaks_at_the_known_end(audit, known)}
    stopped = not breaks.keys() <= accepted
    reached = known
    start = Verified(0, FIRST, now) if full or known is None else known
    for position, digest, found in _entries_after(audit, start):
        if found is not None:
            breaks.setdefault(position, found)
            stopped = stopped or position not in accepted
        if not stopped and (reached is None or position > reached.position):
            reached = Verified(position, digest, now)
        if len(breaks) >= MOST_BREAKS:
            break
    first_open = min(breaks.keys() - accepted, default=None)
    reached = replace(reached or start, at=now, broken_position=first_open)
    audit.save_verified(reached)
    return reached, [breaks[position] for position in sorted(breaks)]


def verify_daily(audit: AuditStore, now: datetime) -> None:
    """Verify once a day, in whichever replica is first. Every replica sets the metrics to the result."""
    known = audit.verified()
    if known is None or now >= known.at + VERIFY_EVERY:
        known, breaks = verify(audit, now)
        for each in breaks:
            # Not the entry itself: it names people, and more people read the log of a process.
            log.error("audit log broken", position=each.position, problem=each.what)
        if known.broken_position is None:
            log.info("audit log verified", position=known.position)
    BROKEN_POSITION.set(known.broken_position or 0)
    VERIFIED_AT.set(known.at.timestamp())


def accept_break(audit: AuditStore, position: int, *, who: str, reason: str, now: datetime) -> None:
    """Record that an operator has looked into a break. The daily run then goes on behind it. Raises NoSuchBreak."""
    _, breaks = verify(audit, now, full=True)
    if position not in {each.position for each in breaks}:
        raise NoSuchBreak(position)
    detail = {"position": position, "who": who, "reason": reason}
    record(audit, BREAK_ACCEPTED, now=now, subject_id=None, detail=detail)
    verify(audit, now)


def _breaks_at_the_known_end(audit: AuditStore, known: Verified | None) -> list[Break]:
    """Whether the entry that was verified last is there as it was: else the end was cut off, or all written anew."""
    if known is None or not known.position:
        return []
    entries = audit.entries_from(known.position, 1)
    if not entries or entries[0].position != known.position:
        return [Break(known.position, MISSING, None)]
    if entries[0].hash != known.hash or not entries[0].is_what_was_written:
        return [Break(known.position, ALTERED, entries[0])]
    return []


def _entries_after(audit: AuditStore, start: Verified) -> Iterator[tuple[int, bytes, Break | None]]:
    """Each entry behind `start`: its position, its hash, and what is wrong there."""
    # An entry put in before the first has a number below zero.
    previous, position = start.hash, start.position or -(2**63)
    while entries := audit.entries_from(position + 1, BATCH):
        for stored in entries:
            found = None
            if not stored.is_what_was_written:
                found = Break(stored.position, ALTERED, stored)
            elif stored.previous_hash != previous:
                found = Break(stored.position, NOT_FOLLOWING, stored)
            previous, position = stored.hash, stored.position
            yield position, previous, found
        time.sleep(0)  # lets other green threads of the service run
