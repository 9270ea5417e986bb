"""The audit log: append-only, each entry carrying the hash of the one before."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from mtnet_chassis.database import Tx
from psycopg.types.json import Jsonb

from accounts.domain.sources import known_address

FIRST = b"\0" * 32
CHAIN_LOCK = 0x61756474


@dataclass(frozen=True, kw_only=True)
class Entry:
    at: datetime
    actor_account_id: UUID | None
    action: str
    subject_id: UUID | None
    detail: dict[str, Any]
    ip: str | None = None


class AuditStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def append(self, entry: Entry) -> None:
        """Writers take turns until commit: the chain has one end."""
        entry = replace(entry, ip=known_address(entry.ip))
        self._tx.execute("SELECT pg_advisory_xact_lock(%s)", (CHAIN_LOCK,))
        row = self._tx.execute("SELECT hash FROM audit_entry ORDER BY position DESC LIMIT 1").fetchone()
        previous = bytes(row[0]) if row else FIRST
        self._tx.execute(
            "INSERT INTO audit_entry (at, actor_account_id, action, subject_id, detail, ip, previous_hash, hash)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            (
                entry.at,
                entry.actor_account_id,
                entry.action,
                entry.subject_id,
                Jsonb(entry.detail),
                entry.ip,
                previous,
                chained(previous, entry),
            ),
        )

    def first_broken_position(self) -> int | None:
        """Where the chain does not hold: an entry was altered, removed or put in. None when it is whole."""
        previous = FIRST
        with self._tx.cursor() as cursor:
            cursor.execute(
                "SELECT position, at, actor_account_id, action, subject_id, detail, host(ip), previous_hash, hash"
                " FROM audit_entry ORDER BY position"
            )
            for position, at, actor, action, subject, detail, ip, stored_previous, stored in cursor:
                entry = Entry(
                    at=at, actor_account_id=actor, action=action, subject_id=subject, detail=detail, ip=ip
                )
                if bytes(stored_previous) != previous or bytes(stored) != chained(previous, entry):
                    return int(position)
                previous = bytes(stored)
        return None


def chained(previous: bytes, entry: Entry) -> bytes:
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
