"""What a downstream system's program uses: say what to do with which events, then run."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime
from types import FrameType
from typing import Any, TypeVar

import pika.exceptions

from mtnet_subscriber.applying import Applying, Arrived, Handler
from mtnet_subscriber.catching_up import CatchingUp, CaughtUp
from mtnet_subscriber.dead_letters import BrokersLetters
from mtnet_subscriber.event import Undecodable, message_of
from mtnet_subscriber.intake import Delivery, Intake, Url
from mtnet_subscriber.ledger import Ledger
from mtnet_subscriber.rules import DELAYS_SECONDS, Stopping
from mtnet_subscriber.stores import Store

log = logging.getLogger("mtnet_subscriber")

AnyHandler = TypeVar("AnyHandler", bound=Handler)
BATCH = 200
GATHER_SECONDS = 0.005
PREFETCH = 400
MOST_KEPT = 100_000
LOOK_SECONDS = 1.0
DRAIN_SECONDS = 20.0
FORGET_EVERY_SECONDS = 600.0
# Of `most_kept`: not at every event that goes, since reading anew makes a new consumer.
GO_ON_BELOW = 0.9


class Subscriber:
    """Applies the events of the queue `downstream.<system>`.

    `url` is an AMQP address, or a function that returns one. `delays` are the seconds between attempts of a failing
    event. `most_kept` bounds what waits in the database: beyond it events stay in the queue. `tables` are statements
    that make what your handlers need, `CREATE TABLE IF NOT EXISTS …`; they run at each start, in one transaction.
    """

    def __init__(
        self,
        url: Url,
        *,
        system: str,
        store: Store,
        prefetch: int = PREFETCH,
        delays: Sequence[float] = DELAYS_SECONDS,
        most_kept: int = MOST_KEPT,
        tables: Sequence[str] = (),
    ) -> None:
        if not 1 <= prefetch <= 2000:  # RabbitMQ's own bound for quorum queues
            raise ValueError(f"prefetch is 1 to 2000, not {prefetch}")
        if not delays or min(delays) <= 0:
            raise ValueError("delays are seconds above 0, at least one")
        self._url = url
        self._system = system
        self._store = store
        self._prefetch = prefetch
        self._most_kept = most_kept
        self._stop = threading.Event()
        self._handlers: dict[tuple[str, str], Handler] = {}
        self._dead_told = 0
        self._full = False
        self._ledger = Ledger(store, system)
        self._applying = Applying(
            store, self._ledger, self._handlers, delays=delays, tables=tables, stopping=self._stop.wait
        )

    @property
    def queue(self) -> str:
        return f"downstream.{self._system}"

    @property
    def _connection_name(self) -> str:
        return f"{self._system}-subscriber"

    def on(self, source: str, name: str) -> Callable[[AnyHandler], AnyHandler]:
        """Handle this event: `function(event, db)`. `db` is the connection of the transaction in which the event is
        recorded as applied; what the function does there happens once. It must not commit.

        A function that raises is tried again after each of the delays, and then the event becomes a dead letter; one
        that raises Poison makes it one at once. Meanwhile later events of the same aggregate wait.
        """

        def register(function: AnyHandler) -> AnyHandler:
            if (source, name) in self._handlers:
                raise ValueError(f"{source}.{name} has a handler already")
            self._handlers[source, name] = function
            return function

        return register

    def catch_up(self, *streams: str, since: datetime | int | None = None) -> CaughtUp:
        """Apply what the portal's streams still have, up to their ends as they are now. Call it before `run`.

        Without names these are the streams of all events that have a handler. `since` is a time, or of a single stream
        an offset; None is the beginning. How far it came is remembered: called again with the same `since` it goes on
        from there; asked to stop, it returns early and says so (`stopped`), and `run` then returns at once. Raises
        StreamRefused when the broker does not let the system read one of them.
        """
        names = streams or tuple(sorted(f"{source}.{name}.stream" for source, name in self._handlers))
        if not names:
            raise ValueError("no event has a handler, so there is nothing to catch up with")
        if isinstance(since, datetime) and since.tzinfo is None:
            raise ValueError("since needs a time zone, such as datetime(2026, 1, 1, tzinfo=UTC)")
        if isinstance(since, int) and len(names) > 1:
            raise ValueError("an offset is that of one stream; with several give a time")
        with _Signals(self.stop), closing(self._store):
            return CatchingUp(
                self._url,
                name=self._connection_name,
                prefetch=self._prefetch,
                most_kept=self._most_kept,
                applying=self._applying,
                ledger=self._ledger,
                stopping=self._stop.wait,
            ).catch_up(names, since)

    def stop(self) -> None:
        """From any thread: finish what is in hand, then `run` returns."""
        self._stop.set()

    def run(self) -> None:
        """Until SIGTERM, SIGINT or `stop`. What the broker has delivered by then is finished and acknowledged."""
        with _Signals(self.stop), closing(self._store):
            try:
                self._applying.prepare()
                self._run()
            except Stopping:
                log.info("stopped; what was not finished comes again")

    def _run(self) -> None:
        intake = Intake(self._url, self.queue, name=self._connection_name, prefetch=self._prefetch)
        intake.start()
        look_at = forget_at = 0.0
        kept = self._applying.kept_so_far
        try:
            while not self._stop.is_set():
                wait = max(0.0, min(LOOK_SECONDS, look_at - time.time()))
                self._handle(intake.take(BATCH, GATHER_SECONDS, wait))
                now = time.time()
                if now >= look_at:
                    self._applying.work_due()
                    look_at = min(time.time() + LOOK_SECONDS, self._applying.next_due() or now + LOOK_SECONDS)
                    self._mind_the_bound(intake)
                elif self._applying.kept_so_far != kept:
                    self._mind_the_bound(intake)
                kept = self._applying.kept_so_far
                if now >= forget_at:
                    self._applying.forget()
                    self._look_at_dead_letters()
                    forget_at = now + FORGET_EVERY_SECONDS
            self._finish(intake)
        finally:
            intake.close()

    def _look_at_dead_letters(self) -> None:
        """A queue that was full has put its oldest events there, and nothing else would tell."""
        try:
            _, dead = BrokersLetters(self._url, self._system).counts()
        except (pika.exceptions.AMQPError, OSError):
            return  # whoever reads the queue says so
        if dead > self._dead_told:
            log.error(
                "%s.dead holds %s events: rejected here, or dropped because the queue was full or they were too old."
                " `mtnet-subscriber dead` says which; what was dropped comes again by catch_up",
                self.queue,
                dead,
            )
        self._dead_told = dead

    def _mind_the_bound(self, intake: Intake) -> None:
        kept = self._applying.count_kept(self._most_kept)
        if not self._full and kept >= self._most_kept:
            self._full = True
            log.error("%s: %s events are kept, so no more are taken until some are applied", self.queue, kept)
            intake.pause()
        elif self._full and kept < self._most_kept * GO_ON_BELOW:
            self._full = False
            log.info("%s: %s events are kept, so more are taken again", self.queue, kept)
            intake.go_on()

    def _finish(self, intake: Intake) -> None:
        intake.stop_taking()
        deadline = time.monotonic() + DRAIN_SECONDS
        while time.monotonic() < deadline and (deliveries := intake.take(BATCH, GATHER_SECONDS, 0.2)):
            self._handle(deliveries)

    def _handle(self, deliveries: list[Delivery]) -> None:
        arrived: list[Arrived] = []
        last: Delivery | None = None
        for delivery in deliveries:
            try:
                message = message_of(delivery.headers, delivery.body)
                if (message.source, message.name) in self._handlers:
                    _ = message.event  # whether it can be read shows now
            except Undecodable as problem:
                log.error("%s: a message was rejected: %s", self.queue, problem)
                delivery.session.reject(delivery.tag)
            else:
                arrived.append(Arrived(message, delivery.redelivered))
                last = delivery
        if last is not None:
            self._applying.take(arrived)
            last.session.ack(last.tag)


class _Signals:
    """SIGTERM and SIGINT ask to stop while this is entered; only a main thread can hear them."""

    def __init__(self, stop: Callable[[], None]) -> None:
        self._stop = stop
        self._before: dict[int, Any] = {}

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                self._before[number] = signal.signal(number, self._heard)

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _heard(self, number: int, frame: FrameType | None) -> None:
        self._stop()
