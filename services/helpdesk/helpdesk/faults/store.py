"""SQL of faults, of what was said about them, and of the tickets that report them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from mtnet_chassis.data.database import Tx
from psycopg.rows import class_row, dict_row

from helpdesk.faults.rules import Fault, FaultNotFound, Message, Update
from helpdesk.tickets.rules import State

# Whom a text may be told now: not put aside, and told all that was begun before.
DUE: LiteralString = (
    "t.next_try_at <= %(now)s AND NOT EXISTS (SELECT FROM fault_to_tell earlier"
    " WHERE earlier.ticket_id = t.ticket_id AND earlier.position < t.position)"
)
SAVED = (
    "fault_id", "number", "title_zh", "title_en", "affected_system", "severity", "started_at", "recorded_at",
    "recorded_by", "workaround_zh", "workaround_en", "cause", "solution_zh", "solution_en", "announced_at",
    "resolved_at", "resolved_by", "version",
)  # fmt: skip
COLUMNS = ", ".join((*SAVED, "position"))
WORST_FIRST = (
    "CASE severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'normal' THEN 2 ELSE 3 END, position DESC"
)
# What is open at one time fits on a page; more than this nobody could work on.
MOST_OPEN = 200


class FaultStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def next_count(self) -> int:
        row = self._tx.execute("SELECT nextval('fault_count')").fetchone()
        return int(row[0]) if row else 0

    def add(self, fault: Fault) -> None:
        values = {name: getattr(fault, name) for name in SAVED}
        self._tx.execute(
            f"INSERT INTO fault ({', '.join(SAVED)}) VALUES ({', '.join(f'%({name})s' for name in SAVED)})",
            values,
        )

    def save(self, fault: Fault) -> None:
        values = {name: getattr(fault, name) for name in SAVED}
        changes = ", ".join(f"{name} = %({name})s" for name in SAVED)
        self._tx.execute(f"UPDATE fault SET {changes} WHERE fault_id = %(fault_id)s", values)

    def fault(self, number: str) -> Fault:
        """Raises FaultNotFound."""
        return self._fault(number, "")

    def fault_for_update(self, number: str) -> Fault:
        """Raises FaultNotFound."""
        return self._fault(number, " FOR UPDATE")

    def _fault(self, number: str, lock: str) -> Fault:
        with self._tx.cursor(row_factory=class_row(Fault)) as cursor:
            fault = cursor.execute(
                f"SELECT {COLUMNS} FROM fault WHERE number = %s{lock}", (number,)
            ).fetchone()
        if fault is None:
            raise FaultNotFound
        return fault

    def fault_of_ticket(self, ticket_id: UUID) -> Fault | None:
        with self._tx.cursor(row_factory=class_row(Fault)) as cursor:
            return cursor.execute(
                f"SELECT {COLUMNS} FROM fault WHERE fault_id ="
                " (SELECT fault_id FROM fault_ticket WHERE ticket_id = %s)",
                (ticket_id,),
            ).fetchone()

    def open_faults(self) -> list[Fault]:
        """Worst first."""
        with self._tx.cursor(row_factory=class_row(Fault)) as cursor:
            return cursor.execute(
                f"SELECT {COLUMNS} FROM fault WHERE resolved_at IS NULL ORDER BY {WORST_FIRST} LIMIT {MOST_OPEN}"
            ).fetchall()

    def resolved_faults(self, *, before: int | None, limit: int) -> list[Fault]:
        """Recorded last first."""
        with self._tx.cursor(row_factory=class_row(Fault)) as cursor:
            return cursor.execute(
                f"SELECT {COLUMNS} FROM fault WHERE resolved_at IS NOT NULL"
                " AND position < coalesce(%s, 2147483647) ORDER BY position DESC LIMIT %s",
                (before, limit),
            ).fetchall()

    def announced_faults(self, resolved_since: datetime, limit: int) -> list[Fault]:
        """What everybody may read: those that are not over, and those that were over since then."""
        with self._tx.cursor(row_factory=class_row(Fault)) as cursor:
            return cursor.execute(
                f"SELECT {COLUMNS} FROM fault WHERE announced_at IS NOT NULL"
                " AND (resolved_at IS NULL OR resolved_at >= %s)"
                f" ORDER BY resolved_at IS NOT NULL, coalesce(resolved_at, announced_at) DESC LIMIT {int(limit)}",
                (resolved_since,),
            ).fetchall()

    # What was said.

    def add_update(self, fault_id: UUID, update: Update) -> None:
        self._tx.execute(
            "INSERT INTO fault_update (fault_id, kind, at, by, text_zh, text_en) VALUES (%s, %s, %s, %s, %s, %s)",
            (fault_id, update.kind, update.at, update.by, update.text_zh, update.text_en),
        )

    def updates_of(self, fault_ids: Collection[UUID]) -> dict[UUID, list[Update]]:
        """Newest first."""
        found: dict[UUID, list[Update]] = {fault_id: [] for fault_id in fault_ids}
        for row in self._tx.execute(
            "SELECT fault_id, kind, at, by, text_zh, text_en FROM fault_update WHERE fault_id = ANY(%s)"
            " ORDER BY position DESC LIMIT 1000",
            (list(fault_ids),),
        ).fetchall():
            found[row[0]].append(Update(*row[1:]))
        return found

    # Who reported it.

    def add_tickets(self, fault_id: UUID, ticket_ids: Collection[UUID], by: str, at: datetime) -> list[UUID]:
        """Those that were about no fault that is open. One that was about a solved fault is about this one now."""
        rows = self._tx.execute(
            "INSERT INTO fault_ticket AS known (ticket_id, fault_id, added_at, added_by)"
            " SELECT ticket_id, %(fault)s, %(at)s, %(by)s FROM unnest(%(tickets)s::uuid[]) AS added (ticket_id)"
            " ON CONFLICT (ticket_id) DO UPDATE SET fault_id = EXCLUDED.fault_id, added_at = EXCLUDED.added_at,"
            " added_by = EXCLUDED.added_by, told_at = NULL, unreachable = false"
            " WHERE EXISTS (SELECT 1 FROM fault f WHERE f.fault_id = known.fault_id AND f.resolved_at IS NOT NULL)"
            " RETURNING ticket_id",
            {"fault": fault_id, "at": at, "by": by, "tickets": list(dict.fromkeys(ticket_ids))},
        ).fetchall()
        return [row[0] for row in rows]

    def remove_ticket(self, fault_id: UUID, ticket_id: UUID) -> bool:
        cursor = self._tx.execute(
            "DELETE FROM fault_ticket WHERE fault_id = %s AND ticket_id = %s", (fault_id, ticket_id)
        )
        return cursor.rowcount == 1

    def note_told(self, told: Collection[UUID], unreachable: Collection[UUID], at: datetime) -> None:
        """Those that were told, and those whose person cannot be written to."""
        self._tx.execute(
            "UPDATE fault_ticket SET told_at = %s, unreachable = false WHERE ticket_id = ANY(%s)",
            (at, list(told)),
        )
        self._tx.execute(
            "UPDATE fault_ticket SET unreachable = true WHERE ticket_id = ANY(%s)", (list(unreachable),)
        )

    def tickets_of(self, fault_id: UUID, limit: int) -> list[dict[str, Any]]:
        """`ticket_id`, `told_at` and `unreachable`: who cannot be written to first, then those added last."""
        with self._tx.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(
                "SELECT ticket_id, told_at, unreachable FROM fault_ticket WHERE fault_id = %s"
                " ORDER BY unreachable DESC, added_at DESC, ticket_id LIMIT %s",
                (fault_id, limit),
            ).fetchall()

    def counts_of(self, fault_ids: Collection[UUID]) -> dict[UUID, int]:
        """How many tickets report each."""
        rows = self._tx.execute(
            "SELECT fault_id, count(*) FROM fault_ticket WHERE fault_id = ANY(%s) GROUP BY fault_id",
            (list(fault_ids),),
        ).fetchall()
        return dict(rows)

    def about_a_fault(self, ticket_ids: Collection[UUID]) -> set[UUID]:
        """Those of these tickets that are about an open fault."""
        rows = self._tx.execute(
            "SELECT t.ticket_id FROM fault_ticket t JOIN fault f USING (fault_id)"
            " WHERE t.ticket_id = ANY(%s) AND f.resolved_at IS NULL",
            (list(ticket_ids),),
        ).fetchall()
        return {row[0] for row in rows}


class MessageStore:
    """Texts on their way to reporters."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def begin(self, message: Message, ticket_ids: Collection[UUID] | None) -> tuple[int, int]:
        """For these reporters of the fault, or all. Returns its position, and for how many it is."""
        row = self._tx.execute(
            "INSERT INTO fault_message (fault_id, text_zh, text_en, then_state, agent_id, agent_name, begun_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING position",
            (
                message.fault_id,
                message.text_zh,
                message.text_en,
                message.then,
                message.agent_id,
                message.agent_name,
                message.begun_at,
            ),
        ).fetchone()
        position = int(row[0]) if row else 0
        cursor = self._tx.execute(
            "INSERT INTO fault_to_tell (position, ticket_id) SELECT %(position)s, ticket_id FROM fault_ticket"
            " WHERE fault_id = %(fault)s AND (%(tickets)s::uuid[] IS NULL OR ticket_id = ANY(%(tickets)s))",
            {
                "position": position,
                "fault": message.fault_id,
                "tickets": None if ticket_ids is None else list(ticket_ids),
            },
        )
        count = cursor.rowcount
        if not count:
            self.end_if_all_are_told(position)
        return position, count

    def is_under_way(self, fault_id: UUID) -> bool:
        row = self._tx.execute(
            "SELECT EXISTS (SELECT FROM fault_message WHERE fault_id = %s)", (fault_id,)
        ).fetchone()
        return bool(row and row[0])

    def message(self, position: int) -> Message:
        found = self._one("WHERE position = %(position)s", {"position": position})
        if found is None:
            raise LookupError(position)
        return found

    def next_message(self, now: datetime) -> Message | None:
        """What was begun first and may reach somebody now."""
        return self._one(
            f"WHERE EXISTS (SELECT FROM fault_to_tell t WHERE t.position = fault_message.position AND {DUE})"
            " ORDER BY position LIMIT 1",
            {"now": now},
        )

    def _one(self, which: LiteralString, values: Mapping[str, Any]) -> Message | None:
        with self._tx.cursor(row_factory=dict_row) as cursor:
            row = cursor.execute(
                'SELECT position, fault_id, text_zh, text_en, then_state AS "then", agent_id, agent_name, begun_at'
                f" FROM fault_message {which}",
                values,
            ).fetchone()
        return Message(**row | {"then": row["then"] and State(row["then"])}) if row else None

    def take(self, position: int, most: int, now: datetime) -> dict[UUID, int]:
        """Some that it may reach now, with how often it was tried; in this transaction they are told."""
        rows = self._tx.execute(
            "DELETE FROM fault_to_tell WHERE position = %(position)s AND ticket_id IN (SELECT t.ticket_id"
            f" FROM fault_to_tell t WHERE t.position = %(position)s AND {DUE} ORDER BY t.ticket_id LIMIT %(most)s)"
            " RETURNING ticket_id, tries",
            {"position": position, "most": most, "now": now},
        ).fetchall()
        return dict(rows)

    def put_aside(self, position: int, ticket_id: UUID, tries: int, until: datetime) -> None:
        """It could not be told; later texts for it wait behind this one."""
        self._tx.execute(
            "INSERT INTO fault_to_tell (position, ticket_id, tries, next_try_at) VALUES (%s, %s, %s, %s)",
            (position, ticket_id, tries, until),
        )

    def count_failing(self, fault_id: UUID | None) -> int:
        """How many could not be told so far, of a fault or of all."""
        row = self._tx.execute(
            "SELECT count(DISTINCT t.ticket_id) FROM fault_message m JOIN fault_to_tell t USING (position)"
            " WHERE t.tries > 0 AND (%(fault)s::uuid IS NULL OR m.fault_id = %(fault)s)",
            {"fault": fault_id},
        ).fetchone()
        return int(row[0]) if row else 0

    def end_if_all_are_told(self, position: int) -> None:
        self._tx.execute(
            "DELETE FROM fault_message m WHERE position = %s"
            " AND NOT EXISTS (SELECT FROM fault_to_tell t WHERE t.position = m.position)",
            (position,),
        )

    def count_to_tell(self, fault_id: UUID) -> int:
        """How many the texts of this fault have not reached yet."""
        row = self._tx.execute(
            "SELECT count(DISTINCT t.ticket_id) FROM fault_message m JOIN fault_to_tell t USING (position)"
            " WHERE m.fault_id = %s",
            (fault_id,),
        ).fetchone()
        return int(row[0]) if row else 0
