"""One example message per event, kept as JSON beside the code and read by producers' and consumers' tests."""

import json
import re
from collections.abc import Callable
from datetime import date, datetime
from importlib.resources import files
from typing import Any, TypeVar
from uuid import UUID

from marshmallow import ValidationError

from mtnet_contracts.event import Event

E = TypeVar("E", bound=Event)
# Python reads far more as a day: 20261127, and 0965080858, which is a telephone number.
BEGINS_WITH_A_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def example_payload(event: type[Event]) -> dict[str, Any]:
    """The payload of the example. Raises FileNotFoundError when the event has none."""
    path = files("mtnet_contracts") / "events" / "examples" / event.source / f"{event.event_name()}.json"
    payload: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return payload


def example_of(event: type[E]) -> E:
    """The example as an event, with a new id: what a consumer's test feeds to its handler."""
    return event.from_payload(example_payload(event))


def differences(event: Event) -> list[str]:
    """Where an event, as it is about to travel, differs from its example in fields or types: for producers' tests.

    A field that the contract lets be absent may be absent on either side.
    """
    payload = json.loads(json.dumps(event.to_payload()))
    try:
        event.from_payload(payload)
    except ValidationError as problem:
        return [f"{event.event_name()} cannot be read back: {problem.messages}"]
    return _differences(event.event_name(), payload, example_payload(type(event)))


def _differences(place: str, found: Any, shown: Any) -> list[str]:
    if isinstance(found, dict) and isinstance(shown, dict):
        return [
            d
            for name in found.keys() & shown.keys()
            for d in _differences(f"{place}.{name}", found[name], shown[name])
        ]
    if isinstance(found, list) and isinstance(shown, list):
        return [d for each in found for d in _differences(f"{place}[]", each, shown[0])] if shown else []
    if _kind(found) != _kind(shown):
        return [f"{place} is {_kind(found)}, the example shows {_kind(shown)}"]
    return []


def _kind(value: Any) -> str:
    """A JSON value's type, and for texts the format a reader may rely on."""
    if not isinstance(value, str):
        return type(value).__name__
    readers: dict[str, Callable[[str], object]] = {"id": UUID}
    if BEGINS_WITH_A_DAY.match(value):
        readers |= {"day": date.fromisoformat, "instant": datetime.fromisoformat}
    for kind, read in readers.items():
        try:
            read(value)
        except ValueError:
            continue
        if kind == "instant" and datetime.fromisoformat(value).tzinfo is None:
            return "instant without a zone"
        return kind
    return "text"
