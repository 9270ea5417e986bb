"""SQL of the roster and of the reports at the end of a shift."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from mtnet_chassis.data.database import Tx
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from helpdesk.shifts.rules import Entry, Handover, HandoverNotFound, Slot

HANDOVER = (
    "position, day, shift, written_at, written_by_id, written_by, text, situation,"
    " acknowledged_at, acknowledged_by_id, acknowledged_by"
)


class ShiftStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def entries(self, begins: date, ends: date) -> list[Entry]:
        """From one day to another, both inside."""
        with self._tx.cursor(row_factory=class_row(Entry)) as cursor:
            return cursor.execute(
                "SELECT day, shift, account_id, name FROM roster_entry WHERE day BETWEEN %s AND %s"
                " ORDER BY day, shift, put_down_at",
                (begins, ends),
            ).fetchall()

    def lock_slot(self, slot: Slot) -> None:
        """Two who put somebody down count each other."""
        self._tx.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"shift/{slot.day}/{slot.shift}",)
        )

    def count(self, slot: Slot) -> int:
        row = self._tx.execute(
            "SELECT count(*) FROM roster_entry WHERE day = %s AND shift = %s", (slot.day, slot.shift)
        ).fetchone()
        return int(row[0]) if row else 0

    def put_down(self, slot: Slot, account_id: UUID, name: str, by: str) -> bool:
        """False where they stand there already."""
        cursor = self._tx.execute(
            "INSERT INTO roster_entry (day, shift, account_id, name, put_down_by) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            (slot.day, slot.shift, account_id, name, by),
        )
        return cursor.rowcount == 1

    def take_off(self, slot: Slot, account_id: UUID) -> bool:
        cursor = self._tx.execute(
            "DELETE FROM roster_entry WHERE day = %s AND shift = %s AND account_id = %s",
            (slot.day, slot.shift, account_id),
        )
        return cursor.rowcount == 1

    def take_off_all(self, account_id: UUID, slots: Sequence[Slot]) -> None:
        self._tx.execute(
            "DELETE FROM roster_entry WHERE account_id = %s AND (day, shift) IN"
            " (SELECT * FROM unnest(%s::date[], %s::text[]))",
            (account_id, [each.day for each in slots], [each.shift for each in slots]),
        )

    def slots_of(self, account_id: UUID, since: date) -> list[Slot]:
        rows = self._tx.execute(
            "SELECT day, shift FROM roster_entry WHERE account_id = %s AND day >= %s", (account_id, since)
        ).fetchall()
        return [Slot(*row) for row in rows]

    def add_handover(self, handover: Handover) -> Handover:
        with self._tx.cursor(row_factory=class_row(Handover)) as cursor:
            row = cursor.execute(
                "INSERT INTO handover (day, shift, written_at, written_by_id, written_by, text, situation)"
                f" VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING {HANDOVER}",
                (
                    handover.day,
                    handover.shift,
                    handover.written_at,
                    handover.written_by_id,
                    handover.written_by,
                    handover.text,
                    Jsonb(handover.situation),
                ),
            ).fetchone()
        if row is None:
            raise LookupError("a row that was inserted is not there")
        return row

    def handover_for_update(self, position: int) -> Handover:
        """Raises HandoverNotFound."""
        with self._tx.cursor(row_factory=class_row(Handover)) as cursor:
            row = cursor.execute(
                f"SELECT {HANDOVER} FROM handover WHERE position = %s FOR UPDATE", (position,)
            ).fetchone()
        if row is None:
            raise HandoverNotFound
        return row

    def save_acknowledged(self, handover: Handover) -> None:
        self._tx.execute(
            "UPDATE handover SET acknowledged_at = %s, acknowledged_by_id = %s, acknowledged_by = %s"
            " WHERE position = %s",
            (
                handover.acknowledged_at,
                handover.acknowledged_by_id,
                handover.acknowledged_by,
                handover.position,
            ),
        )

    def handovers(self, before: int | None, limit: int) -> list[Handover]:
        """Newest first."""
        values: tuple[Any, ...] = (before, limit)
        with self._tx.cursor(row_factory=class_row(Handover)) as cursor:
            return cursor.execute(
                f"SELECT {HANDOVER} FROM handover WHERE position < coalesce(%s, 2147483647)"
                " ORDER BY position DESC LIMIT %s",
                values,
            ).fetchall()
