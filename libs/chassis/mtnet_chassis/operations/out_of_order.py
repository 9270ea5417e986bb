"""Out-of-order events: those of ordered groups that came too early and wait in the database for the ones before.

A group that is made when aggregates already have a history never gets their first events: what comes for them waits.
Once it is certain that nothing earlier is still on its way, an operator lets the stream begin at what is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import psycopg

from mtnet_chassis.operations.record import Operator, Record, StuckEvent, log_act


class WaitingStream(NamedTuple):
    """`reached` is the last number applied (0: none ever); `events` wait from number `lowest` on."""

    stream: str
    reached: int
    lowest: int
    events: int
    since: datetime


class OutOfOrder:
    """The streams of one ordered group (`<service>.<group>`), which the column `handler` holds. `session` is one to its
    service's database."""

    def __init__(self, group: str, session: psycopg.Connection[Any]) -> None:
        self._group = group
        self._session = session

    def streams(self) -> list[WaitingStream]:
        """Those that wait longest first."""
        with self._session.transaction():
            rows = self._session.execute(
                """
                SELECT stream, coalesce(kept.sequence, 0), min(waiting.sequence), count(*), min(parked_at) AS since
                FROM parked_event AS waiting LEFT JOIN stream_position AS kept USING (handler, stream)
                WHERE handler = %s GROUP BY stream, kept.sequence ORDER BY since
                """,
                (self._group,),
            ).fetchall()
        return [WaitingStream(*row) for row in rows]

    def list(self) -> list[StuckEvent]:
        """One for each stream; `id` is the stream, `sequence` the number that it waits from."""
        return [_stuck(self._group, waiting) for waiting in self.streams()]

    def begin(self, streams: Sequence[str] | None, by: Operator) -> int:
        """Let streams in which nothing was ever applied begin at the lowest event that waits; all of them where
        `streams` is None. A running consumer applies them within seconds. Tells how many streams that were; one that
        has been applied to is left alone, since its gap is an event that is still to come."""
        with self._session.transaction():
            begun = self._session.execute(
                """
                WITH waiting AS (
                    SELECT stream, min(sequence) AS lowest FROM parked_event WHERE handler = %(group)s
                    AND (%(streams)s::text[] IS NULL OR stream = ANY (%(streams)s)) GROUP BY stream
                )
                UPDATE stream_position AS kept SET sequence = waiting.lowest - 1 FROM waiting
                WHERE kept.handler = %(group)s AND kept.stream = waiting.stream AND kept.sequence = 0
                RETURNING kept.stream, waiting.lowest
                """,
                {"group": self._group, "streams": None if streams is None else list(streams)},
            ).fetchall()
            acts = [
                StuckEvent("out-of-order", self._group, stream, "", stream, lowest, "younger than the stream")
                for stream, lowest in begun
            ]
            for act in acts:
                Record(self._session).note("begun", act, by)
        for act in acts:
            log_act("begun", act, by)
        return len(acts)


def _stuck(group: str, waiting: WaitingStream) -> StuckEvent:
    since = waiting.since.isoformat(timespec="seconds")
    return StuckEvent(
        kind="out-of-order",
        place=group,
        id=waiting.stream,
        event="",
        stream=waiting.stream,
        sequence=waiting.lowest,
        reason=f"reached {waiting.reached}, {waiting.events} wait from {waiting.lowest} on since {since}",
    )
