"""When an account is reminded and frozen (handout, 帳號停用、復用). Days are days in Taipei."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

TAIPEI = ZoneInfo("Asia/Taipei")
FREEZE_AFTER_DAYS = 90
DISABLE_AFTER_MONTHS = 12
NOTICE_DAYS = (30, 7)


def taipei_day(instant: datetime) -> date:
    """The day in Taipei on which a UTC instant falls (it begins at 16:00 UTC the day before)."""
    return instant.astimezone(TAIPEI).date()


def add_months(day: date, months: int) -> date:
    """Calendar months; a day the month lacks becomes its last (01-31 + 1 month is the last of February)."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def frozen_on(last_active_on: date) -> date:
    """The first day on which the account is frozen unless somebody logs in before."""
    return last_active_on + timedelta(days=FREEZE_AFTER_DAYS)


def disabled_on(last_active_on: date) -> date:
    return add_months(last_active_on, DISABLE_AFTER_MONTHS)


def reminder_on(last_active_on: date, notice_days: int) -> date:
    return disabled_on(last_active_on) - timedelta(days=notice_days)


@dataclass(frozen=True)
class Cutoffs:
    """A run's questions as days: whoever was last active on or before them is due.

    Month ends make `disabled_on` not exactly invertible, so these are the latest days that can be due; the
    rule itself decides per account (`reminders_due`).
    """

    frozen: date
    reminded: date


def cutoffs(as_of: date) -> Cutoffs:
    latest = add_months(as_of + timedelta(days=max(NOTICE_DAYS)), -DISABLE_AFTER_MONTHS)
    # One day later than the plain inverse: a clamped month end (02-29 → 02-28) is due a day «early».
    return Cutoffs(frozen=as_of - timedelta(days=FREEZE_AFTER_DAYS), reminded=latest + timedelta(days=1))


def reminders_due(last_active_on: date, *, as_of: date, sent: frozenset[int]) -> tuple[int, ...]:
    """Which reminder to send now, as days of notice; empty or one.

    After days without a run only the most urgent is sent, once; the earlier one would say the same.
    """
    due = [n for n in NOTICE_DAYS if as_of >= reminder_on(last_active_on, n)]
    if not due:
        return ()
    most_urgent = min(due)
    return () if most_urgent in sent else (most_urgent,)
