"""Delete what nobody can ask for any more: the ids of events that were applied long ago."""

from __future__ import annotations

from collections.abc import Iterable

from mtnet_chassis.data.database import Tx

# Longer than the retry schedule and the time in which an operator deals with a dead letter.
INBOX_DAYS = 30
EVERY_SECONDS = 3600


def forget_events(tx: Tx, groups: Iterable[str]) -> int:
    """Delete old inbox rows of these groups (`<service>.<group>`). Returns how many.

    Ordered groups keep their positions for ever: those are one row an aggregate.
    """
    return sum(
        tx.execute(
            "DELETE FROM inbox WHERE handler = %s AND day < (now() AT TIME ZONE 'UTC')::date - %s::integer",
            (group, INBOX_DAYS),
        ).rowcount
        for group in sorted(groups)
    )
