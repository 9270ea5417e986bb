"""A service that is silent is suspected, judged by a ping, and never holds all threads."""

from contextlib import ExitStack

import pytest
from gateway.rpc import neighbours
from gateway.rpc.neighbours import PLACES, Neighbour, ServiceUnavailable


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 1000.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(neighbours, "time", clock)
    return clock


@pytest.fixture
def neighbour(clock):
    return Neighbour("echo")


def test_only_so_many_wait_for_one_service(neighbour, clock):
    at_once = clock.now
    with ExitStack() as held:
        for _ in range(PLACES):
            held.enter_context(neighbour.place(at_once))
        with pytest.raises(ServiceUnavailable, match="too many"), neighbour.place(at_once):
            pass
    with neighbour.place(at_once):
        pass


def test_nobody_joins_the_queue_of_a_service_that_is_silent(neighbour, clock):
    with ExitStack() as held:
        for number in range(PLACES):
            held.enter_context(neighbour.place(clock.now))
            neighbour.owes(str(number))
        clock.now += neighbours.PLACE_SECONDS
        with pytest.raises(ServiceUnavailable, match="too many"), neighbour.place(clock.now + 3600):
            pass


def test_a_service_is_doubted_when_it_owes_an_answer_for_long(neighbour, clock):
    assert not neighbour.is_doubtful()
    neighbour.owes("one")
    clock.now += neighbours.SILENCE_SECONDS
    assert not neighbour.is_doubtful()
    clock.now += 0.01
    assert neighbour.is_doubtful()


def test_a_slow_call_is_no_silence_while_others_are_answered(neighbour, clock):
    neighbour.owes("slow")
    clock.now += neighbours.SILENCE_SECONDS * 3
    neighbour.owes("quick")
    neighbour.heard("quick")
    assert not neighbour.is_doubtful()
    clock.now += neighbours.SILENCE_SECONDS + 0.01
    assert neighbour.is_doubtful()


def test_a_call_given_up_unanswered_leaves_a_doubt_once(neighbour):
    neighbour.owes("one")
    neighbour.settled("one")
    assert neighbour.is_doubtful()
    assert not neighbour.is_doubtful()
    neighbour.owes("two")
    neighbour.heard("two")
    neighbour.settled("two")
    assert not neighbour.is_doubtful()


def test_a_ping_decides_and_an_answer_meanwhile_counts_as_one(neighbour, clock):
    began = clock.now
    neighbour.judge(answers=False, since=began)
    assert neighbour.away
    with pytest.raises(ServiceUnavailable, match="known to be away"), neighbour.place(clock.now):
        pass
    neighbour.judge(answers=True, since=began)
    assert not neighbour.away
    neighbour.owes("one")
    clock.now += 0.1
    neighbour.heard("one")
    neighbour.judge(answers=False, since=began)
    assert not neighbour.away


def test_a_page_waits_ten_seconds_in_all():
    neighbours.begin_page()
    neighbours.spend(3)
    with neighbours.at_most(1):
        assert neighbours.patience_left() == 1
        neighbours.spend(0.75)
        assert neighbours.patience_left() == 0.25
    assert neighbours.patience_left() == 6.25
    neighbours.spend(60)
    assert neighbours.patience_left() == 0
    neighbours.begin_page()
    assert neighbours.patience_left() == neighbours.PAGE_SECONDS


def test_a_page_that_is_done_leaves_no_impatience_to_its_thread(browser, everything):
    browser.get("/news")
    neighbours.spend(5)
    assert neighbours.patience_left() == neighbours.PAGE_SECONDS
