"""What may be done with a broadcast when, who is reached how, and how many people are taken up at once."""

from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notify.broadcast_chunks.rules import LARGEST_CHUNK, Reach, chunks_of
from notify.broadcasts.rules import (
    LARGEST_CROWD,
    TRANSITIONS,
    Act,
    Broadcast,
    NobodyReached,
    NotCounted,
    NotInThisState,
    NumberDiffers,
    StartNotValid,
    State,
    added,
    check_start,
    counts_of,
    fitting,
    message_id_of,
    next_after,
    percent,
    retry_at,
    retry_key,
    slice_allowed,
)
from notify.broadcasts.running import slice_after
from notify.contact_points.rules import Person

NOW = datetime(2026, 11, 23, 9, 25, 24, tzinfo=UTC)
ENDS = {State.FINISHED, State.CANCELLED}


def a_broadcast(**changes):
    return Broadcast(
        **{
            "broadcast_id": UUID(int=7),
            "category": "information",
            "segment": "everybody",
            "segment_of": None,
            "texts": {"zh-Hant": {"title": "t", "body": "b"}, "en": {"title": "t", "body": "b"}},
            "state": State.DRAFT,
            "version": 1,
            "written_by": UUID(int=1),
            "written_by_name": "operator1",
            "written_at": NOW,
            "people": 10,
            "counts": {"email": 8, "line": 1, "none:NO_ADDRESS": 2},
            "counted_at": NOW,
        }
        | changes
    )


def a_reach(position, *ways, locale="en", reason=""):
    return Reach(position, Person("account", UUID(int=position)), "Wang", locale, ways, reason)


@pytest.mark.parametrize(("state", "act"), list(product(State, Act)))
def test_every_act_in_every_state_leads_somewhere_or_is_refused(state, act):
    broadcast = a_broadcast(state=state)
    if (state, act) in TRANSITIONS:
        assert broadcast.after(act) is TRANSITIONS[state, act]
    else:
        with pytest.raises(NotInThisState):
            broadcast.after(act)


def test_nothing_leads_out_of_an_end_and_every_state_leads_to_one():
    assert not {state for state, _ in TRANSITIONS} & ENDS
    leads = {state: {to for (at, _), to in TRANSITIONS.items() if at is state} for state in State}
    for state in set(State) - ENDS:
        reached = {state}
        while new := set().union(*(leads[each] for each in reached)) - reached:
            reached |= new
        assert reached & ENDS


def test_every_state_is_reached_from_a_draft():
    assert set(TRANSITIONS.values()) | {State.DRAFT} == set(State)


class TestStarting:
    def test_now_or_later(self):
        assert check_start(a_broadcast(), 10, None, NOW) is Act.START
        assert check_start(a_broadcast(), 10, NOW + timedelta(minutes=1), NOW) is Act.SCHEDULE

    @pytest.mark.parametrize("typed", [0, 8, 9, 11])
    def test_the_number_that_is_typed_is_that_of_the_people(self, typed):
        with pytest.raises(NumberDiffers):
            check_start(a_broadcast(), typed, None, NOW)

    @pytest.mark.parametrize("later", [timedelta(0), timedelta(seconds=-1), timedelta(days=367)])
    def test_a_time_that_is_past_or_far_away_is_refused(self, later):
        with pytest.raises(StartNotValid):
            check_start(a_broadcast(), 10, NOW + later, NOW)

    def test_what_was_not_counted_or_reaches_nobody_does_not_start(self):
        with pytest.raises(NotCounted):
            check_start(a_broadcast(counted_at=None), 10, None, NOW)
        with pytest.raises(NobodyReached):
            check_start(a_broadcast(counts={"none:NO_ADDRESS": 10}), 10, None, NOW)
        with pytest.raises(NobodyReached):
            check_start(a_broadcast(people=0, counts={}), 0, None, NOW)

    @pytest.mark.parametrize("state", sorted(set(State) - {State.DRAFT}))
    def test_what_has_started_does_not_start_again(self, state):
        with pytest.raises(NotInThisState):
            check_start(a_broadcast(state=state), 10, None, NOW)


class TestCounting:
    def test_by_channel_and_by_reason(self):
        reaches = [
            a_reach(1, ("email", "a")),
            a_reach(2, ("email", "b"), ("line", "u")),
            a_reach(3, reason="NO_ADDRESS"),
        ]
        assert counts_of(reaches) == {"email": 2, "line": 1, "none:NO_ADDRESS": 1}

    def test_counts_of_parts_are_added(self):
        assert added({"email": 2}, {"email": 1, "line": 3}) == {"email": 3, "line": 3}

    def test_those_who_are_reached_are_all_but_those_without_a_way(self):
        assert a_broadcast().reached == 8

    @pytest.mark.parametrize(
        ("done", "people", "shown"), [(0, 0, 100), (0, 3, 0), (1, 3, 33), (999, 1000, 99), (3, 3, 100)]
    )
    def test_a_hundred_percent_is_everybody(self, done, people, shown):
        assert percent(done, people) == shown


