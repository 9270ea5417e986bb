"""An event as it travels: JSON body, CloudEvents attributes in AMQP headers named `cloudEvents_*`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

LONGEST_REASON = 500
# The portal sends no more than 64 KiB; whatever is much longer is not one of its events.
LONGEST_BODY = 1024 * 1024
# What a database can keep: whoever writes a message by hand must not stop the program for good.
LONGEST_HEADER = 500
LARGEST_SEQUENCE = 2**63 - 1


class Undecodable(ValueError):
    """The message is no event of the portal, and never will be."""


@dataclass(frozen=True)
class Event:
    """What a handler gets. `data` is the JSON object that docs/events.md of the portal describes.

    `sequence` counts the events of one aggregate (`stream`, such as `accounts/account/0190…`) from 1. A system that
    was granted some kinds of events sees some of the numbers.
    """

    id: UUID
    source: str
    name: str
    stream: str
    sequence: int
    occurred_at: datetime
    data: dict[str, Any]
    traceparent: str | None = None

    def typed(self) -> Any:
        """The event as the portal's own class; needs `mtnet-subscriber[contracts]`. Raises what that class raises."""
        from mtnet_contracts import events  # noqa: F401 - fills the catalogue
        from mtnet_contracts.event import event_class

        contract = event_class(self.source, self.name)
        return contract.from_payload(self.data, event_id=self.id, occurred_at=self.occurred_at)


@dataclass(frozen=True)
class Message:
    """A message whose headers were read. The body is read when a handler wants it."""

    id: UUID
    source: str
    name: str
    stream: str
    sequence: int
    occurred_at: datetime
    headers: dict[str, Any]
    body: bytes

    @property
    def occurred_ms(self) -> int:
        return int(self.occurred_at.timestamp() * 1000)

    @property
    def event(self) -> Event:
        """Read anew each time, so that a handler that changes `data` changes nothing for the next attempt.

        Raises Undecodable when the body is no JSON object.
        """
        try:
            data = json.loads(self.body)
        except (ValueError, RecursionError) as problem:
            raise Undecodable(f"body: {problem}"[:LONGEST_REASON]) from problem
        if not isinstance(data, dict):
            raise Undecodable(f"body: a JSON object is expected, not {type(data).__name__}")
        return Event(
            id=self.id,
            source=self.source,
            name=self.name,
            stream=self.stream,
            sequence=self.sequence,
            occurred_at=self.occurred_at,
            data=data,
            traceparent=self.headers.get("traceparent"),
        )


def message_of(headers: Mapping[str, Any], body: bytes) -> Message:
    """Raises Undecodable when a header is missing or malformed, or the body is too long."""
    if len(body) > LONGEST_BODY:
        raise Undecodable(f"body: {len(body)} bytes, at most {LONGEST_BODY} are read")
    try:
        source, _, name = _text(headers, "cloudEvents_type").partition(".")
        occurred_at = datetime.fromisoformat(headers["cloudEvents_time"])
        return Message(
            id=UUID(headers["cloudEvents_id"]),
            source=source,
            name=name,
            stream=f"{source}/{_text(headers, 'cloudEvents_partitionkey')}",
            sequence=_sequence(headers["cloudEvents_sequence"]),
            occurred_at=occurred_at if occurred_at.tzinfo else occurred_at.replace(tzinfo=UTC),
            headers={name: value for name, value in headers.items() if isinstance(value, str)},
            body=body,
        )
    except (KeyError, ValueError, AttributeError, TypeError) as problem:
        raise Undecodable(f"headers: {type(problem).__name__}: {problem}"[:LONGEST_REASON]) from problem


def _text(headers: Mapping[str, Any], name: str) -> str:
    """Raises KeyError, ValueError."""
    text = headers[name]
    if not isinstance(text, str) or not 0 < len(text) <= LONGEST_HEADER or "\0" in text:
        raise ValueError(f"{name} is no text of 1 to {LONGEST_HEADER} characters")
    return text


def _sequence(text: Any) -> int:
    """Raises ValueError, TypeError."""
    number = int(text)
    if not 0 < number <= LARGEST_SEQUENCE:
        raise ValueError("cloudEvents_sequence is not a number from 1")
    return number
