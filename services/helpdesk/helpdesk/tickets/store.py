"""SQL of tickets and their threads."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, LiteralString
from uuid import UUID

import orjson
from mtnet_chassis.data.database import Tx
from psycopg.rows import dict_row

from helpdesk.deadlines.rules import Deadlines
from helpdesk.file_checks.rules import StoredFile
from helpdesk.tickets.rules import Lease, State, Ticket, TicketNotFound

TICKET_COLUMNS = (
    "ticket_id, number, requester_id, channel, address, locale, subject, state, spam, priority, category,"
    " owner_id, owner_name, team, created_at, updated_at, last_inbound_at, first_answer_due_at,"
    " first_answered_at, solution_due_at, paused_at, solution_from, paused_for, paused_work, resolved_at, closed_at,"
    " lease_by, lease_name, lease_expires_at, merged_into, split_from, by_form, link_token, satisfaction,"
    " satisfaction_comment, version"
)
CLOCKS = tuple(each.name for each in fields(Deadlines))
# Of a thread that was joined from several tickets.
FAMILY = (
    "WITH RECURSIVE family AS (SELECT ticket_id, number FROM ticket WHERE ticket_id = %(ticket)s"
    " UNION SELECT t.ticket_id, t.number FROM ticket t JOIN family f ON t.merged_into = f.ticket_id)"
)
# What retention forgets. A ticket that another one leads to stays until that one goes.
OLD: LiteralString = (
    "state = 'closed' AND closed_at < %(now)s - interval '3 years' AND NOT EXISTS (SELECT FROM ticket other"
    " WHERE other.merged_into = ticket.ticket_id OR other.split_from = ticket.ticket_id)"
)
# What a row of a thread has where nothing else is said.
ENTRY: Mapping[str, Any] = MappingProxyType(
    {
        **dict.fromkeys(
            ("channel", "address", "direction", "author_id", "author_name", "item_id", "message_id")
        ),
        **dict.fromkeys(("subject", "text", "quoted"), ""),
        **dict.fromkeys(("truncated", "automatic"), False),
        "problems": (),
        "delivery": None,
    }
)
# How far a number may lead: merged into one that was merged into one …
MOST_STEPS = 20


def ticket_of(row: Mapping[str, Any]) -> Ticket:
    """A row of TICKET_COLUMNS."""
    values = dict(row)
    clocks = Deadlines(**{name: values.pop(name) for name in CLOCKS})
    by, name, until = (values.pop(each) for each in ("lease_by", "lease_name", "lease_expires_at"))
    lease = Lease(by, name, until) if by is not None else None
    return Ticket(**values | {"state": State(values["state"])}, deadlines=clocks, lease=lease)


class TicketStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    # One ticket.

    def next_counts(self, count: int) -> list[int]:
        """Of all tickets. Nobody waits for it; one that is taken by what fails is left out."""
        if not count:
            return []
        rows = self._tx.execute(
            "SELECT nextval('ticket_count') FROM generate_series(1, %s)", (count,)
        ).fetchall()
        return [int(row[0]) for row in rows]

    def ticket(self, ticket_id: UUID) -> Ticket:
        """Raises TicketNotFound."""
        return self._one("ticket_id = %s", ticket_id)

    def ticket_for_update(self, ticket_id: UUID) -> Ticket:
        """Locked until the transaction ends. Raises TicketNotFound."""
        return self._one("ticket_id = %s FOR UPDATE", ticket_id)

    def ticket_numbered(self, number: str) -> Ticket:
        """Raises TicketNotFound."""
        return self._one("number = %s", number)

    def ticket_with_link(self, link_token: str) -> Ticket:
        """Raises TicketNotFound."""
        return self._one("link_token = %s", link_token)

    def root_of(self, ticket: Ticket) -> Ticket:
        """Where its thread goes on."""
        for _ in range(MOST_STEPS):
            if ticket.merged_into is None:
                break
            ticket = self.ticket(ticket.merged_into)
        return ticket

    def roots_of(self, ticket_ids: Collection[UUID]) -> dict[UUID, Ticket]:
        """Of each: where its thread goes on."""
        if not ticket_ids:
            return {}
        with self._tx.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(
                "WITH RECURSIVE way AS (SELECT ticket_id AS asked, ticket_id AS at, merged_into, 0 AS steps"
                " FROM ticket WHERE ticket_id = ANY(%(tickets)s)"
                " UNION ALL SELECT w.asked, t.ticket_id, t.merged_into, w.steps + 1"
                " FROM way w JOIN ticket t ON t.ticket_id = w.merged_into WHERE w.steps < %(steps)s),"
                " last AS (SELECT DISTINCT ON (asked) asked, at FROM way ORDER BY asked, steps DESC)"
                f" SELECT last.asked, {TICKET_COLUMNS} FROM last JOIN ticket ON ticket_id = last.at",
                {"tickets": list(ticket_ids), "steps": MOST_STEPS},
            ).fetchall()
        return {row.pop("asked"): ticket_of(row) for row in rows}

    def _one(self, condition: str, value: Any) -> Ticket:
        with self._tx.cursor(row_factory=dict_row) as cursor:
            row = cursor.execute(
                f"SELECT {TICKET_COLUMNS} FROM ticket WHERE {condition}", (value,)
            ).fetchone()
        if row is None:
            raise TicketNotFound
        return ticket_of(row)

    def tickets_for_update(self, ticket_ids: Collection[UUID]) -> dict[UUID, Ticket]:
        """Those that there are, in the order of their ids, so that two never wait for each other."""
        with self._tx.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(
                f"SELECT {TICKET_COLUMNS} FROM ticket WHERE ticket_id = ANY(%s) ORDER BY ticket_id FOR UPDATE",
                (list(ticket_ids),),
            ).fetchall()
        return {row["ticket_id"]: ticket_of(row) for row in rows}

    def held_by(self, account_id: UUID, most: int) -> list[Ticket]:
        """What they own and is not done, and what they are answering, locked until the transaction ends."""
        rows = self._tx.execute(
            "SELECT ticket_id FROM ticket WHERE live AND owner_id = %(id)s"
            " UNION SELECT ticket_id FROM ticket WHERE lease_by = %(id)s LIMIT %(most)s",
            {"id": account_id, "most": most},
        ).fetchall()
        locked = self.tickets_for_update([row[0] for row in rows])
        return list(locked.values())

    def add_tickets(self, tickets: Sequence[Ticket]) -> None:
        self._insert("ticket", [_values(each) for each in tickets])

    def save_ticket(self, ticket: Ticket) -> None:
        self.save_tickets([ticket])

    def save_tickets(self, tickets: Sequence[Ticket]) -> None:
        values = [_values(each) for each in tickets]
        if not values:
            return
        changes = ", ".join(f"{c} = %({c})s" for c in values[0] if c != "ticket_id")
        with self._tx.cursor() as cursor:
            cursor.executemany(f"UPDATE ticket SET {changes} WHERE ticket_id = %(ticket_id)s", values)

    def _insert(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """All with one statement, in this order; all rows have the same columns. As JSON: one value to bind for all."""
        if rows:
            columns = ", ".join(rows[0])
            self._tx.execute(
                f"INSERT INTO {table} ({columns}) SELECT {columns}"
                f" FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb) WITH ORDINALITY ORDER BY ordinality",
                (orjson.dumps(rows, default=_interval).decode(),),
            )

    def save_lease(self, ticket: Ticket) -> None:
        lease = ticket.lease
        self._tx.execute(
            "UPDATE ticket SET lease_by = %s, lease_name = %s, lease_expires_at = %s WHERE ticket_id = %s",
            (
                lease and lease.account_id,
                lease and lease.name,
                lease and lease.expires_at,
                ticket.ticket_id,
            ),
        )

    # The thread.

    def add_entry(
        self,
        entry_id: UUID,
        ticket_id: UUID,
        kind: str,
        at: datetime,
        **more: Any,
    ) -> None:
        """`more`: any of the other columns of `entry`."""
        self.add_entries([{"entry_id": entry_id, "ticket_id": ticket_id, "kind": kind, "at": at, **more}])

    def add_entries(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Each with some of the columns of `entry`."""
        self._insert("entry", [{**ENTRY, **row} for row in rows])

    def add_changes(self, changes: Sequence[tuple[UUID, str, str | None, str | None]]) -> None:
        """Row, field, before, after."""
        if not changes:
            return
        self._tx.execute(
            "INSERT INTO entry_change (entry_id, field, before, after)"
            " SELECT * FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[])",
            tuple(list(column) for column in zip(*changes, strict=True)),
        )

    def add_attachments(self, entry_id: UUID, files: Sequence[StoredFile]) -> None:
        if not files:
            return
        rows = [
            (f.file_id, f.key, f.filename, f.media_type, f.size, f.sha256, f.held_back, f.pages)
            for f in files
        ]
        self._tx.execute(
            "INSERT INTO attachment (attachment_id, entry_id, position, file_key, filename, media_type, size,"
            " sha256, held_back, pages)"
            " SELECT id, %s, number - 1, key, name, type, size, sha256, held_back, pages"
            " FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::text[], %s::text[],"
            " %s::integer[]) WITH ORDINALITY AS f (id, key, name, type, size, sha256, held_back, pages, number)",
            (entry_id, *(list(column) for column in zip(*rows, strict=True))),
        )

    def newest_entries(self, ticket_id: UUID, before: int | None, limit: int) -> list[dict[str, Any]]:
        """Of this ticket and those merged into it, oldest first, with changes and attachments; of those before one."""
        with self._tx.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(
                f"{FAMILY} SELECT * FROM (SELECT e.entry_id, e.sequence, f.number AS ticket_number, e.kind,"
                " e.channel, e.direction, e.at, e.author_name, e.subject, e.text, e.quoted, e.truncated, e.problems,"
                " e.delivery, e.delivery_reason"
                " FROM entry e JOIN family f USING (ticket_id)"
                " WHERE %(before)s::bigint IS NULL OR e.sequence < %(before)s"
                " ORDER BY e.sequence DESC LIMIT %(limit)s) newest ORDER BY sequence",
                {"ticket": ticket_id, "before": before, "limit": limit},
            ).fetchall()
            ids = [row["entry_id"] for row in rows]
            changes = cursor.execute(
                "SELECT entry_id, field, before, after FROM entry_change WHERE entry_id = ANY(%s)"
                " ORDER BY entry_id, field",
                (ids,),
            ).fetchall()
            files = cursor.execute(
                "SELECT entry_id, attachment_id, filename, media_type, size, sha256, held_back,"
                " pages FROM attachment WHERE entry_id = ANY(%s) ORDER BY entry_id, position",
                (ids,),
            ).fetchall()
        for row in rows:
            row["changes"] = [each for each in changes if each["entry_id"] == row["entry_id"]]
            row["attachments"] = [each for each in files if each["entry_id"] == row["entry_id"]]
        return rows

    def others_of(self, ticket_id: UUID) -> list[dict[str, Any]]:
        """Tickets that have to do with this one, and how."""
        with self._tx.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(
                "SELECT t.ticket_id, t.number, t.subject, t.state, o.relation FROM ("
                "SELECT other_id AS ticket_id, 'linked' AS relation FROM ticket_link WHERE one_id = %(ticket)s"
                " UNION ALL SELECT one_id, 'linked' FROM ticket_link WHERE other_id = %(ticket)s"
                " UNION ALL SELECT ticket_id, 'merged' FROM ticket WHERE merged_into = %(ticket)s"
                " UNION ALL SELECT ticket_id, 'split' FROM ticket WHERE split_from = %(ticket)s"
                " AND merged_into IS NULL"
                " UNION ALL SELECT split_from, 'split_from' FROM ticket WHERE ticket_id = %(ticket)s"
                " AND split_from IS NOT NULL) o JOIN ticket t USING (ticket_id) ORDER BY t.number LIMIT 100",
                {"ticket": ticket_id},
            ).fetchall()

    def last_inbound(self, ticket_id: UUID) -> tuple[str | None, str] | None:
        """Message-ID and subject of the last mail that came in, for what an answer answers."""
        row: tuple[str | None, str] | None = self._tx.execute(
            f"{FAMILY} SELECT e.message_id, e.subject FROM entry e JOIN family USING (ticket_id)"
            " WHERE e.kind = 'inbound' AND e.channel = 'email' AND NOT e.automatic"
            " ORDER BY e.sequence DESC LIMIT 1",
            {"ticket": ticket_id},
        ).fetchone()
        return row

    def message_ids(self, ticket_id: UUID, limit: int) -> list[str]:
        """Of what came in, oldest first, at most so many of the newest."""
        rows = self._tx.execute(
            f"{FAMILY} SELECT e.message_id FROM entry e JOIN family USING (ticket_id)"
            " WHERE e.message_id IS NOT NULL ORDER BY e.sequence DESC LIMIT %(limit)s",
            {"ticket": ticket_id, "limit": limit},
        ).fetchall()
        return [row[0] for row in reversed(rows)]

    def entry_for_delivery(self, entry_id: UUID) -> tuple[UUID, str] | None:
        """Ticket and delivery of an answer, locked."""
        row: tuple[UUID, str] | None = self._tx.execute(
            "SELECT ticket_id, delivery FROM entry WHERE entry_id = %s AND kind = 'answer' FOR UPDATE",
            (entry_id,),
        ).fetchone()
        return row

    def save_delivery(self, entry_id: UUID, delivery: str, reason: str | None, at: datetime) -> None:
        self._tx.execute(
            "UPDATE entry SET delivery = %s, delivery_reason = %s, delivered_at = %s WHERE entry_id = %s",
            (delivery, reason, at, entry_id),
        )

    # Time.

    def resolved_before(self, moment: datetime, limit: int) -> list[Ticket]:
        """Those that are closed by themselves; others that are being changed are left for the next time."""
        with self._tx.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(
                f"SELECT {TICKET_COLUMNS} FROM ticket WHERE state = 'resolved' AND resolved_at < %s"
                " ORDER BY resolved_at LIMIT %s FOR UPDATE SKIP LOCKED",
                (moment, limit),
            ).fetchall()
        return [ticket_of(row) for row in rows]

    def close(self, ticket_ids: Sequence[UUID], entry_ids: Sequence[UUID], now: datetime) -> None:
        """All at once, each with a row in its thread."""
        values = {"tickets": list(ticket_ids), "entries": list(entry_ids), "now": now}
        self._tx.execute(
            "UPDATE ticket SET state = 'closed', closed_at = %(now)s, updated_at = %(now)s, version = version + 1"
            " WHERE ticket_id = ANY(%(tickets)s)",
            values,
        )
        self._tx.execute(
            "INSERT INTO entry (entry_id, ticket_id, kind, at)"
            " SELECT entry_id, ticket_id, 'change', %(now)s"
            " FROM unnest(%(entries)s::uuid[], %(tickets)s::uuid[]) AS made (entry_id, ticket_id)",
            values,
        )
        self._tx.execute(
            "INSERT INTO entry_change (entry_id, field, before, after)"
            " SELECT entry_id, 'state', 'resolved', 'closed' FROM unnest(%(entries)s::uuid[]) AS made (entry_id)",
            values,
        )

    def forget_old(self, now: datetime, most: int) -> int:
        """With their threads; their files are noted for deletion in the same transaction. Returns how many."""
        old = [
            row[0]
            for row in self._tx.execute(
                f"SELECT ticket_id FROM ticket WHERE {OLD} ORDER BY closed_at LIMIT %(most)s"
                " FOR UPDATE SKIP LOCKED",
                {"now": now, "most": most},
            ).fetchall()
        ]
        if old:
            self._tx.execute(
                "WITH gone AS (DELETE FROM attachment WHERE entry_id IN (SELECT entry_id FROM entry"
                " WHERE ticket_id = ANY(%s)) RETURNING file_key, pages)"
                " INSERT INTO file_to_delete (file_key) SELECT file_key FROM gone UNION"
                " SELECT file_key || '-' || n || '.png' FROM gone, generate_series(1, pages) AS n"
                " ON CONFLICT DO NOTHING",
                (old,),
            )
            self._tx.execute(
                "DELETE FROM ticket_link WHERE one_id = ANY(%(o)s) OR other_id = ANY(%(o)s)", {"o": old}
            )
            self._tx.execute("DELETE FROM entry WHERE ticket_id = ANY(%s)", (old,))
            self._tx.execute("DELETE FROM ticket WHERE ticket_id = ANY(%s)", (old,))
        return len(old)


