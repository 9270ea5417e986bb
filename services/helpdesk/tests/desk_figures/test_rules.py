"""What is counted of a day, added up over any choice of channel, system and team; and what the times say."""

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from helpdesk.desk_figures.rules import (
    BOUNDS,
    MOST_DAYS,
    Alike,
    DaysNotValid,
    Slice,
    Sums,
    checked_days,
    counted,
    days_between,
    time_within,
)
from hypothesis import given
from hypothesis import strategies as st

DAY = date(2026, 11, 26)
ONE = Alike("email", "crew", "first_line", 9, 3, True, 20, False, 5, 2)
alikes = st.builds(
    Alike,
    st.sampled_from(["email", "fax"]),
    st.sampled_from(["crew", "none"]),
    st.sampled_from(["first_line", "technical"]),
    st.integers(0, 23),
    st.none() | st.integers(0, len(BOUNDS)),
    st.booleans(),
    st.none() | st.integers(0, len(BOUNDS)),
    st.booleans(),
    st.none() | st.integers(1, 5),
    st.integers(1, 9),
)


def test_tickets_that_are_alike_are_counted_in_each_choice_they_belong_to():
    found = counted(
        [ONE, replace(ONE, channel="fax", answer_class=None, solution_class=None, satisfaction=None)]
    )
    assert len(found) == 12
    everything = found[Slice()]
    assert (everything.opened, everything.answered, everything.answered_in_time) == (4, 2, 2)
    assert (everything.solved, everything.solved_in_time) == (2, 0)
    assert (everything.hours[9], sum(everything.hours), everything.ratings) == (4, 4, [0, 0, 0, 0, 2])
    assert (everything.first_answer_times, everything.solution_times[20]) == ([0, 0, 0, 2], 2)
    assert found[Slice("fax", "crew", "first_line")].answered == 0
    assert Slice("line") not in found


@given(st.lists(alikes, max_size=20))
def test_the_parts_of_a_day_are_the_whole(day):
    found = counted(day)
    whole = found.get(Slice(), Sums())
    for part in ("channel", "category", "team"):
        named = [sums for chosen, sums in found.items() if list(vars(chosen).values()).count("") == 2
                 and getattr(chosen, part)]  # fmt: skip
        for name in ("opened", "answered", "answered_in_time", "solved", "solved_in_time"):
            assert sum(getattr(sums, name) for sums in named) == getattr(whole, name)
        assert [sum(hours) for hours in zip(*(sums.hours for sums in named), strict=True)] in (
            whole.hours,
            [],
        )
    assert sum(whole.first_answer_times) == whole.answered >= whole.answered_in_time


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_a_time_is_told_within_the_width_of_its_class(share):
    chance = random.Random(7)
    seconds = sorted(int(chance.lognormvariate(8, 1.4)) + 60 for _ in range(999))
    times = [0] * (len(BOUNDS) + 1)
    for each in seconds:
        times[sum(bound <= each for bound in BOUNDS)] += 1
    assert time_within(times, share) == pytest.approx(seconds[int(share * 999)], rel=0.15)


@pytest.mark.parametrize(
    ("times", "expected"), [([], None), ([0, 0], None), ([1], 30), ([0, 2], 64), ([0] * 90 + [4], BOUNDS[-1])]
)
def test_the_median_of_few(times, expected):
    assert time_within(times, 0.5) == expected


def test_days_follow_each_other_at_most_for_a_year():
    last = DAY + timedelta(days=MOST_DAYS - 1)
    assert checked_days(DAY, last) == (DAY, last)
    assert list(days_between(DAY, DAY)) == [DAY]
    assert len(list(days_between(DAY, last))) == MOST_DAYS
    for wrong in (DAY - timedelta(days=1), last + timedelta(days=1)):
        with pytest.raises(DaysNotValid):
            checked_days(DAY, wrong)
