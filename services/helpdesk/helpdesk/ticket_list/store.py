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
                " WHERE t.requester_id = ANY(%s) ORDER BY t.created_at DESC, t.ticket_id DESC LIMIT %s",
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

    def people(self, since: datetime, most: int) -> list[tuple[UUID, str]]:
        """Who has worked at the desk since then: one step through the index for each, however much they wrote."""
        rows: list[tuple[UUID, str]] = self._tx.execute(
            "WITH RECURSIVE agent AS ("
            "(SELECT author_id FROM entry WHERE author_id IS NOT NULL ORDER BY author_id LIMIT 1)"
            " UNION ALL SELECT (SELECT e.author_id FROM entry e WHERE e.author_id > a.author_id"
            " ORDER BY e.author_id LIMIT 1) FROM agent a WHERE a.author_id IS NOT NULL)"
            " SELECT a.author_id, last.author_name FROM agent a CROSS JOIN LATERAL ("
            "SELECT author_name FROM entry WHERE author_id = a.author_id AND at >= %s ORDER BY at DESC LIMIT 1"
            ") last WHERE a.author_id IS NOT NULL ORDER BY last.author_name LIMIT %s",
            (since, most),
        ).fetchall()
        return rows


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
