"""Deadlines are counted in working days of Taipei."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mtnet_contracts.vocabulary.dates import taipei_day
from review.routes.rules import Calendar

from ..builders import day


@pytest.mark.parametrize(
    ("received", "working_days", "due"),
    [
        ("2026-11-23", 1, "2026-11-24"),
        ("2026-11-23", 3, "2026-11-26"),
        ("2026-11-26", 3, "2026-12-01"),  # Thursday, over a weekend
        ("2026-11-28", 1, "2026-11-30"),  # received on a Saturday
        ("2026-11-29", 3, "2026-12-02"),  # received on a Sunday
    ],
)
def test_weekends_do_not_count(received, working_days, due):
    assert Calendar().working_days_after(day(received), working_days) == day(due)


def test_a_holiday_does_not_count():
    calendar = Calendar.with_holidays([day("2026-12-25")])
    assert calendar.working_days_after(day("2026-12-24"), 1) == day("2026-12-28")


def test_the_lunar_new_year_of_2026_moves_a_deadline_by_a_week():
    days = [day("2026-02-16") + timedelta(days=n) for n in range(5)]
    assert Calendar.with_holidays(days).working_days_after(day("2026-02-13"), 1) == day("2026-02-23")


def test_the_day_changes_at_midnight_in_taipei_not_in_greenwich():
    assert taipei_day(datetime(2026, 11, 23, 15, 59, 59, tzinfo=UTC)) == day("2026-11-23")
    assert taipei_day(datetime(2026, 11, 23, 16, 0, tzinfo=UTC)) == day("2026-11-24")


def test_an_instant_without_a_zone_is_a_mistake():
    with pytest.raises(ValueError, match="time zone"):
        taipei_day(datetime(2026, 11, 23))


def test_a_deadline_of_no_days_is_a_mistake():
    with pytest.raises(ValueError, match="one working day"):
        Calendar().working_days_after(day("2026-11-23"), 0)


dates = st.dates(date(2026, 1, 1), date(2030, 1, 1))


@given(received=dates, working_days=st.integers(1, 30), holidays=st.sets(dates, max_size=40))
def test_the_due_day_is_a_working_day_and_exactly_so_many_lie_between(received, working_days, holidays):
    calendar = Calendar.with_holidays(holidays)
    due = calendar.working_days_after(received, working_days)
    between = [received + timedelta(days=n) for n in range(1, (due - received).days + 1)]
    assert calendar.is_working_day(due)
    assert sum(map(calendar.is_working_day, between)) == working_days
