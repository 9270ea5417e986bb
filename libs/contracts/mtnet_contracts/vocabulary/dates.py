"""Days and moments in Taipei, and how they are written: 民國 years in Chinese, the common era in English."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

TAIPEI = ZoneInfo("Asia/Taipei")
YEARS_BEFORE_THE_REPUBLIC = 1911


def taipei_day(instant: datetime) -> date:
    """The day in Taipei on which an instant falls (it begins at 16:00 UTC the day before).

    Raises ValueError for an instant without a time zone.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant without a time zone has no day")
    return instant.astimezone(TAIPEI).date()


def year_as_text(day: date, locale: str) -> str:
    """`114` (three digits) in Chinese, `2025` in English."""
    return f"{day.year - YEARS_BEFORE_THE_REPUBLIC:03d}" if locale == "zh-Hant" else f"{day.year}"


def day_as_text(day: date, locale: str) -> str:
    """`114-02-19` in Chinese, `2025-02-19` in English."""
    return f"{year_as_text(day, locale)}{day.isoformat()[4:]}"


def clock_as_text(instant: datetime, *, seconds: bool = True) -> str:
    """The time of day in Taipei: `17:25:24`, or `17:25`."""
    return instant.astimezone(TAIPEI).isoformat(timespec="seconds")[11 : 19 if seconds else 16]


def moment_as_text(instant: datetime, locale: str, *, seconds: bool = True) -> str:
    """Day and time in Taipei: `114-02-19 17:25:24` in Chinese, `2025-02-19 17:25:24` in English."""
    local = instant.astimezone(TAIPEI)
    return f"{year_as_text(local, locale)}{local.isoformat(' ', 'seconds')[4 : 19 if seconds else 16]}"
