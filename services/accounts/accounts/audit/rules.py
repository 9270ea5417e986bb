"""The chain of the audit log: what an entry holds, how its hash is made, and what a break is."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

FIRST = b"\0" * 32
BREAK_ACCEPTED = "audit_break_accepted"
SEARCHED = "audit_searched"
VERIFY_EVERY = timedelta(days=1)
# Whoever altered this many left nothing to tell apart.
MOST_BREAKS = 100

ALTERED = "its content is not what was written"
NOT_FOLLOWING = "it does not follow the entry before: one was removed, put in or written anew"
MISSING = "this entry was verified before and is not there any more"


class NoSuchBreak(Exception):
    """Nothing is wrong at that position."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Who did what to whom. `detail` is JSON; `ip` an address, or None."""

    at: datetime
    actor_account_id: UUID | None
    action: str
    subject_id: UUID | None
    detail: dict[str, Any]
    ip: str | None = None


@dataclass(frozen=True)
class StoredEntry:
    """An entry as it is stored, with the hash of the entry before and its own."""

    position: int
    entry: Entry
    previous_hash: bytes
    hash: bytes

    @property
    def is_what_was_written(self) -> bool:
        return self.hash == chained(self.previous_hash, self.entry)


@dataclass(frozen=True)
class Verified:
    """The log holds up to this entry. `broken_position` is where the last run stopped, if it did."""

    position: int
    hash: bytes
    at: datetime
    broken_position: int | None = None


@dataclass(frozen=True)
class Break:
    """Where the log does not hold. `stored` is the entry there; None where entries are missing at the end."""

    position: int
    what: str
    stored: StoredEntry | None


@dataclass(frozen=True, kw_only=True)
class Search:
    """What an operator looks for; None where anything will do. `begins` is inside, `ends` and `before` are not."""

    begins: datetime | None = None
    ends: datetime | None = None
    action: str | None = None
    ip: str | None = None
    before: int | None = None


@dataclass(frozen=True)
class FoundEntry:
    """An entry with the names that its ids have now: account names, or the number of a case."""

    position: int
    at: datetime
    action: str
    actor_account_id: UUID | None
    actor: str | None
    subject_id: UUID | None
    subject: str | None
    detail: dict[str, Any]
    ip: str | None


def chained(previous: bytes, entry: Entry) -> bytes:
    """The hash of an entry: SHA-256 over the hash of the entry before and its own content."""
    text = json.dumps(
        [
            entry.at.astimezone(UTC).isoformat(),
            str(entry.actor_account_id),
            entry.action,
            str(entry.subject_id),
            entry.detail,
            entry.ip,
        ],
        sort_keys=True,
        ensure_ascii=False,
    )
    return hashlib.sha256(previous + text.encode()).digest()
