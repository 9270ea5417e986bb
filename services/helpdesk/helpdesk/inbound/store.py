"""SQL of inbound items. Many at a time: a mailbox that was away comes back full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from mtnet_chassis.data.database import Tx
from psycopg.rows import class_row

from helpdesk.inbound.rules import State

# Who stored something wakes whoever understands it.
WAKE_UP = "helpdesk_inbound"
# Of a held item so much is shown.
HEAD_BYTES = 16 * 1024
# What has been forgotten can be let in no more.
STILL_HELD = "state = 'held' AND (raw IS NOT NULL OR raw_key IS NOT NULL)"
HELD_COLUMNS = (
    "sequence, item_id, channel, received_at, size, held_because, address_key,"
    " coalesce(substring(raw FROM 1 FOR %s), ''::bytea) AS head"
)


@dataclass(frozen=True)
class NewItem:
    """To be stored. Either `raw` or `raw_key`."""

    item_id: UUID
    channel: str
    dedupe_key: str
    received_at: datetime
    size: int
    raw: bytes | None
    raw_key: str | None
    envelope: tuple[str, ...] = ()


@dataclass(frozen=True)
class StoredItem:
    item_id: UUID
    channel: str
    received_at: datetime
    size: int
    raw: bytes | None
    raw_key: str | None
    envelope: tuple[str, ...]
    tries: int
    released: bool


@dataclass(frozen=True)
class HeldRow:
    """`head`: the beginning of its bytes; empty where they lie in the object store."""

    sequence: int
    item_id: UUID
    channel: str
    received_at: datetime
    size: int
    held_because: str | None
    address_key: str
    head: bytes


@dataclass(frozen=True)
class Settled:
    """What became of an item."""

    item_id: UUID
    state: State
    address_key: str = ""
    thread_key: str = ""
    ticket_id: UUID | None = None
    entry_id: UUID | None = None
    held_because: str | None = None


class InboundStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add(self, items: Sequence[NewItem], now: datetime) -> int:
        """Those that are new. Returns how many."""
        added = 0
        with self._tx.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO inbound_item"
                " (item_id, channel, dedupe_key, received_at, size, raw, raw_key, envelope, try_at)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (dedupe_key) DO NOTHING",
                [
                    (
                        each.item_id, each.channel, each.dedupe_key, each.received_at, each.size, each.raw,
                        each.raw_key, list(each.envelope), now,
                    )
                    for each in items
                ],
            )  # fmt: skip
            added = cursor.rowcount
        if added:
            self._tx.execute("SELECT pg_notify(%s, '')", (WAKE_UP,))
        return added

    def waiting(self, now: datetime, most: int) -> list[StoredItem]:
        """To be understood, in the order in which they came. Those that failed wait for their time, and keep nobody."""
        rows = self._tx.execute(
            "SELECT item_id, channel, received_at, size, raw, raw_key, envelope, tries, released FROM inbound_item"
            " WHERE state = 'stored' AND try_at <= %s ORDER BY sequence LIMIT %s",
            (now, most),
        ).fetchall()
        return [_item(row) for row in rows]

    def item(self, item_id: UUID) -> StoredItem:
        """Whatever became of it. Raises LookupError."""
        row = self._tx.execute(
            "SELECT item_id, channel, received_at, size, raw, raw_key, envelope, tries, released FROM inbound_item"
            " WHERE item_id = %s",
            (item_id,),
        ).fetchone()
        if row is None:
            raise LookupError(item_id)
        return _item(row)

    def ticket_of(self, item_id: UUID) -> UUID | None:
        """None: it is not known, or became no entry."""
        row = self._tx.execute("SELECT ticket_id FROM inbound_item WHERE item_id = %s", (item_id,)).fetchone()
        return row[0] if row else None

    def next_try_at(self) -> datetime | None:
        row = self._tx.execute("SELECT min(try_at) FROM inbound_item WHERE state = 'stored'").fetchone()
        return row[0] if row else None

    def still_stored(self, item_ids: Sequence[UUID]) -> set[UUID]:
        """Those that nobody has settled meanwhile; they are locked."""
        rows = self._tx.execute(
            "SELECT item_id FROM inbound_item WHERE item_id = ANY(%s) AND state = 'stored'"
            " ORDER BY sequence FOR UPDATE",
            (list(item_ids),),
        ).fetchall()
        return {row[0] for row in rows}

    def counts_since(self, keys: Sequence[str], column: str, since: datetime, most: int) -> dict[str, int]:
        """How much came of each sender (`address_key`) or thread (`thread_key`), counted up to `most`."""
        if column not in ("address_key", "thread_key"):
            raise ValueError(column)
        rows = self._tx.execute(
            "SELECT key, (SELECT count(*) FROM (SELECT FROM inbound_item"
            f" WHERE {column} = key AND {column} <> '' AND settled_at > %s LIMIT %s) AS found)"
            " FROM unnest(%s::text[]) AS key",
            (since, most, list(dict.fromkeys(keys))),
        ).fetchall()
        return {row[0]: row[1] for row in rows}

    def settle(self, settled: Sequence[Settled], now: datetime) -> None:
        with self._tx.cursor() as cursor:
            cursor.executemany(
                "UPDATE inbound_item SET state = %s, address_key = %s, thread_key = %s, ticket_id = %s, entry_id = %s,"
                " held_because = %s, settled_at = %s WHERE item_id = %s",
                [
                    (
                        each.state,
                        each.address_key,
                        each.thread_key,
                        each.ticket_id,
                        each.entry_id,
                        each.held_because,
                        now,
                        each.item_id,
                    )
                    for each in settled
                ],
            )

    # What was held.

    def held(self, after: int, most: int) -> list[HeldRow]:
        """In the order in which they came."""
        with self._tx.cursor(row_factory=class_row(HeldRow)) as cursor:
            return cursor.execute(
                f"SELECT {HELD_COLUMNS} FROM inbound_item WHERE {STILL_HELD} AND sequence > %s"
                " ORDER BY sequence LIMIT %s",
                (HEAD_BYTES, after, most),
            ).fetchall()

    def held_item(self, item_id: UUID) -> HeldRow | None:
        with self._tx.cursor(row_factory=class_row(HeldRow)) as cursor:
            return cursor.execute(
                f"SELECT {HELD_COLUMNS} FROM inbound_item WHERE {STILL_HELD} AND item_id = %s",
                (HEAD_BYTES, item_id),
            ).fetchone()

    def release(self, item_id: UUID, who: str, reason: str, now: datetime) -> bool:
        """It is understood next, and not held again. False where it is not held."""
        found = self._tx.execute(
            "UPDATE inbound_item SET state = 'stored', released = true, settled_at = NULL, tries = 0, try_at = %s,"
            " decided_by = %s, decided_because = %s, decided_at = %s"
            f" WHERE item_id = %s AND {STILL_HELD} RETURNING 1",
            (now, who, reason, now, item_id),
        ).fetchone()
        if found is not None:
            self._tx.execute("SELECT pg_notify(%s, '')", (WAKE_UP,))
        return found is not None

    def discard(self, item_id: UUID, who: str, reason: str, now: datetime) -> bool:
        """It becomes no entry. False where it is not held."""
        found = self._tx.execute(
            "UPDATE inbound_item SET state = 'discarded', decided_by = %s, decided_because = %s, decided_at = %s"
            " WHERE item_id = %s AND state = 'held' RETURNING 1",
            (who, reason, now, item_id),
        ).fetchone()
        return found is not None

    def try_again(self, item_id: UUID, at: datetime, *, counts: bool) -> None:
        """`counts`: the item itself may be the trouble."""
        self._tx.execute(
            "UPDATE inbound_item SET tries = least(tries + %s, 1000), try_at = %s"
            " WHERE item_id = %s AND state = 'stored'",
            (int(counts), at, item_id),
        )

    def raw_files_settled_before(self, before: datetime, most: int) -> list[tuple[UUID, str]]:
        rows = self._tx.execute(
            "SELECT item_id, raw_key FROM inbound_item WHERE settled_at < %s AND raw_key IS NOT NULL"
            " ORDER BY settled_at LIMIT %s",
            (before, most),
        ).fetchall()
        return [(row[0], row[1]) for row in rows]

    def forget_raw_files(self, item_ids: Sequence[UUID]) -> None:
        self._tx.execute("UPDATE inbound_item SET raw_key = NULL WHERE item_id = ANY(%s)", (list(item_ids),))


def _item(row: tuple[Any, ...]) -> StoredItem:
    item_id, channel, received_at, size, raw, raw_key, envelope, tries, released = row
    return StoredItem(item_id, channel, received_at, size, raw, raw_key, tuple(envelope), tries, released)
