"""SQL of the desk's people."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from mtnet_chassis.data.database import Tx


class DeskPeopleStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def saw(self, account_id: UUID, name: str, now: datetime, apart: timedelta) -> None:
        """Writes, and locks, only where something is new, or was last written longer ago than `apart`."""
        self._tx.execute(
            "INSERT INTO desk_person (account_id, name, seen_at) SELECT %(id)s, %(name)s, %(now)s"
            " WHERE NOT EXISTS (SELECT FROM desk_person WHERE account_id = %(id)s AND name = %(name)s"
            " AND ended_at IS NULL AND seen_at > %(now)s - %(apart)s)"
            " ON CONFLICT (account_id) DO UPDATE SET name = excluded.name, seen_at = excluded.seen_at, ended_at = NULL"
            " WHERE desk_person.seen_at < excluded.seen_at"
            " AND (desk_person.ended_at IS NULL OR desk_person.ended_at < excluded.seen_at)",
            {"id": account_id, "name": name, "now": now, "apart": apart},
        )

    def end(self, account_id: UUID, at: datetime) -> bool:
        """Whoever was seen after it is here again: then False, and for whoever was never here."""
        cursor = self._tx.execute(
            "UPDATE desk_person SET ended_at = %(at)s WHERE account_id = %(id)s AND seen_at <= %(at)s"
            " AND (ended_at IS NULL OR ended_at < %(at)s)",
            {"id": account_id, "at": at},
        )
        return cursor.rowcount == 1

    def ended(self, account_id: UUID, since: datetime) -> bool:
        """Whether it ended then or later."""
        row = self._tx.execute(
            "SELECT 1 FROM desk_person WHERE account_id = %s AND ended_at >= %s", (account_id, since)
        ).fetchone()
        return row is not None

    def named(self, account_id: UUID, since: datetime) -> str | None:
        row = self._tx.execute(
            "SELECT name FROM desk_person WHERE account_id = %s AND ended_at IS NULL AND seen_at > %s",
            (account_id, since),
        ).fetchone()
        return row[0] if row else None

    def people(self, since: datetime, most: int) -> list[tuple[UUID, str]]:
        rows: list[tuple[UUID, str]] = self._tx.execute(
            "SELECT account_id, name FROM desk_person WHERE ended_at IS NULL AND seen_at > %s"
            " ORDER BY name, account_id LIMIT %s",
            (since, most),
        ).fetchall()
        return rows
