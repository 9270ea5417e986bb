"""What Nameko starts in a service: handlers of events, doors for calls, timers that tick once for all replicas."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, TypeVar

import eventlet
from mtnet_contracts.event import Event
from nameko.extensions import Entrypoint, SharedExtension

from mtnet_chassis import outbox
from mtnet_chassis.actor import ActorVerifier
from mtnet_chassis.consuming import DRAIN_SECONDS, Delivery, QueueReader, run_pool
from mtnet_chassis.database import Database, Transactions, Tx
from mtnet_chassis.doors import Door, Refused
from mtnet_chassis.envelope import Undecodable
from mtnet_chassis.failures import bury, postpone
from mtnet_chassis.inbox import Inbox, Poison, Received, received
from mtnet_chassis.link import LinkDown
from mtnet_chassis.settings import env, env_int, secret
from mtnet_chassis.telemetry import CALL_SECONDS, EVENTS_HANDLED, QUEUE_AGE_SECONDS, logger

log = logger()

Method = TypeVar("Method", bound=Callable[..., Any])

BATCH = 200
GATHER_SECONDS = 0.005
PREFETCH_PER_BATCH = 3


class GroupConsumer(SharedExtension):  # type: ignore[misc]
    """The queue `<service>.<group>`: one reader, one worker, one transaction a batch."""

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
        self._done = eventlet.event.Event()
        self.container.spawn_managed_thread(self.reader.run, identifier=f"{self.queue}.reader")
        self.container.spawn_managed_thread(partial(self._work, batch), identifier=f"{self.queue}.worker")

    def stop_once(self) -> None:
        if not self._started:
            return
        self._started = False
        self.reader.stop_taking()
        with eventlet.Timeout(DRAIN_SECONDS, False):
            self._done.wait()
        self.reader.close()

    def _work(self, batch: int) -> None:
        database = database_of(self.container)
        try:
            while deliveries := self.reader.take(batch, GATHER_SECONDS if batch > 1 else 0):
                try:
                    self._handle(database, deliveries)
                except LinkDown:
                    log.warning("acknowledgement not possible, messages come again", queue=self.queue)
        finally:
            self._done.send(None)

    def _handle(self, database: Transactions, deliveries: list[Delivery]) -> None:
        readable = self._read(deliveries)
        if not readable:
            return
        try:
            self._apply(database, readable)
        except Exception as problem:
            if len(readable) > 1:
                for one in readable:
                    self._handle_alone(database, *one)
                return
            self._fail(*readable[0], problem)
            return
        self._ack([delivery for delivery, _ in readable])

    def _handle_alone(self, database: Transactions, delivery: Delivery, message: Received) -> None:
        try:
            self._apply(database, [(delivery, message)])
        except Exception as problem:
            self._fail(delivery, message, problem)
            return
        delivery.link.ack(delivery.tag)

    def _apply(self, database: Transactions, batch: Sequence[tuple[Delivery, Received]]) -> None:
        service = instance_of(self.container)
        with database.transaction() as tx:
            outcome = self.inbox.apply(
                tx, [message for _, message in batch], partial(self._dispatch, service)
            )
        for result, count in (
            ("applied", outcome.applied),
            ("duplicate", outcome.duplicates),
            ("parked", outcome.parked),
        ):
            if count:
                EVENTS_HANDLED.labels(self.queue, result).inc(count)
        oldest = batch[0][1].envelope.occurred_at.timestamp()
        QUEUE_AGE_SECONDS.labels(self.queue).set(max(0.0, time.time() - oldest))

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
                if handler.many:
                    method(tx, list(events[index : index + run]))
                else:
                    method(tx, events[index])
            index += run

    def _read(self, deliveries: list[Delivery]) -> list[tuple[Delivery, Received]]:
        readable = []
        for delivery in deliveries:
            try:
                readable.append((delivery, received(delivery.headers, delivery.body)))
            except Undecodable as problem:
                bury(delivery, self.queue, str(problem))
                EVENTS_HANDLED.labels(self.queue, "dead").inc()
        return readable

    def _fail(self, delivery: Delivery, message: Received, problem: Exception) -> None:
        reason = f"{type(problem).__name__}: {problem}"
        facts = {
            "queue": self.queue,
            "event_name": message.envelope.name,
            "event_id": str(message.envelope.event_id),
            "problem": type(problem).__name__,
        }
        if isinstance(problem, Poison) or not postpone(delivery, self.queue, reason):
            bury(delivery, self.queue, reason)
            EVENTS_HANDLED.labels(self.queue, "dead").inc()
            log.error("event buried", **facts, exc_info=problem)
        else:
            EVENTS_HANDLED.labels(self.queue, "retried").inc()
            log.warning("event postponed", **facts)

    def _ack(self, deliveries: list[Delivery]) -> None:
        """One acknowledgement for the batch: it is the whole prefix of what this connection delivered."""
        last = deliveries[-1]
        if all(d.link is last.link for d in deliveries):
            last.link.ack(last.tag, multiple=True)
        else:
            for delivery in deliveries:
                delivery.link.ack(delivery.tag)


class EventEntrypoint(Entrypoint):  # type: ignore[misc]
    """Binds a method to a group's queue."""

    def __init__(
        self, contracts: tuple[type[Event], ...], group: str, *, ordered: bool, many: bool, batch: int
    ) -> None:
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


