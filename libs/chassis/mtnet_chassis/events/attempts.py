"""Count the attempts during which the process died, so that an event which kills its process is not tried for ever.

A quorum queue counts every return, even when a connection was merely closed; so the broker's count says nothing about
an event and has no limit here (broker/topology.py). A failure that raises is counted in a header (retries.py). What is
left is the handler whose process does not survive. An event that is delivered for the first time costs nothing: only
one that was delivered before is recorded before it is handled, and the record is removed with its effect or after its
failure. An event whose record is still there when it is delivered again was being handled when its process died.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from mtnet_chassis.data.database import Tx
from mtnet_chassis.fastpath.arrays import uuids

# After this many attempts without an end, the last ones alone, the event is to blame, and is retried on the schedule.
MOST_BEGUN = 4
# After this many retries it becomes a dead letter. Fewer than after an exception, since each costs a restart.
MOST_RETRIES = 3


class ProcessEnded(Exception):
    """The process ended each time it handled this event."""


class Attempts:
    """The attempts of one group of handlers (`<service>.<group>`), which the column `handler` holds."""

    def __init__(self, group: str) -> None:
        self._group = group
        self._given_up: set[UUID] = set()

    def begin(self, tx: Tx, event_ids: Iterable[UUID]) -> frozenset[UUID]:
        """Record that these are being handled. Returns those that were already recorded."""
        self._strike_given_up(tx)
        ids = sorted(set(event_ids))
        rows = tx.execute(
            "INSERT INTO begun_attempt (handler, event_id, times)"
            " SELECT %s, event_id, 1 FROM unnest(%s::uuid[]) AS came (event_id)"
            " ON CONFLICT DO NOTHING RETURNING event_id",
            (self._group, uuids(ids)),
        ).fetchall()
        return frozenset(ids) - {row[0] for row in rows}

    def begin_alone(self, tx: Tx, event_id: UUID) -> int:
        """Record that this one alone is being handled. Returns how often it was begun, including this time."""
        self._strike_given_up(tx)
        row = tx.execute(
            "INSERT INTO begun_attempt (handler, event_id, times) VALUES (%s, %s, 1)"
            " ON CONFLICT (handler, event_id) DO UPDATE SET times = begun_attempt.times + 1, begun_at = now()"
            " RETURNING times",
            (self._group, event_id),
        ).fetchone()
        times: int = row[0] if row else 1
        return times

    def end(self, tx: Tx, event_ids: Iterable[UUID]) -> None:
        """Remove the record: they are done, or failed without ending the process."""
        tx.execute(
            "DELETE FROM begun_attempt WHERE handler = %s AND event_id = ANY(%s::uuid[])",
            (self._group, uuids(sorted(set(event_ids)))),
        )

    def allow_one_more(self, tx: Tx, event_ids: Iterable[UUID]) -> None:
        """They are retried later: when they come back they are tried once."""
        tx.execute(
            "UPDATE begun_attempt SET times = %s WHERE handler = %s AND event_id = ANY(%s::uuid[])",
            (MOST_BEGUN - 1, self._group, uuids(sorted(set(event_ids)))),
        )

    def give_up(self, event_ids: Iterable[UUID]) -> None:
        """The connection is gone, the process is not: the record is removed at the next opportunity."""
        self._given_up.update(event_ids)

    def _strike_given_up(self, tx: Tx) -> None:
        if given_up := frozenset(self._given_up):
            self.end(tx, given_up)
            self._given_up -= given_up
