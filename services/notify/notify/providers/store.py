"""SQL of providers: the pace and the circuit breaker that all processes share, figures, and who is to wake up."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, LiteralString

from mtnet_chassis.data.database import Tx
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

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

    def is_paused(self, channel: str) -> bool:
        row = self._tx.execute("SELECT paused_at FROM provider WHERE channel = %s", (channel,)).fetchone()
        return row is not None and row[0] is not None

    def pause(self, channel: str, by: str, reason: str, at: datetime) -> bool:
        """False: it is paused."""
        return bool(
            self._tx.execute(
                "INSERT INTO provider AS known (channel, paused_at, paused_by, pause_reason) VALUES (%s, %s, %s, %s)"
                " ON CONFLICT (channel) DO UPDATE SET paused_at = EXCLUDED.paused_at,"
                " paused_by = EXCLUDED.paused_by, pause_reason = EXCLUDED.pause_reason"
                " WHERE known.paused_at IS NULL",
                (channel, at, by, reason),
            ).rowcount
        )

    def resume(self, channel: str) -> bool:
        """False: it is not paused."""
        return bool(
            self._tx.execute(
                "UPDATE provider SET paused_at = NULL, paused_by = '', pause_reason = ''"
                " WHERE channel = %s AND paused_at IS NOT NULL",
                (channel,),
            ).rowcount
        )

    def known_of(self, channel: str) -> dict[str, Any]:
        row = self._tx.execute("SELECT known FROM provider WHERE channel = %s", (channel,)).fetchone()
        return row[0] if row else {}

    def keep_known(self, channel: str, news: Mapping[str, Any]) -> None:
        """What is not named stays."""
        self._tx.execute(
            "INSERT INTO provider AS kept (channel, known) VALUES (%s, %s)"
            " ON CONFLICT (channel) DO UPDATE SET known = kept.known || EXCLUDED.known",
            (channel, Jsonb(dict(news))),
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
        """Add to the figures of these days, and to those of these hours."""
        by_day, by_hour = Counter[tuple[Any, ...]](), Counter[tuple[Any, ...]]()
        for each, n in figures.items():
            by_day[each.day, each.channel, each.kind, each.outcome, each.delay] += n
            by_hour[each.hour, each.channel, each.outcome] += n
        self._add(
            "INSERT INTO delivery_count AS known (day, channel, kind, outcome, delay, shard, n)"
            " SELECT day, channel, kind, outcome, delay, %s, n"
            " FROM unnest(%s::date[], %s::text[], %s::text[], %s::text[], %s::smallint[], %s::bigint[])"
            " AS t (day, channel, kind, outcome, delay, n)"
            " ON CONFLICT (day, channel, kind, outcome, delay, shard) DO UPDATE SET n = known.n + EXCLUDED.n",
            by_day,
            shard,
        )
        self._add(
            "INSERT INTO delivery_hour AS known (hour, channel, outcome, shard, n)"
            " SELECT hour, channel, outcome, %s, n"
            " FROM unnest(%s::timestamptz[], %s::text[], %s::text[], %s::bigint[]) AS t (hour, channel, outcome, n)"
            " ON CONFLICT (hour, channel, outcome, shard) DO UPDATE SET n = known.n + EXCLUDED.n",
            by_hour,
            shard,
        )

    def _add(self, statement: LiteralString, counted: Mapping[tuple[Any, ...], int], shard: int) -> None:
        """In the order of their keys, so that two writers never wait for each other in a circle."""
        rows = [(*key, counted[key]) for key in sorted(counted)]
        columns = (list(column) for column in zip(*rows, strict=True))
        self._tx.execute(statement, (shard % SHARDS, *columns))

    def wake(self, work: Iterable[tuple[str, bool]], sender: str) -> None:
        """Tell all processes after the commit which channels have work, and whether it is urgent.

        `sender`: the process that knows already; empty when all are to know.
        """
        for channel, urgent in sorted(set(work)):
            self._tx.execute(
                "SELECT pg_notify(%s, %s)", (WAKE_UP, f"{channel} {'urgent' if urgent else ''} {sender}")
            )
