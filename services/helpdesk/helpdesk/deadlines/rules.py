"""Deadlines: how long a priority gives, whose clock runs when, what a pause moves."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, timezone

from mtnet_contracts.vocabulary.office_calendar import OfficeCalendar

TAIPEI = timezone(timedelta(hours=8))  # without summer time since 1979
OPENS, CLOSES = time(8, 30), time(17, 30)
# In place of «nothing must be done»: sorts last, and every driver can read it.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
# A calendar without a working day for that long is a mistake, not a holiday.
MOST_DAYS_AHEAD = 3_660


@dataclass(frozen=True)
class Allowance:
    """What a priority gives. The desk is there around the clock (handout, 24 小時客戶諮詢), so a first answer is always
    counted in hours of the clock. A solution often needs the units, so it is counted in their working hours, unless it
    is urgent.
    """

    first_answer: timedelta
    solution: timedelta
    solution_around_the_clock: bool


ALLOWANCES = {
    "urgent": Allowance(timedelta(minutes=30), timedelta(hours=4), True),
    "high": Allowance(timedelta(hours=1), timedelta(hours=9), False),
    "normal": Allowance(timedelta(hours=4), timedelta(hours=27), False),
    "low": Allowance(timedelta(hours=8), timedelta(hours=90), False),
}


@dataclass(frozen=True)
class WorkingCalendar:
    """08:30 to 17:30 in Taipei, on the working days of public offices."""

    office: OfficeCalendar = field(default_factory=OfficeCalendar)

    def is_working_day(self, day: date) -> bool:
        return self.office.is_working_day(day)

    def after(self, start: datetime, work: timedelta) -> datetime:
        """The instant by which so much working time has passed. Raises ValueError for a calendar without work."""
        if work <= timedelta(0):
            return start
        local = start.astimezone(TAIPEI)
        for _ in range(MOST_DAYS_AHEAD):
            opens, closes = self._hours_of(local.date())
            begins = max(local, opens)
            if self.is_working_day(local.date()) and begins < closes:
                if begins + work <= closes:
                    return (begins + work).astimezone(UTC)
                work -= closes - begins
            local = self._hours_of(local.date() + timedelta(days=1))[0]
        raise ValueError("the calendar has no working days")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much working time lies between two instants; nothing where the second is not after the first."""
        total, local, until = timedelta(0), start.astimezone(TAIPEI), end.astimezone(TAIPEI)
        while local < until:
            opens, closes = self._hours_of(local.date())
            if self.is_working_day(local.date()):
                total += max(timedelta(0), min(until, closes) - max(local, opens))
            local = self._hours_of(local.date() + timedelta(days=1))[0]
        return total

    @staticmethod
    def _hours_of(day: date) -> tuple[datetime, datetime]:
        return datetime.combine(day, OPENS, TAIPEI), datetime.combine(day, CLOSES, TAIPEI)


@dataclass(frozen=True)
class Deadlines:
    """Concrete times. `paused_at`: since when the desk waits for somebody else and the solution's clock stands.

    A first answer is never paused: nobody is waited for before somebody was answered. `solution_from`: since when the
    solution is counted, where the ticket was opened anew. `paused_for` and `paused_work`: how long its clock has stood
    by the clock and in working hours, without the pause that goes on; another priority may count by either.
    """

    first_answer_due_at: datetime
    solution_due_at: datetime
    paused_at: datetime | None = None
    solution_from: datetime | None = None
    paused_for: timedelta = timedelta(0)
    paused_work: timedelta = timedelta(0)


def begin(priority: str, at: datetime, calendar: WorkingCalendar) -> Deadlines:
    """Of a ticket that begins, or begins anew, at this moment."""
    allowance = ALLOWANCES[priority]
    return Deadlines(at + allowance.first_answer, _solution_due(priority, at, allowance.solution, calendar))


def begin_again(deadlines: Deadlines, priority: str, at: datetime, calendar: WorkingCalendar) -> Deadlines:
    """What was solved is not: its solution counts from now, and the pauses before are of no account."""
    due = _solution_due(priority, at, ALLOWANCES[priority].solution, calendar)
    return Deadlines(deadlines.first_answer_due_at, due, solution_from=at)


def pause(deadlines: Deadlines, at: datetime) -> Deadlines:
    """Twice is as good as once: the first pause counts."""
    return replace(deadlines, paused_at=deadlines.paused_at or at)


def resume(deadlines: Deadlines, priority: str, at: datetime, calendar: WorkingCalendar) -> Deadlines:
    """What was left when the clock stopped is left when it goes on; what was overdue stays overdue."""
    paused_at = deadlines.paused_at
    if paused_at is None:
        return deadlines
    due = deadlines.solution_due_at
    if paused_at < due:
        left = _left(priority, paused_at, due, calendar)
        due = max(due, _solution_due(priority, at, left, calendar))
    return replace(
        deadlines,
        solution_due_at=due,
        paused_at=None,
        paused_for=deadlines.paused_for + max(timedelta(0), at - paused_at),
        paused_work=deadlines.paused_work + calendar.between(paused_at, at),
    )


def reprioritise(
    deadlines: Deadlines, priority: str, opened_at: datetime, calendar: WorkingCalendar
) -> Deadlines:
    """As if it had had this priority from the beginning: pauses count for nothing, and one that goes on goes on."""
    allowance = ALLOWANCES[priority]
    paused = deadlines.paused_for if allowance.solution_around_the_clock else deadlines.paused_work
    counted_from = deadlines.solution_from or opened_at
    return replace(
        deadlines,
        first_answer_due_at=opened_at + allowance.first_answer,
        solution_due_at=_solution_due(priority, counted_from, allowance.solution + paused, calendar),
    )


def next_due(deadlines: Deadlines, *, answered: bool, done: bool) -> datetime:
    """The next thing that must be done: the first answer, then the solution unless its clock stands."""
    if done:
        return NEVER
    if not answered:
        return min(deadlines.first_answer_due_at, deadlines.solution_due_at)
    return deadlines.solution_due_at if deadlines.paused_at is None else NEVER


def _left(priority: str, start: datetime, due: datetime, calendar: WorkingCalendar) -> timedelta:
    if ALLOWANCES[priority].solution_around_the_clock:
        return due - start
    return calendar.between(start, due)


def _solution_due(priority: str, at: datetime, work: timedelta, calendar: WorkingCalendar) -> datetime:
    if ALLOWANCES[priority].solution_around_the_clock:
        return at + work
    return calendar.after(at, work)
