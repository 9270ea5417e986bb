"""Working days of public offices, counted; and what the file of office calendars says, held to what is known of it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mtnet_contracts.vocabulary.office_calendar import (
    OfficeCalendar,
    days_left,
    office_calendar,
    office_years,
    years_missing,
    years_of,
    years_to_compare,
)

dates = st.dates(date(2026, 1, 1), date(2030, 1, 1))
day = date.fromisoformat


def a_year(**changes):
    return {"2026": {"source": "", "official": True, "days_off": 104, "holidays": {}} | changes}


@pytest.mark.parametrize(
    ("received", "working_days", "due"),
    [
        ("2026-11-23", 1, "2026-11-24"),
        ("2026-11-23", 3, "2026-11-26"),
        ("2026-11-26", 3, "2026-12-01"),  # Thursday, over a weekend
        ("2026-11-28", 1, "2026-11-30"),  # received on a Saturday
        ("2026-11-29", 3, "2026-12-02"),  # received on a Sunday
        ("2026-12-24", 1, "2026-12-28"),  # 行憲紀念日 is a Friday
        ("2025-12-31", 1, "2026-01-02"),  # over the end of a year
        ("2025-12-31", 2, "2026-01-05"),
        ("2026-12-31", 1, "2027-01-04"),
        ("2026-02-13", 1, "2026-02-23"),  # Lunar New Year: from the Friday before to the Monday after
        ("2026-02-13", 3, "2026-02-25"),
        ("2027-02-03", 1, "2027-02-11"),
        ("2026-04-02", 1, "2026-04-07"),
        ("2026-09-24", 1, "2026-09-29"),
        ("2025-01-24", 1, "2025-02-03"),
        ("2025-02-07", 1, "2025-02-08"),  # a Saturday with work, for the Monday before New Year's Eve
        ("2025-02-07", 2, "2025-02-10"),
        ("2027-12-30", 1, "2028-01-03"),  # 2028 is not there: weekends only
    ],
)
def test_deadlines_are_counted_in_working_days_of_public_offices(received, working_days, due):
    assert office_calendar().working_days_after(day(received), working_days) == day(due)


def test_a_year_that_is_not_there_yet_has_weekends_only():
    assert office_calendar().is_working_day(day("2035-01-01"))  # a Monday, and New Year's Day
    assert not office_calendar().is_working_day(day("2035-01-06"))


def test_a_deadline_of_no_days_is_a_mistake():
    with pytest.raises(ValueError, match="one working day"):
        OfficeCalendar().working_days_after(day("2026-11-23"), 0)


@given(
    received=dates,
    working_days=st.integers(1, 30),
    holidays=st.sets(dates, max_size=40),
    workdays=st.sets(dates, max_size=10),
)
def test_the_due_day_is_a_working_day_and_exactly_so_many_lie_between(
    received, working_days, holidays, workdays
):
    calendar = OfficeCalendar(frozenset(holidays), frozenset(workdays))
    due = calendar.working_days_after(received, working_days)
    between = [received + timedelta(days=n) for n in range(1, (due - received).days + 1)]
    assert calendar.is_working_day(due)
    assert sum(map(calendar.is_working_day, between)) == working_days


@pytest.mark.parametrize("year", office_years().values(), ids=lambda year: str(year.year))
def test_as_many_days_are_off_as_the_office_calendar_of_the_year_states(year):
    days = [date(year.year, 1, 1) + timedelta(days=n) for n in range(366)]
    off = [day for day in days if day.year == year.year and not office_calendar().is_working_day(day)]
    assert len(off) == year.days_off
    assert year.source


@pytest.mark.parametrize(
    "changes",
    [
        {"holidays": {"2026-02-28": "a Saturday"}},
        {"holidays": {"2027-01-01": "another year"}},
        {"workdays": {"2026-02-27": "a Friday"}},
        {"workdays": {"2027-01-02": "another year"}},
    ],
    ids=str,
)
def test_a_day_in_a_wrong_place_is_a_mistake(changes):
    with pytest.raises(ValueError, match=r"office_calendar\.toml"):
        years_of(a_year(**changes))


def test_operators_are_warned_of_a_year_that_deadlines_may_reach():
    last = max(office_years())
    assert years_missing(date(last, 9, 30)) == ()
    assert years_missing(date(last, 10, 1)) == (last + 1,)
    assert years_missing(date(last + 1, 10, 1)) == (last + 1, last + 2)
    unofficial = tuple(number for number, year in office_years().items() if not year.official)
    assert all(year in years_to_compare(date(year, 1, 1)) for year in unofficial)
    assert years_to_compare(date(2026, 1, 1)) == ()
    assert days_left(date(last, 12, 31)) == 1
    assert days_left(date(last + 1, 1, 1)) == 0
