"""By when: hours of the clock, hours of work, and what a pause moves."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from helpdesk.deadlines.actions import working_calendar
from helpdesk.deadlines.rules import (
    ALLOWANCES,
    NEVER,
    TAIPEI,
    WorkingCalendar,
    begin,
    begin_again,
    next_due,
    pause,
    reprioritise,
    resume,
)
from hypothesis import given
from hypothesis import strategies as st
from mtnet_contracts.vocabulary.office_calendar import OfficeCalendar

from ..builders import hours

HOLIDAY = date(2026, 12, 25)
CALENDAR = WorkingCalendar(OfficeCalendar.with_holidays([HOLIDAY]))
instants = st.datetimes(
    datetime(2026, 1, 1),
    datetime(2027, 12, 31),
    timezones=st.just(UTC),
)
work = st.integers(0, 6_000).map(lambda minutes: timedelta(minutes=minutes))
priorities = st.sampled_from(sorted(ALLOWANCES))


def taipei(day, hour, minute=0):
    return datetime(2026, 12, day, hour, minute, tzinfo=TAIPEI)


@pytest.mark.parametrize(
    ("start", "count", "due"),
    [
        (taipei(21, 10), 2, taipei(21, 12)),  # a Monday
        (taipei(21, 17), 1, taipei(22, 9)),
        (taipei(21, 3), 1, taipei(21, 9, 30)),
        (taipei(21, 20), 1, taipei(22, 9, 30)),
        (taipei(24, 17), 1, taipei(28, 9)),  # over the holiday and the weekend
        (taipei(21, 8, 30), 9, taipei(21, 17, 30)),
        (taipei(21, 8, 30), 9.5, taipei(22, 9)),
    ],
)
def test_working_time_passes_on_working_days_from_half_past_eight_to_half_past_five(start, count, due):
    assert CALENDAR.after(start, hours(count)) == due
    assert CALENDAR.between(start, due) == hours(count)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-02-13T17:00+08:00", "2026-02-23T09:00+08:00"),  # over Lunar New Year
        ("2026-12-31T17:00+08:00", "2027-01-04T09:00+08:00"),  # over the end of the year
        ("2025-02-07T17:00+08:00", "2025-02-08T09:00+08:00"),  # into a Saturday with work
    ],
)
def test_the_office_calendar_says_which_days_are_worked(start, due):
    assert working_calendar().after(datetime.fromisoformat(start), hours(1)) == datetime.fromisoformat(due)


@given(start=instants, amount=work)
def test_what_lies_between_is_what_was_added(start, amount):
    assert CALENDAR.between(start, CALENDAR.after(start, amount)) == amount


@given(one=instants, two=instants, three=instants)
def test_working_time_adds_up(one, two, three):
    first, second, third = sorted((one, two, three))
    parts = CALENDAR.between(first, second) + CALENDAR.between(second, third)
    assert CALENDAR.between(first, third) == parts
    assert CALENDAR.between(third, first) == timedelta(0)


def test_a_calendar_without_work_is_a_mistake():
    class Never(WorkingCalendar):
        def is_working_day(self, day):
            return False

    with pytest.raises(ValueError, match="no working days"):
        Never().after(taipei(21, 10), hours(1))


@given(priority=priorities, opened=instants, waited=st.integers(1, 20_000))
def test_a_pause_takes_nothing_from_what_was_left(priority, opened, waited):
    begun = begin(priority, opened, CALENDAR)
    stopped_at, goes_on_at = opened, opened + timedelta(minutes=waited)
    after = resume(pause(begun, stopped_at), priority, goes_on_at, CALENDAR)
    assert after.paused_at is None
    assert after.first_answer_due_at == begun.first_answer_due_at
    if ALLOWANCES[priority].solution_around_the_clock:
        assert after.solution_due_at - goes_on_at == ALLOWANCES[priority].solution
    else:
        assert CALENDAR.between(goes_on_at, after.solution_due_at) == ALLOWANCES[priority].solution


def test_what_was_overdue_before_the_pause_stays_overdue():
    begun = begin("urgent", taipei(21, 10), CALENDAR)
    late = begun.solution_due_at + hours(1)
    after = resume(pause(begun, late), "urgent", late + hours(5), CALENDAR)
    assert replace(after, paused_for=begun.paused_for, paused_work=begun.paused_work) == begun


@given(opened=instants, minutes=st.integers(0, 10_000))
def test_twice_is_as_good_as_once(opened, minutes):
    begun, later = begin("normal", opened, CALENDAR), opened + timedelta(minutes=minutes)
    paused = pause(begun, opened)
    assert pause(paused, later) == paused
    assert resume(begun, "normal", later, CALENDAR) == begun


@given(opened=instants, one=priorities, other=priorities)
def test_a_higher_priority_is_never_due_later(opened, one, other):
    order = ["urgent", "high", "normal", "low"]
    higher, lower = sorted((one, other), key=order.index)
    first, second = begin(higher, opened, CALENDAR), begin(lower, opened, CALENDAR)
    assert first.first_answer_due_at <= second.first_answer_due_at
    # Hours of the clock may end in a night, in which no work would have begun.
    assert first.solution_due_at <= second.solution_due_at


minutes = st.integers(1, 6_000).map(lambda count: timedelta(minutes=count))


@given(
    opened=instants, one=priorities, other=priorities, waits=st.lists(st.tuples(minutes, minutes), max_size=3)
)
def test_another_priority_counts_as_if_it_had_been_the_ticket_s_from_the_beginning(opened, one, other, waits):
    """Whatever was waited for before, however often: each clock stood as long as it would have stood."""
    changed, as_ever, at = begin(one, opened, CALENDAR), begin(other, opened, CALENDAR), opened
    for worked, waited in waits:
        stops, at = at + worked, at + worked + waited
        if min(changed.solution_due_at, as_ever.solution_due_at) <= stops:
            return  # what is overdue takes nothing from a pause
        changed = resume(pause(changed, stops), one, at, CALENDAR)
        as_ever = resume(pause(as_ever, stops), other, at, CALENDAR)
    assert reprioritise(changed, other, opened, CALENDAR) == as_ever


@given(opened=instants, one=priorities, other=priorities, waited=minutes)
def test_a_pause_goes_on_when_the_priority_changes_in_it(opened, one, other, waited):
    paused, goes_on_at = pause(begin(one, opened, CALENDAR), opened + hours(0.25)), opened + waited + hours(1)
    changed = reprioritise(paused, other, opened, CALENDAR)
    assert changed.paused_at == paused.paused_at
    before, after = resume(paused, one, goes_on_at, CALENDAR), resume(changed, other, goes_on_at, CALENDAR)
    assert after == reprioritise(before, other, opened, CALENDAR)


def test_what_was_opened_anew_counts_from_then_with_every_priority():
    reopened_at = taipei(28, 10)
    again = begin_again(begin("normal", taipei(1, 10), CALENDAR), "normal", reopened_at, CALENDAR)
    urgent = reprioritise(again, "urgent", taipei(1, 10), CALENDAR)
    assert urgent.solution_due_at == reopened_at + hours(4)


def test_what_must_be_done_next():
    begun = begin("normal", taipei(21, 10), CALENDAR)
    assert next_due(begun, answered=False, done=False) == begun.first_answer_due_at
    assert next_due(begun, answered=True, done=False) == begun.solution_due_at
    paused = pause(begun, taipei(21, 11))
    assert next_due(paused, answered=True, done=False) == NEVER
    assert next_due(paused, answered=False, done=False) == begun.first_answer_due_at
    assert next_due(begun, answered=False, done=True) == NEVER
