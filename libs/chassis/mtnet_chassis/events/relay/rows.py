"""The relay's session in PostgreSQL: the lock that makes it the only one, the rows to send, and their deletion."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

import mtnet_chassis.data.database  # noqa: F401 - teaches psycopg the arrays
from mtnet_chassis.fastpath.arrays import bigints
from mtnet_chassis.settings import env_int

CANDIDATE_SECONDS = 0.2
LOCK_SPACE = 0x6D746E74  # "mtnt"; one relay for each service's database
# A relay that is frozen or cut off keeps its session, and with it the lock, until PostgreSQL ends the session: these
# settings make it do so. A relay that works sends a statement at least every few seconds.
SILENT_SECONDS = env_int("RELAY_SILENT_SECONDS", 20)
LOST_WHEN_SILENT = (
    f" -c idle_session_timeout={SILENT_SECONDS}s -c tcp_user_timeout={SILENT_SECONDS}s"
    " -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=2"
)

COLUMNS = "position, event_id, name, aggregate, subject, sequence, occurred_at, traceparent, payload"

Row = tuple[int, str, str, str, str, int, datetime, str | None, str]
"""COLUMNS, in that order; a plain tuple because there are thousands of them a second."""


@dataclass(frozen=True)
class Measured:
    """`depth` is exact up to 10,000 and an estimate above. `age_seconds` is the age of the lowest row."""

    depth: int
    age_seconds: float
    dead: int


class OutboxRows:
    """Every statement is a transaction of its own, so that none is open while the broker works."""

    def __init__(self, dsn: str) -> None:
        self._connection: psycopg.Connection[Any] = psycopg.connect(
            dsn,
            autocommit=True,
            connect_timeout=5,
            application_name="relay",
            # A delete that is lost in a crash sends the event once more, and the inbox skips it:
            # waiting for the disk would gain nothing.
            options="-c synchronous_commit=off -c timezone=UTC -c plan_cache_mode=force_generic_plan"
            + LOST_WHEN_SILENT,
            keepalives_idle=10,
            keepalives_interval=5,
            keepalives_count=3,
            tcp_user_timeout=20_000,
        )
        self._cursor = self._connection.cursor(binary=True)
        self._low_water_mark = 0
        self._candidate: tuple[int, int] | None = None
        self._next_candidate_at = 0.0
        self.blocked_streams: set[tuple[str, str]] = set()

    @property
    def low_water_mark(self) -> int:
        return self._low_water_mark

    def try_lock(self) -> bool:
        row = self._connection.execute("SELECT pg_try_advisory_lock(%s, 1)", (LOCK_SPACE,)).fetchone()
        return bool(row and row[0])

    def read(self, in_flight: Collection[int], most: int) -> list[Row]:
        """The lowest rows that are not in flight.

        There is no cursor: every read begins at the low-water mark, below which nothing can be committed any more.
        """
        self._cursor.execute(
            """
            SELECT position, event_id::text, name, aggregate, subject, sequence, occurred_at, traceparent, payload,
                   pg_snapshot_xmin(now.snapshot)::text::bigint
            FROM outbox, (SELECT pg_current_snapshot() AS snapshot OFFSET 0) AS now
            WHERE position > %s::bigint AND position NOT IN (SELECT unnest(%s::bigint[]))
            ORDER BY position LIMIT %s::bigint
            """,
            (self._low_water_mark, bigints(in_flight), most),
            prepare=True,
        )
        found = self._cursor.fetchall()
        if not found:
            return []
        self._raise_low_water_mark(min(found[0][0], min(in_flight, default=found[0][0])), xmin=found[0][9])
        self._set_candidate(found[-1][0])
        return [row[:9] for row in found]

    def advance_low_water_mark(self) -> None:
        """Raise the low-water mark while there is nothing to send, so that polling an empty outbox stays cheap."""
        if self._candidate is None:
            return
        row = self._connection.execute(
            "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint,"
            " (SELECT position FROM outbox WHERE position > %s ORDER BY position LIMIT 1)",
            (self._low_water_mark,),
        ).fetchone()
        if row is not None:
            self._raise_low_water_mark(row[1], xmin=row[0])

    def _raise_low_water_mark(self, lowest: int | None, *, xmin: int) -> None:
        """Move the mark past positions where nothing can be committed any more, so that a read does not scan index
        entries of rows deleted long ago. `lowest` is the lowest row in the table, in flight or not; None if there is
        none.

        A transaction gets its id before its rows get positions (it numbers the aggregate first). So a transaction that
        may still commit a position below one already seen has an id below any that is assigned afterwards. `_candidate`
        is such a pair: a position that was seen, and an id assigned after it. Once all transactions with lower ids have
        ended (xmin has passed the id), what is in the table below that position is all that will ever be there. A
        snapshot's xmax would not do in place of that id: it only follows the last id that has ended, and a transaction
        with a higher id may be running.
        """
        if self._candidate is not None and xmin > self._candidate[1]:
            self._low_water_mark = max(
                self._low_water_mark,
                self._candidate[0] if lowest is None else min(self._candidate[0], lowest - 1),
            )
            self._candidate = None

    def _set_candidate(self, highest: int) -> None:
        now = time.monotonic()
        if self._candidate is not None or now < self._next_candidate_at:
            return
        self._next_candidate_at = now + CANDIDATE_SECONDS
        row = self._connection.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
        if row is not None:
            self._candidate = (highest, row[0])

    def delete(self, positions: list[int]) -> None:
        """One statement for all of them."""
        self._cursor.execute(
            "DELETE FROM outbox WHERE position = ANY (%s::bigint[])", (bigints(positions),), prepare=True
        )

    def set_aside(self, position: int, reason: str) -> None:
        """Move a row that can never be sent to `outbox_dead`; what its aggregate announces later follows it there."""
        self._connection.execute(
            f"""
            WITH gone AS (DELETE FROM outbox WHERE position = %s RETURNING {COLUMNS})
            INSERT INTO outbox_dead ({COLUMNS}, reason) SELECT {COLUMNS}, %s FROM gone
            """,
            (position, reason[:500]),
        )
        self.load_blocked_streams()

    def set_aside_behind(self, positions: list[int]) -> None:
        """Move rows there whose aggregate has an undeliverable one: otherwise they would be read again and again."""
        self._connection.execute(
            f"""
            WITH gone AS (
                DELETE FROM outbox WHERE position = ANY (%s::bigint[])
                AND EXISTS (SELECT 1 FROM outbox_dead AS dead
                            WHERE dead.aggregate = outbox.aggregate AND dead.subject = outbox.subject)
                RETURNING {COLUMNS}
            )
            INSERT INTO outbox_dead ({COLUMNS}, reason)
            SELECT {COLUMNS}, 'waits behind a dead event of the same aggregate' FROM gone
            """,
            (positions,),
        )
        self.load_blocked_streams()

    def load_blocked_streams(self) -> None:
        rows = self._connection.execute("SELECT DISTINCT aggregate, subject FROM outbox_dead").fetchall()
        self.blocked_streams = {(aggregate, subject) for aggregate, subject in rows}

    def measure(self) -> Measured:
        row = self._connection.execute(
            """
            SELECT (SELECT count(*)
                    FROM (SELECT 1 FROM outbox WHERE position > %(low_water_mark)s LIMIT 10000) AS lowest),
                   (SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'outbox'::regclass),
                   coalesce(extract(epoch FROM clock_timestamp() - (
                       SELECT occurred_at FROM outbox WHERE position > %(low_water_mark)s
                       ORDER BY position LIMIT 1)), 0),
                   (SELECT count(*) FROM outbox_dead)
            """,
            {"low_water_mark": self._low_water_mark},
        ).fetchone()
        if row is None:
            return Measured(0, 0.0, 0)
        depth = int(row[0]) if row[0] < 10_000 else max(int(row[0]), int(row[1]))
        return Measured(depth, max(0.0, float(row[2])), int(row[3]))

    def close(self) -> None:
        self._connection.close()
