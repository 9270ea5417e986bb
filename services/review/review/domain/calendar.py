"""Working days of Taiwan's public offices: Monday to Friday without the holidays of the table."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

TAIPEI = ZoneInfo("Asia/Taipei")
SATURDAY = 5


@dataclass(frozen=True)
class Calendar:
    """Days on which the units do not work, besides Saturdays and Sundays."""

    holidays: frozenset[date] = field(default_factory=frozenset)

    @classmethod
    def with_holidays(cls, days: Iterable[date]) -> "Calendar":
        return cls(frozenset(days))

    def is_working_day(self, day: date) -> bool:
        return day.weekday() < SATURDAY and day not in self.holidays

    def working_days_after(self, day: date, working_days: int) -> date:
        """The day on which so many whole working days have passed; the first day is not counted."""
        if working_days < 1:
            raise ValueError("a deadline is at least one working day")
        while working_days:
            day += timedelta(days=1)
            working_days -= self.is_working_day(day)
        return day


def taipei_day(instant: datetime) -> date:
    """The calendar day in Taipei of an instant that knows its time zone."""
    if instant.tzinfo is None:
        raise ValueError("an instant without a time zone has no day")
    return instant.astimezone(TAIPEI).date()
