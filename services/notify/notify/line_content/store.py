"""SQL of messages whose file is still to be fetched."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx

from notify.line_content.rules import LEASED_FOR, Received, Wanted

# Who waits for something to fetch listens to it.
WAKE_UP = "line_content"
COLUMNS = ", ".join(each.name for each in fields(Received))


class LineContentStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def want(self, received: Received, now: datetime) -> None:
        """Whoever fetches is woken by the commit."""
        names = [each.name for each in fields(Received)]
        values = ", ".join(f"%({name})s" for name in names)
        self._tx.execute(
            f"INSERT INTO line_content ({COLUMNS}, next_try_at) VALUES ({values}, %(now)s)"
            " ON CONFLICT (message_id) DO NOTHING",
            vars(received) | {"now": now},
        )
        self._tx.execute(f"NOTIFY {WAKE_UP}")

    def lease(self, now: datetime) -> Wanted | None:
        """The one that has waited longest; nobody else takes it for LEASED_FOR."""
        row = self._tx.execute(
            "WITH due AS MATERIALIZED (SELECT message_id FROM line_content WHERE next_try_at <= %s"
            " ORDER BY next_try_at LIMIT 1 FOR UPDATE SKIP LOCKED)"
            " UPDATE line_content SET tries = tries + 1, next_try_at = %s"
            f" WHERE message_id IN (SELECT message_id FROM due) RETURNING tries, {COLUMNS}",
            (now, now + LEASED_FOR),
        ).fetchone()
        return Wanted(Received(*row[1:]), row[0]) if row else None

    def try_again(self, message_id: UUID, tries: int, at: datetime) -> None:
        """Unless somebody else has tried since."""
        self._tx.execute(
            "UPDATE line_content SET next_try_at = %s WHERE message_id = %s AND tries = %s",
            (at, message_id, tries),
        )

    def done(self, message_id: UUID) -> bool:
        """False: somebody else was quicker, and has handed it over."""
        return bool(
            self._tx.execute("DELETE FROM line_content WHERE message_id = %s", (message_id,)).rowcount
        )

    def next_try_at(self) -> datetime | None:
        row = self._tx.execute("SELECT min(next_try_at) FROM line_content").fetchone()
        return row[0] if row else None
