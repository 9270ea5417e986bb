"""What makes a method of a service a handler of events."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from mtnet_contracts.event import Event

from mtnet_chassis.events.handling import EventEntrypoint

Method = TypeVar("Method", bound=Callable[..., Any])

BATCH = 200


def on_event(
    *contracts: type[Event], group: str | None = None, ordered: bool = False
) -> Callable[[Method], Method]:
    """Handle each of these events once in effect: `method(self, tx, event)`.

    The queue is `<service>.<group>`, the group being the method's name unless several methods share one.
    `ordered` keeps each aggregate's own order over the whole group. Raise TryLater or Poison to say what
    should become of an event; any other exception is tried again up the ladder and then buried.
    """
    return _event_decorator(contracts, group, ordered=ordered, many=False, batch=BATCH)


def on_events(
    *contracts: type[Event], group: str | None = None, ordered: bool = False, batch: int = BATCH
) -> Callable[[Method], Method]:
    """Handle many at once in one transaction: `method(self, tx, events)`, at most `batch` of them."""
    return _event_decorator(contracts, group, ordered=ordered, many=True, batch=batch)


def _event_decorator(
    contracts: Iterable[type[Event]], group: str | None, *, ordered: bool, many: bool, batch: int
) -> Callable[[Method], Method]:
    def decorate(method: Method) -> Method:
        decorated: Method = EventEntrypoint.decorator(
            tuple(contracts), group or method.__name__, ordered=ordered, many=many, batch=batch
        )(method)
        return decorated

    return decorate
