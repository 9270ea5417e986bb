"""SQL of the search over tickets: numbered changes, and what of a ticket is indexed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from mtnet_chassis.data.database import Tx
from psycopg.rows import class_row

from helpdesk.ticket_search.rules import GONE_KNOWN_DAYS, LONGEST_INDEXED_TEXT, MOST_ROWS, Searched

# Changes that get their numbers at once.
MOST_NUMBERED = 5_000
LOCK = "ticket_search"
SEARCHED: LiteralString = """
WITH RECURSIVE up AS (
    SELECT ticket_id, merged_into FROM ticket WHERE ticket_id = ANY(%(tickets)s)
    UNION SELECT t.ticket_id, t.merged_into FROM up JOIN ticket t ON t.ticket_id = up.merged_into
), family AS (
    SELECT ticket_id AS root_id, ticket_id FROM up WHERE merged_into IS NULL
    UNION SELECT f.root_id, t.ticket_id FROM family f JOIN ticket t ON t.merged_into = f.ticket_id
), named AS (
    SELECT f.root_id, string_agg(m.number || E'\n' || m.subject, E'\n' ORDER BY m.number DESC) AS subjects
    FROM family f JOIN ticket m USING (ticket_id) GROUP BY f.root_id
), said AS (
    SELECT f.root_id, left(string_agg(e.text, E'\n' ORDER BY e.sequence DESC), %(longest)s) AS text
    FROM family f CROSS JOIN LATERAL (
        SELECT sequence, text FROM entry WHERE ticket_id = f.ticket_id AND kind <> 'change' AND text <> ''
        ORDER BY sequence DESC LIMIT %(most)s
    ) e GROUP BY f.root_id
)
SELECT t.ticket_id, t.number, named.subjects, t.requester_id, r.name AS requester_name,
    coalesce(said.text, '') AS text, t.channel, t.state, t.priority, t.category, t.owner_id, t.team, t.spam, t.live,
    t.paused_at IS NOT NULL AS paused
FROM named JOIN ticket t ON t.ticket_id = named.root_id JOIN requester r USING (requester_id)
LEFT JOIN said ON said.root_id = t.ticket_id
"""


class TicketSearchStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def place(self) -> tuple[str, int, int, bool]:
        """Which database this is, its newest change, what is forgotten, and whether something has no number yet."""
        row = self._tx.execute(
            "SELECT source_id::text, greatest((SELECT max(change) FROM ticket_change), forgotten_to), forgotten_to,"
            " EXISTS (SELECT FROM ticket_touched) FROM ticket_search_source"
        ).fetchone()
        return row or ("", 0, 0, False)

    def number_changes(self) -> None:
        """Give numbers to what was changed; another process that is at it has the same work done."""
        row = self._tx.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", (LOCK,)
        ).fetchone()
        if row is None or not row[0]:
            return
        self._tx.execute(
            "WITH taken AS (DELETE FROM ticket_touched WHERE ctid = ANY (ARRAY ("
            "SELECT ctid FROM ticket_touched LIMIT %s)) RETURNING ticket_id)"
            " INSERT INTO ticket_change (ticket_id, change, gone_at)"
            " SELECT ticket_id, nextval('ticket_change_number'),"
            " CASE WHEN NOT EXISTS (SELECT FROM ticket t WHERE t.ticket_id = touched.ticket_id) THEN now() END"
            " FROM (SELECT DISTINCT ticket_id FROM taken) touched"
            " ON CONFLICT (ticket_id) DO UPDATE SET change = EXCLUDED.change, gone_at = EXCLUDED.gone_at",
            (MOST_NUMBERED,),
        )

    def changes_after(self, change: int, limit: int) -> list[tuple[UUID, int]]:
        return self._tx.execute(
            "SELECT ticket_id, change FROM ticket_change WHERE change > %s ORDER BY change LIMIT %s",
            (change, limit),
        ).fetchall()

    def changes_up_to(self, change: int, limit: int) -> list[tuple[UUID, int]]:
        return self._tx.execute(
            "SELECT ticket_id, change FROM ticket_change WHERE change <= %s ORDER BY change DESC LIMIT %s",
            (change, limit),
        ).fetchall()

    def searched(self, ticket_ids: Sequence[UUID]) -> list[Searched]:
        """Of these tickets, or of those that they were merged into; each with its whole thread."""
        with self._tx.cursor(row_factory=class_row(Searched)) as cursor:
            return cursor.execute(
                SEARCHED, {"tickets": list(ticket_ids), "longest": LONGEST_INDEXED_TEXT, "most": MOST_ROWS}
            ).fetchall()

    def forget_gone(self, now: datetime, most: int) -> int:
        """An index that has not heard of them by now is filled anew. Returns how many."""
        row = self._tx.execute(
            "WITH forgotten AS (DELETE FROM ticket_change WHERE ticket_id = ANY (ARRAY ("
            "SELECT ticket_id FROM ticket_change WHERE gone_at < %s::timestamptz - %s * interval '1 day'"
            " ORDER BY gone_at LIMIT %s)) RETURNING change),"
            " known AS (UPDATE ticket_search_source SET forgotten_to ="
            " greatest(forgotten_to, (SELECT max(change) FROM forgotten)) WHERE EXISTS (SELECT FROM forgotten))"
            " SELECT count(*) FROM forgotten",
            (now, GONE_KNOWN_DAYS, most),
        ).fetchone()
        return int(row[0]) if row else 0
