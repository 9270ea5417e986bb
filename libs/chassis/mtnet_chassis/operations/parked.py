"""What an operator does with events of ordered groups that came too early: list them, and let a stream begin.

A group that is made when aggregates already have a history never gets their first events: what comes for them waits.
Once it is certain that nothing earlier is still on its way, the stream may begin at what is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row

from mtnet_chassis.telemetry import logger

log = logger()


@dataclass(frozen=True)
class WaitingStream:
    """A stream of an ordered group: the last number applied (0: none ever), and what waits since when."""

    handler: str
    stream: str
    reached: int
    lowest: int
    events: int
    since: datetime


class ParkedEvents:
    """Works on one service's database."""

    def __init__(self, dsn: str) -> None:
        self._connection: psycopg.Connection[Any] = psycopg.connect(dsn, connect_timeout=5)

    def close(self) -> None:
        self._connection.close()

    def list(self) -> tuple[WaitingStream, ...]:
        """Those that wait longest first."""
        with (
            self._connection.transaction(),
            self._connection.cursor(row_factory=class_row(WaitingStream)) as cursor,
        ):
            cursor.execute(
                """
                SELECT handler, stream, coalesce(kept.sequence, 0) AS reached, min(parked.sequence) AS lowest,
                       count(*) AS events, min(parked_at) AS since
                FROM parked_event AS parked LEFT JOIN stream_position AS kept USING (handler, stream)
                GROUP BY handler, stream, kept.sequence ORDER BY min(parked_at)
                """
            )
            return tuple(cursor.fetchall())

    def begin(self, handler: str, streams: tuple[str, ...] | None, *, who: str, reason: str) -> int:
        """Let streams of the group in which nothing was ever applied begin at the lowest event that waits; all of
        them where `streams` is None. A running consumer applies them within seconds. Tells how many streams that
        were; one that has been applied to is left alone, since its gap is an event that is still to come."""
        if not who.strip() or not reason.strip():
            raise ValueError("say who does it (--who) and why (--reason)")
        with self._connection.transaction():
            rows = self._connection.execute(
                """
                WITH waiting AS (
                    SELECT stream, min(sequence) AS lowest FROM parked_event WHERE handler = %(handler)s
                    AND (%(streams)s::text[] IS NULL OR stream = ANY (%(streams)s)) GROUP BY stream
                ), begun AS (
                    UPDATE stream_position AS kept SET sequence = waiting.lowest - 1 FROM waiting
                    WHERE kept.handler = %(handler)s AND kept.stream = waiting.stream AND kept.sequence = 0
                    RETURNING kept.stream, kept.sequence
                )
                INSERT INTO stream_begun (who, why, handler, stream, sequence)
                SELECT %(who)s, %(why)s, %(handler)s, stream, sequence FROM begun RETURNING stream
                """,
                {
                    "handler": handler,
                    "streams": None if streams is None else list(streams),
                    "who": who,
                    "why": reason,
                },
            ).fetchall()
        log.info("streams begun", queue=handler, streams=len(rows), who=who)
        return len(rows)