class TestChunks:
    @given(
        st.lists(
            st.tuples(st.sampled_from(["email", "line", ""]), st.sampled_from(["zh-Hant", "en"])), max_size=60
        ),
        st.integers(1, 7),
    )
    def test_everybody_is_in_one_chunk_of_their_channel_and_language(self, people, largest):
        reaches = [
            a_reach(
                n, *([(channel, f"a{n}")] if channel else []), locale=locale, reason="" if channel else "X"
            )
            for n, (channel, locale) in enumerate(people)
        ]
        chunks = chunks_of(reaches, largest)
        assert sorted(p for chunk in chunks for p in chunk.positions) == list(range(len(people)))
        for chunk in chunks:
            assert 0 < len(chunk.members) <= largest
            assert all((chunk.channel or "") == people[p][0] for p in chunk.positions)
            assert chunk.channel is None or all(chunk.locale == people[p][1] for p in chunk.positions)
            assert list(chunk.recipients) == ([f"a{p}" for p in chunk.positions] if chunk.channel else [])

    def test_a_chunk_is_what_one_call_takes(self):
        reaches = [a_reach(n, ("line", f"u{n}")) for n in range(1, 1202)]
        assert [len(chunk.members) for chunk in chunks_of(reaches)] == [LARGEST_CHUNK, LARGEST_CHUNK, 201]

    def test_keys_are_the_same_at_each_try_and_other_for_others(self):
        one, two = uuid4(), uuid4()
        assert retry_key(one, 1) == retry_key(one, 1)
        assert len({retry_key(one, 1), retry_key(one, 2), retry_key(two, 1)}) == 3
        assert message_id_of(one, two) == message_id_of(one, two)
        assert message_id_of(one, two) != message_id_of(two, one)

    @given(st.lists(st.sampled_from(["email", "line", "both", "none"]), max_size=40), st.integers(0, 10))
    def test_no_more_people_are_taken_than_every_channel_has_capacity_for(self, kinds, capacity):
        email, line = ("email", "a"), ("line", "u")
        ways = {"email": [email], "line": [line], "both": [email, line], "none": []}
        reaches = [a_reach(n, *ways[kind]) for n, kind in enumerate(kinds)]
        fits = fitting(reaches, {"email": capacity})
        assert sum(channel == "email" for reach in fits for channel, _ in reach.ways) <= capacity
        assert list(fits) == reaches[: len(fits)]
        if len(fits) < len(reaches):
            assert "email" in dict(reaches[len(fits)].ways)

    def test_as_many_are_looked_up_as_find_room(self):
        assert slice_after(250, 250, one_by_one=1) == 500
        assert slice_after(LARGEST_CROWD, LARGEST_CROWD, one_by_one=1) == LARGEST_CROWD
        assert slice_after(900, 4000, one_by_one=4000) == 900
        assert slice_after(0, 4000, one_by_one=4000) == 250

    def test_where_nobody_is_looked_at_alone_all_that_may_be_are_taken_up(self):
        assert slice_after(250, 250, one_by_one=0) == LARGEST_CROWD


class TestPace:
    def test_without_a_pace_a_whole_slice_may_go(self):
        assert slice_allowed(None, None, NOW) == LARGEST_CROWD
        assert next_after(None, None, NOW, 500) is None

    @pytest.mark.parametrize("per_second", [1, 7, 50, 1000, 10_000])
    def test_a_pace_is_kept_over_a_minute(self, per_second):
        now, next_at, sent = NOW, None, 0
        while now < NOW + timedelta(minutes=1):
            if taken := slice_allowed(per_second, next_at, now):
                sent += taken
                next_at = next_after(per_second, next_at, now, taken)
            now += timedelta(milliseconds=100)
        assert 0.95 * 60 * per_second <= sent <= 60 * per_second + max(1, per_second / 2)

    def test_what_was_missed_is_not_made_up_for(self):
        later = NOW + timedelta(hours=1)
        assert next_after(10, NOW, later, 5) == later + timedelta(seconds=0.5)


class TestRetries:
    def test_a_chunk_is_tried_again_after_one_second_then_two_up_to_a_minute(self):
        waits = [(retry_at(n, NOW, NOW, 0.0) - NOW).total_seconds() for n in range(1, 9)]
        assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
        assert retry_at(1, NOW, NOW, 1.0) == NOW + timedelta(seconds=0.5)

    def test_a_chunk_whose_key_is_forgotten_is_never_tried_again(self):
        assert retry_at(3, NOW - timedelta(hours=23), NOW, 0.0) is None
        assert retry_at(1, NOW - timedelta(hours=22, minutes=59), NOW, 0.0) is not None
