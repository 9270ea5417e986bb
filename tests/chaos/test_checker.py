"""The checker names each kind of fault, and only that."""

from hypothesis import given
from hypothesis import strategies as st

from tests.chaos.checker import Applied, Committed, check

COMMITTED = [Committed(f"{a}{n}", a, n) for a in "ab" for n in (1, 2, 3)]
GOOD = [Applied(c.event, c.aggregate, c.number) for c in COMMITTED]


def verdict(applied, ordered=True):
    return check(COMMITTED, applied, ordered=ordered)


def test_everything_once_and_in_order_is_good():
    assert verdict(GOOD).good
    assert str(verdict(GOOD)) == "6 events: 0 lost, 0 doubled, 0 swapped, 0 invented"


def test_aggregates_may_come_in_any_order_among_each_other():
    assert verdict(GOOD[3:] + GOOD[:3]).good


def test_a_missing_event_is_lost():
    assert verdict(GOOD[1:]).lost == {"a1"}


def test_an_event_applied_twice_is_doubled_and_not_swapped():
    found = verdict([*GOOD, GOOD[0]])
    assert (found.doubled, found.swapped) == ({"a1"}, frozenset())


def test_an_event_after_a_later_one_is_swapped_where_order_was_promised():
    applied = [GOOD[1], GOOD[0], *GOOD[2:]]
    assert verdict(applied).swapped == {"a1"}
    assert verdict(applied, ordered=False).good


def test_an_effect_without_a_committed_change_is_invented():
    assert verdict([*GOOD, Applied("z9", "z", 9)]).invented == {"z9"}


def test_an_effect_with_another_number_is_invented():
    assert verdict([*GOOD[1:], Applied("a1", "a", 7)]).invented == {"a1"}


@given(st.permutations(GOOD))
def test_a_shuffle_is_good_exactly_when_each_aggregate_is_sorted(applied):
    in_order = all(
        [x.number for x in applied if x.aggregate == a]
        == sorted(x.number for x in applied if x.aggregate == a)
        for a in "ab"
    )
    assert verdict(applied).good == in_order


@given(st.sets(st.sampled_from(GOOD)), st.lists(st.sampled_from(GOOD), max_size=4))
def test_whatever_is_taken_away_is_lost_and_whatever_is_added_is_doubled(taken, added):
    kept = [x for x in GOOD if x not in taken]
    added = [x for x in added if x in kept]
    found = verdict(kept + added)
    assert found.lost == {x.event for x in taken}
    assert found.doubled == {x.event for x in added}