class CallConsumer(SharedExtension):  # type: ignore[misc]
    """The queue `rpc-<service>`: Nameko's wire format, answered by doors."""

    def __init__(self) -> None:
        self.doors: dict[str, CallEntrypoint] = {}
        self._started = False

    def start_once(self) -> None:
        if self._started:
            return
        self._started = True
        workers = env_int("WORKERS", 10)
        self.verifier = ActorVerifier(secret("ACTOR_PUBLIC_KEY", 32))
        self.database = database_of(self.container)
        self.reader = QueueReader(env("AMQP_URL"), f"rpc-{self.container.service_name}", prefetch=workers)
        self._pool = eventlet.GreenPool(workers)
        self.container.spawn_managed_thread(self.reader.run, identifier="calls.reader")
        self.container.spawn_managed_thread(
            lambda: run_pool(self.reader, self._pool, self._answer), identifier="calls.worker"
        )

    def stop_once(self) -> None:
        if not self._started:
            return
        self._started = False
        self.reader.stop_taking()
        with eventlet.Timeout(DRAIN_SECONDS, False):
            self._pool.waitall()
        self.reader.close()

    def _answer(self, delivery: Delivery) -> None:
        reply = self.reply_to(delivery.routing_key, delivery)
        try:
            if "reply_to" in delivery.properties:
                delivery.link.publish(
                    "nameko-rpc",
                    delivery.properties["reply_to"],
                    json.dumps(reply, ensure_ascii=False).encode(),
                    {
                        "content_type": "application/json",
                        "content_encoding": "utf-8",
                        "correlation_id": delivery.properties.get("correlation_id"),
                    },
                )
            delivery.link.ack(delivery.tag)
        except LinkDown:
            log.warning("reply not sent", call=delivery.routing_key)

    def reply_to(self, name: str, delivery: Delivery) -> dict[str, Any]:
        """The reply in Nameko's wire format; never raises."""
        started = time.perf_counter()
        result = "failed"
        try:
            method = name.rpartition(".")[2]
            entrypoint = self.doors.get(method)
            if entrypoint is None:
                return error_reply("MethodNotFound", "nameko.exceptions.MethodNotFound", [method], method)
            body = json.loads(delivery.body).get("kwargs", {})
            token = outbox.traceparent.set(delivery.headers.get("traceparent"))
            try:
                answer = entrypoint.door.answer(
                    instance_of(self.container), body, database=self.database, verifier=self.verifier
                )
            finally:
                outbox.traceparent.reset(token)
            result = "done"
            return {"result": answer, "error": None}
        except Refused as refused:
            result = "refused"
            facts = {"fields": refused.fields, "detail": refused.detail}
            log.info("call refused", call=name, code=refused.code)
            return error_reply("Refused", "mtnet_chassis.doors.Refused", [refused.code, facts], refused.code)
        except Exception as problem:
            log.error("call failed", call=name, exc_info=problem)
            kind = type(problem)
            return error_reply(kind.__name__, f"{kind.__module__}.{kind.__name__}", [], "")
        finally:
            CALL_SECONDS.labels(name, result).observe(time.perf_counter() - started)


def error_reply(exc_type: str, exc_path: str, exc_args: list[Any], value: str) -> dict[str, Any]:
    return {
        "result": None,
        "error": {"exc_type": exc_type, "exc_path": exc_path, "exc_args": exc_args, "value": value},
    }


class CallEntrypoint(Entrypoint):  # type: ignore[misc]
    """Binds a method to a call."""

    consumer = CallConsumer()

    def __init__(self, door: Door) -> None:
        self.door = door

    def setup(self) -> None:
        self.consumer.doors[self.door.call.name] = self

    def start(self) -> None:
        self.consumer.start_once()

    def stop(self) -> None:
        self.consumer.stop_once()


class TimerOnce(Entrypoint):  # type: ignore[misc]
    """Ticks in every replica; the work is done by whichever gets the lock, in its transaction."""

    def __init__(self, seconds: float | str) -> None:
        self.seconds = seconds

    def setup(self) -> None:
        self._stopped = eventlet.event.Event()

    def start(self) -> None:
        self.container.spawn_managed_thread(self._run, identifier=f"timer.{self.method_name}")

    def stop(self) -> None:
        if not self._stopped.ready():
            self._stopped.send(True)

    def _run(self) -> None:
        seconds = env_int(self.seconds) if isinstance(self.seconds, str) else self.seconds
        database = database_of(self.container)
        while not self._stopped.wait(timeout=seconds):
            try:
                self.tick(database)
            except Exception as problem:
                log.error("timer failed", timer=self.method_name, exc_info=problem)

    def tick(self, database: Transactions) -> bool:
        """Do the work unless another replica is at it; tells whether it was done here."""
        name = f"timer.{self.container.service_name}.{self.method_name}"
        with database.transaction() as tx:
            row = tx.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", (name,)).fetchone()
            if row is None or not row[0]:
                return False
            getattr(instance_of(self.container), self.method_name)(tx)
        return True


def timer_once(seconds: float | str) -> Callable[[Method], Method]:
    """Call `method(self, tx)` every `seconds` (a number, or the name of the variable that holds it)."""

    def decorate(method: Method) -> Method:
        decorated: Method = TimerOnce.decorator(seconds)(method)
        return decorated

    return decorate


def instance_of(container: Any) -> Any:
    """A service object with its dependencies, as Nameko would make for one piece of work."""
    service = container.service_cls()
    for provider in container.dependencies:
        setattr(service, provider.attr_name, provider.get_dependency(None))
    return service


def database_of(container: Any) -> Transactions:
    """The transactions of the service's Database dependency."""
    for provider in container.dependencies:
        if isinstance(provider, Database):
            return provider.transactions
    raise RuntimeError(f"{container.service_cls.__name__} needs `database = Database()`")
