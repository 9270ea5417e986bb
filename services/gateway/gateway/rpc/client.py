"""Call the services: Nameko's RPC wire format over AMQP, safe for many threads, never longer than the call allows.

A few connections carry one call each at a time, and its reply (`rpc/connection.py`); a thread of its own hears what
concerns the whole process. A call has one deadline for all it takes: connecting, sending, waiting; and all calls of a
page share one. A service that does not exist fails at once (mandatory publish), and so does one that is known to be
away (`rpc/neighbours.py`). A reply that comes too late is dropped, a lost connection is made anew. What was lost on
the way is asked once more, within the same deadline, where that can do no harm: nothing had been sent yet, the call
reads, or a key makes it one.
"""

from __future__ import annotations

import contextlib
import json
import queue
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

import orjson
import structlog
from amqp.exceptions import ChannelError
from mtnet_contracts.calls.call import PING, Call
from prometheus_client import Histogram

from gateway.rpc.connection import (
    CONNECT_SECONDS,
    EXCHANGE,
    CallConnection,
    Lost,
    NoReply,
    NoSuchQueue,
    connected,
)
from gateway.rpc.neighbours import (
    LOOK_EVERY_SECONDS,
    PING_SECONDS,
    Neighbour,
    ServiceUnavailable,
    patience_left,
    spend,
)

__all__ = ["Lost", "Refused", "Rpc", "ServiceUnavailable"]

log = structlog.get_logger()

# What one gateway process tells all of them.
GATEWAYS = "gateway.told"
TELL_SECONDS = 1.0
RECONNECT_SECONDS = (0.2, 0.5, 1, 2, 5)
# The broker and we believe each other dead after two of these.
HEARTBEAT_SECONDS = 10
# As many as there are threads that answer requests: each may wait for a reply.
CONNECTIONS = 16

CALL_SECONDS = Histogram(
    "mtnet_gateway_call_seconds",
    "Calls to services by result (done, refused, unavailable).",
    ["call", "result"],
)


class Refused(Exception):
    """The service said no: a code, codes by field, and facts for the page."""

    def __init__(
        self, code: str, fields: dict[str, list[str]] | None = None, detail: dict[str, Any] | None = None
    ):
        super().__init__(code)
        self.code = code
        self.fields = fields or {}
        self.detail = detail or {}


Pings = dict[str, tuple[str, float, "Future[dict[str, Any]]"]]


