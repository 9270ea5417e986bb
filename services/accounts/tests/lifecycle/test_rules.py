"""Days of the lifecycle: 90 days, calendar months with month-end clamp, days in Taipei."""

from datetime import UTC, date, datetime, timedelta

import pytest
from accounts import days
from accounts.lifecycle import rules as lifecycle
from hypothesis import given
from hypothesis import strategies as st
from mtnet_contracts.vocabulary.dates import taipei_day

DAYS = st.dates(date(2000, 1, 1), date(2090, 12, 31))


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
    assert lifecycle.disabled_on(date(2024, 2, 29)) == date(2025, 2, 28)
    assert lifecycle.first_reminder_on(date(2024, 2, 29)) == date(2025, 1, 29)


@given(DAYS, st.integers(0, 500))
def test_whoever_is_due_is_within_the_cutoffs(active_on, later):
    as_of = active_on + timedelta(days=later)
    assert (as_of >= lifecycle.frozen_on(active_on)) == (active_on <= lifecycle.freezing_cutoff(as_of))
    due = as_of >= lifecycle.first_reminder_on(active_on)
    assert due == (active_on <= lifecycle.first_reminder_cutoff(as_of))


@given(DAYS, st.integers(0, 500))
def test_a_second_reminder_is_due_by_its_cutoff_and_gives_its_whole_notice(promised, later):
    as_of = promised - timedelta(days=30) + timedelta(days=later)
    due = as_of >= lifecycle.second_reminder_on(promised)
    assert due == (promised <= lifecycle.second_reminder_cutoff(as_of))
    named = lifecycle.day_of_second_reminder(promised, reminded_on=as_of)
    assert named >= promised
    assert (named - as_of).days >= 7


@given(DAYS, st.integers(0, 1000))
def test_nobody_is_promised_less_than_the_notice(active_on, days_late):
    told_on = lifecycle.first_reminder_on(active_on) + timedelta(days=days_late)
    promised = lifecycle.day_of_first_reminder(active_on, reminded_on=told_on)
    assert promised >= lifecycle.disabled_on(active_on)
    assert (promised - told_on).days >= 30
    assert (promised - lifecycle.second_reminder_on(promised)).days == 7


def test_in_time_the_days_are_those_of_the_handout():
    active_on = date(2025, 3, 31)
    assert lifecycle.first_reminder_on(active_on) == date(2026, 3, 1)
    promised = lifecycle.day_of_first_reminder(active_on, reminded_on=date(2026, 3, 1))
    assert promised == date(2026, 3, 31)
    assert lifecycle.second_reminder_on(promised) == date(2026, 3, 24)
