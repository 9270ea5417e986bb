"""Working days of Taiwan's public offices: one calendar for deadlines of cases and tickets, and for hours of faxes."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

SATURDAY = 5
# The office calendar of a year is set in June of the year before. From this month on, deadlines come near it.
NEXT_YEAR_IS_NEEDED_FROM = 10


@dataclass(frozen=True)
class OfficeCalendar:
    """Monday to Friday without `holidays`, and `workdays` at weekends. An unknown year has weekends only."""

    holidays: frozenset[date] = field(default_factory=frozenset)
    workdays: frozenset[date] = field(default_factory=frozenset)

    @classmethod
    def with_holidays(cls, days: Iterable[date]) -> OfficeCalendar:
        return cls(frozenset(days))

    def is_working_day(self, day: date) -> bool:
        return day in self.workdays or (day.weekday() < SATURDAY and day not in self.holidays)

    def working_days_after(self, day: date, working_days: int) -> date:
        """The day by which so many whole working days have passed. `day` itself does not count."""
        if working_days < 1:
            raise ValueError("a deadline is at least one working day")
        while working_days:
            day += timedelta(days=1)
            working_days -= self.is_working_day(day)
        return day


@dataclass(frozen=True)
class OfficeYear:
    """One year of the file. `days_off`: all days without work, weekends counted in. `official`: its source is the
    office calendar itself.
    """

    year: int
    source: str
    official: bool
    days_off: int
    holidays: Mapping[date, str]
    workdays: Mapping[date, str]


@cache
def office_years() -> Mapping[int, OfficeYear]:
    """What `office_calendar.toml` beside this module says, by year. Raises ValueError where it contradicts itself."""
    text = files(__package__).joinpath("office_calendar.toml").read_text(encoding="utf-8")
    return years_of(tomllib.loads(text))


def years_of(content: Mapping[str, Any]) -> dict[int, OfficeYear]:
    """Raises ValueError for a day that stands in a wrong year, or is what it would be anyway."""
    found = {}
    for name, said in content.items():
        year = OfficeYear(
            int(name),
            said["source"],
            said["official"],
            said["days_off"],
            {date.fromisoformat(day): text for day, text in said["holidays"].items()},
            {date.fromisoformat(day): text for day, text in said.get("workdays", {}).items()},
        )
        wrong = [day for day in year.holidays if day.weekday() >= SATURDAY]
        wrong += [day for day in year.workdays if day.weekday() < SATURDAY]
        wrong += [day for day in (*year.holidays, *year.workdays) if day.year != year.year]
        if wrong:
            raise ValueError(f"office_calendar.toml: {wrong[0]} is in a wrong place")
        found[year.year] = year
    return found


@cache
def office_calendar() -> OfficeCalendar:
    """Of all years that are known."""
    years = office_years().values()
    return OfficeCalendar(
        frozenset(day for year in years for day in year.holidays),
        frozenset(day for year in years for day in year.workdays),
    )


def years_needed(today: date) -> tuple[int, ...]:
    """The years that deadlines which begin today may reach."""
    return (today.year, today.year + 1) if today.month >= NEXT_YEAR_IS_NEEDED_FROM else (today.year,)


def years_missing(today: date) -> tuple[int, ...]:
    """Those of them that are not in the file: their holidays count as working days."""
    return tuple(year for year in years_needed(today) if year not in office_years())


def years_to_compare(today: date) -> tuple[int, ...]:
    """Those of them that nobody has compared with the office calendar yet."""
    return tuple(
        year for year in years_needed(today) if year in office_years() and not office_years()[year].official
    )


def days_left(today: date) -> int:
    """How many days there are until the end of the years that are known from today on without a gap."""
    year = today.year
    while year in office_years():
        year += 1
    return max((date(year, 1, 1) - today).days, 0)
