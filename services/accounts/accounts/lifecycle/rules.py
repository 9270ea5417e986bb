"""When an unused account is frozen, reminded and disabled (handout, 帳號停用、復用). Days are calendar days in Taipei.

A run asks the database for the accounts up to a cutoff that is computed here, so that no number stands in SQL.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from accounts.days import add_months

FREEZE_AFTER_DAYS = 90
DISABLE_AFTER_MONTHS = 12
FIRST_NOTICE_DAYS = 30
SECOND_NOTICE_DAYS = 7


@dataclass(frozen=True)
class DueAccount:
    """`disable_on` is the day that its last reminder named; None before the first."""

    account_id: UUID
    account_name: str
    active_on: date
    disable_on: date | None


def frozen_on(active_on: date) -> date:
    """The first day on which an account is frozen unless its owner logs in before."""
    return active_on + timedelta(days=FREEZE_AFTER_DAYS)


def disabled_on(active_on: date) -> date:
    return add_months(active_on, DISABLE_AFTER_MONTHS)


def first_reminder_on(active_on: date) -> date:
    return disabled_on(active_on) - timedelta(days=FIRST_NOTICE_DAYS)


def day_of_first_reminder(active_on: date, *, reminded_on: date) -> date:
    """The day a first reminder names. A late reminder moves the day, so that the full notice period runs."""
    return max(disabled_on(active_on), reminded_on + timedelta(days=FIRST_NOTICE_DAYS))


def second_reminder_on(promised: date) -> date:
    return promised - timedelta(days=SECOND_NOTICE_DAYS)


def day_of_second_reminder(promised: date, *, reminded_on: date) -> date:
    """The day a second reminder names, given the day that the first one named."""
    return max(promised, reminded_on + timedelta(days=SECOND_NOTICE_DAYS))


def freezing_cutoff(as_of: date) -> date:
    """Accounts whose owner was last active on this day or before are frozen."""
    return as_of - timedelta(days=FREEZE_AFTER_DAYS)


def first_reminder_cutoff(as_of: date) -> date:
    """Accounts whose owner was last active on this day or before are due for a first reminder."""
    active_on = add_months(as_of + timedelta(days=FIRST_NOTICE_DAYS), -DISABLE_AFTER_MONTHS) + timedelta(
        days=1
    )
    # At most a few steps: a clamped month end (29 February + 12 months = 28 February) is due a day early.
    while first_reminder_on(active_on) > as_of:
        active_on -= timedelta(days=1)
    return active_on


def second_reminder_cutoff(as_of: date) -> date:
    """Accounts that were promised this day or an earlier one are due for a second reminder."""
    return as_of + timedelta(days=SECOND_NOTICE_DAYS)
