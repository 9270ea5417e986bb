"""SQL of snapshots; a page is read in one statement, and so from one moment."""

from __future__ import annotations

from uuid import UUID

from mtnet_chassis.data.database import Tx
from psycopg.rows import class_row

from review.snapshots.rules import ToldCase

# Below the first id that there can be.
FIRST = UUID(int=0)


class SnapshotStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def cases(self, after: UUID | None, most: int) -> list[ToldCase]:
        """By id, so each page begins where the one before ended (primary key). The sequence of the last event is stored
        with the change that it tells of, so read with it."""
        with self._tx.cursor(row_factory=class_row(ToldCase)) as cursor:
            return cursor.execute(
                "SELECT c.application_id, c.case_number, c.state, c.submission, c.unit, c.stage, c.stages,"
                " c.waiting_since, c.due_on, CASE WHEN c.state = 'returned' THEN c.resubmit_by END AS resubmit_by,"
                " coalesce(s.sequence, 0) AS sequence"
                " FROM review_case c LEFT JOIN aggregate_sequence s"
                "  ON s.aggregate = 'case' AND s.subject = c.application_id::text"
                " WHERE c.application_id > %s ORDER BY c.application_id LIMIT %s",
                (after or FIRST, most),
            ).fetchall()
