"""Figures of days become a line for each channel, with nothing left out where nothing was sent."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any


@dataclass(frozen=True)
class Health:
    """What is known of the provider of a channel. `cooldown_until`: when it is tried next; None while it is there."""

    channel: str
    cooldown_until: datetime | None
    outage: bool
    answer: str
    since: datetime


@dataclass(frozen=True)
class Sum:
    """How many of a day and channel had this outcome after this delay."""

    day: date
    channel: str
    outcome: str
    delay: int
    n: int


SENT, CONFIRMED, FAILED = "accepted", "confirmed", "failed"


def days_until(today: date, days: int) -> list[date]:
    """So many, oldest first."""
    return [today - timedelta(days=back) for back in range(days - 1, -1, -1)]


def lines(
    channels: Sequence[str],
    health: Mapping[str, Health],
    sums: Iterable[Sum],
    days: Sequence[date],
    steps: int,
) -> list[dict[str, Any]]:
    """`steps`: how many delays are told apart."""
    by_day: Counter[tuple[str, date, str]] = Counter()
    by_delay: Counter[tuple[str, int]] = Counter()
    for each in sums:
        by_day[each.channel, each.day, each.outcome] += each.n
        if each.outcome == SENT:
            by_delay[each.channel, each.delay] += each.n
    return [
        _health(channel, health.get(channel))
        | {
            "days": [
                {
                    "day": day,
                    "sent": by_day[channel, day, SENT],
                    "confirmed": by_day[channel, day, CONFIRMED],
                    "failed": by_day[channel, day, FAILED],
                }
                for day in days
            ],
            "delays": [by_delay[channel, step] for step in range(steps)],
        }
        for channel in channels
    ]


def _health(channel: str, known: Health | None) -> dict[str, Any]:
    away = known is not None and known.cooldown_until is not None
    return {
        "channel": channel,
        "is_away": away,
        "is_outage": away and known is not None and known.outage,
        "since": known.since if away and known is not None else None,
        "next_try_at": known.cooldown_until if known is not None else None,
        "answer": known.answer if away and known is not None else "",
    }
