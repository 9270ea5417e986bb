"""Days of the lifecycle: 90 days, calendar months with month-end clamp, days in Taipei."""

from datetime import UTC, date, datetime, timedelta

import pytest
from accounts.domain import lifecycle
from hypothesis import given
from hypothesis import strategies as st

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
    assert lifecycle.add_months(day, months) == then


def test_the_day_in_taipei_begins_at_sixteen_hours_utc():
    before = datetime(2026, 2, 18, 15, 59, 59, tzinfo=UTC)
    assert lifecycle.taipei_day(before) == date(2026, 2, 18)
    assert lifecycle.taipei_day(before + timedelta(seconds=1)) == date(2026, 2, 19)


def test_a_leap_day_ends_on_the_last_of_february():
    assert lifecycle.disabled_on(date(2024, 2, 29)) == date(2025, 2, 28)
    assert lifecycle.reminder_on(date(2024, 2, 29), 30) == date(2025, 1, 29)


@given(DAYS, st.integers(0, 500))
def test_whoever_is_due_is_within_the_cutoffs(active_on, later):
    as_of = active_on + timedelta(days=later)
    cutoffs = lifecycle.cutoffs(as_of)
    assert (as_of >= lifecycle.frozen_on(active_on)) == (active_on <= cutoffs.frozen)
    if lifecycle.reminders_due(active_on, as_of=as_of, sent=frozenset()):
        assert active_on <= cutoffs.reminded


@given(DAYS)
def test_daily_runs_remind_twice_on_the_right_days(active_on):
    sent, days = frozenset(), {}
    for later in range(300, 366):
        as_of = active_on + timedelta(days=later)
        if as_of >= lifecycle.disabled_on(active_on):
            break
        for notice in lifecycle.reminders_due(active_on, as_of=as_of, sent=sent):
            days[notice] = (lifecycle.disabled_on(active_on) - as_of).days
            sent |= {notice}
    assert days == {30: 30, 7: 7}


@given(DAYS, st.sets(st.integers(325, 364), max_size=12))
def test_skipped_runs_warn_once_with_what_is_most_urgent(active_on, runs):
    sent, order = frozenset(), []
    for later in sorted(runs):
        for notice in lifecycle.reminders_due(active_on, as_of=active_on + timedelta(days=later), sent=sent):
            order.append(notice)
            sent |= {notice}
    assert order in ([], [30], [7], [30, 7])


def test_a_run_that_missed_the_first_reminder_sends_only_the_second():
    active_on = date(2025, 3, 10)
    late = date(2026, 3, 5)
    assert lifecycle.reminders_due(active_on, as_of=late, sent=frozenset()) == (7,)
    assert lifecycle.reminders_due(active_on, as_of=late, sent=frozenset({7})) == ()
