"""Routes and working days: which unit sees a case at which stage, and by when it should be done."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

SATURDAY = 5


class NoSuchUnit(Exception):
    """A route asks for the centre of a city that no centre is responsible for."""


@dataclass(frozen=True)
class Stage:
    """One stage of a case: the unit was found when the case began and stays."""

    unit: str
    deadline_days: int
    handled_at: datetime | None = None


@dataclass(frozen=True)
class RouteStage:
    """One stage of a route. `unit` None means: the maritime centre (航務中心) of the company's city."""

    unit: str | None
    deadline_days: int


@dataclass(frozen=True)
class Route:
    """A version of the route of one identity type. A running case keeps the version it began with."""

    route_id: int
    identity_type: str
    version: int
    stages: tuple[RouteStage, ...]

    def stages_for(self, city: str | None, centres: Mapping[str, str]) -> tuple[Stage, ...]:
        """The stages of a case of this city. Raises NoSuchUnit."""
        found = []
        for stage in self.stages:
            unit = stage.unit or centres.get(city or "")
            if unit is None:
                raise NoSuchUnit(f"no maritime centre for the city {city!r}")
            found.append(Stage(unit, stage.deadline_days))
        return tuple(found)


@dataclass(frozen=True)
class Calendar:
    """Working days of Taiwan's public offices: Monday to Friday without the holidays."""

    holidays: frozenset[date] = field(default_factory=frozenset)

    @classmethod
    def with_holidays(cls, days: Iterable[date]) -> "Calendar":
        return cls(frozenset(days))

    def is_working_day(self, day: date) -> bool:
        return day.weekday() < SATURDAY and day not in self.holidays

    def working_days_after(self, day: date, working_days: int) -> date:
        """The day by which so many whole working days have passed. `day` itself does not count."""
        if working_days < 1:
            raise ValueError("a deadline is at least one working day")
        while working_days:
            day += timedelta(days=1)
            working_days -= self.is_working_day(day)
        return day
