"""The frames made by hand are the frames that pika would make."""

from datetime import UTC, datetime
from uuid import UUID

import pika
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mtnet_chassis.fastpath.frames import Frames, NotSendable
from pika import frame as pika_frame

text = st.text(max_size=60)


def decode(data):
    found = []
    while data:
        used, decoded = pika_frame.decode_frame(data)
        found.append(decoded)
        data = data[used:]
    return found


@given(
    event_id=st.uuids(),
    name=st.from_regex(r"\A[A-Z][A-Za-z]{0,40}\Z"),
    aggregate=text,
    subject=text,
    sequence=st.integers(1, 2**63 - 1),
    occurred_at=st.datetimes(
        min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)
    ),
    traceparent=st.none() | st.just("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
    payload=st.text(max_size=2000),
)
def test_a_publish_made_by_hand_reads_as_one_made_by_pika(
    event_id, name, aggregate, subject, sequence, occurred_at, traceparent, payload
):
    data = Frames("review").publish(
        str(event_id), name, aggregate, subject, sequence, occurred_at, traceparent, payload
    )
    method, header, body = decode(data)
    expected_headers = {
        "cloudEvents_specversion": "1.0",
        "cloudEvents_id": str(event_id),
        "cloudEvents_source": "/mtnet/review",
        "cloudEvents_type": f"review.{name}",
        "cloudEvents_time": occurred_at.isoformat(),
        "cloudEvents_subject": subject,
        "cloudEvents_partitionkey": f"{aggregate}/{subject}",
        "cloudEvents_sequence": f"{sequence:020d}",
    } | ({"traceparent": traceparent} if traceparent else {})
    assert (method.method.exchange, method.method.routing_key) == ("review.announced", name)
    assert header.body_size == len(payload.encode())
    assert header.properties == pika.BasicProperties(
        content_type="application/json",
        delivery_mode=2,
        message_id=str(event_id),
        timestamp=int(occurred_at.timestamp()),
        type=name,
        app_id="review",
        headers=expected_headers,
    )
    assert body.fragment == payload.encode()


@pytest.mark.parametrize(
    ("name", "payload", "reason"),
    [
        ("N" * 300, "{}", "255"),
        ("Named", "x" * 70_000, "70000 bytes"),
        ("Named", "\ud800", "UTF-8"),
    ],
)
def test_what_fits_no_frame_is_refused_with_the_reason(name, payload, reason):
    with pytest.raises(NotSendable, match=reason):
        Frames("review").publish(str(UUID(int=1)), name, "a", "b", 1, datetime.now(UTC), None, payload)
