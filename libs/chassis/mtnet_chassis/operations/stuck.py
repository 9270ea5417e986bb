"""Everything that is stuck, in one list and under one command, whatever it is stuck in.

| place | what is stuck there |
| --- | --- |
| `review.outbox` | events that can never be sent |
| `review.events`, `review.retried` | messages of this exchange that found no queue |
| `accounts.decisions` | dead letters of this queue, and streams of it that wait for an earlier event |
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import psycopg

from mtnet_chassis.broker.plan import ServicePlan
from mtnet_chassis.operations.dead_letters import DeadLetters, letters_in
from mtnet_chassis.operations.out_of_order import OutOfOrder
from mtnet_chassis.operations.record import Act, Operator, Record, StuckEvent
from mtnet_chassis.operations.undeliverable import Undeliverable
from mtnet_chassis.operations.unrouted import Unrouted


class NoSuchPlace(LookupError):
    """No installed service has this place."""


class NotStuck(LookupError):
    """Nothing of this id is stuck in that place."""


class StuckEvents:
    """What is stuck in the services of these plans. `broker` is a pika connection of the operator, `session` gives a
    connection to a service's database."""

    def __init__(
        self, plans: Iterable[ServicePlan], broker: Any, session: Callable[[str], psycopg.Connection[Any]]
    ) -> None:
        self._plans = {plan.name: plan for plan in plans}
        self._broker = broker
        self._session = session

    def list(self, place: str | None = None) -> Iterator[StuckEvent]:
        """All of it, or what is stuck in one place; it stays there. Raises NoSuchPlace, NoSuchQueue."""
        if place is None:
            for name in self._plans:
                yield from self._undeliverable(name).list()
                for group in self._plans[name].groups:
                    yield from self._in_queue(group.queue)
            yield from self._unrouted().list()
        elif self._is_outbox(place):
            yield from self._undeliverable(self._service(place)).list()
        elif self._is_exchange(place):
            yield from (each for each in self._unrouted().list() if each.place == place)
        else:
            yield from self._in_queue(place)

    def show(self, place: str, event_id: str) -> StuckEvent:
        """With headers and body. Raises NotStuck, NoSuchPlace, NoSuchQueue."""
        for each in self.list(place):
            if each.id == event_id:
                return each
        raise NotStuck(f"Nothing with the id {event_id} is stuck in {place}.")

    def retry(self, place: str, event_id: str | None, by: Operator) -> int:
        """Put an event (None: all of the place) back on its way. Returns how many. Raises LookupError."""
        if self._is_outbox(place):
            return self._undeliverable(self._service(place)).retry(event_id, by)
        if self._is_exchange(place):
            return self._unrouted().retry(place, event_id, by)
        return self._letters(place).retry(event_id, by)

    def discard(self, place: str, event_id: str, by: Operator) -> int:
        """Have an event skipped for good. Returns how many that waited behind it are on their way again. Raises
        LookupError."""
        if self._is_outbox(place):
            return self._undeliverable(self._service(place)).discard(event_id, by)
        if self._is_exchange(place):
            self._unrouted().discard(place, event_id, by)
        else:
            self._letters(place).discard(event_id, by)
        return 0

    def begin(self, place: str, streams: Sequence[str] | None, by: Operator) -> int:
        """Let streams (None: all) of an ordered group begin at what waits. Returns how many. Raises NoSuchPlace."""
        return OutOfOrder(place, self._session(self._service(place))).begin(streams, by)

    def history(self, place: str | None = None) -> tuple[Act, ...]:
        """What operators did, oldest first."""
        services = self._plans if place is None else (self._service(place),)
        acts = [act for name in services for act in Record(self._session(name)).history(place)]
        return tuple(sorted(acts, key=lambda act: act.at))

    def _in_queue(self, queue: str) -> Iterator[StuckEvent]:
        plan = self._plans[self._service(queue)]
        yield from letters_in(self._broker, queue)
        if any(group.ordered for group in plan.groups if group.queue == queue):
            yield from OutOfOrder(queue, self._session(plan.name)).list()

    def _undeliverable(self, service: str) -> Undeliverable:
        return Undeliverable(service, self._session(service), self._broker)

    def _unrouted(self) -> Unrouted:
        return Unrouted(self._broker, self._session)

    def _letters(self, queue: str) -> DeadLetters:
        return DeadLetters(self._broker, queue, self._session(self._service(queue)))

    def _service(self, place: str) -> str:
        name = place.partition(".")[0]
        if name not in self._plans:
            raise NoSuchPlace(f"There is no service {name}; there are {', '.join(self._plans)}.")
        return name

    @staticmethod
    def _is_outbox(place: str) -> bool:
        return place.endswith(".outbox")

    @staticmethod
    def _is_exchange(place: str) -> bool:
        return place.endswith((".events", ".retried"))
