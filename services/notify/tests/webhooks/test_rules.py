"""What an answer of a receiver means, when an event is tried again, and which headers it has."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from notify.providers.rules import CLOSED
from notify.webhooks.rules import (
    KEPT_BYTES,
    Answer,
    DueEvent,
    breaker_after,
    event_of,
    headers_of,
    result_of,
    retry_after,
)

from .builders import a_webhook

NOW = datetime(2026, 11, 27, 4, tzinfo=UTC)
HEADERS = {
    "cloudEvents_specversion": "1.0",
    "cloudEvents_id": "0190b3c5-2b70-7d11-a0b1-c2d3e4f50617",
    "cloudEvents_type": "accounts.AccountActivated",
    "cloudEvents_partitionkey": "account/7",
    "cloudEvents_sequence": "00000000000000000004",
    "traceparent": "00-a-b-01",
}


def due(**changes):
    return DueEvent(
        **{
            "number": 1,
            "event_id": uuid4(),
            "event": "accounts.AccountActivated",
            "subject": "account/7",
            "attributes": {},
            "body": b"{}",
            "attempts": 0,
            "deferrals": 0,
            "deferred_since": None,
        }
        | changes
    )


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_an_acceptance(status):
    result = result_of(due(), Answer(status), NOW, 0)
    assert (result.state, result.deferrals) == ("delivered", 0)
    assert breaker_after(CLOSED.after_outage(NOW), result) == CLOSED


@pytest.mark.parametrize(
    "status", [199, 301, 302, 307, 400, 401, 403, 404, 422, 429, 500, 502, 503, 504, None]
)
def test_anything_else_is_tried_again(status):
    result = result_of(due(), Answer(status), NOW, 0)
    assert (result.state, result.deferrals, result.deferred_since) == ("waiting", 1, NOW)
    assert result.next_attempt_at == NOW + timedelta(seconds=5)


def test_the_pauses_double_up_to_four_hours_and_end_after_three_days():
    event, now, pauses = due(), NOW, []
    while True:
        result = result_of(event, Answer(500), now, 0)
        if result.state == "failed":
            break
        pauses.append(result.next_attempt_at - now)
        now = result.next_attempt_at
        event = due(deferrals=result.deferrals, deferred_since=result.deferred_since)
    assert pauses[:4] == [timedelta(seconds=each) for each in (5, 10, 20, 40)]
    assert pauses[-1] == timedelta(hours=4)
    assert timedelta(days=2, hours=20) < now - NOW <= timedelta(days=3)
    assert len(pauses) < 40


def test_gone_puts_nothing_off_since_the_webhook_stops():
    result = result_of(due(deferrals=3, deferred_since=NOW), Answer(410), NOW, 0)
    assert (result.state, result.deferrals) == ("waiting", 3)


@pytest.mark.parametrize(
    ("status", "header", "seconds"),
    [
        (429, "120", 120),
        (503, " 7 ", 7),
        (503, "Fri, 27 Nov 2026 04:10:00 GMT", 600),
        (429, "999999999999999999999", 86400),
        (503, "Fri, 27 Nov 2099 04:10:00 GMT", 86400),
        (503, "Fri, 27 Nov 2020 04:10:00 GMT", None),
        (503, "0", None),
        (503, "-5", None),
        (503, "soon", None),
        (429, "Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        (503, "Mon, 01 Jan 2027 00:00:00 +99999999999999999999", None),
        (429, "Fri, 31 Dec 9999 23:59:59 -2359", 86400),
        (429, "Mon, 01 Jan 0001 00:00:00 +2359", None),
        (503, "٣", None),
        (503, "", None),
        (500, "120", None),
        (301, "120", None),
    ],
)
def test_retry_after_is_heard_within_reason(status, header, seconds):
    found = retry_after(Answer(status, retry_after=header), NOW)
    assert found == (None if seconds is None else NOW + timedelta(seconds=seconds))


def test_who_asks_for_time_gets_it_for_all_its_events():
    answer = Answer(503, retry_after="600")
    result = result_of(due(), answer, NOW, 0)
    assert result.next_attempt_at == NOW + timedelta(minutes=10)
    breaker = breaker_after(CLOSED, result)
    assert breaker.allows(NOW + timedelta(minutes=9), 50) == 0
    assert breaker.allows(NOW + timedelta(minutes=10), 50) == 1


def test_a_receiver_that_is_away_is_left_alone_and_one_event_that_it_refuses_is_not_held_against_it():
    away = breaker_after(CLOSED, result_of(due(), Answer(None, "connection refused"), NOW, 0))
    assert away.is_open
    refuses = CLOSED
    event = due()
    for _ in range(5):
        refuses = breaker_after(refuses, result_of(event, Answer(500), NOW, 0))
    assert not refuses.is_open
    for _ in range(2):
        refuses = breaker_after(refuses, result_of(due(), Answer(500), NOW, 0))
    assert refuses.is_open


def test_of_an_answer_two_kilobytes_are_kept_that_a_database_can_hold():
    text = Answer(500, body=b"\x00\xff" + "錯".encode() * 5000).text
    assert "\0" not in text
    assert len(text.encode()) <= KEPT_BYTES + 8


def test_attributes_travel_as_headers_of_cloudevents():
    found = event_of(
        {**HEADERS, "x-delivery-count": 3, "cloudEvents_bad": "錯", "cloudEvents_nul": "\0"}, b'{"a":1}'
    )
    assert headers_of(found.attributes) == {
        "ce-specversion": "1.0",
        "ce-id": "0190b3c5-2b70-7d11-a0b1-c2d3e4f50617",
        "ce-type": "accounts.AccountActivated",
        "ce-partitionkey": "account/7",
        "ce-sequence": "00000000000000000004",
        "traceparent": "00-a-b-01",
    }


@pytest.mark.parametrize("lost", ["cloudEvents_id", "cloudEvents_type", "cloudEvents_partitionkey"])
def test_what_is_no_event_is_known_as_such(lost):
    assert event_of({name: value for name, value in HEADERS.items() if name != lost}, b"{}") is None
    for wrong in ("account/\0", "account/7\r\nx: y", "x" * 501, 7):
        assert event_of({**HEADERS, lost: wrong}, b"{}") is None
    assert event_of({**HEADERS, "cloudEvents_id": "seven"}, b"{}") is None
    assert event_of(HEADERS, b"\xff") is None


def test_both_secrets_sign_until_the_former_ends_the_new_one_first():
    webhook = a_webhook(
        secrets=[
            {"number": 1, "sealed": "old", "ends_at": (NOW + timedelta(days=7)).isoformat()},
            {"number": 2, "sealed": "new", "ends_at": None},
        ]
    )
    assert webhook.sealed_secrets(NOW) == ["new", "old"]
    assert webhook.sealed_secrets(NOW + timedelta(days=7)) == ["new"]


@pytest.mark.parametrize(
    ("changes", "takes", "sent_to"),
    [
        ({}, True, True),
        ({"paused_at": NOW}, True, False),
        ({"stopped_at": NOW}, True, False),
        ({"state": "suspended"}, False, False),
        ({"state": "removed"}, False, False),
    ],
)
def test_who_takes_events_and_who_is_sent_them(changes, takes, sent_to):
    webhook = a_webhook(**changes)
    assert (webhook.takes_events, webhook.is_sent_to) == (takes, sent_to)
