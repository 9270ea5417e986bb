"""What is counted of a day, and what the counts say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import product

MOST_DAYS = 366
# Tickets are kept for three years after they were closed: an older day can no longer be counted anew.
COUNTED_FOR = timedelta(days=3 * 365)
ALL = ""
NO_CATEGORY = "none"
HOURS, POINTS = 24, 5
# Classes of time, in seconds: under a minute, and then each 15 % longer than the one before, up to about half a year.
BOUNDS: tuple[int, ...] = tuple(round(60 * 1.15**step) for step in range(90))


class DaysNotValid(Exception):
    """The last day is before the first one, or they are more than MOST_DAYS."""


@dataclass(frozen=True)
class Slice:
    """Of which tickets; ALL: whatever it is."""

    channel: str = ALL
    category: str = ALL
    team: str = ALL


@dataclass(frozen=True)
class Alike:
    """Tickets of a day that are counted alike. Classes: by BOUNDS, None where it has not happened."""

    channel: str
    category: str
    team: str
    hour: int
    answer_class: int | None
    answered_in_time: bool
    solution_class: int | None
    solved_in_time: bool
    satisfaction: int | None
    tickets: int


@dataclass(frozen=True)
class Missed:
    """Tickets that wait past their deadline for the first answer, or for the solution; one may wait for both."""

    channel: str
    category: str
    team: str
    unanswered: int
    unsolved: int

    def is_of(self, chosen: Slice) -> bool:
        return (
            chosen.channel in (self.channel, ALL)
            and chosen.category in (self.category, ALL)
            and chosen.team in (self.team, ALL)
        )


@dataclass
class Sums:
    """What is counted. Of a day as it is stored; of a period added up."""

    opened: int = 0
    answered: int = 0
    answered_in_time: int = 0
    solved: int = 0
    solved_in_time: int = 0
    hours: list[int] = field(default_factory=lambda: [0] * HOURS)
    ratings: list[int] = field(default_factory=lambda: [0] * POINTS)
    first_answer_times: list[int] = field(default_factory=list)
    solution_times: list[int] = field(default_factory=list)

    def add(self, alike: Alike) -> None:
        self.opened += alike.tickets
        self.hours[alike.hour] += alike.tickets
        if alike.answer_class is not None:
            self.answered += alike.tickets
            self.answered_in_time += alike.tickets * alike.answered_in_time
            _count(self.first_answer_times, alike.answer_class, alike.tickets)
        if alike.solution_class is not None:
            self.solved += alike.tickets
            self.solved_in_time += alike.tickets * alike.solved_in_time
            _count(self.solution_times, alike.solution_class, alike.tickets)
        if alike.satisfaction is not None:
            self.ratings[alike.satisfaction - 1] += alike.tickets


def _count(times: list[int], at: int, tickets: int) -> None:
    times.extend([0] * (at + 1 - len(times)))
    times[at] += tickets


def counted(day: Iterable[Alike]) -> dict[Slice, Sums]:
    """Each choice of channel, system and team of which there was something that day."""
    found: dict[Slice, Sums] = {}
    for alike in day:
        for chosen in product((alike.channel, ALL), (alike.category, ALL), (alike.team, ALL)):
            found.setdefault(Slice(*chosen), Sums()).add(alike)
    return found


def checked_days(from_day: date, to_day: date) -> tuple[date, date]:
    """Raises DaysNotValid."""
    if not timedelta(0) <= to_day - from_day < timedelta(days=MOST_DAYS):
        raise DaysNotValid
    return from_day, to_day


def days_between(from_day: date, to_day: date) -> Iterator[date]:
    """Both among them."""
    for number in range((to_day - from_day).days + 1):
        yield from_day + timedelta(days=number)


def time_within(times: Sequence[int], share: float) -> int | None:
    """In how many seconds that share of them was done, by the class it falls into and where in it; None for none.

    A class is 15 % wide, and those in it are taken for spread evenly.
    """
    wanted, before = share * sum(times), 0
    if not wanted:
        return None
    for at, tickets in enumerate(times):
        if before + tickets >= wanted:
            begins = BOUNDS[at - 1] if at else 0
            ends = BOUNDS[min(at, len(BOUNDS) - 1)]
            return round(begins + (ends - begins) * (wanted - before) / tickets)
        before += tickets
    return BOUNDS[-1]
