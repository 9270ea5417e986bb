"""Apply a batch of a group's messages in one transaction; a batch that fails is applied again one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol
from uuid import UUID

import eventlet
import psycopg
from eventlet.event import Event as Signal
from eventlet.semaphore import Semaphore
from mtnet_contracts.event import Event

from mtnet_chassis.broker.connection import BrokerConnection, ConnectionLost
from mtnet_chassis.broker.reader import Delivery
from mtnet_chassis.broker.topology import RETRY_SCHEDULE
from mtnet_chassis.data.database import Transactions, Tx, database_is_away, worth_repeating
from mtnet_chassis.events.attempts import MOST_BEGUN, MOST_RETRIES, Attempts, ProcessEnded
from mtnet_chassis.events.envelope import Undecodable
from mtnet_chassis.events.inbox import Inbox, Outcome, Poison, Received, Waiting
from mtnet_chassis.events.retries import dead_letter, may_be_retried, retry_later
from mtnet_chassis.failpoints import failpoint
from mtnet_chassis.telemetry import EVENTS_HANDLED, logger, worded

log = logger()

REPEATS = 3
DATABASE_AWAY_SECONDS = (0.1, 0.2, 0.5, 1, 2)

ONE_SUSPECT = Semaphore()

Batch = Sequence[tuple[Delivery, Received]]


class Handler(Protocol):
    """A method of a service, as its entrypoint describes it: one event at a time, or `many`."""

    contracts: tuple[type[Event], ...]
    many: bool
    method_name: str


class GroupHandling:
    """Applies the messages of one group. `service` makes the object whose methods are the handlers; `stopping` is sent
    when the process is asked to stop."""

    def __init__(
        self,
        queue: str,
        inbox: Inbox,
        database: Transactions,
        handlers: Sequence[Handler],
        service: Callable[[], Any],
        stopping: Signal,
    ) -> None:
        self.queue = queue
        self.inbox = inbox
        self.attempts = Attempts(queue)
        # When the first event of the batch in hand occurred (seconds since 1970), for its age.
        self.oldest_in_hand: float | None = None
        self._database = database
        self._handlers = handlers
        self._service = service
        self._stopping = stopping
        # The worker and the measurement every five seconds must not handle the same out-of-order event.
        self._releasing = Semaphore()

    def handle(self, deliveries: list[Delivery]) -> None:
        """Apply and acknowledge them. Raises ConnectionLost: then they are delivered again."""
        batch = self._read(deliveries)
        if not batch:
            return
        self.oldest_in_hand = batch[0][1].envelope.occurred_at.timestamp()
        again = [m.envelope.event_id for d, m in batch if d.redelivered or m.envelope.retried]
        if not again:
            self._handle_batch(batch)
            return
        try:
            suspects = self._in_transaction(
                deliveries[0].connection, lambda tx: self.attempts.begin(tx, again)
            )
            if suspects:
                log.warning("a process died while it handled these", queue=self.queue, events=len(suspects))
                self._handle_one_by_one(batch, set(again), suspects)
            else:
                self._handle_batch(batch, again)
        except ConnectionLost:
            self.attempts.give_up(again)
            raise

    def _handle_batch(self, batch: Batch, again: Sequence[UUID] = ()) -> None:
        """All in one transaction. If some were begun before, the out-of-order events that they set free follow in
        transactions of their own, so that an event which ends the process can be told from the others."""
        connection = batch[0][0].connection

        def apply(tx: Tx) -> Outcome:
            outcome = self._apply(tx, batch, release=not again)
            if again:
                self.attempts.end(tx, again)
            return outcome

        try:
            outcome = self._in_transaction(connection, apply)
        except ConnectionLost:
            raise
        except Exception as problem:
            if len(batch) == 1 and not self.inbox.ordered:
                self._fail(*batch[0], problem, again=bool(again))
                return
            log.info(
                "batch failed, applied again one by one", queue=self.queue, problem=type(problem).__name__
            )
            self._handle_one_by_one(batch, set(again))
            return
        failpoint("inbox.after_commit")
        self._count(outcome)
        if again and self.inbox.ordered:
            for stream in sorted({message.envelope.stream for _, message in batch}):
                self.release(connection, stream)
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
        # Alone in the whole process: otherwise the event that another group handles meanwhile would be blamed as well.
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
                self._begin_suspect(delivery.connection, event_id)
            outcome = self._in_transaction(delivery.connection, apply)
        except ConnectionLost:
            raise
        except Exception as problem:
            self._fail(delivery, message, problem, again=again)
            return
        self._count(outcome)
        if self.inbox.ordered:
            self.release(delivery.connection, message.envelope.stream)
        delivery.connection.ack(delivery.tag)

    def _begin_suspect(self, connection: BrokerConnection, event_id: UUID) -> None:
        """Raises ProcessEnded when it was tried too often."""
        times = self._in_transaction(connection, lambda tx: self.attempts.begin_alone(tx, event_id))
        if times > MOST_BEGUN:
            raise ProcessEnded(f"the process ended {times - 1} times while this event was handled")

    def release(self, connection: BrokerConnection, stream: str) -> None:
        """Apply what waited for this stream. An event that fails or cannot be read any more is retried or dead-lettered
        by itself, so that the event that set it free is not blamed."""
        with self._releasing:
            self._release_in_turn(connection, stream)

    def _release_in_turn(self, connection: BrokerConnection, stream: str) -> None:
        while waiting := self._in_transaction(
            connection, lambda tx: self.inbox.next_out_of_order(tx, stream)
        ):
            message: Received | None = None
            try:
                message = self.inbox.read(waiting.headers, waiting.body)
                self._begin_suspect(connection, message.envelope.event_id)
                apply = partial(self._apply_stored, stream=stream, message=message)
                outcome = self._in_transaction(connection, apply)
            except ConnectionLost:
                if message is not None:
                    self.attempts.give_up([message.envelope.event_id])
                raise
            except Exception as problem:
                delivery = _as_delivered(connection, self.queue, waiting)
                self._fail(delivery, message, problem, again=True)
                forget = partial(self.inbox.forget_out_of_order, stream=stream, sequence=waiting.sequence)
                self._in_transaction(connection, forget)
                return
            if outcome is None:
                return
            self._count(outcome)

    def _apply_stored(self, tx: Tx, stream: str, message: Received) -> Outcome | None:
        """None if another replica was faster."""
        taken = self.inbox.take_out_of_order(tx, stream, message.envelope.sequence)
        outcome = taken and self.inbox.apply(tx, [taken], self._dispatcher(), release=False)
        self.attempts.end(tx, [message.envelope.event_id])
        return outcome

    def _in_transaction(self, connection: BrokerConnection, work: Callable[[Tx], Any]) -> Any:
        """Do the work in a transaction. While the database is away this waits, as long as the messages are ours; after
        a deadlock it tries again a few times. Neither counts as an attempt."""
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
                        connection.close()
                    if connection.closed:
                        raise ConnectionLost("the database is away, and the process stops") from problem
                else:
                    raise

    def _apply(self, tx: Tx, batch: Batch, *, release: bool = True) -> Outcome:
        return self.inbox.apply(tx, [message for _, message in batch], self._dispatcher(), release=release)

    def _dispatcher(self) -> Callable[[Tx, Sequence[Event]], None]:
        return partial(self._dispatch, self._service())

    def _dispatch(self, service: Any, tx: Tx, events: Sequence[Event]) -> None:
        """Call the handlers. Consecutive events for one batch handler go to it together."""
        index = 0
        while index < len(events):
            handlers = [h for h in self._handlers if isinstance(events[index], h.contracts)]
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
                except eventlet.Timeout as problem:  # not an Exception; it would end the worker
                    raise TimeoutError(str(problem)) from problem
            index += run

    def _read(self, deliveries: list[Delivery]) -> list[tuple[Delivery, Received]]:
        readable = []
        for delivery in deliveries:
            try:
                readable.append((delivery, self.inbox.read(delivery.headers, delivery.body)))
            except Exception as problem:
                # Whatever reading raises, it will raise again.
                reason = str(problem) if isinstance(problem, Undecodable) else worded(problem)
                dead_letter(delivery, self.queue, reason)
                EVENTS_HANDLED.labels(self.queue, "dead").inc()
                log.error("message dead-lettered", queue=self.queue, problem=reason)
        return readable

    def _fail(
        self,
        delivery: Delivery,
        message: Received | None,
        problem: Exception,
        *,
        again: bool,
    ) -> None:
        """Retry the event later or dead-letter it. `message` is None if it cannot be read; `again` says that it is
        recorded as begun."""
        event_id = message.envelope.event_id if message else None
        facts = {
            "queue": self.queue,
            "event_name": message.envelope.name if message else None,
            "event_id": str(event_id) if event_id else None,
            "problem": type(problem).__name__,
        }
        reason = str(problem) if isinstance(problem, Undecodable) else f"{type(problem).__name__}: {problem}"
        died = isinstance(problem, ProcessEnded)
        retried = not isinstance(problem, Poison | Undecodable) and may_be_retried(
            delivery.headers, MOST_RETRIES if died else len(RETRY_SCHEDULE)
        )
        # First the record, then the message: once it is seen elsewhere, nothing about it is left here.
        if again and event_id is not None:
            strike = self.attempts.allow_one_more if died and retried else self.attempts.end
            self._in_transaction(delivery.connection, lambda tx: strike(tx, [event_id]))
        if retried:
            retry_later(delivery, self.queue, reason)
            EVENTS_HANDLED.labels(self.queue, "retried").inc()
            log.warning("event will be retried", **facts)
        else:
            dead_letter(delivery, self.queue, reason)
            EVENTS_HANDLED.labels(self.queue, "dead").inc()
            log.error("event dead-lettered", **facts, exc_info=problem)

    def _count(self, outcome: Outcome) -> None:
        for result, count in (
            ("applied", outcome.applied),
            ("duplicate", outcome.duplicates),
            ("out_of_order", outcome.out_of_order),
        ):
            if count:
                EVENTS_HANDLED.labels(self.queue, result).inc(count)

    def _ack(self, deliveries: list[Delivery]) -> None:
        """Acknowledge the batch at once: with what was dead-lettered before, it is everything that this connection has
        delivered up to here. The last delivery must not be acknowledged yet."""
        last = deliveries[-1]
        last.connection.ack(last.tag, multiple=True)


def _as_delivered(connection: BrokerConnection, queue: str, waiting: Waiting) -> Delivery:
    """An event that waited in the database, as if it had just been delivered; there is nothing to acknowledge."""
    source, _, name = str(waiting.headers.get("cloudEvents_type", "")).partition(".")
    properties = {
        "content_type": "application/json",
        "message_id": str(waiting.headers.get("cloudEvents_id", "")),
        "type": name,
        "app_id": source,
        "application_headers": waiting.headers,
    }
    return Delivery(connection, 0, queue, b"", waiting.body, known=properties)
