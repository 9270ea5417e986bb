"""One example message per event, kept as JSON beside the code and read by producers' and consumers' tests."""

import json
from importlib.resources import files
from typing import Any, TypeVar

from mtnet_contracts.event import Event

E = TypeVar("E", bound=Event)


def example_payload(event: type[Event]) -> dict[str, Any]:
    """The payload of the example. Raises FileNotFoundError when the event has none."""
    path = files("mtnet_contracts") / "events" / "examples" / event.source / f"{event.event_name()}.json"
    payload: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return payload


def example_of(event: type[E]) -> E:
    """The example as an event, with a new id: what a consumer's test feeds to its handler."""
    return event.from_payload(example_payload(event))