class Rpc:
    """The gateway's only way to the services. `call` may be used from any thread."""

    def __init__(self, amqp_url: str) -> None:
        self._url = amqp_url
        self._waiting: dict[str, Future[dict[str, Any]]] = {}
        self._lock = threading.Lock()
        self._ready = threading.Event()
        self._reply_to = ""
        self._generation = 0
        self._stopping = False
        # Until when a call waits for a connection to the broker: after that the broker is known to be away.
        self._connected_by = time.monotonic() + CONNECT_SECONDS
        self._neighbours: dict[str, Neighbour] = {}
        self._told: dict[str, Callable[[Any], None]] = {}
        self._events: list[tuple[str, str, Callable[[], None]]] = []
        # Last in, first out: the few that a quiet portal needs are those in use all the time.
        self._connections: queue.LifoQueue[CallConnection] = queue.LifoQueue()
        for _ in range(CONNECTIONS):
            self._connections.put(CallConnection(amqp_url))
        self._threads = [
            threading.Thread(target=self._read_replies, name="rpc-replies", daemon=True),
            threading.Thread(target=self._watch, name="rpc-watch", daemon=True),
        ]

    def start(self) -> Rpc:
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        self._stopping = True
        with contextlib.suppress(queue.Empty):
            while True:
                self._connections.get_nowait().close()

    def healthy(self) -> bool:
        return self._ready.is_set()

    def is_away(self, service: str) -> bool:
        """Known to be: a call would fail at once."""
        return service in self._neighbours and self._neighbours[service].away

    def call(
        self, call: Call, request: dict[str, Any], *, actor: str | None = None, key: str | None = None
    ) -> dict[str, Any]:
        """The reply as JSON values. Raises Refused, ServiceUnavailable."""
        body = {"args": [], "kwargs": {"actor": actor, "idempotency_key": key, "request": request}}
        repeatable = call.may_be_repeated(key)
        started = time.perf_counter()
        result = "unavailable"
        neighbour = self._neighbour(call.service)
        try:
            deadline = time.monotonic() + min(call.timeout_seconds, patience_left())
            with neighbour.place(deadline):
                reply = self._answered(call, body, repeatable, deadline)
            if reply.get("error"):
                result = "refused"
                raise self._refusal(call, reply["error"])
            result = "done"
            answer: dict[str, Any] = reply["result"]
            return answer
        except ServiceUnavailable as problem:
            result = "unavailable"
            log.warning("call not answered", call=f"{call.service}.{call.name}", problem=str(problem))
            raise
        finally:
            took = time.perf_counter() - started
            spend(took)
            CALL_SECONDS.labels(f"{call.service}.{call.name}", result).observe(took)

    def on_told(self, what: str, act: Callable[[Any], None]) -> None:
        """`act` gets what any gateway tells under this name; it must be quick, and must not raise."""
        self._told[what] = act

    def on_event(self, service: str, event: str, act: Callable[[], None]) -> None:
        """`act` is called when the service announces such an event, and when one may have been missed.

        To be said before `start`. What the event holds is not looked at.
        """
        self._events.append((service, event, act))

    def tell_gateways(self, facts: dict[str, Any]) -> None:
        """Tell every gateway process, this one too. Best effort: whoever hears nothing remembers for a moment more."""
        try:
            with self._lock:
                generation = self._generation
            with self._connection(time.monotonic() + TELL_SECONDS) as connection:
                connection.open(generation, TELL_SECONDS)
                connection.send(GATEWAYS, json.dumps(facts).encode(), {"delivery_mode": 1}, TELL_SECONDS)
        except Lost as lost:
            log.warning("gateways not told", facts=list(facts), problem=str(lost))

    def _neighbour(self, service: str) -> Neighbour:
        found = self._neighbours.get(service)
        return found if found is not None else self._neighbours.setdefault(service, Neighbour(service))

    def _answered(
        self, call: Call, body: dict[str, Any], repeatable: bool, deadline: float
    ) -> dict[str, Any]:
        try:
            # Where there may be a second time, the first leaves it half of the time to get the call away.
            sent_by = deadline - left(deadline) / 2 if repeatable else deadline
            return self._ask(call, body, sent_by, deadline)
        except Lost as lost:
            log.info("call lost on the way", call=f"{call.service}.{call.name}", problem=str(lost))
            if not (repeatable or lost.unsent) or not left(deadline):
                raise ServiceUnavailable(call.service, str(lost)) from lost
        try:
            return self._ask(call, body, deadline, deadline)
        except Lost as lost:
            raise ServiceUnavailable(call.service, str(lost)) from lost

    def _ask(self, call: Call, body: dict[str, Any], sent_by: float, deadline: float) -> dict[str, Any]:
        """Send by one moment, wait for the reply until another. Raises Lost, ServiceUnavailable."""
        if not self._ready.wait(min(left(self._connected_by), left(sent_by))):
            raise Lost("no connection to the broker", unsent=True)
        with self._lock:
            if not self._ready.is_set():
                raise Lost("no connection to the broker", unsent=True)
            generation = self._generation
        correlation_id = uuid.uuid4().hex
        neighbour = self._neighbour(call.service)
        message = json.dumps(body, default=str, ensure_ascii=False).encode()
        try:
            with self._connection(sent_by) as connection:
                connection.open(generation, left(sent_by))
                properties = self._properties(connection.reply_to, correlation_id, left(deadline))
                connection.send(f"{call.service}.{call.name}", message, properties, left(sent_by))
                neighbour.owes(correlation_id)
                reply: dict[str, Any] = orjson.loads(connection.reply(correlation_id, deadline))
            if not (error := reply.get("error")) or error.get("exc_type") == "Refused":
                neighbour.heard(correlation_id)
            return reply
        except NoSuchQueue as problem:
            raise ServiceUnavailable(call.service, "no such service") from problem
        except NoReply as problem:
            raise ServiceUnavailable(call.service, "no answer in time") from problem
        finally:
            neighbour.settled(correlation_id)

    @staticmethod
    def _properties(reply_to: str, correlation_id: str, seconds: float) -> dict[str, Any]:
        return {
            "content_type": "application/json",
            "content_encoding": "utf-8",
            "reply_to": reply_to,
            "correlation_id": correlation_id,
            # Passwords and id numbers do not belong on the broker's disk.
            "delivery_mode": 1,
            "expiration": str(int(seconds * 1000)),
        }

    @contextlib.contextmanager
    def _connection(self, by: float) -> Iterator[CallConnection]:
        try:
            connection = self._connections.get(timeout=left(by))
        except queue.Empty:
            raise Lost("more calls at once than can be sent", unsent=True) from None
        try:
            yield connection
        finally:
            self._connections.put(connection)

    def _refusal(self, call: Call, error: dict[str, Any]) -> Exception:
        if error.get("exc_type") == "Refused":
            code, facts = error["exc_args"][0], error["exc_args"][1] if len(error["exc_args"]) > 1 else {}
            return Refused(code, facts.get("fields"), facts.get("detail"))
        return ServiceUnavailable(call.service, str(error.get("exc_type")))

    # The thread that pings

    def _watch(self) -> None:
        connection, open_pings = CallConnection(self._url), Pings()
        while not self._stopping:
            time.sleep(LOOK_EVERY_SECONDS)
            for neighbour in list(self._neighbours.values()):
                try:
                    self._look_at(neighbour, connection, open_pings)
                except Lost as lost:
                    # The way there is broken, which says nothing about the service.
                    log.info("ping not sent", service=neighbour.service, problem=str(lost))
        connection.close()

    def _look_at(self, neighbour: Neighbour, connection: CallConnection, pings: Pings) -> None:
        """Note what came of the last ping, and send one where there is a reason. Raises Lost."""
        sent = pings.get(neighbour.service)
        if sent is not None:
            correlation_id, began, future = sent
            if not future.done() and left(began + PING_SECONDS):
                return
            del pings[neighbour.service]
            with self._lock:
                self._waiting.pop(correlation_id, None)
            if future.done() and future.exception() is not None:
                return
            neighbour.judge(answers=future.done() and is_there(future.result()), since=began)
        if not (neighbour.away or neighbour.is_doubtful()):
            return
        correlation_id, future = uuid.uuid4().hex, Future()
        with self._lock:
            if not self._ready.is_set():
                return
            reply_to, generation = self._reply_to, self._generation
            self._waiting[correlation_id] = future
        began = time.monotonic()
        pings[neighbour.service] = (correlation_id, began, future)
        # A service that is back is called again at once, not at the next look.
        future.add_done_callback(
            lambda done: (
                neighbour.judge(answers=True, since=began)
                if done.exception() is None and is_there(done.result())
                else None
            )
        )
        connection.open(generation, PING_SECONDS)
        body = {"args": [], "kwargs": {"actor": None, "idempotency_key": None, "request": {}}}
        connection.send(
            f"{neighbour.service}.{PING}",
            json.dumps(body).encode(),
            self._properties(reply_to, correlation_id, PING_SECONDS),
            PING_SECONDS,
        )

    # The reading thread

    def _read_replies(self) -> None:
        failures = 0
        while not self._stopping:
            connection = None
            try:
                connection = connected(
                    self._url, "gateway-replies", CONNECT_SECONDS, heartbeat=HEARTBEAT_SECONDS
                )
                self._listen(connection)
                failures = 0
                self._drain(connection)
            except Exception as problem:
                if not self._stopping:
                    log.warning("broker not reached", problem=type(problem).__name__)
            finally:
                self._deaf()
                if connection is not None:
                    # What it raises must not end the thread, without which no call is ever answered again.
                    with contextlib.suppress(Exception):
                        connection.collect()
            if not self._stopping:
                time.sleep(RECONNECT_SECONDS[min(failures, len(RECONNECT_SECONDS) - 1)])
                failures += 1

    def _listen(self, connection: Any) -> None:
        # A new name each time: the broker may still hold the old queue for a connection it believes alive.
        reply_to = f"gateway-replies-{uuid.uuid4()}"
        channel = connection.channel()
        channel.queue_declare(reply_to, durable=False, exclusive=True, auto_delete=True)
        channel.queue_bind(reply_to, EXCHANGE, reply_to)
        channel.queue_bind(reply_to, EXCHANGE, GATEWAYS)
        channel.basic_consume(reply_to, no_ack=True, exclusive=True, callback=self._receive)
        for service, event, act in self._events:
            self._subscribe(connection, service, event, act)
        with self._lock:
            self._reply_to = reply_to
            self._generation += 1
            self._ready.set()

    def _subscribe(self, connection: Any, service: str, event: str, act: Callable[[], None]) -> None:
        """Hear an event on a queue of this connection's own; without the right to, go on without hearing it."""
        queue = f"gateway-replies-events-{uuid.uuid4()}"
        channel = connection.channel()
        try:
            channel.queue_declare(queue, durable=False, exclusive=True, auto_delete=True)
            channel.queue_bind(queue, f"{service}.events", event)
            channel.basic_consume(queue, no_ack=True, exclusive=True, callback=lambda _: act())
        except ChannelError as problem:
            log.warning("event not heard", name=event, problem=type(problem).__name__)
        act()

    def _deaf(self) -> None:
        """Replies to what is asked now can never come: tell whoever waits for one."""
        with self._lock:
            if self._ready.is_set():
                self._connected_by = time.monotonic() + CONNECT_SECONDS
            self._ready.clear()
            waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            future.set_exception(Lost("the connection for replies was lost", unsent=False))

    def _drain(self, connection: Any) -> None:
        beat = time.monotonic()
        while not self._stopping:
            with contextlib.suppress(TimeoutError):
                connection.drain_events(timeout=1.0)
            if time.monotonic() - beat > HEARTBEAT_SECONDS / 4:
                connection.heartbeat_tick(rate=2)
                beat = time.monotonic()

    def _receive(self, message: Any) -> None:
        if message.delivery_info["routing_key"] == GATEWAYS:
            for what, fact in json.loads(message.body).items():
                if what in self._told:
                    self._told[what](fact)
            return
        with self._lock:
            future = self._waiting.pop(message.properties.get("correlation_id", ""), None)
        if future is not None:
            future.set_result(json.loads(message.body))


def is_there(reply: dict[str, Any]) -> bool:
    """What a ping's reply says; a service of an older release knows no ping, but answers."""
    error = reply.get("error")
    return not error or error.get("exc_type") == "MethodNotFound"


def left(deadline: float) -> float:
    """Seconds until then, never less than none."""
    return max(0.0, deadline - time.monotonic())
