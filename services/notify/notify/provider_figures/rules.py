"""Figures of days become a line for each channel, with nothing left out where nothing was sent."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from mtnet_contracts.vocabulary.dates import TAIPEI


@dataclass(frozen=True)
class Health:
    """What is known of the provider of a channel. `cooldown_until`: when it is tried next; None while it is there."""

    channel: str
    cooldown_until: datetime | None
    outage: bool
    answer: str
    since: datetime
    paused_at: datetime | None = None
    paused_by: str = ""
    pause_reason: str = ""
    known: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Sum:
    """How many of a day and channel had this outcome after this delay."""

    day: date
    channel: str
    outcome: str
    delay: int
    n: int


@dataclass(frozen=True)
class HourSum:
    """How many of an hour and channel had this outcome."""

    hour: datetime
    channel: str
    outcome: str
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


def hours_of(today: date, sums: Iterable[HourSum], channel: str) -> list[dict[str, int]]:
    """The 24 hours of a day in Taipei."""
    found: Counter[tuple[int, str]] = Counter()
    for each in sums:
        local = each.hour.astimezone(TAIPEI)
        if each.channel == channel and local.date() == today:
            found[local.hour, each.outcome] += each.n
    return [{"hour": hour, "sent": found[hour, SENT], "failed": found[hour, FAILED]} for hour in range(24)]


def quota_of(known: Mapping[str, Any]) -> dict[str, Any] | None:
    """The month's messages, where a provider has told of them."""
    if not (told := known.get("quota")):
        return None
    allowed, used = told["allowed"], told["used"]
    return {
        "allowed": allowed,
        "used": used,
        "left": None if allowed is None else max(allowed - used, 0),
        "at": datetime.fromisoformat(told["at"]),
    }


def _health(channel: str, known: Health | None) -> dict[str, Any]:
    away = known is not None and known.cooldown_until is not None
    return {
        "channel": channel,
        "is_away": away,
        "is_outage": away and known is not None and known.outage,
        "since": known.since if away and known is not None else None,
        "next_try_at": known.cooldown_until if known is not None else None,
        "answer": known.answer if away and known is not None else "",
        "paused_at": known and known.paused_at,
        "paused_by": known.paused_by if known else "",
        "pause_reason": known.pause_reason if known else "",
    }
