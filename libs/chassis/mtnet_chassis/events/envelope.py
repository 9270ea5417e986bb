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
