"""SQL of what a person sees of their own ticket."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from mtnet_chassis.data.database import Tx
from psycopg.rows import dict_row


class FollowingStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def entries(
        self, ticket_id: UUID, people: Sequence[UUID], before: int | None, limit: int
    ) -> list[dict[str, Any]]:
        """What came in and what was answered, of this ticket and those merged into it, oldest first; before a row.

        Never notes, calls or changes; never what was merged with it and is somebody else's.
        """
        with self._tx.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(
                "WITH RECURSIVE family AS (SELECT ticket_id, requester_id FROM ticket WHERE ticket_id = %(ticket)s"
                " UNION SELECT t.ticket_id, t.requester_id FROM ticket t JOIN family f"
                " ON t.merged_into = f.ticket_id)"
                " SELECT * FROM (SELECT e.sequence, e.at, e.kind = 'inbound' AS mine, e.channel, e.text,"
                " ARRAY(SELECT a.filename FROM attachment a WHERE a.entry_id = e.entry_id ORDER BY a.position)"
                " AS files FROM entry e JOIN family USING (ticket_id)"
                " WHERE e.kind IN ('inbound', 'answer') AND NOT e.automatic AND requester_id = ANY(%(people)s)"
                " AND (%(before)s::bigint IS NULL OR e.sequence < %(before)s)"
                " ORDER BY e.sequence DESC LIMIT %(limit)s) newest ORDER BY sequence",
                {"ticket": ticket_id, "people": list(people), "before": before, "limit": limit},
            ).fetchall()

    def entries_by_link(self, ticket_id: UUID, before: int | None, limit: int) -> list[dict[str, Any]]:
        """What was written in the portal, and the answers, of this ticket alone; oldest first; before a row."""
        with self._tx.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(
                "SELECT * FROM (SELECT e.sequence, e.at, e.kind = 'inbound' AS mine, e.channel, e.text,"
                " ARRAY(SELECT a.filename FROM attachment a WHERE a.entry_id = e.entry_id ORDER BY a.position)"
                " AS files FROM entry e WHERE ticket_id = %(ticket)s AND NOT e.automatic"
                " AND (e.kind = 'answer' OR e.kind = 'inbound' AND e.channel = 'web')"
                " AND (%(before)s::bigint IS NULL OR e.sequence < %(before)s)"
                " ORDER BY e.sequence DESC LIMIT %(limit)s) newest ORDER BY sequence",
                {"ticket": ticket_id, "before": before, "limit": limit},
            ).fetchall()

    def messages_since(self, ticket_id: UUID, since: datetime) -> int:
        """How many came in of late."""
        row = self._tx.execute(
            "SELECT count(*) FROM entry WHERE ticket_id = %s AND kind = 'inbound' AND at >= %s",
            (ticket_id, since),
        ).fetchone()
        return int(row[0]) if row else 0

    def rate(self, ticket_id: UUID, satisfaction: int, comment: str, at: datetime) -> None:
        self._tx.execute(
            "UPDATE ticket SET satisfaction = %s, satisfaction_comment = %s, rated_at = %s,"
            " updated_at = greatest(updated_at, %s) WHERE ticket_id = %s",
            (satisfaction, comment, at, at, ticket_id),
        )
