"""SQL of broadcasts: their texts and states, who belongs to them, and who did what with them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, LiteralString
from uuid import UUID

from mtnet_chassis.data.database import Tx
from mtnet_chassis.fastpath.arrays import bigints
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from notify.broadcast_chunks.actions import ChunkStore, chunks_in
from notify.broadcast_chunks.rules import Crowd
from notify.broadcasts.rules import Act, Broadcast, BroadcastNotFound, State
from notify.contact_points.rules import FIRST

COLUMNS: LiteralString = (
    "broadcast_id, category, segment, segment_of, texts, state, version, written_by, written_by_name, written_at,"
    " people, counts, counted_at, start_at, per_second, started_at, ended_at, frozen_to, next_at, chunks, outcomes"
)
# How many broadcasts one turn looks after.
MOST_AT_ONCE: LiteralString = "20"
# From so many people on their tables are read as a whole, which is half the work of five look-ups for each.
MANY = 20_000
# In order, so that the planner takes the index of positions however old its figures of the broadcast are.
_NEXT: LiteralString = (
    " (SELECT person_id, position FROM broadcast_person WHERE broadcast_id = %(broadcast_id)s"
    " AND position > %(position)s AND position <= %(last)s AND person_kind = 'account' ORDER BY position) next"
)
_NOT_SUPPRESSED: LiteralString = (
    " NOT EXISTS (SELECT FROM suppression s WHERE s.channel = %(channel)s"
    " AND s.address = lower(point.address) AND s.lifted_at IS NULL)"
)
_PEOPLE_BY_KEY: LiteralString = (
    f"SELECT contact.locale, next.position, point.address FROM{_NEXT}"
    " CROSS JOIN LATERAL (SELECT locale FROM account_contact"
    " WHERE account_id = next.person_id AND email <> '' LIMIT 1) contact"
    " CROSS JOIN LATERAL (SELECT FROM preference WHERE person_kind = 'account'"
    " AND person_id = next.person_id AND category = %(category)s AND %(channel)s = ANY(channels)"
    " AND NOT channels && %(not_beside)s LIMIT 1) chosen"
    " CROSS JOIN LATERAL (SELECT address FROM contact_point WHERE person_kind = 'account'"
    " AND person_id = next.person_id AND channel = %(channel)s AND position = %(first)s"
    " AND unreachable_since IS NULL LIMIT 1) point"
    f" WHERE{_NOT_SUPPRESSED} AND (SELECT count(*) FROM contact_point other WHERE other.channel = %(channel)s"
    " AND lower(other.address) = lower(point.address)) = 1"
)
# The same people, and how: the planner's guess of their number is old when they were added just now, and it would go by
# key. Helpers would take what the senders of the same moment need.
_READING_TABLES: tuple[tuple[LiteralString, LiteralString], ...] = (
    ("enable_nestloop", "off"),
    ("enable_mergejoin", "off"),
    ("max_parallel_workers_per_gather", "0"),
)
_PEOPLE_OF_TABLES: LiteralString = (
    f"SELECT contact.locale, next.position, point.address FROM{_NEXT}"
    " JOIN account_contact contact ON contact.account_id = next.person_id AND contact.email <> ''"
    " JOIN preference chosen ON chosen.person_kind = 'account' AND chosen.person_id = next.person_id"
    " AND chosen.category = %(category)s AND %(channel)s = ANY(chosen.channels)"
    " AND NOT chosen.channels && %(not_beside)s"
    " JOIN contact_point point ON point.person_kind = 'account' AND point.person_id = next.person_id"
    " AND point.channel = %(channel)s AND point.position = %(first)s AND point.unreachable_since IS NULL"
    f" WHERE{_NOT_SUPPRESSED} AND lower(point.address) NOT IN (SELECT lower(other.address) FROM contact_point other"
    " WHERE other.channel = %(channel)s GROUP BY lower(other.address) HAVING count(*) > 1)"
)


@dataclass(frozen=True)
class Step:
    """Something that was done with a broadcast; `by_name` is empty for what the clock did."""

    at: datetime
    act: str
    by_name: str
    detail: dict[str, Any]


@dataclass(frozen=True)
class Member:
    """One person of a broadcast."""

    position: int
    person_kind: Literal["account", "application"]
    person_id: UUID


class BroadcastStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add(self, new: Broadcast) -> None:
        self._tx.execute(
            "INSERT INTO broadcast (broadcast_id, category, segment, segment_of, texts, state, version, written_by,"
            " written_by_name, written_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                new.broadcast_id,
                new.category,
                new.segment,
                new.segment_of,
                Jsonb(new.texts),
                new.state,
                new.version,
                new.written_by,
                new.written_by_name,
                new.written_at,
            ),
        )

    def broadcast(self, broadcast_id: UUID) -> Broadcast:
        """To look at. Raises BroadcastNotFound."""
        return self._one(f"SELECT {COLUMNS} FROM broadcast WHERE broadcast_id = %s", broadcast_id)

    def broadcast_for_update(self, broadcast_id: UUID) -> Broadcast:
        """Raises BroadcastNotFound."""
        return self._one(f"SELECT {COLUMNS} FROM broadcast WHERE broadcast_id = %s FOR UPDATE", broadcast_id)

    def _one(self, query: str, broadcast_id: UUID) -> Broadcast:
        with self._tx.cursor(row_factory=dict_row) as cursor:
            row = cursor.execute(query, (broadcast_id,)).fetchone()
        if row is None:
            raise BroadcastNotFound(broadcast_id)
        return _broadcast(row)

    def broadcasts(self, *, limit: int, offset: int) -> tuple[list[Broadcast], int]:
        """Newest first, and how many there are in all."""
        with self._tx.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(
                f"SELECT {COLUMNS} FROM broadcast ORDER BY written_at DESC, broadcast_id LIMIT %s OFFSET %s",
                (limit, offset),
            ).fetchall()
        counted = self._tx.execute("SELECT count(*) FROM broadcast").fetchone()
        return [_broadcast(row) for row in rows], counted[0] if counted else 0

    def save(self, broadcast_id: UUID, **changes: Any) -> None:
        """Columns by name; the version goes up."""
        columns = ", ".join(f"{name} = %({name})s" for name in changes)
        values = {name: Jsonb(value) if isinstance(value, dict) else value for name, value in changes.items()}
        self._tx.execute(
            f"UPDATE broadcast SET {columns}, version = version + 1 WHERE broadcast_id = %(broadcast_id)s",
            values | {"broadcast_id": broadcast_id},
        )

    def save_progress(self, broadcast: Broadcast) -> None:
        """How far its people are taken up: no change that an operator has to know of."""
        self._tx.execute(
            "UPDATE broadcast SET frozen_to = %s, next_at = %s, chunks = %s WHERE broadcast_id = %s",
            (broadcast.frozen_to, broadcast.next_at, broadcast.chunks, broadcast.broadcast_id),
        )

    def save_outcomes(self, broadcast_id: UUID, outcomes: Mapping[str, int]) -> None:
        self._tx.execute(
            "UPDATE broadcast SET outcomes = %s WHERE broadcast_id = %s",
            (Jsonb(dict(outcomes)), broadcast_id),
        )

    def clear_people(self, broadcast_id: UUID) -> None:
        self._tx.execute("DELETE FROM broadcast_person WHERE broadcast_id = %s", (broadcast_id,))

    def add_people(
        self, broadcast_id: UUID, kind: str, person_ids: Sequence[UUID], after: int
    ) -> list[Member]:
        """Positions behind `after`. Returns those who were not there yet."""
        with self._tx.cursor(row_factory=class_row(Member)) as cursor:
            return cursor.execute(
                "INSERT INTO broadcast_person (broadcast_id, position, person_kind, person_id)"
                " SELECT %(broadcast_id)s, %(after)s + row_number() OVER (ORDER BY person_id), %(kind)s, person_id"
                " FROM (SELECT DISTINCT person_id FROM unnest(%(ids)s::uuid[]) AS asked (person_id)"
                " WHERE NOT EXISTS (SELECT FROM broadcast_person known WHERE known.broadcast_id = %(broadcast_id)s"
                " AND known.person_id = asked.person_id)) new"
                " RETURNING position, person_kind, person_id",
                {"broadcast_id": broadcast_id, "after": after, "kind": kind, "ids": list(person_ids)},
            ).fetchall()

    def crowds_after(
        self,
        broadcast_id: UUID,
        position: int,
        limit: int,
        *,
        channel: str,
        category: str,
        not_beside: Collection[str],
    ) -> list[Crowd]:
        """Of the next so many people, the accounts that are reached by this channel alone: they chose it and none of
        `not_beside`, gave an address of their own that nobody else has, and something arrives there.
        """
        many = limit >= MANY
        people = _PEOPLE_OF_TABLES if many else _PEOPLE_BY_KEY
        with self._tx.cursor(row_factory=class_row(Crowd)) as cursor:
            for setting, value in _READING_TABLES if many else ():
                cursor.execute(f"SET LOCAL {setting} = {value}")
            crowds = cursor.execute(
                "SELECT locale, array_agg(position ORDER BY position) AS positions,"
                f" array_agg(address ORDER BY position) AS addresses FROM ({people}) found GROUP BY locale",
                {
                    "broadcast_id": broadcast_id,
                    "position": position,
                    "last": position + limit,
                    "channel": channel,
                    "category": category,
                    "not_beside": list(not_beside),
                    "first": FIRST,
                },
            ).fetchall()
            for setting, _ in _READING_TABLES if many else ():
                cursor.execute(f"SET LOCAL {setting} TO DEFAULT")
        return crowds

    def people_besides(
        self, broadcast_id: UUID, position: int, limit: int, found: Sequence[int], most: int
    ) -> list[Member]:
        """Of the next so many the first ones, at most `most`, without those at the positions that were found."""
        if len(found) == limit:
            return []
        with self._tx.cursor(row_factory=class_row(Member)) as cursor:
            return cursor.execute(
                "SELECT position, person_kind, person_id FROM broadcast_person WHERE broadcast_id = %s"
                " AND position > %s AND position <= %s AND position NOT IN (SELECT unnest(%s::bigint[]))"
                " ORDER BY position LIMIT %s",
                (broadcast_id, position, position + limit, bigints(found), most),
            ).fetchall()

    def people_at(self, broadcast_id: UUID, positions: Sequence[int]) -> list[Member]:
        with self._tx.cursor(row_factory=class_row(Member)) as cursor:
            return cursor.execute(
                "SELECT position, person_kind, person_id FROM broadcast_person WHERE broadcast_id = %s"
                " AND position = ANY(%s) ORDER BY position",
                (broadcast_id, list(positions)),
            ).fetchall()

    def add_step(
        self,
        broadcast_id: UUID,
        act: Act | str,
        at: datetime,
        *,
        by: tuple[UUID, str] | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """In the transaction that locks the broadcast."""
        self._tx.execute(
            "INSERT INTO broadcast_step (broadcast_id, step, at, act, by_id, by_name, detail)"
            " SELECT %(broadcast_id)s, coalesce(max(step), 0) + 1, %(at)s, %(act)s, %(by_id)s, %(by_name)s, %(detail)s"
            " FROM broadcast_step WHERE broadcast_id = %(broadcast_id)s",
            {
                "broadcast_id": broadcast_id,
                "at": at,
                "act": str(act),
                "by_id": by and by[0],
                "by_name": by[1] if by else "",
                "detail": Jsonb(dict(detail or {})),
            },
        )

    def steps(self, broadcast_id: UUID, most: int = 200) -> list[Step]:
        """The last ones, oldest first."""
        with self._tx.cursor(row_factory=class_row(Step)) as cursor:
            found = cursor.execute(
                "SELECT at, act, by_name, detail FROM broadcast_step WHERE broadcast_id = %s"
                " ORDER BY step DESC LIMIT %s",
                (broadcast_id, most),
            ).fetchall()
        return found[::-1]

    def due_to_begin(self, now: datetime) -> list[Broadcast]:
        """Those whose time has come, for update; what another process begins is left to it."""
        return self._several("state = 'scheduled' AND start_at <= %s", "start_at", now)

    def next_start(self) -> datetime | None:
        """When the next scheduled one begins."""
        row = self._tx.execute("SELECT min(start_at) FROM broadcast WHERE state = 'scheduled'").fetchone()
        return row[0] if row else None

    def running_for_update(self) -> list[Broadcast]:
        """Those that nobody else works at."""
        return self._several("state = 'running'", "started_at")

    def unfinished_for_update(self) -> list[Broadcast]:
        """Those with people on their way, or held, and those that have to be told that they are at their end."""
        return self._several(
            "state IN ('running', 'paused') OR (state = 'cancelled' AND EXISTS (SELECT FROM broadcast_chunk c"
            " WHERE c.broadcast_id = broadcast.broadcast_id AND c.state <> 'closed'))",
            "started_at",
        )

    def _several(self, condition: LiteralString, order: LiteralString, *values: object) -> list[Broadcast]:
        with self._tx.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(
                f"SELECT {COLUMNS} FROM broadcast WHERE {condition} ORDER BY {order} LIMIT {MOST_AT_ONCE}"
                " FOR UPDATE SKIP LOCKED",
                values,
            ).fetchall()
        return [_broadcast(row) for row in rows]


def _broadcast(row: dict[str, Any]) -> Broadcast:
    return Broadcast(**row | {"state": State(row["state"])})


@dataclass(frozen=True)
class Stores:
    """What an action reads and writes, in one transaction."""

    tx: Tx
    broadcasts: BroadcastStore
    chunks: ChunkStore

    @staticmethod
    def of(tx: Tx) -> "Stores":
        return Stores(tx, BroadcastStore(tx), chunks_in(tx))
