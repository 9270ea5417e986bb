"""Count the attempts that ended with their process, so that an event which kills its handler comes to an end.

A quorum queue counts every return, also those of a connection that was merely closed; so the broker's count says
nothing about an event and has no limit here (topology.py). A failure that raises is counted in a header
(failures.py). What is left is the handler whose process does not live to tell. An event that comes for the first time
costs nothing: only one that was in hand before is written down before it is handled, and struck out afterwards,
with its effect or after its failure. What is still written down when it comes again died with its process.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from mtnet_chassis.data.arrays import uuids
from mtnet_chassis.data.database import Tx

# Begun so often without an end, the last times alone, an event is to blame: the retry schedule spaces out what follows.
MOST_BEGUN = 4
# After this many steps of the schedule it is a dead letter. Fewer than for an exception: each costs a restart.
MOST_POSTPONED = 3


class ProcessEnded(Exception):
    """Handling this event ended the process each time it was tried."""


class Attempts:
    """The attempts of one handler group (`<service>.<group>`)."""

    def __init__(self, group: str) -> None:
        self._group = group
        self._given_up: set[UUID] = set()

    def begin(self, tx: Tx, event_ids: Iterable[UUID]) -> frozenset[UUID]:
        """Write down that these are in hand; tells which of them were found written down."""
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
        """Write down that this one is in hand and nothing else; how often it was begun, this time included."""
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
        """Strike them out: they are done, or failed in a process that lives."""
        tx.execute(
            "DELETE FROM begun_attempt WHERE handler = %s AND event_id = ANY(%s::uuid[])",
            (self._group, uuids(sorted(set(event_ids)))),
        )

    def allow_one_more(self, tx: Tx, event_ids: Iterable[UUID]) -> None:
        """They are put on the retry schedule: when they come back they are tried once."""
        tx.execute(
            "UPDATE begun_attempt SET times = %s WHERE handler = %s AND event_id = ANY(%s::uuid[])",
            (MOST_BEGUN - 1, self._group, uuids(sorted(set(event_ids)))),
        )

    def give_up(self, event_ids: Iterable[UUID]) -> None:
        """The connection is gone, the process lives: struck out at the next occasion."""
        self._given_up.update(event_ids)

    def _strike_given_up(self, tx: Tx) -> None:
        if given_up := frozenset(self._given_up):
            self.end(tx, given_up)
            self._given_up -= given_up
