"""An envelope read off a header frame is the one that is read header by header."""

import json
from datetime import UTC, datetime
from uuid import uuid4

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mtnet_chassis.broker.deliveries import headers_in
from mtnet_chassis.events.envelope import EnvelopeReader, Undecodable, envelope_of, headers_for
from mtnet_chassis.events.relay.frames import Frames
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


def a_header(trace=None, *, name="Opened", aggregate="case", subject="7", sequence=3, at=None):
    moment = at or datetime(2026, 11, 24, 3, 4, 5, 678901, tzinfo=UTC)
    return header_in(
        Frames("review").publish(str(uuid4()), name, aggregate, subject, sequence, moment, trace, "{}")
    )


@given(
    name=names,
    aggregate=text,
    subject=text,
    sequence=st.integers(1, 2**63 - 1),
    at=instants,
    trace=st.none() | st.just(TRACE),
)
def test_what_a_relay_writes_reads_the_same_both_ways(name, aggregate, subject, sequence, at, trace):
    header = a_header(trace, name=name, aggregate=aggregate, subject=subject, sequence=sequence, at=at)
    reader = EnvelopeReader()
    first, again = reader.read(header), reader.read(header)
    assert first == again == envelope_of(headers_in(header))
    assert (again.source, again.name, again.stream) == ("review", name, f"review/{aggregate}/{subject}")
    assert (again.sequence, again.occurred_at, again.traceparent) == (sequence, at, trace)


def test_the_second_of_a_name_is_not_read_header_by_header(monkeypatch):
    reader = EnvelopeReader()
    reader.read(a_header())
    monkeypatch.setattr("mtnet_chassis.events.envelope.headers_in", None)
    for header in (a_header(), a_header(TRACE), a_header(subject="x" * 200)):
        assert reader.read(header)


@given(extra=st.dictionaries(st.text("abc-", min_size=1, max_size=9), st.text(max_size=9), min_size=1))
def test_what_somebody_added_is_seen(extra):
    reader = EnvelopeReader()
    reader.read(a_header())
    headers = headers_in(a_header())
    discarded = frame.Header(1, 2, properties(headers | extra | {"x-discarded": "operator1: a test"}))
    added = frame.Header(1, 2, properties(headers | extra))
    assert reader.read(discarded.marshal()[7:-1]).discarded
    assert not reader.read(added.marshal()[7:-1]).discarded
    retried = frame.Header(1, 2, properties(headers | {"x-retry-attempt": 1}))
    assert reader.read(retried.marshal()[7:-1]).retried
    assert not reader.read(added.marshal()[7:-1]).retried


@given(cut=st.data())
def test_a_damaged_header_never_reads_as_something_else(cut):
    reader = EnvelopeReader()
    whole = a_header(TRACE)
    reader.read(whole)
    at = cut.draw(st.integers(35, len(whole) - 1))
    damaged = whole[:at] + bytes((cut.draw(st.integers(0, 255)),)) + whole[at + 1 :]
    assert outcome(reader.read, damaged) == outcome(lambda header: envelope_of(headers_in(header)), damaged)


def outcome(read, header):
    """The envelope, or None for what cannot be read: the broker never sends a table that is none."""
    try:
        return read(header)
    except Exception:
        return None


def test_a_missing_header_is_named():
    headers = headers_for(
        event_id=uuid4(), source="review", name="Opened", aggregate="case", subject="7", sequence=1,
        occurred_at=datetime(2026, 11, 24, tzinfo=UTC), traceparent=None,
    )  # fmt: skip
    del headers["cloudEvents_sequence"]
    with pytest.raises(Undecodable, match="cloudEvents_sequence"):
        EnvelopeReader().read(frame.Header(1, 2, properties(headers)).marshal()[7:-1])


def properties(headers):
    return BasicProperties(content_type="application/json", headers=headers, delivery_mode=2)


@pytest.mark.parametrize("contract", catalogue(), ids=lambda contract: contract.event_name())
def test_what_the_outbox_stores_is_the_payload(contract):
    event = contract.from_payload(example_payload(contract))
    assert json.loads(orjson.dumps(event.to_values())) == event.to_payload()
