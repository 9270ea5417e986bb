"""When a delivery is tried again, when not, and when a provider is left in peace."""

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notify.domain.delivering import (
    FAILURES_TO_OPEN,
    LONGEST_PAUSE,
    REST,
    Breaker,
    Failure,
    Pace,
    next_attempt,
    pause_after,
)
from notify.domain.messages import Kind, masked, message_id_for

from .builders import NOW, seconds


@pytest.mark.parametrize(("attempts", "pause"), [(1, 5), (2, 10), (3, 20), (7, 320), (11, 3600), (90, 3600)])
def test_the_pause_doubles_up_to_an_hour(attempts, pause):
    assert pause_after(attempts, chance=0).total_seconds() == pause


@given(st.integers(1, 200), st.floats(0, 1))
def test_chance_takes_off_half_at_most(attempts, chance):
    assert pause_after(attempts, 0) / 2 <= pause_after(attempts, chance) <= LONGEST_PAUSE


def test_a_pause_without_an_attempt_is_a_mistake():
    with pytest.raises(ValueError, match="follows an attempt"):
        pause_after(0, 0)


def test_a_code_is_not_tried_again_after_it_ran_out():
    assert next_attempt(1, NOW, NOW, NOW + seconds(6), chance=0) == NOW + seconds(5)
    assert next_attempt(1, NOW, NOW, NOW + seconds(5), chance=0) is Failure.EXPIRED


def test_a_notice_is_given_up_after_two_days():
    written = NOW - timedelta(hours=47)
    assert next_attempt(40, NOW, written, None, chance=0) == NOW + timedelta(hours=1)
    assert next_attempt(40, NOW + seconds(1), written, None, chance=0) is Failure.GAVE_UP


class TestBreaker:
    def opened(self):
        breaker = Breaker()
        for _ in range(FAILURES_TO_OPEN):
            assert breaker.allows(NOW, batch=50) == 50
            breaker = breaker.after_outage(NOW)
        return breaker

    def test_rests_after_five_outages_in_a_row(self):
        assert self.opened().allows(NOW + REST - seconds(1), batch=50) == 0

    def test_then_lets_one_message_try(self):
        assert self.opened().allows(NOW + REST, batch=50) == 1

    def test_rests_again_when_that_one_fails_too(self):
        breaker = self.opened().after_outage(NOW + REST)
        assert breaker.allows(NOW + REST + seconds(1), batch=50) == 0

    def test_closes_when_it_succeeds(self):
        assert self.opened().after_success().allows(NOW, batch=50) == 50

    def test_a_success_between_outages_starts_the_count_again(self):
        breaker = Breaker()
        for _ in range(20):
            breaker = breaker.after_outage(NOW).after_outage(NOW).after_success()
        assert breaker.allows(NOW, batch=50) == 50


def test_a_pace_lets_so_many_a_second_through_evenly():
    pace, clock, waited = Pace(10), 1000.0, []
    for _ in range(4):
        pace, wait = pace.take(clock)
        waited.append(round(wait, 6))
    assert waited == [0, 0.1, 0.2, 0.3]
    assert pace.take(clock + 60)[1] == 0


@pytest.mark.parametrize(
    ("recipient", "shown"),
    [
        ("a.clerk@example.com", "a•••@example.com"),
        ("+886912345678", "+886••••••678"),
        ("123", "•••"),
    ],
)
def test_an_operator_sees_a_masked_recipient(recipient, shown):
    assert masked(recipient) == shown


def test_one_event_makes_one_message_however_often_it_is_replayed():
    event_id = uuid4()
    assert message_id_for(event_id, Kind.ACCOUNT_FROZEN, "email") == message_id_for(
        event_id, Kind.ACCOUNT_FROZEN, "email"
    )
    assert message_id_for(event_id, Kind.ACCOUNT_FROZEN, "email") != message_id_for(
        event_id, Kind.REMINDER_DUE, "email"
    )
