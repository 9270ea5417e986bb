"""Event handlers: the decorators for a service's methods, and the queue that a group of them reads."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeVar

import eventlet
import psycopg
from mtnet_contracts.event import Event
from nameko.extensions import Entrypoint, SharedExtension
from psycopg_pool import PoolTimeout

from mtnet_chassis.broker.connection import ConnectionLost
from mtnet_chassis.broker.reader import DRAIN_SECONDS, QueueReader
from mtnet_chassis.data.containers import database_of, instance_of
from mtnet_chassis.events.handling import GroupHandling
from mtnet_chassis.events.inbox import Inbox
from mtnet_chassis.failpoints import failpoint
from mtnet_chassis.settings import env
from mtnet_chassis.telemetry import (
    OUT_OF_ORDER_AGE_SECONDS,
    OUT_OF_ORDER_EVENTS,
    QUEUE_AGE_SECONDS,
    QUEUE_DEPTH,
    logger,
)

log = logger()

Method = TypeVar("Method", bound=Callable[..., Any])

BATCH = 200
GATHER_SECONDS = 0.005
PREFETCH_PER_BATCH = 4
MEASURE_SECONDS = 5.0


def on_event(
    *contracts: type[Event], group: str | None = None, ordered: bool = False
) -> Callable[[Method], Method]:
    """Handle each of these events once in effect: `method(self, tx, event)`.

    The queue is `<service>.<group>`, the group being the method's name unless several methods share one.
    `ordered` keeps the order of each aggregate over the whole group. A handler that raises TryLater, or anything else
    but Poison, is tried again on the retry schedule, and then the event becomes a dead letter; Poison makes it one at
    once.
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


class GroupConsumer(SharedExtension):  # type: ignore[misc]
    """The queue `<service>.<group>`: one reader, one worker."""

    def __init__(self, group: str) -> None:
        self.group = group
        self.handlers: list[EventEntrypoint] = []
        self._started = False

    @property
    def sharing_key(self) -> Any:
        return (type(self), self.group)

    def register(self, handler: EventEntrypoint) -> None:
        self.handlers.append(handler)

    @property
    def queue(self) -> str:
        return f"{self.container.service_name}.{self.group}"

    def start_once(self) -> None:
        if self._started:
            return
        self._started = True
        batch = max(handler.batch for handler in self.handlers)
        self.inbox = Inbox(
            self.queue,
            ordered=any(handler.ordered for handler in self.handlers),
            wanted=frozenset((c.source, c.event_name()) for h in self.handlers for c in h.contracts),
        )
        self.reader = QueueReader(env("AMQP_URL"), self.queue, prefetch=batch * PREFETCH_PER_BATCH)
        self._database = database_of(self.container)
        self._stopping = eventlet.event.Event()
        self._done = eventlet.event.Event()
        self.handling = GroupHandling(
            self.queue,
            self.inbox,
            self._database,
            self.handlers,
            partial(instance_of, self.container),
            self._stopping,
        )
        self.container.spawn_managed_thread(self.reader.run, identifier=f"{self.queue}.reader")
        self.container.spawn_managed_thread(partial(self._work, batch), identifier=f"{self.queue}.worker")
        self.container.spawn_managed_thread(self._measure, identifier=f"{self.queue}.measure")

    def stop_once(self) -> None:
        if not self._started:
            return
        self._started = False
        self._stopping.send(None)
        self.reader.stop_taking()
        failpoint("stop.draining")
        with eventlet.Timeout(DRAIN_SECONDS, False):
            self._done.wait()
        self.reader.close()

    def _work(self, batch: int) -> None:
        try:
            while deliveries := self.reader.take(batch, GATHER_SECONDS if batch > 1 else 0):
                try:
                    self.handling.handle(deliveries)
                except ConnectionLost:
                    log.warning("not acknowledged, the messages are delivered again", queue=self.queue)
                except Exception as problem:
                    # A bug in the chassis itself: the messages are not acknowledged, so they are delivered again.
                    log.error("batch returned to the queue", queue=self.queue, exc_info=problem)
                    deliveries[0].connection.close()
                    eventlet.sleep(1.0)
                self.handling.oldest_in_hand = None
        finally:
            self._done.send(None)

    def _measure(self) -> None:
        while not self._stopping.ready():
            try:
                self._measure_once()
            except Exception as problem:
                # Whatever it was: a metric must not stop the service. It is measured again next time.
                log.warning("queue not measured", queue=self.queue, exc_info=problem)
            self._stopping.wait(timeout=MEASURE_SECONDS)

    def _measure_once(self) -> None:
        ready = self.reader.depth()
        if ready is not None:
            QUEUE_DEPTH.labels(self.queue).set(ready + self.reader.buffered)
        oldest = self.handling.oldest_in_hand
        QUEUE_AGE_SECONDS.labels(self.queue).set(max(0.0, time.time() - oldest) if oldest else 0)
        if self.inbox.ordered:
            try:
                self._measure_out_of_order()
            except (psycopg.Error, PoolTimeout, ConnectionLost) as problem:
                log.info("out-of-order events not measured", queue=self.queue, problem=type(problem).__name__)

    def _measure_out_of_order(self) -> None:
        """Report what waits, and apply what nothing holds up any more: the process that set it free may have died."""
        with self._database.transaction() as tx:
            waiting = self.inbox.out_of_order(tx)
        OUT_OF_ORDER_EVENTS.labels(self.queue).set(waiting.count)
        OUT_OF_ORDER_AGE_SECONDS.labels(self.queue).set(waiting.age_seconds)
        if (connection := self.reader.connection) is not None:
            for stream in waiting.free:
                self.handling.release(connection, stream)


class EventEntrypoint(Entrypoint):  # type: ignore[misc]
    """Binds a method to a group's queue."""

    def __init__(
        self, contracts: tuple[type[Event], ...], group: str, *, ordered: bool, many: bool, batch: int
    ) -> None:
        super().__init__()
        self.contracts = contracts
        self.group = group
        self.ordered = ordered
        self.many = many
        self.batch = batch
        self.consumer = GroupConsumer(group)

    def setup(self) -> None:
        self.consumer.register(self)

    def start(self) -> None:
        self.consumer.start_once()

    def stop(self) -> None:
        self.consumer.stop_once()
