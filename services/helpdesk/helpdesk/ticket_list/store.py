"""SQL of the list: each question has its index (0010_tickets.sql), and no page counts what it does not show."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from mtnet_chassis.data.database import Tx
from psycopg.rows import class_row

from helpdesk.ticket_list.rules import COUNTED, Asked, Place, order_of


@dataclass(frozen=True)
class Line:
    """One line. `due_at`: NEVER while nothing must be done."""

    ticket_id: UUID
    number: str
    subject: str
    requester_id: UUID
    requester_name: str
    address: str
    channel: str
    state: str
    priority: str
    category: str | None
    owner_id: UUID | None
    owner_name: str | None
    team: str
    created_at: datetime
    updated_at: datetime
    last_inbound_at: datetime
    due_at: datetime
    lease_name: str | None
    lease_expires_at: datetime | None
    spam: bool
    version: int


@dataclass(frozen=True)
class ChangedLine:
    ticket_id: UUID
    number: str
    state: str
    updated_at: datetime


LINE: LiteralString = (
    "t.ticket_id, t.number, t.subject, t.requester_id, r.name AS requester_name, t.address, t.channel, t.state,"
    " t.priority, t.category, t.owner_id, t.owner_name, t.team, t.created_at, t.updated_at, t.last_inbound_at,"
    " t.due_at, t.lease_name, t.lease_expires_at, t.spam, t.version"
)
VIEWS: Mapping[str, LiteralString] = {
    "live": "live",
    "mine": "live AND owner_id = %(me)s",
    "unowned": "live AND owner_id IS NULL",
    "waiting": "live AND paused_at IS NOT NULL",
    "overdue": "live AND due_at <= %(now)s",
    "resolved": "listed AND state = 'resolved'",
    "closed": "listed AND state = 'closed'",
    "spam": "spam",
    "all": "listed",
}
FILTERS: Mapping[str, LiteralString] = {
    "owner_id": "owner_id = %(owner_id)s",
    "team": "team = %(team)s",
    "category": "category = %(category)s",
    "priority": "priority = %(priority)s",
    "channel": "channel = %(channel)s",
}


class TicketListStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def page(self, asked: Asked, me: UUID, now: datetime, after: Place | None, limit: int) -> list[Line]:
        """The lines behind a place. Never prepared: a plan that fits every filter fits none."""
        statement, values = self.statement(asked, me, now, after, limit)
        with self._tx.cursor(row_factory=class_row(Line)) as cursor:
            return cursor.execute(statement, values, prepare=False).fetchall()

    @staticmethod
    def statement(
        asked: Asked, me: UUID, now: datetime, after: Place | None, limit: int
    ) -> tuple[LiteralString, dict[str, Any]]:
        """What `page` asks, and with which values."""
        conditions, values = _conditions(asked)
        column, order = order_of(asked)
        if after is not None:
            sign: LiteralString = ">" if order == "ASC" else "<"
            conditions.append(f"({column}, ticket_id) {sign} (%(place_at)s, %(place_id)s)")
            values |= {"place_at": after.at, "place_id": after.ticket_id}
        return (
            f"SELECT {LINE} FROM (SELECT * FROM ticket WHERE {' AND '.join(conditions)}"
            f" ORDER BY {column} {order}, ticket_id {order} LIMIT %(limit)s) t"
            f" JOIN requester r USING (requester_id) ORDER BY t.{column} {order}, t.ticket_id {order}",
            values | {"me": me, "now": now, "limit": limit},
        )

    # What a text finds.

    def numbered(self, asked: Asked, me: UUID, now: datetime, numbers: Sequence[str]) -> list[Line]:
        """Of these numbers, those that the view and the filters allow. In no order."""
        conditions, values = _conditions(asked)
        with self._tx.cursor(row_factory=class_row(Line)) as cursor:
            return cursor.execute(
                f"SELECT {LINE} FROM (SELECT * FROM ticket WHERE number = ANY(%(numbers)s)"
                f" AND {' AND '.join(conditions)}) t JOIN requester r USING (requester_id)",
                values | {"numbers": list(numbers), "me": me, "now": now},
                prepare=False,
            ).fetchall()

    def place_of(self, number: str) -> Place | None:
        row = self._tx.execute(
            "SELECT created_at, ticket_id FROM ticket WHERE number = %s", (number,)
        ).fetchone()
        return Place(*row) if row else None

    def number_at(self, place: Place) -> str | None:
        row = self._tx.execute(
            "SELECT number FROM ticket WHERE ticket_id = %s", (place.ticket_id,)
        ).fetchone()
        return row[0] if row else None

    def numbers_of_addresses(self, addresses: Sequence[tuple[str, str]], limit: int) -> list[str]:
        """The newest tickets of whoever has one of these addresses, by channel and key, or was joined with them."""
        rows = self._tx.execute(
            "WITH known AS (SELECT coalesce(r.joined_to, r.requester_id) AS person_id FROM requester_address a"
            " JOIN requester r USING (requester_id) WHERE (a.channel, a.address_key) IN"
            " (SELECT * FROM unnest(%(channels)s::text[], %(keys)s::text[]))),"
            " people AS (SELECT person_id AS requester_id FROM known UNION"
            " SELECT r.requester_id FROM requester r JOIN known ON r.joined_to = known.person_id)"
            " SELECT number FROM ticket WHERE requester_id = ANY (ARRAY (SELECT requester_id FROM people))"
            " ORDER BY created_at DESC LIMIT %(limit)s",
            {
                "channels": [channel for channel, _ in addresses],
                "keys": [key for _, key in addresses],
                "limit": limit,
            },
        ).fetchall()
        return [row[0] for row in rows]

    def said(self, ticket_ids: Collection[UUID], rows: int, longest: int) -> dict[UUID, str]:
        """What was written last in each thread, newest first."""
        found = self._tx.execute(
            "SELECT t.ticket_id, left(string_agg(e.text, E'\n' ORDER BY e.sequence DESC), %(longest)s)"
            " FROM unnest(%(tickets)s::uuid[]) AS t (ticket_id) CROSS JOIN LATERAL"
            " (SELECT sequence, text FROM entry WHERE ticket_id = t.ticket_id AND kind <> 'change' AND text <> ''"
            " ORDER BY sequence DESC LIMIT %(rows)s) e GROUP BY t.ticket_id",
            {"tickets": list(ticket_ids), "rows": rows, "longest": longest},
        ).fetchall()
        return {row[0]: row[1] for row in found}

    # Counts and changes.

    def counts(self, me: UUID, now: datetime, most: int) -> dict[str, int]:
        """Of each view, none counted further than `most`."""
        each = ", ".join(
            f"(SELECT count(*) FROM (SELECT FROM ticket WHERE {VIEWS[view]} LIMIT %(most)s) c)"
            for view in COUNTED
        )
        row = self._tx.execute(f"SELECT {each}", {"me": me, "now": now, "most": most}).fetchone()
        return dict(zip(COUNTED, row or (), strict=True))

    def newest_of(self, requester_ids: Sequence[UUID], limit: int) -> list[Line]:
        with self._tx.cursor(row_factory=class_row(Line)) as cursor:
            return cursor.execute(
                f"SELECT {LINE} FROM ticket t JOIN requester r USING (requester_id)"
                " WHERE t.requester_id = ANY(%s) AND t.merged_into IS NULL"
                " ORDER BY t.created_at DESC, t.ticket_id DESC LIMIT %s",
                (list(requester_ids), limit),
            ).fetchall()

    def lines(self, ticket_ids: Collection[UUID]) -> list[Line]:
        """In no order."""
        with self._tx.cursor(row_factory=class_row(Line)) as cursor:
            return cursor.execute(
                f"SELECT {LINE} FROM ticket t JOIN requester r USING (requester_id) WHERE t.ticket_id = ANY(%s)",
                (list(ticket_ids),),
            ).fetchall()

    def changed_after(self, place: Place, limit: int) -> list[ChangedLine]:
        with self._tx.cursor(row_factory=class_row(ChangedLine)) as cursor:
            return cursor.execute(
                "SELECT ticket_id, number, state, updated_at FROM ticket"
                " WHERE (updated_at, ticket_id) > (%s, %s) ORDER BY updated_at, ticket_id LIMIT %s",
                (place.at, place.ticket_id, limit),
            ).fetchall()

    def last_change(self) -> Place | None:
        row = self._tx.execute(
            "SELECT updated_at, ticket_id FROM ticket ORDER BY updated_at DESC, ticket_id DESC LIMIT 1"
        ).fetchone()
        return Place(*row) if row else None


def _conditions(asked: Asked) -> tuple[list[LiteralString], dict[str, Any]]:
    conditions, values = [VIEWS[asked.view]], dict[str, Any]()
    for name, condition in FILTERS.items():
        value = getattr(asked, name)
        if value == "none":
            conditions.append("category IS NULL")
        elif value is not None:
            conditions.append(condition)
            values[name] = value
    if asked.states:
        conditions.append("state = ANY(%(states)s)")
        values["states"] = list(asked.states)
    if asked.requester_ids:
        conditions.append("requester_id = ANY(%(requesters)s)")
        values["requesters"] = list(asked.requester_ids)
    return conditions, values
