"""How long a session lives: idle and absolute limits, and the countdown a person sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

ACTOR_LIFE = timedelta(minutes=2)
TOUCH_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Limits:
    """`idle` ends an unused session (the countdown of the header), `absolute` any session."""

    idle: timedelta = timedelta(hours=4)
    absolute: timedelta = timedelta(hours=12)


def expires_at(*, started_at: datetime, used_at: datetime, limits: Limits) -> datetime:
    return min(used_at + limits.idle, started_at + limits.absolute)


def worth_touching(*, touched_at: datetime, now: datetime) -> bool:
    """A session is prolonged at most once a minute: every page would otherwise be a write."""
    return now - touched_at >= TOUCH_EVERY
