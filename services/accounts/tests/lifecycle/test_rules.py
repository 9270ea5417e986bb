"""Days of the lifecycle: 90 days, calendar months with month-end clamp, days in Taipei."""

import calendar
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from accounts import days
from accounts.inactivity.rules import (
    POLICY,
    InactivityPolicy,
    dates_after_activity,
    dates_after_reminder,
    dates_under,
)
from hypothesis import example, given
from hypothesis import strategies as st
from mtnet_contracts.vocabulary.dates import taipei_day

DAYS = st.dates(date(2000, 1, 1), date(2090, 12, 31))
POLICIES = st.builds(
    InactivityPolicy,
    freeze_after_days=st.integers(30, 400),
    disable_after_months=st.integers(3, 36),
    notice_days=st.lists(st.integers(1, 60), min_size=1, max_size=4, unique=True).map(
        lambda found: tuple(sorted(found, reverse=True))
    ),
)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2025, 12, 15), 1, date(2026, 1, 15)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 1, 1), -12, date(2025, 1, 1)),
    ],
)
def test_months_are_calendar_months(day, months, then):
    assert days.add_months(day, months) == then


def test_the_day_in_taipei_begins_at_sixteen_hours_utc():
    before = datetime(2026, 2, 18, 15, 59, 59, tzinfo=UTC)
    assert taipei_day(before) == date(2026, 2, 18)
    assert taipei_day(before + timedelta(seconds=1)) == date(2026, 2, 19)


def test_a_leap_day_ends_on_the_last_of_february():
    found = dates_after_activity(date(2024, 2, 29))
    assert (found.remind_on, found.disable_on) == (date(2025, 1, 29), date(2025, 2, 28))


def test_in_time_the_days_are_those_of_the_handout():
    found = dates_after_activity(date(2025, 3, 31))
    assert (found.freeze_on, found.remind_on, found.disable_on) == (
        date(2025, 6, 29),
        date(2026, 3, 1),
        date(2026, 3, 31),
    )
    first = dates_after_reminder(found, reminded_on=date(2026, 3, 1))
    assert (first.remind_on, first.disable_on, first.reminded_days) == (
        date(2026, 3, 24),
        date(2026, 3, 31),
        30,
    )
    last = dates_after_reminder(first, reminded_on=date(2026, 3, 24))
    assert (last.remind_on, last.disable_on, last.reminded_days) == (None, date(2026, 3, 31), 7)
    with pytest.raises(ValueError, match="last reminder"):
        dates_after_reminder(last, reminded_on=date(2026, 3, 25))


@given(DAYS)
@example(date(2024, 2, 29))
@example(date(2023, 2, 28))
@example(date(2024, 1, 31))
def test_twelve_months_later_is_the_same_day_or_the_end_of_its_month(active_on):
    end = dates_after_activity(active_on).disable_on
    assert (end.year, end.month) == (active_on.year + 1, active_on.month)
    assert end.day == min(active_on.day, calendar.monthrange(end.year, end.month)[1])
    assert (end - active_on).days in (365, 366)


def reminded_late(dates, delays, policy):
    """Send every reminder so many days late. Yields the day each was sent, and the days that follow."""
    for delay in delays:
        if dates.remind_on is None:
            break
        reminded_on = dates.remind_on + timedelta(days=delay)
        dates = dates_after_reminder(dates, reminded_on=reminded_on, policy=policy)
        yield reminded_on, dates


@given(DAYS, st.lists(st.integers(0, 1000), min_size=4, max_size=4), POLICIES)
def test_nobody_gets_less_than_the_notice_and_no_reminder_takes_time_away(active_on, delays, policy):
    start = before = dates_after_activity(active_on, policy)
    notices = []
    for reminded_on, dates in reminded_late(start, delays, policy):
        notices.append(dates.reminded_days)
        assert (dates.disable_on - reminded_on).days >= dates.reminded_days
        assert dates.disable_on >= before.disable_on
        assert dates.remind_on is None or reminded_on < dates.remind_on < dates.disable_on
        before = dates
    assert tuple(notices) == policy.notice_days
    assert before.remind_on is None
    if not any(delays):
        assert before.disable_on == start.disable_on


@given(DAYS, st.lists(st.integers(0, 300), max_size=4), POLICIES)
def test_the_same_policy_computes_the_same_days_again(active_on, delays, policy):
    start = dates_after_activity(active_on, policy)
    for dates in [start, *(dates for _, dates in reminded_late(start, delays, policy))]:
        assert dates_under(policy, dates) == dates


@given(DAYS, st.lists(st.integers(0, 300), max_size=2), POLICIES)
def test_another_policy_never_disables_before_the_day_that_a_reminder_named(active_on, delays, policy):
    start = dates_after_activity(active_on)
    dates = [start, *(dates for _, dates in reminded_late(start, delays, POLICY))][-1]
    found = dates_under(policy, dates)
    anew = dates_after_activity(active_on, policy)
    assert found.freeze_on == anew.freeze_on
    assert found.disable_on >= anew.disable_on
    if dates.reminded_days is not None:
        assert found.disable_on >= dates.disable_on
    assert dates_under(policy, found) == found
    assert found.remind_on is None or found.remind_on < found.disable_on


def test_a_policy_that_allows_more_time_begins_the_reminders_anew():
    active_on = date(2025, 3, 31)
    reminded = dates_after_reminder(dates_after_activity(active_on), reminded_on=date(2026, 3, 1))
    longer = replace(POLICY, disable_after_months=24)
    assert dates_under(longer, reminded) == dates_after_activity(active_on, longer)
