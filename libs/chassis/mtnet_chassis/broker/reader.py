"""Read one queue: batches for events, one by one for calls. Nothing is acknowledged before it is done.

Reading, working and acknowledging are separate: a reading green thread fills a buffer, workers empty it, and what they
have finished is acknowledged. Stopping first cancels the consumer, then finishes and acknowledges what is in hand, and
only then closes the connection, so that a SIGTERM under load has no message delivered twice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import eventlet
from amqp.serialization import decode_properties_basic
from eventlet.event import Event as Signal
from eventlet.semaphore import Semaphore

from mtnet_chassis.broker.connection import CONNECT_SECONDS, BrokerConnection, ConnectionLost
from mtnet_chassis.fastpath.deliveries import PROPERTIES_AT
from mtnet_chassis.telemetry import logger

log = logger()

RECONNECT_SECONDS = (0.2, 0.5, 1, 2, 5)
DRAIN_SECONDS = 25


@dataclass
class Delivery:
    """A message, and the connection on which it has to be acknowledged. `header` is its header frame; `known` are the
    properties of one that did not come in a frame."""

    connection: BrokerConnection
    tag: int
    routing_key: str
    header: bytes = field(repr=False)
    body: bytes = field(repr=False)
    redelivered: bool = False
    known: dict[str, Any] | None = field(default=None, repr=False)

    @property
    def headers(self) -> dict[str, Any]:
        headers: dict[str, Any] = self.properties.get("application_headers", {})
        return headers

    @property
    def properties(self) -> dict[str, Any]:
        """By py-amqp's names, the headers among them. Raises what py-amqp raises for a frame that it cannot read."""
        if self.known is None:
            self.known = decode_properties_basic(self.header, PROPERTIES_AT)[0]
        return self.known

    def ack(self) -> None:
        if self.tag:
            self.connection.ack(self.tag)


class QueueReader:
    """Keeps a connection to one queue, and buffers what it delivers."""

    def __init__(self, amqp_url: str, queue: str, *, prefetch: int) -> None:
        self.queue = queue
        self.connected = False
        self._amqp_url = amqp_url
        self._prefetch = prefetch
        self._buffer: deque[Delivery] = deque()
        self._arrived = Signal()
        self._asking = Semaphore()
        self._connection: BrokerConnection | None = None
        self._consumer_tag: str | None = None
        self._subscribed: Signal | None = None
        self._stopping = False
        self._nothing_more_comes = False

    def run(self) -> None:
        """Read until stopped. A lost connection is replaced, after pauses that grow."""
        failures = 0
        while not self._stopping:
            try:
                connection = BrokerConnection(self._amqp_url, name=self.queue)
            except Exception as problem:
                pause = RECONNECT_SECONDS[min(failures, len(RECONNECT_SECONDS) - 1)]
                failures += 1
                log.warning("broker not reached", queue=self.queue, problem=type(problem).__name__)
                eventlet.sleep(pause)
                continue
            try:
                if self._stopping:
                    return  # asked to stop while connecting: nothing was delivered yet
                self._subscribe(connection)
                failures = 0
                while True:
                    connection.read()
            except ConnectionLost as problem:
                if not self._stopping:
                    log.warning("connection lost", queue=self.queue, problem=str(problem))
            except Exception as problem:
                failures += 1
                log.warning(
                    "cannot consume", queue=self.queue, problem=f"{type(problem).__name__}: {problem}"
                )
                eventlet.sleep(RECONNECT_SECONDS[min(failures, len(RECONNECT_SECONDS) - 1)])
            finally:
                self.connected = False
                connection.release()
                # What the old connection delivered is delivered again on the new one.
                self._buffer.clear()

    def _subscribe(self, connection: BrokerConnection) -> None:
        """From the first byte of this on the broker may deliver: a stop waits for the end of it, and then cancels."""
        self._subscribed = Signal()
        try:
            self._consumer_tag = connection.consume(
                self.queue, self._prefetch, partial(self._receive, connection)
            )
            self._connection, self.connected = connection, True
        finally:
            self._subscribed.send(None)

    def take(self, most: int, gather_seconds: float) -> list[Delivery]:
        """Wait for a message, then for a moment for more, up to `most`. Empty only when stopping."""
        while True:
            while not self._buffer:
                if self._nothing_more_comes:
                    return []
                if self._arrived.ready():
                    self._arrived = Signal()
                self._arrived.wait(timeout=1.0)
            if gather_seconds and len(self._buffer) < most and not self._stopping:
                eventlet.sleep(gather_seconds)
            # A connection that is lost meanwhile takes its messages with it.
            if self._buffer:
                return [self._buffer.popleft() for _ in range(min(most, len(self._buffer)))]

    @property
    def connection(self) -> BrokerConnection | None:
        """The present connection; None while there is none."""
        return self._connection if self._connection is not None and not self._connection.closed else None

    @property
    def buffered(self) -> int:
        """How many messages were delivered and not yet taken."""
        return len(self._buffer)

    def depth(self, queue: str | None = None) -> int | None:
        """How many messages wait in this queue (or another one), without those already delivered; None without a
        connection."""
        connection = self.connection
        if connection is None:
            return None
        try:
            with self._asking:  # a connection can wait for one answer of a kind at a time
                return connection.depth(queue or self.queue)
        except ConnectionLost:
            return None

    def stop_taking(self) -> None:
        """Ask the broker for no more. What it has already sent is still processed."""
        self._stopping = True
        if self._subscribed is not None:
            self._subscribed.wait(timeout=CONNECT_SECONDS)
        connection = self._connection
        if connection is not None and not connection.closed and self._consumer_tag is not None:
            try:
                if not connection.cancel(self._consumer_tag):
                    log.warning("no answer to cancel", queue=self.queue)
            except ConnectionLost:
                self._buffer.clear()
        self._nothing_more_comes = True
        self._wake()

    def close(self) -> None:
        """Close in order, after the last acknowledgement; what nobody processed goes back to the queue."""
        if self._connection is not None:
            self._connection.close_in_order()

    def _receive(
        self,
        connection: BrokerConnection,
        tag: int,
        redelivered: bool,
        routing_key: str,
        header: bytes,
        body: bytes,
    ) -> None:
        self._buffer.append(Delivery(connection, tag, routing_key, header, body, redelivered))
        self._wake()

    def _wake(self) -> None:
        if not self._arrived.ready():
            self._arrived.send(None)


def run_pool(reader: QueueReader, pool: eventlet.GreenPool, work: Callable[[Delivery], None]) -> None:
    """Process each delivery in a green thread of its own, as many at once as the pool holds."""
    while deliveries := reader.take(1, 0):
        pool.spawn_n(work, deliveries[0])
