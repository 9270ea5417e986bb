"""A connection to the broker for one call at a time: the reply comes on the connection that the call was sent on.

The thread that asks reads the reply itself, so it notices a lost connection at once. That is why publishing needs no
confirm: a call is known to have arrived by its reply.
"""

from __future__ import annotations

import time
import uuid
from math import ceil
from select import POLLIN, POLLOUT, poll
from typing import Any

from amqp import Message, spec
from amqp.exceptions import AMQPError
from amqp.serialization import decode_properties_basic
from kombu import Connection
from mtnet_chassis.fastpath.deliveries import PROPERTIES_AT, DeliveryReader

EXCHANGE = "nameko-rpc"
CONNECT_SECONDS = 3.0
TROUBLE = (OSError, AMQPError, AttributeError)


class Lost(Exception):
    """The call or its reply was lost on the way; `unsent` when it surely never left."""

    def __init__(self, why: str, *, unsent: bool) -> None:
        super().__init__(why)
        self.unsent = unsent


class NoReply(Exception):
    """None came in time."""


class NoSuchQueue(Exception):
    """Nobody takes such calls."""


class CallConnection:
    """For one thread at a time; given up at the first trouble. It is opened when it is first needed."""

    def __init__(self, amqp_url: str) -> None:
        self._url = amqp_url
        self._connection: Any = None
        self._generation = 0
        self._replies: dict[str, bytes] = {}
        self._returned = False
        self._send_by = 0.0
        self.reply_to = ""

    def open(self, generation: int, seconds: float) -> None:
        """Be connected, as far as can be seen: nothing has been sent when this raises Lost.

        `generation` counts the connections on which this process listens; an older connection is not trusted.
        """
        if self._connection is not None and (self._generation != generation or not self._sound()):
            self.close()
        if self._connection is not None:
            return
        try:
            self._connection = connected(self._url, "gateway-calls", seconds)
            self._channel = self._connection.channel()
            self._channel.events["basic_return"].add(self._on_return)
            # A new name each time: the broker may still hold the old queue for a connection it believes alive.
            self.reply_to = f"gateway-replies-{uuid.uuid4()}"
            self._channel.queue_declare(self.reply_to, durable=False, exclusive=True, auto_delete=True)
            self._channel.queue_bind(self.reply_to, EXCHANGE, self.reply_to)
            self._channel.basic_consume(self.reply_to, no_ack=True, exclusive=True)
            self._reader = DeliveryReader(self._connection, self._channel.channel_id, self._take)
            self._ready, self._writable = poll(), poll()
            self._ready.register(self._connection.sock.fileno(), POLLIN)
            self._writable.register(self._connection.sock.fileno(), POLLOUT)
            # Whoever reads has seen that there is something, so nothing waits in the socket itself. Each time a thread
            # may wait there it gives way to the others first, of which one call needs no more than two.
            self._connection.sock.settimeout(0)
            self._connection.transport._write = self._write
            self._generation = generation
        except TROUBLE as problem:
            self.close()
            raise Lost(f"no connection: {type(problem).__name__}", unsent=True) from problem

    def send(self, routing_key: str, body: bytes, properties: dict[str, Any], seconds: float) -> None:
        """Raises Lost."""
        if not seconds:
            raise Lost("no time left to send it", unsent=True)
        self._replies.clear()
        self._returned = False
        try:
            self._send_by = time.monotonic() + seconds
            message = Message(body, channel=self._channel, **properties)
            mandatory = (0, EXCHANGE, routing_key, True, False)
            self._channel.send_method(spec.Basic.Publish, "Bssbb", mandatory, message)
        except TROUBLE as problem:
            self.close()
            raise Lost(f"not sent: {type(problem).__name__}", unsent=False) from problem

    def reply(self, correlation_id: str, deadline: float) -> bytes:
        """Wait for the reply until then (monotonic). Raises Lost, NoReply, NoSuchQueue."""
        try:
            while correlation_id not in self._replies:
                if self._returned:
                    raise NoSuchQueue
                if not self._ready.poll(_milliseconds(deadline)):
                    raise NoReply
                self._reader.read()
        except TimeoutError as problem:  # the connection's, not ours
            self.close()
            raise Lost("the broker does not hear us", unsent=False) from problem
        except TROUBLE as problem:
            self.close()
            raise Lost(f"connection lost: {type(problem).__name__}", unsent=False) from problem
        return self._replies.pop(correlation_id)

    def close(self) -> None:
        """Drop it without a goodbye, which a silent broker would never answer."""
        if self._connection is not None:
            self._connection.collect()
        self._connection = None

    def _sound(self) -> bool:
        """Work off what the broker has sent meanwhile: a reply that nobody waits for any more, or its end."""
        try:
            while self._ready.poll(0):
                self._reader.read()
        except TROUBLE:
            return False
        return True

    def _write(self, data: bytes) -> None:
        """All of it, by the time that is set. Raises OSError."""
        rest = memoryview(data)
        while True:
            try:
                rest = rest[self._connection.sock.send(rest) :]
            except BlockingIOError:
                if not self._writable.poll(_milliseconds(self._send_by)):
                    raise TimeoutError("the broker takes nothing") from None
            if not rest:
                return

    def _take(self, tag: int, redelivered: bool, routing_key: str, header: bytes, body: bytes) -> None:
        properties = decode_properties_basic(header, PROPERTIES_AT)[0]
        self._replies[properties.get("correlation_id", "")] = body

    def _on_return(self, *_: Any) -> None:
        self._returned = True


def _milliseconds(by: float) -> int:
    """Until then (monotonic); never less than none."""
    return max(0, ceil((by - time.monotonic()) * 1000))


def connected(amqp_url: str, name: str, seconds: float, heartbeat: int = 0) -> Any:
    """A py-amqp connection, on which nothing waits longer than it may. Raises OSError, AMQPError."""
    # kombu reads the address; its own `connect` would try again and again, and never look at the clock.
    seconds = max(0.05, min(CONNECT_SECONDS, seconds))
    address = Connection(
        amqp_url,
        connect_timeout=seconds,
        heartbeat=heartbeat,
        transport_options={"client_properties": {"connection_name": name}},
    )
    connection = address.transport.establish_connection()
    connection.sock.settimeout(seconds)
    return connection


def properties_of(reply_to: str, correlation_id: str, seconds: float) -> dict[str, Any]:
    """The properties of a call that is of no use to anybody after so many seconds."""
    return {
        "content_type": "application/json",
        "content_encoding": "utf-8",
        "reply_to": reply_to,
        "correlation_id": correlation_id,
        # Passwords and id numbers do not belong on the broker's disk.
        "delivery_mode": 1,
        "expiration": str(int(seconds * 1000)),
    }
