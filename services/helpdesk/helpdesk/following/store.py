"""SQL of what a person sees of their own ticket."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from mtnet_chassis.data.database import Tx
from psycopg.rows import dict_row

# What stands in a thread for the person: never notes, calls or changes.
SHOWN: LiteralString = (
    "e.kind IN ('inbound', 'answer') AND NOT e.automatic AND requester_id = ANY(%(people)s)"
)
# For whoever sent a form: what was written in the portal, and the answers.
SHOWN_BY_LINK: LiteralString = (
    "e.ticket_id = %(ticket)s AND NOT e.automatic"
    " AND (e.kind = 'answer' OR e.kind = 'inbound' AND e.channel = 'web')"
)
FAMILY: LiteralString = (
    "WITH RECURSIVE family AS (SELECT ticket_id, requester_id FROM ticket WHERE ticket_id = %(ticket)s"
    " UNION SELECT t.ticket_id, t.requester_id FROM ticket t JOIN family f ON t.merged_into = f.ticket_id)"
)
COLUMNS: LiteralString = (
    "e.sequence, e.at, e.kind = 'inbound' AS mine, e.channel, e.text,"
    " coalesce((SELECT jsonb_agg(jsonb_build_object('attachment_id', a.attachment_id,"
    " 'filename', a.filename, 'size', a.size, 'held_back', a.held_back) ORDER BY a.position)"
    " FROM attachment a WHERE a.entry_id = e.entry_id), '[]') AS attachments"
)
NEWEST: LiteralString = (
    "AND (%(before)s::bigint IS NULL OR e.sequence < %(before)s) ORDER BY e.sequence DESC LIMIT %(limit)s"
)


class FollowingStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def entries(
        self, ticket_id: UUID, people: Sequence[UUID], before: int | None, limit: int
    ) -> list[dict[str, Any]]:
        """What came in and what was answered, of this ticket and those merged into it, oldest first; before a row.

        Never what was merged with it and is somebody else's.
        """
        with self._tx.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(
                f"{FAMILY} SELECT * FROM (SELECT {COLUMNS} FROM entry e JOIN family USING (ticket_id)"
                f" WHERE {SHOWN} {NEWEST}) newest ORDER BY sequence",
                {"ticket": ticket_id, "people": list(people), "before": before, "limit": limit},
            ).fetchall()

    def entries_by_link(self, ticket_id: UUID, before: int | None, limit: int) -> list[dict[str, Any]]:
        """What was written in the portal, and the answers, of this ticket alone; oldest first; before a row."""
        with self._tx.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(
                f"SELECT * FROM (SELECT {COLUMNS} FROM entry e WHERE {SHOWN_BY_LINK} {NEWEST}) newest"
                " ORDER BY sequence",
                {"ticket": ticket_id, "before": before, "limit": limit},
            ).fetchall()

    def shows_file(self, ticket_id: UUID, people: Sequence[UUID], attachment_id: UUID) -> bool:
        """Whether it belongs to one of `entries`."""
        row = self._tx.execute(
            f"{FAMILY} SELECT FROM attachment a JOIN entry e USING (entry_id) JOIN family USING (ticket_id)"
            f" WHERE a.attachment_id = %(file)s AND {SHOWN}",
            {"ticket": ticket_id, "people": list(people), "file": attachment_id},
        ).fetchone()
        return row is not None

    def shows_file_by_link(self, ticket_id: UUID, attachment_id: UUID) -> bool:
        """Whether it belongs to one of `entries_by_link`."""
        row = self._tx.execute(
            "SELECT FROM attachment a JOIN entry e USING (entry_id)"
            f" WHERE a.attachment_id = %(file)s AND {SHOWN_BY_LINK}",
            {"ticket": ticket_id, "file": attachment_id},
        ).fetchone()
        return row is not None

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
