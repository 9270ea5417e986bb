"""SQL of many deliveries at once: how many wait, what became of them, and holding or cancelling those that wait."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx

from notify.routing.rules import BULK

# What is held is due at no time that anybody lives to see.
HELD = "timestamptz '2999-01-01 00:00:00+00'"


def bulk_waiting(tx: Tx, channel: str, now: datetime, most: int) -> int:
    """How many deliveries of bulk are due on this channel and in nobody's hands; counted no further than `most`."""
    row = tx.execute(
        "SELECT count(*) FROM (SELECT FROM delivery WHERE channel = %s AND state = 'waiting' AND priority = %s"
        " AND next_attempt_at <= %s AND sender_id IS NULL LIMIT %s) waiting",
        (channel, BULK, now, most),
    ).fetchone()
    return row[0] if row else 0


def outcomes_of(
    tx: Tx, channel: str, message_ids: Sequence[UUID]
) -> Mapping[tuple[str, str, str | None], int]:
    """How many deliveries of these messages on this channel, and of those that stand in for one that failed, are in
    which state: by channel, state and failure.
    """
    rows = tx.execute(
        "SELECT channel, state, failure, count(*) FROM delivery WHERE message_id = ANY(%s)"
        " AND (channel = %s OR fallback_from IS NOT NULL) GROUP BY channel, state, failure",
        (list(message_ids), channel),
    ).fetchall()
    return {(row[0], row[1], row[2]): row[3] for row in rows}


def hold(tx: Tx, message_ids: Collection[UUID]) -> int:
    """What waits and is in nobody's hands is sent no more until it is released. Returns how many."""
    return tx.execute(
        f"UPDATE delivery SET next_attempt_at = {HELD} WHERE message_id = ANY(%s) AND state = 'waiting'"
        f" AND sender_id IS NULL AND next_attempt_at < {HELD}",
        (list(message_ids),),
    ).rowcount


def release(tx: Tx, message_ids: Collection[UUID], now: datetime) -> int:
    """What was held is due now. Returns how many."""
    return tx.execute(
        "UPDATE delivery SET next_attempt_at = %s WHERE message_id = ANY(%s) AND state = 'waiting'"
        f" AND next_attempt_at = {HELD}",
        (now, list(message_ids)),
    ).rowcount


def cancel(tx: Tx, message_ids: Collection[UUID], now: datetime) -> int:
    """What waits and is in nobody's hands is never sent. Returns how many."""
    return tx.execute(
        "UPDATE delivery SET state = 'cancelled', next_attempt_at = NULL, finished_at = %s"
        " WHERE message_id = ANY(%s) AND state = 'waiting' AND sender_id IS NULL",
        (now, list(message_ids)),
    ).rowcount
