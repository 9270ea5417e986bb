"""An event on the wire: JSON body, CloudEvents attributes as AMQP headers `cloudEvents_*` (binary mode)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from marshmallow import ValidationError
from mtnet_contracts.event import Event, UnknownEvent, event_class

ATTEMPT = "x-retry-attempt"
FIRST_FAILED_AT = "x-first-failed-at"
LAST_ERROR = "x-last-error"
REASON = "x-dead-reason"
LONGEST_REASON = 500


class Undecodable(ValueError):
    """The message is no event of the catalogue; it will never become one."""


@dataclass(frozen=True)
class Envelope:
    """What a message says about itself, before its body is read. `sequence` counts per stream from 1."""

    event_id: UUID
    source: str
    name: str
    stream: str
    sequence: int
    occurred_at: datetime
    traceparent: str | None

    @property
    def day(self) -> date:
        """The day inside the UUIDv7 (UTC): the same on every delivery."""
        return _day((self.event_id.int >> 80) // 86_400_000)


@lru_cache(maxsize=64)
def _day(days: int) -> date:
    return datetime.fromtimestamp(days * 86_400, UTC).date()


def envelope_of(headers: Mapping[str, Any]) -> Envelope:
    """Raises Undecodable when a header is missing or misshapen."""
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
        )
    except (KeyError, ValueError, AttributeError, TypeError) as problem:
        raise Undecodable(f"headers: {type(problem).__name__}: {problem}"[:LONGEST_REASON]) from problem


def event_of(envelope: Envelope, body: bytes) -> Event:
    """Raises Undecodable when the body is not the JSON of that event."""
    try:
        contract = event_class(envelope.source, envelope.name)
        return contract.from_payload(
            json.loads(body), event_id=envelope.event_id, occurred_at=envelope.occurred_at
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
    """The headers the relay sends; the sequence is zero-padded because CloudEvents compares it as text."""
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
