"""SQL of providers: the pace and the circuit breaker that all processes share, figures, and who is to wake up."""

from collections.abc import Iterable, Mapping
from dataclasses import astuple

from mtnet_chassis.data.database import Tx
from psycopg.rows import class_row

from notify.providers.rules import WAKE_UP, CircuitBreaker, Figure, RateLimit

# Each writer of figures has rows of its own, so that none waits for another.
SHARDS = 16


class ProviderStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def breaker(self, channel: str, *, hold: bool = False) -> CircuitBreaker | None:
        """None: nothing is known of it. `hold`: nobody else changes it until the transaction ends."""
        with self._tx.cursor(row_factory=class_row(CircuitBreaker)) as cursor:
            return cursor.execute(
                "SELECT cooldowns, cooldown_until, outage FROM provider WHERE channel = %s"
                + (" FOR UPDATE" if hold else ""),
                (channel,),
            ).fetchone()

    def keep_breaker(self, channel: str, breaker: CircuitBreaker, answer: str) -> None:
        """`answer`: what the provider said last, in codes; empty when it has said nothing new."""
        self._tx.execute(
            "INSERT INTO provider AS known (channel, cooldowns, cooldown_until, outage, answer, since)"
            " VALUES (%(channel)s, %(cooldowns)s, %(until)s, %(outage)s, %(answer)s, now())"
            " ON CONFLICT (channel) DO UPDATE SET cooldowns = EXCLUDED.cooldowns, outage = EXCLUDED.outage,"
            " cooldown_until = EXCLUDED.cooldown_until,"
            " answer = coalesce(nullif(EXCLUDED.answer, ''), known.answer),"
            " since = CASE WHEN (known.cooldown_until IS NULL) = (EXCLUDED.cooldown_until IS NULL)"
            " THEN known.since ELSE EXCLUDED.since END",
            {
                "channel": channel,
                "cooldowns": breaker.cooldowns,
                "until": breaker.cooldown_until,
                "outage": breaker.outage,
                "answer": answer[:200],
            },
        )

    def reserve(self, channel: str, limit: RateLimit, count: int) -> float:
        """Take the next `count` places in the pace of all processes. Returns the seconds until the first of them.

        By the clock of the database: those of two machines are never compared.
        """
        row = self._tx.execute(
            "INSERT INTO provider AS known (channel, free_at)"
            " VALUES (%(channel)s, clock_timestamp() + %(busy)s * interval '1 second')"
            " ON CONFLICT (channel) DO UPDATE SET"
            " free_at = greatest(known.free_at, clock_timestamp()) + %(busy)s * interval '1 second'"
            " RETURNING extract(epoch FROM free_at - clock_timestamp())::float8 - %(busy)s",
            {"channel": channel, "busy": limit.seconds(count)},
        ).fetchone()
        return max(0.0, row[0]) if row else 0.0

    def count(self, figures: Mapping[Figure, int], shard: int) -> None:
        """Add to the figures of these days."""
        ordered = sorted(figures)
        columns = list(zip(*(astuple(each) for each in ordered), strict=True))
        self._tx.execute(
            "INSERT INTO delivery_count AS known (day, channel, kind, outcome, delay, shard, n)"
            " SELECT day, channel, kind, outcome, delay, %s, n"
            " FROM unnest(%s::date[], %s::text[], %s::text[], %s::text[], %s::smallint[], %s::bigint[])"
            " AS t (day, channel, kind, outcome, delay, n)"
            " ON CONFLICT (day, channel, kind, outcome, delay, shard) DO UPDATE SET n = known.n + EXCLUDED.n",
            (shard % SHARDS, *(list(column) for column in columns), [figures[each] for each in ordered]),
        )

    def wake(self, work: Iterable[tuple[str, bool]], sender: str) -> None:
        """Tell all processes after the commit which channels have work, and whether it is urgent.

        `sender`: the process that knows already; empty when all are to know.
        """
        for channel, urgent in sorted(set(work)):
            self._tx.execute(
                "SELECT pg_notify(%s, %s)", (WAKE_UP, f"{channel} {'urgent' if urgent else ''} {sender}")
            )
