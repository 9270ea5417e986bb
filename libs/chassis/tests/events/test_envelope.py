"""What the headers of a message say, and what they must say."""

import json
from datetime import UTC, datetime
from uuid import uuid4

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mtnet_chassis.broker.reader import Delivery
from mtnet_chassis.events.envelope import Envelope, Undecodable, envelope_of, headers_for
from mtnet_chassis.fastpath.frames import Frames
from mtnet_contracts import events  # noqa: F401 - they enter the catalogue
from mtnet_contracts.event import catalogue
from mtnet_contracts.examples import example_payload
from pika import BasicProperties, frame

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
names = st.from_regex(r"\A[A-Z][A-Za-z]{0,20}\Z")
text = st.text(max_size=300)
instants = st.datetimes(
    min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)
)


def header_in(frames):
    """The content of the header frame among the frames of one publish."""
    at = 0
    while frames[at] != 2:
        at += 8 + int.from_bytes(frames[at + 3 : at + 7])
    return frames[at + 7 : at + 7 + int.from_bytes(frames[at + 3 : at + 7])]


def received(header):
    """The envelope of a message with this header frame."""
    return envelope_of(Delivery(None, 1, "Opened", header, b"{}").headers)


@pytest.mark.slow  # tries for seconds
@given(
    name=names,
    aggregate=text,
    subject=text,
    sequence=st.integers(1, 2**63 - 1),
    at=instants,
    trace=st.none() | st.just(TRACE),
)
def test_what_a_relay_writes_is_read(name, aggregate, subject, sequence, at, trace):
    event_id = uuid4()
    frames = Frames("review").publish(str(event_id), name, aggregate, subject, sequence, at, trace, "{}")
    assert received(header_in(frames)) == Envelope(
        event_id=event_id,
        source="review",
        name=name,
        stream=f"review/{aggregate}/{subject}",
        sequence=sequence,
        occurred_at=at,
        traceparent=trace,
    )


@given(extra=st.dictionaries(st.text("abc-", min_size=1, max_size=9), st.text(max_size=9), min_size=1))
def test_what_somebody_added_is_seen(extra):
    discarded = received(header_of(headers() | extra | {"x-discarded": "operator1: a test"}))
    retried = received(header_of(headers() | extra | {"x-retry-attempt": 1}))
    added = received(header_of(headers() | extra))
    assert (discarded.discarded, discarded.retried) == (True, False)
    assert (retried.discarded, retried.retried) == (False, True)
    assert (added.discarded, added.retried) == (False, False)


def test_a_missing_header_is_named():
    with pytest.raises(Undecodable, match="cloudEvents_sequence"):
        received(header_of({n: v for n, v in headers().items() if n != "cloudEvents_sequence"}))


def headers():
    return headers_for(
        event_id=uuid4(), source="review", name="Opened", aggregate="case", subject="7", sequence=1,
        occurred_at=datetime(2026, 11, 24, tzinfo=UTC), traceparent=None,
    )  # fmt: skip


def header_of(headers):
    """A header frame's content, as pika writes it."""
    properties = BasicProperties(content_type="application/json", headers=headers, delivery_mode=2)
    return frame.Header(1, 2, properties).marshal()[7:-1]


@pytest.mark.parametrize("contract", catalogue(), ids=lambda contract: contract.event_name())
def test_what_the_outbox_stores_is_the_payload(contract):
    event = contract.from_payload(example_payload(contract))
    assert json.loads(orjson.dumps(event.to_values())) == event.to_payload()
