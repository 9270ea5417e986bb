"""Days and moments as people write them, in Taipei: ROC years in Chinese, ISO 8601 in English."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

TAIPEI = ZoneInfo("Asia/Taipei")
YEARS_BEFORE_THE_REPUBLIC = 1911


def day_in_words(day: date, locale: str) -> str:
    """`115年12月23日`, `2026-12-23`."""
    if locale == "en":
        return day.isoformat()
    return f"{day.year - YEARS_BEFORE_THE_REPUBLIC}年{day.month}月{day.day}日"


def moment_in_words(instant: datetime, locale: str) -> str:
    """`114-02-19 17:25:24`, `2025-02-19 17:25:24 (Taipei)`."""
    local = instant.astimezone(TAIPEI)
    if locale == "en":
        return f"{local:%Y-%m-%d %H:%M:%S} (Taipei)"
    return f"{local.year - YEARS_BEFORE_THE_REPUBLIC}-{local:%m-%d %H:%M:%S}"


def hour_in_words(instant: datetime) -> str:
    """`17:35` in Taipei."""
    return f"{instant.astimezone(TAIPEI):%H:%M}"
