"""Hear what concerns the whole process: the replies to pings, what gateways send to each other, and events.

One connection and one thread. While it is not connected the broker counts as away; each new connection has a number,
and calls trust no connection that is older.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import structlog
from amqp.exceptions import ChannelError

from gateway.rpc.connection import CONNECT_SECONDS, EXCHANGE, Lost, connected

log = structlog.get_logger()

# The routing key of what one gateway process sends to all of them.
GATEWAYS = "gateway.told"
RECONNECT_SECONDS = (0.2, 0.5, 1, 2, 5)
# The broker and we believe each other dead after two of these.
HEARTBEAT_SECONDS = 10

Reply = dict[str, Any]


class Listener:
    """`on_message` and `on_event` are to be used before `start`."""

    def __init__(self, amqp_url: str) -> None:
        self._url = amqp_url
        self._lock = threading.Lock()
        self._connected = threading.Event()
        self._generation = 0
        self._reply_to = ""
        self._waiting: dict[str, Future[Reply]] = {}
        # Until when a call waits for a connection to the broker: after that the broker is known to be away.
        self._connected_by = time.monotonic() + CONNECT_SECONDS
        self._messages: dict[str, Callable[[Any], None]] = {}
        self._events: list[tuple[str, str, Callable[[], None]]] = []
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="rpc-listener", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True

    def is_connected(self) -> bool:
        return self._connected.is_set()

    @property
    def generation(self) -> int:
        """The number of the present connection, or of the last one."""
        with self._lock:
            return self._generation

    def wait_connected(self, by: float) -> int:
        """The number of the connection, waiting for one until then (monotonic) at most. Raises Lost."""
        now = time.monotonic()
        if self._connected.wait(max(0.0, min(self._connected_by, by) - now)):
            with self._lock:
                if self._connected.is_set():
                    return self._generation
        raise Lost("no connection to the broker", unsent=True)

    def on_message(self, name: str, act: Callable[[Any], None]) -> None:
        """`act` gets what any gateway broadcasts under this name; it must be quick, and must not raise."""
        self._messages[name] = act

    def on_event(self, service: str, event: str, act: Callable[[], None]) -> None:
        """`act` is called when the service announces such an event, and when one may have been missed."""
        self._events.append((service, event, act))

    def expect(self, correlation_id: str) -> tuple[Future[Reply], str, int] | None:
        """The reply that is to come, the queue it must be sent to, the connection's number. None when there is none."""
        future: Future[Reply] = Future()
        with self._lock:
            if not self._connected.is_set():
                return None
            self._waiting[correlation_id] = future
            return future, self._reply_to, self._generation

    def forget(self, correlation_id: str) -> None:
        with self._lock:
            self._waiting.pop(correlation_id, None)

    def _run(self) -> None:
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
                self._disconnected()
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
            self._connected.set()

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

    def _disconnected(self) -> None:
        """Replies to what was asked can never come: wake whoever waits for one."""
        with self._lock:
            if self._connected.is_set():
                self._connected_by = time.monotonic() + CONNECT_SECONDS
            self._connected.clear()
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
            for name, fact in json.loads(message.body).items():
                if name in self._messages:
                    self._messages[name](fact)
            return
        with self._lock:
            future = self._waiting.pop(message.properties.get("correlation_id", ""), None)
        if future is not None:
            future.set_result(json.loads(message.body))
