"""SQL of the audit log: append-only, each entry carrying the hash of the one before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx
from psycopg.types.json import Jsonb

from accounts.audit.rules import (
    BREAK_ACCEPTED,
    FIRST,
    Entry,
    FoundEntry,
    Search,
    StoredEntry,
    Verified,
    chained,
)
from accounts.sources import known_address

CHAIN_LOCK = 0x61756474
# What entries can be looked for by, each with its name in the question.
CONDITIONS = {
    "subjects": "subject_id = ANY (%(subjects)s)",
    "ids": "(actor_account_id = ANY (%(ids)s) OR subject_id = ANY (%(ids)s))",
    "action": "action = %(action)s",
    "only": "action = ANY (%(only)s)",
    "without": "action <> ALL (%(without)s::text[])",
    "ip": "ip = %(ip)s::inet",
    "begins": "at >= %(begins)s",
    "ends": "at < %(ends)s",
    "before": "position < %(before)s",
}


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

    def verified(self, *, lock: bool = False) -> Verified | None:
        """How far the log was verified; None before the first time."""
        row = self._tx.execute(
            "SELECT position, hash, verified_at, broken_position FROM audit_verified"
            f"{' FOR UPDATE' if lock else ''}"
        ).fetchone()
        return Verified(row[0], bytes(row[1]), row[2], row[3]) if row else None

    def save_verified(self, verified: Verified) -> None:
        self._tx.execute(
            "INSERT INTO audit_verified (position, hash, verified_at, broken_position) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (only_one) DO UPDATE SET position = EXCLUDED.position, hash = EXCLUDED.hash,"
            " verified_at = EXCLUDED.verified_at, broken_position = EXCLUDED.broken_position",
            (verified.position, verified.hash, verified.at, verified.broken_position),
        )

    def entries_from(self, position: int, most: int) -> list[StoredEntry]:
        """This entry (or the next there is) and those behind it, in the order of the chain."""
        rows = self._tx.execute(
            "SELECT position, at, actor_account_id, action, subject_id, detail, host(ip), previous_hash, hash"
            " FROM audit_entry WHERE position >= %s ORDER BY position LIMIT %s",
            (position, most),
        ).fetchall()
        return [
            StoredEntry(
                number,
                Entry(at=at, actor_account_id=actor, action=action, subject_id=subject, detail=detail, ip=ip),
                bytes(previous),
                bytes(stored),
            )
            for number, at, actor, action, subject, detail, ip, previous, stored in rows
        ]

    def entries_about(
        self,
        subject_ids: list[UUID],
        *,
        only: list[str] | None,
        without: list[str],
        begins: datetime | None,
        ends: datetime | None,
        limit: int,
        offset: int,
    ) -> tuple[list[Entry], int]:
        """Entries about these, newest first, and how many there are in all."""
        asked = {"subjects": subject_ids, "only": only, "without": without, "begins": begins, "ends": ends}
        where = f"FROM audit_entry WHERE {_conditions(asked)}"
        row = self._tx.execute(f"SELECT count(*) {where}", asked).fetchone()
        rows = self._tx.execute(
            f"SELECT at, actor_account_id, action, subject_id, detail, host(ip) {where}"
            " ORDER BY position DESC LIMIT %(limit)s OFFSET %(offset)s",
            asked | {"limit": limit, "offset": offset},
        ).fetchall()
        entries = [
            Entry(at=at, actor_account_id=actor, action=action, subject_id=subject, detail=detail, ip=ip)
            for at, actor, action, subject, detail, ip in rows
        ]
        return entries, int(row[0]) if row else 0

    def accepted_breaks(self) -> set[int]:
        """Positions that an operator looked into; the log itself says who, and why."""
        rows = self._tx.execute(
            "SELECT (detail ->> 'position')::bigint FROM audit_entry WHERE action = %s", (BREAK_ACCEPTED,)
        ).fetchall()
        return {position for (position,) in rows}

    def ids_named(self, name: str) -> list[UUID]:
        """Accounts of that name, closed ones too, and the application of that case number."""
        rows = self._tx.execute(
            "SELECT account_id FROM account WHERE lower(account_name) = lower(%(name)s)"
            " UNION ALL SELECT application_id FROM application WHERE case_number = upper(%(name)s)",
            {"name": name},
        ).fetchall()
        return [row[0] for row in rows]

    def search(self, wanted: Search, ids: list[UUID] | None, most: int) -> list[FoundEntry]:
        """Up to `most` entries, newest first. `ids`: by one of these, or about one of these."""
        asked = {**asdict(wanted), "ids": ids}
        # The page first, then the names of its rows only.
        rows = self._tx.execute(
            "SELECT page.position, page.at, page.action, page.actor_account_id, actor.account_name, page.subject_id,"
            " coalesce(subject.account_name, application.case_number), page.detail, host(page.ip)"
            f" FROM (SELECT * FROM audit_entry WHERE {_conditions(asked)}"
            " ORDER BY position DESC LIMIT %(most)s) AS page"
            " LEFT JOIN account AS actor ON actor.account_id = page.actor_account_id"
            " LEFT JOIN account AS subject ON subject.account_id = page.subject_id"
            " LEFT JOIN application ON application.application_id = page.subject_id"
            " ORDER BY page.position DESC",
            asked | {"most": most},
        ).fetchall()
        return [FoundEntry(*row) for row in rows]


def _conditions(asked: Mapping[str, object]) -> str:
    """What an entry has to be, for a WHERE; what is None does not matter."""
    return " AND ".join(CONDITIONS[name] for name, value in asked.items() if value is not None) or "true"
