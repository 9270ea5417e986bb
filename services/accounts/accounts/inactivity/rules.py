"""When an unused account is frozen, reminded and disabled (handout, 帳號停用、復用): the days that an account carries.

They are computed here whenever its owner was active, and stored with the account. A lifecycle run only compares them
with today, so these numbers stand nowhere else. Days are calendar days in Taipei. After a change of POLICY the stored
days are computed anew by `python -m accounts.lifecycle.cli --recompute`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from accounts.days import add_months


@dataclass(frozen=True)
class InactivityPolicy:
    """`notice_days`: how long before its last day the owner is reminded, the longest notice first."""

    freeze_after_days: int = 90
    disable_after_months: int = 12
    notice_days: tuple[int, ...] = (30, 7)

    def notice_after(self, reminded_days: int | None) -> int | None:
        """The notice that follows the one of `reminded_days`, which is None before the first. None after the last."""
        shorter = (days for days in self.notice_days if reminded_days is None or days < reminded_days)
        return next(shorter, None)


POLICY = InactivityPolicy()


@dataclass(frozen=True)
class InactivityDates:
    """The days of an account that nobody uses since `active_on`.

    `reminded_days` is the notice that its last reminder gave, None before the first. `remind_on` is the day of the next
    reminder, None after the last. Nobody is disabled before `disable_on`, the day that the last reminder named, nor
    while a reminder is still to come.
    """

    active_on: date
    freeze_on: date
    remind_on: date | None
    disable_on: date
    reminded_days: int | None = None


def dates_after_activity(active_on: date, policy: InactivityPolicy = POLICY) -> InactivityDates:
    """The days that follow from the owner's last activity: approval, activation, login or reactivation."""
    disable_on = add_months(active_on, policy.disable_after_months)
    return InactivityDates(
        active_on=active_on,
        freeze_on=active_on + timedelta(days=policy.freeze_after_days),
        remind_on=_remind_on(disable_on, None, policy),
        disable_on=disable_on,
    )


def dates_after_reminder(
    dates: InactivityDates, *, reminded_on: date, policy: InactivityPolicy = POLICY
) -> InactivityDates:
    """The days after the reminder that was due. A late one names a later day, so that the full notice period runs.

    Raises ValueError if no reminder was due.
    """
    notice = policy.notice_after(dates.reminded_days)
    if notice is None:
        raise ValueError("the last reminder is out already")
    disable_on = max(dates.disable_on, reminded_on + timedelta(days=notice))
    return replace(
        dates,
        remind_on=_remind_on(disable_on, notice, policy),
        disable_on=disable_on,
        reminded_days=notice,
    )


def dates_under(policy: InactivityPolicy, dates: InactivityDates) -> InactivityDates:
    """The same account's days under another policy. Nobody is disabled before the day that a reminder named.

    Where the other policy allows more time than that, the reminders begin anew.
    """
    anew = dates_after_activity(dates.active_on, policy)
    if dates.reminded_days is None or anew.disable_on > dates.disable_on:
        return anew
    return replace(
        anew,
        remind_on=_remind_on(dates.disable_on, dates.reminded_days, policy),
        disable_on=dates.disable_on,
        reminded_days=dates.reminded_days,
    )


def _remind_on(disable_on: date, reminded_days: int | None, policy: InactivityPolicy) -> date | None:
    notice = policy.notice_after(reminded_days)
    return None if notice is None else disable_on - timedelta(days=notice)
