"""Decisions without a database."""

import pytest
from hypothesis import given
from hypothesis import strategies as some
from mtnet_subscriber.event import Undecodable, message_of
from mtnet_subscriber.rules import Verdict, back_off, delay_after, judge
from subscriber_stand import Sent


@given(some.integers(1, 9), some.booleans(), some.booleans(), some.integers(0, 9), some.booleans())
def test_an_event_is_only_applied_if_it_is_new_and_later_than_all_and_nothing_holds_its_aggregate(
    sequence, known, forgotten, position, held
):
    verdict = judge(sequence, known=known, forgotten=forgotten, position=position, held=held)
    assert (verdict is Verdict.APPLY) == (not known and not held and sequence > position)
    if verdict is Verdict.WAIT:
        assert held
        assert sequence > position
    if verdict is Verdict.LATE:
        assert sequence <= position


def test_numbers_that_never_come_hold_nothing_up():
    assert judge(7, known=False, forgotten=False, position=4, held=False) is Verdict.APPLY


def test_an_old_event_that_the_inbox_may_have_forgotten_counts_as_applied():
    assert judge(4, known=False, forgotten=True, position=4, held=False) is Verdict.DOUBLE


def test_after_the_last_delay_there_is_none():
    assert [delay_after(attempts, (5, 30)) for attempts in (1, 2, 3)] == [5, 30, None]


@given(some.integers(0, 10_000), some.floats(0, 1))
def test_the_next_connection_is_tried_within_half_a_minute_for_ever(failures, jitter):
    assert 0.25 <= back_off(failures, jitter) <= 30


@pytest.mark.parametrize(
    "wrong",
    [
        {"cloudEvents_id": "no id"},
        {"cloudEvents_id": 7},
        {"cloudEvents_type": None},
        {"cloudEvents_time": "yesterday"},
        {"cloudEvents_sequence": "first"},
        {"cloudEvents_sequence": []},
        {"cloudEvents_sequence": "0"},
        {"cloudEvents_sequence": "-1"},
        {"cloudEvents_sequence": "9223372036854775808"},
        {"cloudEvents_sequence": "9" * 5_000},
        {"cloudEvents_partitionkey": 7},
        {"cloudEvents_partitionkey": ""},
        {"cloudEvents_partitionkey": "account/\0"},
        {"cloudEvents_partitionkey": "x" * 501},
        {"cloudEvents_type": "accounts.\0"},
    ],
)
def test_a_message_with_a_wrong_header_is_no_event(wrong):
    with pytest.raises(Undecodable, match="headers"):
        message_of(Sent("a", 1).headers | wrong, b"{}")


@pytest.mark.parametrize("sequence", [1, 2**63 - 1])
def test_the_first_and_the_last_number_are_read(sequence):
    assert message_of(Sent("a", sequence).headers, b"{}").sequence == sequence


@pytest.mark.parametrize("header", ["id", "type", "time", "partitionkey", "sequence"])
def test_a_message_without_a_header_is_no_event(header):
    headers = Sent("a", 1).headers
    del headers[f"cloudEvents_{header}"]
    with pytest.raises(Undecodable, match="headers"):
        message_of(headers, b"{}")


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"7", b"{", b"[" * 100_000])
def test_a_body_that_is_no_object_is_no_event(body):
    with pytest.raises(Undecodable, match="body"):
        _ = message_of(Sent("a", 1).headers, body).event


def test_a_body_that_is_far_too_long_is_not_read():
    with pytest.raises(Undecodable, match="body"):
        message_of(Sent("a", 1).headers, b" " * 2_000_000)