def _interval(value: timedelta) -> str:
    """As PostgreSQL reads it."""
    return f"{value.total_seconds()} seconds"


def _values(ticket: Ticket) -> dict[str, Any]:
    lease = ticket.lease
    return {
        "ticket_id": ticket.ticket_id,
        "number": ticket.number,
        "requester_id": ticket.requester_id,
        "channel": ticket.channel,
        "address": ticket.address,
        "locale": ticket.locale,
        "subject": ticket.subject,
        "state": ticket.state,
        "spam": ticket.spam,
        "priority": ticket.priority,
        "category": ticket.category,
        "owner_id": ticket.owner_id,
        "owner_name": ticket.owner_name,
        "team": ticket.team,
        "created_at": ticket.created_at,
        "updated_at": ticket.updated_at,
        "last_inbound_at": ticket.last_inbound_at,
        **vars(ticket.deadlines),
        "first_answered_at": ticket.first_answered_at,
        "resolved_at": ticket.resolved_at,
        "closed_at": ticket.closed_at,
        "due_at": ticket.due_at,
        "lease_by": lease and lease.account_id,
        "lease_name": lease and lease.name,
        "lease_expires_at": lease and lease.expires_at,
        "merged_into": ticket.merged_into,
        "split_from": ticket.split_from,
        "by_form": ticket.by_form,
        "link_token": ticket.link_token,
        "satisfaction": ticket.satisfaction,
        "satisfaction_comment": ticket.satisfaction_comment,
        "version": ticket.version,
    }
