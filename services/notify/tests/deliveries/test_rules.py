"""When a delivery is tried again, when not, and when a provider is left alone."""

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mtnet_contracts.vocabulary.masking import masked_contact
from notify.channels.rules import Failure
from notify.deliveries.rules import (
    LONGEST_RETRY_DELAY,
    is_about_the_message,
    next_attempt,
    retry_delay,
)
from notify.messages.rules import message_id_for
from notify.providers.rules import FIRST_COOLDOWN, CircuitBreaker
from notify.templates.rules import Kind

from ..builders import NOW, seconds


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 5), (2, 10), (3, 20), (7, 320), (11, 3600), (90, 3600)]
)
def test_the_retry_delay_doubles_up_to_an_hour(attempts, seconds):
    assert retry_delay(attempts, jitter=0).total_seconds() == seconds


@given(st.integers(1, 200), st.floats(0, 1))
def test_jitter_takes_off_half_at_most(attempts, jitter):
    assert retry_delay(attempts, 0) / 2 <= retry_delay(attempts, jitter) <= LONGEST_RETRY_DELAY


def test_a_retry_delay_without_an_attempt_is_a_mistake():
    with pytest.raises(ValueError, match="follows an attempt"):
        retry_delay(0, 0)


def test_a_code_is_not_tried_again_after_it_ran_out():
    assert next_attempt(1, NOW, NOW, NOW + seconds(6), jitter=0) == NOW + seconds(5)
    assert next_attempt(1, NOW, NOW, NOW + seconds(5), jitter=0) is Failure.EXPIRED


def test_a_notice_is_given_up_after_two_days():
    written = NOW - timedelta(hours=47)
    assert next_attempt(40, NOW, written, None, jitter=0) == NOW + timedelta(hours=1)
    assert next_attempt(40, NOW + seconds(1), written, None, jitter=0) is Failure.GAVE_UP


def test_the_time_of_an_outage_does_not_count_for_giving_up():
    first = NOW + timedelta(days=9)
    assert next_attempt(1, first, first, None, jitter=0) == first + seconds(5)


def test_a_refusal_in_doubt_is_the_message_s_own_when_others_were_taken_twice():
    assert [is_about_the_message(rounds) for rounds in (0, 1, 2)] == [False, False, True]


class TestBreaker:
    def test_lets_everything_through_at_first(self):
        assert CircuitBreaker().allows(NOW, batch=50) == 50

    def test_cools_down_after_an_outage_and_then_lets_one_message_try(self):
        breaker = CircuitBreaker().after_outage(NOW)
        assert breaker.allows(NOW + FIRST_COOLDOWN - seconds(0.1), batch=50) == 0
        assert breaker.allows(NOW + FIRST_COOLDOWN, batch=50) == 1
        assert breaker.allows(NOW + FIRST_COOLDOWN, batch=50, urgent_only=True) == 1

    def test_while_one_tries_the_others_wait(self):
        breaker = CircuitBreaker().after_outage(NOW).probing(NOW + FIRST_COOLDOWN)
        assert breaker.allows(NOW + FIRST_COOLDOWN, batch=50) == 0

    def test_cools_down_longer_each_time_up_to_half_a_minute(self):
        breaker, now, cooldowns = CircuitBreaker().after_outage(NOW), NOW, []
        for _ in range(8):
            cooldowns.append((breaker.cooldown_until - now).total_seconds())
            now = breaker.cooldown_until
            breaker = breaker.probing(now).after_outage(now)
        assert cooldowns == [1, 2, 4, 8, 16, 30, 30, 30]

    def test_several_senders_that_notice_one_outage_make_one_cooldown(self):
        breaker = CircuitBreaker()
        for _ in range(5):
            breaker = breaker.after_outage(NOW)
        assert breaker.allows(NOW + FIRST_COOLDOWN, batch=50) == 1

    @pytest.mark.parametrize("recipients", [["a@x", "a@x", "A@x", "b@x"], ["a@x"] * 9])
    def test_doubts_about_few_recipients_change_nothing(self, recipients):
        breaker = CircuitBreaker()
        for recipient in recipients:
            breaker = breaker.after_doubt(NOW, recipient)
        assert breaker.allows(NOW, batch=50) == 50

    def in_doubt(self):
        breaker = CircuitBreaker()
        for recipient in ("a@x", "b@x", "c@x"):
            breaker = breaker.after_doubt(NOW, recipient)
        return breaker

    def test_doubts_about_three_in_a_row_open_it_but_not_for_codes(self):
        assert self.in_doubt().allows(NOW, batch=50) == 0
        assert self.in_doubt().allows(NOW, batch=50, urgent_only=True) == 1

    def test_an_acceptance_between_them_starts_the_count_again(self):
        breaker = CircuitBreaker()
        for number in range(20):
            breaker = breaker.after_doubt(NOW, f"{number}@x").after_doubt(NOW, f"{number}@y").after_success()
        assert breaker.allows(NOW, batch=50) == 50

    def test_a_cooldown_in_doubt_is_never_longer_than_five_seconds(self):
        breaker = self.in_doubt()
        for _ in range(9):
            now = breaker.cooldown_until
            breaker = breaker.probing(now).after_doubt(now, "d@x")
            assert breaker.cooldown_until - now <= seconds(5)

    def test_an_outage_in_doubt_stops_the_codes_too(self):
        assert self.in_doubt().after_outage(NOW).allows(NOW, batch=50, urgent_only=True) == 0

    def test_closes_when_one_is_accepted(self):
        for breaker in (self.in_doubt(), CircuitBreaker().after_outage(NOW)):
            assert breaker.after_success() == CircuitBreaker()


@pytest.mark.parametrize(
    ("recipient", "shown"),
    [
        ("a.clerk@example.com", "a•••@example.com"),
        ("+886912345678", "+886 9•• ••• 678"),
        ("123", "•••"),
    ],
)
def test_an_operator_sees_a_masked_contact(recipient, shown):
    assert masked_contact(recipient) == shown


def test_one_event_makes_one_message_however_often_it_is_replayed():
    event_id = uuid4()
    assert message_id_for(event_id, Kind.ACCOUNT_FROZEN, "email") == message_id_for(
        event_id, Kind.ACCOUNT_FROZEN, "email"
    )
    assert message_id_for(event_id, Kind.ACCOUNT_FROZEN, "email") != message_id_for(
        event_id, Kind.REMINDER_DUE, "email"
    )
