"""SQL of what operators see of providers: read from the counters, never counted from messages."""

from datetime import date, datetime

from mtnet_chassis.data.database import Tx
from psycopg.rows import class_row

from notify.provider_figures.rules import Health, HourSum, Sum


class ProviderFigureStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def health(self) -> dict[str, Health]:
        with self._tx.cursor(row_factory=class_row(Health)) as cursor:
            found = cursor.execute(
                "SELECT channel, cooldown_until, outage, answer, since, paused_at, paused_by, pause_reason, known"
                " FROM provider"
            ).fetchall()
        return {each.channel: each for each in found}

    def sums_since(self, day: date) -> list[Sum]:
        with self._tx.cursor(row_factory=class_row(Sum)) as cursor:
            return cursor.execute(
                "SELECT day, channel, outcome, delay, sum(n)::bigint AS n FROM delivery_count WHERE day >= %s"
                " GROUP BY day, channel, outcome, delay",
                (day,),
            ).fetchall()

    def hours_since(self, moment: datetime) -> list[HourSum]:
        with self._tx.cursor(row_factory=class_row(HourSum)) as cursor:
            return cursor.execute(
                "SELECT hour, channel, outcome, sum(n)::bigint AS n FROM delivery_hour WHERE hour >= %s"
                " GROUP BY hour, channel, outcome",
                (moment,),
            ).fetchall()
