"""SQL of many tickets at once: where threads go on, how they begin, answers to all of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx
from psycopg.rows import class_row

from helpdesk.tickets.rules import Ticket

SUMMARY = (
    "t.ticket_id, t.number, t.subject, t.channel, t.state, t.created_at,"
    " coalesce((SELECT left(e.text, 200) FROM entry e WHERE e.ticket_id = t.ticket_id"
    " AND e.kind IN ('inbound', 'call') ORDER BY e.sequence LIMIT 1), '') AS begins"
)


@dataclass(frozen=True)
class Summary:
    """A ticket in a list of others. `begins`: its first words, as they came."""

    ticket_id: UUID
    number: str
    subject: str
    channel: str
    state: str
    created_at: datetime
    begins: str


@dataclass(frozen=True)
class Way:
    """Who is answered, and how: `channel` is None for whoever reads it on their own page."""

    name: str
    channel: str | None
    address: str | None
    references: tuple[str, ...]
    subject: str


@dataclass(frozen=True)
class Answer:
    """A row of a thread that is about to be written."""

    entry_id: UUID
    ticket_id: UUID
    channel: str
    address: str
    text: str
    delivery: str


class ManyTicketsStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def ids_of_numbers(self, numbers: Collection[str]) -> dict[str, UUID]:
        if not numbers:
            return {}
        rows = self._tx.execute(
            "SELECT number, ticket_id FROM ticket WHERE number = ANY(%s)", (list(numbers),)
        ).fetchall()
        return {row[0]: row[1] for row in rows}

    def head_ids(self, ticket_ids: Collection[UUID]) -> dict[UUID, UUID]:
        """Where the thread of each goes on, without spam."""
        rows = self._tx.execute(
            "WITH RECURSIVE way AS (SELECT ticket_id AS named_id, ticket_id, merged_into FROM ticket"
            " WHERE ticket_id = ANY(%s) UNION SELECT w.named_id, t.ticket_id, t.merged_into"
            " FROM way w JOIN ticket t ON t.ticket_id = w.merged_into)"
            " SELECT w.named_id, w.ticket_id FROM way w JOIN ticket t USING (ticket_id)"
            " WHERE w.merged_into IS NULL AND NOT t.spam",
            (list(ticket_ids),),
        ).fetchall()
        return dict(rows)

    def summaries(self, ticket_ids: Collection[UUID]) -> list[Summary]:
        """Newest first."""
        with self._tx.cursor(row_factory=class_row(Summary)) as cursor:
            return cursor.execute(
                f"SELECT {SUMMARY} FROM ticket t WHERE t.ticket_id = ANY(%s)"
                " ORDER BY t.created_at DESC, t.ticket_id",
                (list(ticket_ids),),
            ).fetchall()

    def recent(self, since: datetime, limit: int) -> list[UUID]:
        """Live ones that came since then, newest first."""
        rows = self._tx.execute(
            "SELECT ticket_id FROM ticket WHERE live AND created_at >= %s"
            " ORDER BY created_at DESC, ticket_id DESC LIMIT %s",
            (since, limit),
        ).fetchall()
        return [row[0] for row in rows]

    def due(self, after: datetime | None, until: datetime, limit: int) -> tuple[int, list[Summary]]:
        """How many live ones are due by then (and after another instant), and the first of them."""
        values = {"after": after, "until": until, "limit": limit}
        where = (
            "t.live AND t.due_at <= %(until)s AND t.due_at > coalesce(%(after)s, '-infinity'::timestamptz)"
        )
        counted = self._tx.execute(f"SELECT count(*) FROM ticket t WHERE {where}", values).fetchone()
        with self._tx.cursor(row_factory=class_row(Summary)) as cursor:
            first = cursor.execute(
                f"SELECT {SUMMARY} FROM ticket t WHERE {where} ORDER BY t.due_at, t.ticket_id LIMIT %(limit)s",
                values,
            ).fetchall()
        return counted[0] if counted else 0, first

    def live_by_state(self) -> dict[str, int]:
        rows = self._tx.execute("SELECT state, count(*) FROM ticket WHERE live GROUP BY state").fetchall()
        return dict(rows)

    def ways(self, ticket_ids: Collection[UUID], most_references: int) -> dict[UUID, Way]:
        """Names, other addresses of those who called, and what mails an answer answers.

        An address of the person stands in for a caller's number: by which they wrote last.
        """
        rows = self._tx.execute(
            "WITH asked AS (SELECT t.ticket_id, t.channel, t.address, t.subject,"
            " coalesce(r.joined_to, r.requester_id) AS person_id"
            " FROM ticket t JOIN requester r USING (requester_id) WHERE t.ticket_id = ANY(%(tickets)s)),"
            " written AS (SELECT e.ticket_id, (array_agg(e.message_id ORDER BY e.sequence DESC)"
            " FILTER (WHERE e.message_id IS NOT NULL))[1:%(most)s] AS newest,"
            " (array_agg(e.subject ORDER BY e.sequence DESC)"
            " FILTER (WHERE e.channel = 'email' AND NOT e.automatic AND e.subject <> ''))[1] AS subject"
            " FROM entry e WHERE e.ticket_id = ANY(%(tickets)s) AND e.kind = 'inbound' GROUP BY e.ticket_id)"
            " SELECT a.ticket_id, p.name,"
            " CASE WHEN a.channel IN ('email', 'fax', 'line') AND a.address <> '' THEN a.channel"
            " WHEN a.channel = 'web' AND position('@' IN a.address) > 0 THEN 'email'"
            " WHEN a.channel = 'web' THEN NULL ELSE other.channel END,"
            " CASE WHEN a.channel IN ('email', 'fax', 'line', 'web') AND a.address <> '' THEN a.address"
            " ELSE other.address END,"
            " coalesce(w.newest, '{}'), coalesce(w.subject, '')"
            " FROM asked a JOIN requester p ON p.requester_id = a.person_id"
            " LEFT JOIN written w ON w.ticket_id = a.ticket_id"
            " LEFT JOIN LATERAL (SELECT d.channel, d.address FROM requester_address d"
            " JOIN requester q USING (requester_id)"
            " WHERE coalesce(q.joined_to, q.requester_id) = a.person_id AND d.channel IN ('email', 'fax', 'line')"
            " AND a.channel = 'phone'"
            " ORDER BY array_position(ARRAY['email', 'fax', 'line'], d.channel), d.last_used_at DESC LIMIT 1) other"
            " ON true",
            {"tickets": list(ticket_ids), "most": most_references},
        ).fetchall()
        return {row[0]: Way(row[1], row[2], row[3], tuple(reversed(row[4])), row[5]) for row in rows}

    def add_answers(
        self, answers: Sequence[Answer], author_id: UUID, author_name: str, now: datetime
    ) -> None:
        self._tx.execute(
            "INSERT INTO entry (entry_id, ticket_id, kind, at, channel, address, author_id, author_name, text,"
            " delivery)"
            " SELECT entry_id, ticket_id, 'answer', %s, channel, address, %s, %s, text, delivery"
            " FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[])"
            " AS made (entry_id, ticket_id, channel, address, text, delivery)",
            (
                now,
                author_id,
                author_name,
                [each.entry_id for each in answers],
                [each.ticket_id for each in answers],
                [each.channel for each in answers],
                [each.address for each in answers],
                [each.text for each in answers],
                [each.delivery for each in answers],
            ),
        )

    def save_answered(self, tickets: Sequence[Ticket]) -> None:
        """What an answer changes of a ticket."""
        self._tx.execute(
            "UPDATE ticket t SET state = new.state, updated_at = new.updated_at, version = new.version,"
            " first_answered_at = new.first_answered_at, solution_due_at = new.solution_due_at,"
            " first_answer_due_at = new.first_answer_due_at, paused_at = new.paused_at,"
            " resolved_at = new.resolved_at, closed_at = new.closed_at, due_at = new.due_at"
            " FROM unnest(%s::uuid[], %s::text[], %s::timestamptz[], %s::integer[], %s::timestamptz[],"
            " %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[],"
            " %s::timestamptz[]) AS new (ticket_id, state, updated_at, version, first_answered_at, solution_due_at,"
            " first_answer_due_at, paused_at, resolved_at, closed_at, due_at)"
            " WHERE t.ticket_id = new.ticket_id",
            (
                [each.ticket_id for each in tickets],
                [str(each.state) for each in tickets],
                [each.updated_at for each in tickets],
                [each.version for each in tickets],
                [each.first_answered_at for each in tickets],
                [each.deadlines.solution_due_at for each in tickets],
                [each.deadlines.first_answer_due_at for each in tickets],
                [each.deadlines.paused_at for each in tickets],
                [each.resolved_at for each in tickets],
                [each.closed_at for each in tickets],
                [each.due_at for each in tickets],
            ),
        )
