"""Handle events: one queue a group, one transaction a batch; a batch that fails is done again one by one."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

import eventlet
import psycopg
from eventlet.semaphore import Semaphore
from mtnet_contracts.event import Event
from nameko.extensions import Entrypoint, SharedExtension
from psycopg_pool import PoolTimeout

from mtnet_chassis.broker.connection import Link, LinkDown
from mtnet_chassis.broker.deliveries import Delivery
from mtnet_chassis.broker.reader import DRAIN_SECONDS, QueueReader
from mtnet_chassis.data.containers import database_of, instance_of
from mtnet_chassis.data.database import Tx, database_is_away, worth_repeating
from mtnet_chassis.events.attempts import MOST_BEGUN, MOST_POSTPONED, Attempts, ProcessEnded
from mtnet_chassis.events.envelope import Undecodable
from mtnet_chassis.events.inbox import Inbox, Outcome, Poison, Received
from mtnet_chassis.events.retries import LADDER, bury, may_be_postponed, postpone
from mtnet_chassis.failpoints import failpoint
from mtnet_chassis.settings import env
from mtnet_chassis.telemetry import (
    EVENTS_HANDLED,
    PARKED_AGE_SECONDS,
    PARKED_EVENTS,
    QUEUE_AGE_SECONDS,
    QUEUE_DEPTH,
    logger,
    worded,
)

log = logger()

GATHER_SECONDS = 0.005
PREFETCH_PER_BATCH = 4
REPEATS = 3
DATABASE_AWAY_SECONDS = (0.1, 0.2, 0.5, 1, 2)
MEASURE_SECONDS = 5.0

ONE_SUSPECT = Semaphore()

Batch = Sequence[tuple[Delivery, Received]]


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
        self.attempts = Attempts(self.queue)
        self.reader = QueueReader(env("AMQP_URL"), self.queue, prefetch=batch * PREFETCH_PER_BATCH)
        # The worker and the look of every five seconds must not have the same out-of-order event in hand.
        self._releasing = Semaphore()
        self._database = database_of(self.container)
        self._oldest_in_hand: float | None = None
        self._stopping = eventlet.event.Event()
        self._done = eventlet.event.Event()
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
                    self._handle(deliveries)
                except LinkDown:
                    log.warning("acknowledgement not possible, messages come again", queue=self.queue)
                except Exception as problem:
                    # A mistake of the chassis itself: the messages are not acknowledged, so they come again.
                    log.error("batch given back", queue=self.queue, exc_info=problem)
                    deliveries[0].link.close()
                    eventlet.sleep(1.0)
                self._oldest_in_hand = None
        finally:
            self._done.send(None)

    def _handle(self, deliveries: list[Delivery]) -> None:
        batch = self._read(deliveries)
        if not batch:
            return
        self._oldest_in_hand = batch[0][1].envelope.occurred_at.timestamp()
        again = [m.envelope.event_id for d, m in batch if d.redelivered or m.envelope.retried]
        if not again:
            self._handle_batch(batch)
            return
        try:
            suspects = self._in_transaction(deliveries[0].link, lambda tx: self.attempts.begin(tx, again))
            if suspects:
                log.warning("a process died with these in hand", queue=self.queue, events=len(suspects))
                self._handle_one_by_one(batch, set(again), suspects)
            else:
                self._handle_batch(batch, again)
        except LinkDown:
            self.attempts.give_up(again)
            raise

    def _handle_batch(self, batch: Batch, again: Sequence[UUID] = ()) -> None:
        """All in one transaction. With some that were in hand before, the out-of-order events that they set free
        follow in transactions of their own: whichever of them ends the process is then known."""
        link = batch[0][0].link

        def apply(tx: Tx) -> Outcome:
            outcome = self._apply(tx, batch, release=not again)
            if again:
                self.attempts.end(tx, again)
            return outcome

        try:
            outcome = self._in_transaction(link, apply)
        except LinkDown:
            raise
        except Exception as problem:
            if len(batch) == 1 and not self.inbox.ordered:
                self._fail(*batch[0], problem, again=bool(again))
                return
            log.info("batch failed, done again one by one", queue=self.queue, problem=type(problem).__name__)
            self._handle_one_by_one(batch, set(again))
            return
        failpoint("inbox.after_commit")
        self._count(outcome)
        if again and self.inbox.ordered:
            for stream in sorted({message.envelope.stream for _, message in batch}):
                self._release(link, stream)
        self._ack([delivery for delivery, _ in batch])
        failpoint("inbox.after_ack")

    def _handle_one_by_one(
        self, batch: Batch, again: set[UUID], suspects: frozenset[UUID] = frozenset()
    ) -> None:
        for delivery, message in batch:
            event_id = message.envelope.event_id
            self._handle_alone(delivery, message, again=event_id in again, suspect=event_id in suspects)

    def _handle_alone(self, delivery: Delivery, message: Received, *, again: bool, suspect: bool) -> None:
        """One event in a transaction of its own, then, one by one, the out-of-order events that waited for it."""
        if not suspect:
            self._handle_single(delivery, message, again=again, suspect=False)
            return
        # Alone in the whole process: else the event of another group that is in hand beside it is blamed as well.
        with ONE_SUSPECT:
            self._handle_single(delivery, message, again=again, suspect=True)

    def _handle_single(self, delivery: Delivery, message: Received, *, again: bool, suspect: bool) -> None:
        event_id = message.envelope.event_id

        def apply(tx: Tx) -> Outcome:
            outcome = self._apply(tx, [(delivery, message)], release=False)
            if again:
                self.attempts.end(tx, [event_id])
            return outcome

        try:
            if suspect:
                self._begin_suspect(delivery.link, event_id)
            outcome = self._in_transaction(delivery.link, apply)
        except LinkDown:
            raise
        except Exception as problem:
            self._fail(delivery, message, problem, again=again)
            return
        self._count(outcome)
        if self.inbox.ordered:
            self._release(delivery.link, message.envelope.stream)
        delivery.link.ack(delivery.tag)

    def _begin_suspect(self, link: Link, event_id: UUID) -> None:
        """Raises ProcessEnded when it was tried too often."""
        times = self._in_transaction(link, lambda tx: self.attempts.begin_alone(tx, event_id))
        if times > MOST_BEGUN:
            raise ProcessEnded(f"the process ended {times - 1} times while this event was handled")

    def _release(self, link: Link, stream: str) -> None:
        """Apply what waited for this stream. One that fails, or cannot be read any more, goes on the retry schedule
        or to the dead letters by itself, so that the event that set it free is not blamed."""
        with self._releasing:
            self._release_in_turn(link, stream)

    def _release_in_turn(self, link: Link, stream: str) -> None:
        while waiting := self._in_transaction(link, lambda tx: self.inbox.next_parked(tx, stream)):
            message: Received | None = None
            try:
                message = self.inbox.read_parked(waiting.headers, waiting.body)
                self._begin_suspect(link, message.envelope.event_id)
                apply = partial(self._apply_parked, stream=stream, message=message)
                outcome = self._in_transaction(link, apply)
            except LinkDown:
                if message is not None:
                    self.attempts.give_up([message.envelope.event_id])
                raise
            except Exception as problem:
                delivery = Delivery.of_parked(link, self.queue, waiting.headers, waiting.body)
                self._fail(delivery, message, problem, again=True)
                forget = partial(self.inbox.forget_parked, stream=stream, sequence=waiting.sequence)
                self._in_transaction(link, forget)
                return
            if outcome is None:
                return
            self._count(outcome)

    def _apply_parked(self, tx: Tx, stream: str, message: Received) -> Outcome | None:
        """None when another replica was faster."""
        taken = self.inbox.take_parked(tx, stream, message.envelope.sequence)
        outcome = taken and self.inbox.apply(tx, [taken], self._dispatcher(), release=False)
        self.attempts.end(tx, [message.envelope.event_id])
        return outcome

    def _in_transaction(self, link: Link, work: Callable[[Tx], Any]) -> Any:
        """Do the work in a transaction. A database that is away is waited for, as long as the messages are
        ours; a deadlock is tried again a few times. Neither uses up the ladder."""
        repeats = failures = 0
        while True:
            try:
                with self._database.transaction() as tx:
                    return work(tx)
            except psycopg.Error as problem:
                if worth_repeating(problem) and repeats < REPEATS:
                    repeats += 1
                elif database_is_away(problem):
                    pause = DATABASE_AWAY_SECONDS[min(failures, len(DATABASE_AWAY_SECONDS) - 1)]
                    failures += 1
                    log.warning("database away", queue=self.queue, problem=type(problem).__name__)
                    self._stopping.wait(timeout=pause)
                    if self._stopping.ready():
                        link.close()
                    if link.closed:
                        raise LinkDown("given back while the database is away") from problem
                else:
                    raise

    def _apply(self, tx: Tx, batch: Batch, *, release: bool = True) -> Outcome:
        return self.inbox.apply(tx, [message for _, message in batch], self._dispatcher(), release=release)

    def _dispatcher(self) -> Callable[[Tx, Sequence[Event]], None]:
        return partial(self._dispatch, instance_of(self.container))

    def _dispatch(self, service: Any, tx: Tx, events: Sequence[Event]) -> None:
        """Call the handlers: runs of events that one batch handler wants go to it together."""
        index = 0
        while index < len(events):
            handlers = [h for h in self.handlers if isinstance(events[index], h.contracts)]
            run = 1
            if len(handlers) == 1 and handlers[0].many:
                while index + run < len(events) and isinstance(events[index + run], handlers[0].contracts):
                    run += 1
            for handler in handlers:
                method = getattr(service, handler.method_name)
                try:
                    if handler.many:
                        method(tx, list(events[index : index + run]))
                    else:
                        method(tx, events[index])
                except eventlet.Timeout as problem:  # no Exception; it would end the worker
                    raise TimeoutError(str(problem)) from problem
            index += run

    def _read(self, deliveries: list[Delivery]) -> list[tuple[Delivery, Received]]:
        readable = []
        for delivery in deliveries:
            try:
                readable.append((delivery, self.inbox.read(delivery.header, delivery.body)))
            except Exception as problem:
                # Whatever reading raises, it will raise again.
                reason = str(problem) if isinstance(problem, Undecodable) else worded(problem)
                bury(delivery, self.queue, reason)
                EVENTS_HANDLED.labels(self.queue, "dead").inc()
                log.error("message buried", queue=self.queue, problem=reason)
        return readable

    def _fail(
        self,
        delivery: Delivery,
        message: Received | None,
        problem: Exception,
        *,
        again: bool,
    ) -> None:
        """Put the event on the retry schedule or among the dead letters. `message` is None when it cannot be read;
        `again`: it is written down as begun."""
        event_id = message.envelope.event_id if message else None
        facts = {
            "queue": self.queue,
            "event_name": message.envelope.name if message else None,
            "event_id": str(event_id) if event_id else None,
            "problem": type(problem).__name__,
        }
        reason = str(problem) if isinstance(problem, Undecodable) else f"{type(problem).__name__}: {problem}"
        died = isinstance(problem, ProcessEnded)
        postponed = not isinstance(problem, Poison | Undecodable) and may_be_postponed(
            delivery.headers, MOST_POSTPONED if died else len(LADDER)
        )
        # First the note, then the message: one that is seen elsewhere has left nothing here.
        if again and event_id is not None:
            strike = self.attempts.allow_one_more if died and postponed else self.attempts.end
            self._in_transaction(delivery.link, lambda tx: strike(tx, [event_id]))
        if postponed:
            postpone(delivery, self.queue, reason)
            EVENTS_HANDLED.labels(self.queue, "retried").inc()
            log.warning("event postponed", **facts)
        else:
            bury(delivery, self.queue, reason)
            EVENTS_HANDLED.labels(self.queue, "dead").inc()
            log.error("event buried", **facts, exc_info=problem)

    def _count(self, outcome: Outcome) -> None:
        for result, count in (
            ("applied", outcome.applied),
            ("duplicate", outcome.duplicates),
            ("parked", outcome.parked),
        ):
            if count:
                EVENTS_HANDLED.labels(self.queue, result).inc(count)

    def _ack(self, deliveries: list[Delivery]) -> None:
        """One acknowledgement for the batch: with what was buried before, it is the whole prefix of what this
        connection delivered. The last must be one that is not acknowledged yet."""
        last = deliveries[-1]
        last.link.ack(last.tag, multiple=True)

    def _measure(self) -> None:
        while not self._stopping.ready():
            try:
                self._measure_once()
            except Exception as problem:
                # A metric is never worth the service: whatever it was, the next look comes.
                log.warning("queue not measured", queue=self.queue, exc_info=problem)
            self._stopping.wait(timeout=MEASURE_SECONDS)

    def _measure_once(self) -> None:
        ready = self.reader.depth()
        if ready is not None:
            QUEUE_DEPTH.labels(self.queue).set(ready + self.reader.buffered)
        oldest = self._oldest_in_hand
        QUEUE_AGE_SECONDS.labels(self.queue).set(max(0.0, time.time() - oldest) if oldest else 0)
        if self.inbox.ordered:
            try:
                self._measure_parked()
            except (psycopg.Error, PoolTimeout, LinkDown) as problem:
                log.info("parked events not measured", queue=self.queue, problem=type(problem).__name__)

    def _measure_parked(self) -> None:
        """Tell what waits, and apply what nothing holds up any more: whoever set it free may have died then."""
        with self._database.transaction() as tx:
            parked = self.inbox.parked(tx)
        PARKED_EVENTS.labels(self.queue).set(parked.count)
        PARKED_AGE_SECONDS.labels(self.queue).set(parked.age_seconds)
        if (link := self.reader.link) is not None:
            for stream in parked.free:
                self._release(link, stream)


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
