"""When an account is frozen and reminded (handout, 帳號停用、復用). Days are days in Taipei."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

FREEZE_AFTER_DAYS = 90
DISABLE_AFTER_MONTHS = 12
FIRST_NOTICE_DAYS = 30
SECOND_NOTICE_DAYS = 7


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


def first_reminder_on(last_active_on: date) -> date:
    return disabled_on(last_active_on) - timedelta(days=FIRST_NOTICE_DAYS)


def promised_day(last_active_on: date, *, first_notice_on: date) -> date:
    """The day a first reminder names: one that comes late postpones disabling, so that the notice really runs."""
    return max(disabled_on(last_active_on), first_notice_on + timedelta(days=FIRST_NOTICE_DAYS))


def second_reminder_on(promised: date) -> date:
    return promised - timedelta(days=SECOND_NOTICE_DAYS)


def freezing_cutoff(as_of: date) -> date:
    """Whoever was last active on or before this day is frozen."""
    return as_of - timedelta(days=FREEZE_AFTER_DAYS)


def reminding_cutoff(as_of: date) -> date:
    """Nobody who was active after this day is due for a first reminder; of the others the rule itself decides.

    One day more than the plain inverse: a clamped month end (02-29 → 02-28) is due a day early.
    """
    return add_months(as_of + timedelta(days=FIRST_NOTICE_DAYS), -DISABLE_AFTER_MONTHS) + timedelta(days=1)
