"""Codes of one mailbox: how many are sent, and how many wrong ones are looked at, for strangers and for its owner."""

import pytest
from accounts.verification.rules import Sent


@pytest.mark.parametrize(
    ("sent", "by_a_stranger", "by_the_owner"),
    [
        ({}, False, False),
        ({"guesses_by_source": 24}, False, False),
        ({"guesses_by_source": 25}, True, False),
        # From a thousand addresses, one wrong code each.
        ({"guesses_by_source": 0, "guesses_by_strangers": 99}, False, False),
        ({"guesses_by_source": 0, "guesses_by_strangers": 100}, True, False),
        ({"guesses_by_owner": 24}, False, False),
        ({"guesses_by_owner": 25}, False, True),
    ],
)
def test_a_days_guesses_for_one_mailbox_end_and_those_of_strangers_shut_out_no_owner(
    sent, by_a_stranger, by_the_owner
):
    before = Sent(**sent)
    assert before.is_guessed_at(known=False) is by_a_stranger
    assert before.is_guessed_at(known=True) is by_the_owner
    assert before.is_enough("email", known=False) is by_a_stranger
    assert before.is_enough("email", known=True) is by_the_owner


@pytest.mark.parametrize(
    ("sent", "by_a_stranger", "by_the_owner"),
    [
        ({"by_source": 4, "by_strangers": 19, "by_owner": 4}, False, False),
        ({"by_source": 5}, True, False),
        ({"by_strangers": 20}, True, False),
        ({"by_owner": 5}, False, True),
    ],
)
def test_the_codes_of_an_hour(sent, by_a_stranger, by_the_owner):
    assert Sent(**sent).is_enough("email", known=False) is by_a_stranger
    assert Sent(**sent).is_enough("email", known=True) is by_the_owner


@pytest.mark.parametrize(("channel", "enough"), [("sms", True), ("email", False)])
def test_text_messages_of_a_day_cost_money_whoever_asks(channel, enough):
    assert Sent(sms_of_day=15).is_enough(channel, known=True) is enough
    assert not Sent(sms_of_day=14).is_enough(channel, known=True)
