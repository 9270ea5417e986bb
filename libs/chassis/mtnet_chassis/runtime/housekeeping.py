"""Delete what nobody can ask for any more: ids of events applied long ago, and replies to old idempotency keys."""

from __future__ import annotations

from collections.abc import Iterable

from mtnet_chassis.data.database import Tx

# Longer than the retry schedule and the time in which an operator deals with a dead letter.
INBOX_DAYS = 30
# A caller tries again within minutes.
KEY_DAYS = 7
# The record of what operators did is kept for good, the message in it is not.
ACT_DAYS = 90
EVERY_SECONDS = 3600


def forget(tx: Tx, groups: Iterable[str]) -> tuple[int, int]:
    """Delete old inbox rows of these groups (`<service>.<group>`) and old idempotency keys. Returns how many of each.

    Also deletes old begun attempts, and the messages (not the facts) of operators' old acts.
    Ordered groups keep their positions for ever: those are one row an aggregate.
    """
    events = sum(
        tx.execute(
            "DELETE FROM inbox WHERE handler = %s AND day < (now() AT TIME ZONE 'UTC')::date - %s::integer",
            (group, INBOX_DAYS),
        ).rowcount
        for group in sorted(groups)
    )
    keys = tx.execute(
        "DELETE FROM idempotency_key WHERE answered_at < now() - make_interval(days => %s)", (KEY_DAYS,)
    ).rowcount
    tx.execute("DELETE FROM begun_attempt WHERE begun_at < now() - make_interval(days => %s)", (INBOX_DAYS,))
    tx.execute(
        "UPDATE operator_act SET headers = NULL, body = NULL"
        " WHERE acted_at < now() - make_interval(days => %s) AND body IS NOT NULL",
        (ACT_DAYS,),
    )
    return events, keys
