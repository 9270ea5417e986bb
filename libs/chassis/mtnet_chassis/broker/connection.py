"""One AMQP connection under eventlet: one green thread reads, any may write, and a silent broker is noticed.

kombu and py-amqp are not made for several green threads on one connection. Here reading has no timeout, each write is
made whole under a lock, and a heartbeat thread closes the socket when the broker falls silent, so that neither a reader
nor a writer hangs on a half-open connection (docs/guarantees.md).
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import eventlet
from amqp import spec
from amqp.basic_message import Message
from eventlet.event import Event as Signal
from eventlet.semaphore import Semaphore
from kombu import Connection

from mtnet_chassis.fastpath.answers import on_answer
from mtnet_chassis.fastpath.deliveries import DeliveryReader
from mtnet_chassis.settings import env_int
from mtnet_chassis.telemetry import logger

log = logger()

HEARTBEAT_SECONDS = env_int("AMQP_HEARTBEAT_SECONDS", 15)
CONNECT_SECONDS = 5
CONFIRM_SECONDS = 15


class ConnectionLost(Exception):
    """The connection is gone; what was not acknowledged is delivered again on the next one."""


class BrokerConnection:
    """An open connection with one channel to consume on and one whose publishes are confirmed."""

    def __init__(self, amqp_url: str, *, name: str) -> None:
        self._lock = Semaphore()
        self._connection = Connection(
            amqp_url,
            heartbeat=HEARTBEAT_SECONDS,
            connect_timeout=CONNECT_SECONDS,
            transport_options={"client_properties": {"connection_name": name}},
        )
        self._amqp: Any = None
        try:
            with eventlet.Timeout(2 * CONNECT_SECONDS, ConnectionLost("no answer from the broker")):
                self._connection.connect()
                self._amqp = self._connection.connection
                # Kept, since py-amqp opens a new connection when it is asked for the socket of one that is gone.
                self._socket: Any = self._amqp.sock
                self.channel: Any = self._amqp.channel()
                self._confirmed: Any = self._amqp.channel()
                self._confirmed.confirm_select()
        except BaseException:
            self._connection.collect()
            raise
        self._next_tag = 1
        self._waiting: dict[int, Signal] = {}
        self._asked: set[Signal] = set()
        self._confirmed.events["basic_ack"].add(self._acked)
        self._confirmed.events["basic_nack"].add(self._nacked)
        self._heart = eventlet.spawn(self._beat)
        self.closed = False

    def consume(
        self, queue: str, prefetch: int, receive: Callable[[int, bool, str, bytes, bytes], None]
    ) -> str:
        """Deliver messages of `queue` to `receive` (called by the reading green thread: it must not block)."""
        self.channel.basic_qos(0, prefetch, False)
        # The tag comes with every message; one that the broker chooses has 30 letters.
        tag: str = self.channel.basic_consume(queue, consumer_tag="1")
        self._reader = DeliveryReader(self._amqp, self.channel.channel_id, receive)
        return tag

    def read(self) -> None:
        """Wait for what the broker sends next and process it. Raises ConnectionLost."""
        try:
            self._reader.read()
        except (OSError, *self._connection.connection_errors, *self._connection.channel_errors) as problem:
            self.close()
            raise ConnectionLost(type(problem).__name__) from problem
        except AttributeError as problem:
            # py-amqp drops its transport under the reader when another green thread closes the connection.
            self.close()
            raise ConnectionLost("closed") from problem

    def ack(self, tag: int, *, multiple: bool = False) -> None:
        """Acknowledge. Raises ConnectionLost: the message will be delivered again."""
        self._write(lambda: self.channel.basic_ack(tag, multiple))

    def requeue(self, tag: int) -> None:
        self._write(lambda: self.channel.basic_reject(tag, True))

    def reject(self, tag: int) -> None:
        """To the dead letters of its queue. Raises ConnectionLost."""
        self._write(lambda: self.channel.basic_reject(tag, False))

    def cancel(self, consumer_tag: str) -> bool:
        """Ask for no more messages and wait for the broker's answer: everything that it sent before has then arrived.

        Returns whether the answer came. Raises ConnectionLost.
        """
        answer = self._ask(
            self.channel,
            spec.Basic.CancelOk,
            lambda: self.channel.send_method(spec.Basic.Cancel, "sb", (consumer_tag, False)),
        )
        return answer is not None

    def publish(self, exchange: str, routing_key: str, body: bytes, properties: dict[str, Any]) -> None:
        """Publish without waiting: for replies, since a caller that gets none asks again."""
        message = Message(body, channel=self.channel, **properties)
        self._write(
            lambda: self.channel.send_method(
                spec.Basic.Publish, "Bssbb", (0, exchange, routing_key, False, False), message
            )
        )

    def publish_confirmed(
        self, exchange: str, routing_key: str, body: bytes, properties: dict[str, Any]
    ) -> None:
        """Publish and wait until the broker confirms it. Raises ConnectionLost."""
        signal = Signal()
        message = Message(body, channel=self._confirmed, **properties)

        def send() -> None:
            self._waiting[self._next_tag] = signal
            self._next_tag += 1
            self._confirmed.send_method(
                spec.Basic.Publish, "Bssbb", (0, exchange, routing_key, True, False), message
            )

        self._write(send)
        with eventlet.Timeout(CONFIRM_SECONDS, False):
            if signal.wait():
                return
        self.close()
        raise ConnectionLost("not confirmed")

    def close(self) -> None:
        """Give up the connection at once; reading and writing green threads wake up with ConnectionLost.

        The socket is only shut down here. Closing it under a green thread that waits for it would take it
        out of the hub's hands, and that thread would sleep for ever: the reader closes it, by `release`.
        """
        if self.closed:
            return
        self.closed = True
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        waiting, self._waiting = self._waiting, {}
        for signal in waiting.values():
            signal.send(False)
        for signal in self._asked:
            if not signal.ready():
                signal.send(None)
        if self._heart is not eventlet.getcurrent():
            self._heart.kill()

    def release(self) -> None:
        """Close the socket; called by the reading green thread when it has finished with it."""
        self.close()
        with suppress(OSError):
            self._socket.close()

    def close_in_order(self) -> None:
        """Close as the protocol asks, so that the broker has taken all acknowledgements sent before.

        The answer comes to the reading green thread, which then ends with ConnectionLost.
        """
        if self.closed:
            return
        try:
            self._write(lambda: self._amqp.send_method(spec.Connection.Close, "BsBB", (0, "", 0, 0)))
        except ConnectionLost:
            return
        deadline = time.monotonic() + CONNECT_SECONDS
        while not self.closed and time.monotonic() < deadline:
            eventlet.sleep(0.01)
        self.close()

    def depth(self, queue: str) -> int | None:
        """Messages ready in a queue, asked for passively; None when the answer does not come. Raises ConnectionLost."""
        flags: tuple[Any, ...] = (0, queue, True, False, False, False, False, {})
        answer = self._ask(
            self._confirmed,
            spec.Queue.DeclareOk,
            lambda: self._confirmed.send_method(spec.Queue.Declare, "BsbbbbbF", flags),
        )
        return None if answer is None else int(answer[-2])

    def _ask(self, channel: Any, method: Any, ask: Callable[[], None]) -> tuple[Any, ...] | None:
        """Send a request and wait for the method that answers it; None when it does not come."""
        signal = Signal()
        self._asked.add(signal)
        on_answer(channel, method, lambda *answer: None if signal.ready() else signal.send(answer))
        try:
            self._write(ask)
            with eventlet.Timeout(CONFIRM_SECONDS, False):
                answer: tuple[Any, ...] | None = signal.wait()
                return answer
            return None
        finally:
            self._asked.discard(signal)

    def _write(self, write: Callable[[], None]) -> None:
        with self._lock:
            if self.closed:
                raise ConnectionLost("closed")
            try:
                write()
            except (OSError, AttributeError, *self._connection.connection_errors) as problem:
                self.close()
                raise ConnectionLost(type(problem).__name__) from problem

    def _beat(self) -> None:
        while not self.closed:
            eventlet.sleep(HEARTBEAT_SECONDS / 2)
            # A writer that holds the lock this long waits for a socket that no longer takes anything.
            if not self._lock.acquire(timeout=HEARTBEAT_SECONDS):
                self.close()
                return
            try:
                self._amqp.heartbeat_tick(rate=2)
            except Exception:
                # Whatever it was: without this thread nobody would notice a silent broker, so start a new connection.
                self.close()
            finally:
                self._lock.release()

    def _acked(self, tag: int, multiple: bool) -> None:
        self._settle(tag, multiple, True)

    def _nacked(self, tag: int, multiple: bool, *_: Any) -> None:
        self._settle(tag, multiple, False)

    def _settle(self, tag: int, multiple: bool, confirmed: bool) -> None:
        tags = [t for t in self._waiting if t <= tag] if multiple else [tag]
        for settled in tags:
            signal = self._waiting.pop(settled, None)
            if signal is not None:
                signal.send(confirmed)
