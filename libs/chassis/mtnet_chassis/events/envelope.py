"""An event on the wire: JSON body, CloudEvents attributes as AMQP headers `cloudEvents_*` (binary mode)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from marshmallow import ValidationError
from mtnet_contracts.event import Event, UnknownEvent, event_class

from mtnet_chassis.broker.deliveries import HEADERS_AT, headers_in

ATTEMPT = "x-retry-attempt"
FIRST_FAILED_AT = "x-first-failed-at"
LAST_ERROR = "x-last-error"
REASON = "x-dead-reason"
# Set by an operator on an event that is to be skipped.
DISCARDED = "x-discarded"
LONGEST_REASON = 500


class Undecodable(ValueError):
    """The message is not an event of the catalogue, and never will be."""


class Envelope(NamedTuple):
    """What the headers say, before the body is read. `sequence` counts from 1 in each stream."""

    event_id: UUID
    source: str
    name: str
    stream: str
    sequence: int
    occurred_at: datetime
    traceparent: str | None
    discarded: bool = False
    retried: bool = False

    @property
    def day(self) -> date:
        """The day inside the UUIDv7 (UTC): the same on every delivery."""
        return _day((self.event_id.int >> 80) // 86_400_000)


@lru_cache(maxsize=64)
def _day(days: int) -> date:
    return datetime.fromtimestamp(days * 86_400, UTC).date()


def envelope_of(headers: Mapping[str, Any]) -> Envelope:
    """Raises Undecodable when a header is missing or malformed."""
    try:
        source, _, name = headers["cloudEvents_type"].partition(".")
        return Envelope(
            event_id=UUID(headers["cloudEvents_id"]),
            source=source,
            name=name,
            stream=f"{source}/{headers['cloudEvents_partitionkey']}",
            sequence=int(headers["cloudEvents_sequence"]),
            occurred_at=datetime.fromisoformat(headers["cloudEvents_time"]),
            traceparent=headers.get("traceparent"),
            discarded=DISCARDED in headers,
            retried=ATTEMPT in headers,
        )
    except (KeyError, ValueError, AttributeError, TypeError) as problem:
        raise Undecodable(f"headers: {type(problem).__name__}: {problem}"[:LONGEST_REASON]) from problem


# Names, types and lengths of the headers as a relay writes them (relay/frames.py), in its order.
_ID = b"\x0ecloudEvents_idS\x00\x00\x00\x24"
_TIME = b"\x10cloudEvents_timeS\x00\x00\x00\x20"
_SUBJECT = b"\x13cloudEvents_subjectS\x00\x00\x00"
_PARTITION_KEY = b"\x18cloudEvents_partitionkeyS\x00\x00\x00"
_SEQUENCE = b"\x14cloudEvents_sequenceS\x00\x00\x00\x14"
_TRACEPARENT = b"\x0btraceparentS\x00\x00\x00\x37"


class EnvelopeReader:
    """Reads envelopes from header frames.

    What comes before the id is the same for every event of one name, so it is looked up instead of parsed; the rest is
    in fixed places. A message that is not exactly as our relay writes it (a retried one, a stranger's) is read header
    by header instead, with the same result (`test_envelope.py` compares them).
    """

    def __init__(self) -> None:
        self._beginnings: dict[bytes, tuple[str, str]] = {}

    def read(self, header: bytes) -> Envelope:
        """Raises Undecodable."""
        id_at = header.find(_ID, HEADERS_AT)
        known = self._beginnings.get(header[HEADERS_AT:id_at]) if id_at > 0 else None
        found = None if known is None else self._as_relayed(header, id_at + len(_ID), *known)
        if found is None:
            found = envelope_of(headers_in(header))
            # A stranger could send any number of different beginnings.
            if id_at > 0 and len(self._beginnings) < 1000:
                self._beginnings[header[HEADERS_AT:id_at]] = (found.source, found.name)
        return found

    def _as_relayed(self, header: bytes, at: int, source: str, name: str) -> Envelope | None:
        """None if it is written in any other way. `at` is where the id begins."""
        try:
            time_at = at + 36 + len(_TIME)
            # The last byte of a length comes right before the text; longer texts are not read here.
            subject_at = time_at + 32 + len(_SUBJECT) + 1
            key_at = subject_at + header[subject_at - 1] + len(_PARTITION_KEY) + 1
            key_end = key_at + header[key_at - 1]
            sequence_at = key_end + len(_SEQUENCE)
            end = sequence_at + 20
            trace = None
            if header.startswith(_TRACEPARENT, end):
                trace_at = end + len(_TRACEPARENT)
                end = trace_at + 55
                trace = header[trace_at:end].decode()
            if not (
                header.startswith(_TIME, at + 36)
                and header.startswith(_SUBJECT, time_at + 32)
                and header.startswith(_PARTITION_KEY, key_at - 1 - len(_PARTITION_KEY))
                and header.startswith(_SEQUENCE, key_end)
                and end - HEADERS_AT == int.from_bytes(header[HEADERS_AT - 4 : HEADERS_AT])
            ):
                return None
            return Envelope(
                UUID(header[at : at + 36].decode()),
                source,
                name,
                f"{source}/{header[key_at:key_end].decode()}",
                int(header[sequence_at : sequence_at + 20]),
                datetime.fromisoformat(header[time_at : time_at + 32].decode()),
                trace,
            )
        except (ValueError, IndexError):
            return None


def event_of(envelope: Envelope, body: bytes) -> Event:
    """Raises Undecodable when the body is not the JSON of that event."""
    try:
        contract = event_class(envelope.source, envelope.name)
        return contract.from_payload(
            orjson.loads(body), event_id=envelope.event_id, occurred_at=envelope.occurred_at
        )
    except UnknownEvent as problem:
        raise Undecodable(f"unknown event {problem}") from problem
    except ValidationError as problem:
        raise Undecodable(f"body: {problem.messages}"[:LONGEST_REASON]) from problem
    except (ValueError, TypeError) as problem:
        raise Undecodable(f"body: {type(problem).__name__}: {problem}"[:LONGEST_REASON]) from problem


def headers_for(
    *,
    event_id: UUID,
    source: str,
    name: str,
    aggregate: str,
    subject: str,
    sequence: int,
    occurred_at: datetime,
    traceparent: str | None,
) -> dict[str, Any]:
    """The headers as the relay sends them; the sequence is zero-padded because CloudEvents compares it as text."""
    headers = {
        "cloudEvents_specversion": "1.0",
        "cloudEvents_id": str(event_id),
        "cloudEvents_source": f"/mtnet/{source}",
        "cloudEvents_type": f"{source}.{name}",
        "cloudEvents_time": occurred_at.isoformat(),
        "cloudEvents_subject": subject,
        "cloudEvents_partitionkey": f"{aggregate}/{subject}",
        "cloudEvents_sequence": f"{sequence:020d}",
    }
    if traceparent:
        headers["traceparent"] = traceparent
    return headers
