"""Routes: which unit sees a case at which stage, and how many working days it has."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


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
