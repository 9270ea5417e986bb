"""The relay's AMQP connection, in a thread of its own: it writes what it is given and collects confirms.

There is one channel, so that messages arrive in the order in which they were written. At the first nack, close or
silence the connection is given up and never repaired. Nothing more is sent until there is a new one, which starts from
the lowest row that is not confirmed.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from typing import Any

import pika

from mtnet_chassis.failpoints import failpoint
from mtnet_chassis.fastpath.frames import SMALLEST_FRAME_MAX
from mtnet_chassis.fastpath.publishing import drop_socket, hang_up, write
from mtnet_chassis.settings import env_int
from mtnet_chassis.telemetry import logger

log = logger()

HEARTBEAT_SECONDS = env_int("AMQP_HEARTBEAT_SECONDS", 15)
OPEN_SECONDS = 10
CONFIRM_SECONDS = float(HEARTBEAT_SECONDS)
GOODBYE_SECONDS = 2.0


class BrokerTrouble(Exception):
    """The connection failed, a message was nacked, or confirms stopped coming."""


class Publisher:
    """The relay's thread calls `send` and `confirmed`; what begins with an underscore belongs to the connection's."""

    def __init__(self, amqp_url: str, service: str) -> None:
        self._url = amqp_url
        self._service = service
        self._work: deque[tuple[list[bytes], list[int]]] = deque()
        self._confirmed: queue.SimpleQueue[list[int]] = queue.SimpleQueue()
        self._unconfirmed: dict[int, int] = {}
        self._next_tag = self._lowest_tag = 1
        self._trouble: str | None = None
        self._opened = threading.Event()
        self._ended = threading.Event()
        self._blocked = False
        self._progress_at = time.monotonic()
        self._connection: Any = None
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)

    def open(self) -> None:
        """Raises BrokerTrouble."""
        self._thread.start()
        if not self._opened.wait(OPEN_SECONDS) or self._trouble:
            self.close()
            raise BrokerTrouble(self._trouble or f"no connection in {OPEN_SECONDS} s")

    def send(self, messages: list[bytes], positions: list[int]) -> None:
        """Write messages, whose rows have these positions, in this order."""
        self._work.append((messages, positions))
        self._wake(self._write)

    def confirmed(self, timeout_seconds: float) -> list[int]:
        """Positions that the broker has confirmed; waits a moment for the first. Raises BrokerTrouble."""
        found: list[int] = []
        try:
            found += self._confirmed.get(timeout=timeout_seconds) if timeout_seconds else self._now()
            while True:
                found += self._now()
        except queue.Empty:
            pass
        if not found:
            if self._trouble:
                raise BrokerTrouble(self._trouble)
            silent_seconds = time.monotonic() - self._progress_at
            if self._unconfirmed and not self._blocked and silent_seconds > CONFIRM_SECONDS:
                raise BrokerTrouble(f"no confirm for {silent_seconds:.0f} s")
        return found

    def close(self) -> None:
        """Let go of the connection. Afterwards this publisher writes nothing any more."""
        self._trouble = self._trouble or "closed"
        if self._connection is not None and not self._ended.is_set():
            self._wake(self._goodbye if not self._unconfirmed else self._hang_up)
        if self._thread.ident is not None and not self._ended.wait(GOODBYE_SECONDS):
            self._wake(self._hang_up)
            self._ended.wait(GOODBYE_SECONDS)

    def _now(self) -> list[int]:
        return self._confirmed.get_nowait()

    def _wake(self, callback: Any) -> None:
        try:
            self._connection.ioloop.add_callback_threadsafe(callback)
        except (AttributeError, OSError, ValueError, RuntimeError) as problem:
            log.debug("loop already ended", problem=type(problem).__name__)

    # The connection's thread

    def _run(self) -> None:
        try:
            parameters = pika.URLParameters(self._url)
            parameters.heartbeat = HEARTBEAT_SECONDS
            parameters.socket_timeout = 5
            parameters.stack_timeout = 8
            parameters.client_properties = {"connection_name": f"{self._service}-relay"}
            self._connection = pika.SelectConnection(
                parameters,
                on_open_callback=lambda c: c.channel(channel_number=1, on_open_callback=self._on_channel),
                on_open_error_callback=lambda _, error: self._on_closed(type(error).__name__),
                on_close_callback=lambda _, error: self._on_closed(error),
            )
            self._connection.add_on_connection_blocked_callback(lambda *_: self._set_blocked(True))
            self._connection.add_on_connection_unblocked_callback(lambda *_: self._set_blocked(False))
            self._connection.ioloop.start()
        except Exception as problem:
            self._trouble = self._trouble or f"{type(problem).__name__}: {problem}"
        finally:
            self._ended.set()
            self._opened.set()
            drop_socket(self._connection)

    def _on_channel(self, channel: Any) -> None:
        if self._connection.params.frame_max < SMALLEST_FRAME_MAX:
            self._fail("the broker's frame_max is smaller than the largest event")
            return
        channel.add_on_close_callback(self._on_channel_closed)
        channel.confirm_delivery(ack_nack_callback=self._on_confirm, callback=lambda _: self._opened.set())

    def _on_channel_closed(self, _: Any, error: object) -> None:
        if not self._connection.is_closing:
            self._fail(f"channel closed: {error}")

    def _write(self) -> None:
        if self._trouble or not self._work:
            return
        messages, positions = self._work.popleft()
        failpoint("relay.before_publish")
        if not self._unconfirmed:
            self._progress_at = time.monotonic()
        first = self._next_tag
        self._unconfirmed.update(zip(range(first, first + len(positions)), positions, strict=True))
        self._next_tag = first + len(positions)
        write(self._connection, messages)
        failpoint("relay.after_publish")

    def _on_confirm(self, frame: Any) -> None:
        try:
            self._settle(frame.method)
        except Exception as problem:
            self._fail(f"{type(problem).__name__}: {problem}")

    def _settle(self, method: Any) -> None:
        if method.NAME != "Basic.Ack":
            self._fail("the broker refused a message")
            return
        self._progress_at = time.monotonic()
        take = self._unconfirmed.pop
        if method.multiple:
            tags = range(self._lowest_tag, method.delivery_tag + 1)
            done = [position for tag in tags if (position := take(tag, None)) is not None]
            self._lowest_tag = method.delivery_tag + 1
        else:
            position = take(method.delivery_tag, None)
            done = [] if position is None else [position]
            if method.delivery_tag == self._lowest_tag:
                self._lowest_tag += 1
        if done:
            failpoint("relay.after_confirm")
            self._confirmed.put(done)

    def _set_blocked(self, blocked: bool) -> None:
        self._blocked = blocked
        self._progress_at = time.monotonic()
        log.warning("broker blocks publishing" if blocked else "broker takes messages again")

    def _fail(self, reason: str) -> None:
        self._trouble = self._trouble or reason
        self._hang_up()

    def _goodbye(self) -> None:
        """Close in order; the loop ends when the broker has answered."""
        if self._connection.is_open:
            self._connection.close()
        else:
            self._hang_up()

    def _hang_up(self) -> None:
        hang_up(self._connection, self._trouble)

    def _on_closed(self, error: object) -> None:
        self._trouble = self._trouble or f"closed: {error}"
        self._connection.ioloop.stop()
