"""A service that is silent is suspected, judged by a ping, and never holds all threads."""

from contextlib import ExitStack

import pytest
from gateway.rpc import circuit_breaker, time_budget
from gateway.rpc.circuit_breaker import SLOTS, CircuitBreaker, ServiceUnavailable


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 1000.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(circuit_breaker, "time", clock)
    return clock


@pytest.fixture
def breaker(clock):
    return CircuitBreaker("echo")


def test_only_so_many_wait_for_one_service(breaker, clock):
    at_once = clock.now
    with ExitStack() as held:
        for _ in range(SLOTS):
            held.enter_context(breaker.slot(at_once))
        with pytest.raises(ServiceUnavailable, match="too many"), breaker.slot(at_once):
            pass
    with breaker.slot(at_once):
        pass


def test_nobody_joins_the_queue_of_a_service_that_is_silent(breaker, clock):
    with ExitStack() as held:
        for number in range(SLOTS):
            held.enter_context(breaker.slot(clock.now))
            breaker.owes(str(number))
        clock.now += circuit_breaker.SLOT_SECONDS
        with pytest.raises(ServiceUnavailable, match="too many"), breaker.slot(clock.now + 3600):
            pass


def test_a_service_is_doubted_when_it_owes_an_answer_for_long(breaker, clock):
    assert not breaker.is_doubtful()
    breaker.owes("one")
    clock.now += circuit_breaker.SILENCE_SECONDS
    assert not breaker.is_doubtful()
    clock.now += 0.01
    assert breaker.is_doubtful()


def test_a_slow_call_is_no_silence_while_others_are_answered(breaker, clock):
    breaker.owes("slow")
    clock.now += circuit_breaker.SILENCE_SECONDS * 3
    breaker.owes("quick")
    breaker.heard("quick")
    assert not breaker.is_doubtful()
    clock.now += circuit_breaker.SILENCE_SECONDS + 0.01
    assert breaker.is_doubtful()


def test_a_call_given_up_unanswered_leaves_a_doubt_once(breaker):
    breaker.owes("one")
    breaker.settled("one")
    assert breaker.is_doubtful()
    assert not breaker.is_doubtful()
    breaker.owes("two")
    breaker.heard("two")
    breaker.settled("two")
    assert not breaker.is_doubtful()


def test_a_ping_decides_and_an_answer_meanwhile_counts_as_one(breaker, clock):
    began = clock.now
    breaker.judge(answers=False, since=began)
    assert breaker.away
    with pytest.raises(ServiceUnavailable, match="known to be away"), breaker.slot(clock.now):
        pass
    breaker.judge(answers=True, since=began)
    assert not breaker.away
    breaker.owes("one")
    clock.now += 0.1
    breaker.heard("one")
    breaker.judge(answers=False, since=began)
    assert not breaker.away


def test_a_page_waits_ten_seconds_in_all():
    time_budget.begin_page()
    time_budget.spend(3)
    with time_budget.at_most(1):
        assert time_budget.seconds_left() == 1
        time_budget.spend(0.75)
        assert time_budget.seconds_left() == 0.25
    assert time_budget.seconds_left() == 6.25
    time_budget.spend(60)
    assert time_budget.seconds_left() == 0
    time_budget.begin_page()
    assert time_budget.seconds_left() == time_budget.PAGE_SECONDS


def test_a_page_that_is_done_leaves_no_impatience_to_its_thread(browser, everything):
    browser.get("/news")
    time_budget.spend(5)
    assert time_budget.seconds_left() == time_budget.PAGE_SECONDS
