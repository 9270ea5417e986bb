"""A thread that owns the connection to the broker: it reads, keeps the heartbeat, acknowledges, and connects again."""

from __future__ import annotations

import logging
import queue
import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

import pika
import pika.exceptions

from mtnet_subscriber.rules import back_off

log = logging.getLogger("mtnet_subscriber")

HEARTBEAT_SECONDS = 30
BLOCKED_SECONDS = 60
SOCKET_SECONDS = 10
CLOSING_SECONDS = 10
LOOK_SECONDS = 1.0

Url = str | Callable[[], str]


class Dropped(Exception):
    """The connection is given up and made anew."""


class Session:
    """One connection. What it delivered can only be acknowledged on it."""

    def __init__(self, connection: Any, channel: Any) -> None:
        self._connection = connection
        self._channel = channel
        self.lost = False

    def ack(self, tag: int) -> None:
        """Acknowledge everything up to this delivery. On a lost connection nothing happens: it is delivered again."""
        self.soon(partial(self._channel.basic_ack, tag, multiple=True))

    def reject(self, tag: int) -> None:
        """Let the broker put it into the queue of dead letters."""
        self.soon(partial(self._channel.basic_reject, tag, requeue=False))

    def cancel(self) -> None:
        """Only in the thread of the connection."""
        for tag in self._channel.consumer_tags:
            self._channel.basic_cancel(tag)

    def drop(self) -> None:
        """Only in the thread of the connection."""
        raise Dropped("begun again on purpose")

    def soon(self, call: Callable[[], Any]) -> None:
        """Let the thread of the connection do it."""
        if not self.lost:
            try:
                self._connection.add_callback_threadsafe(call)
            except pika.exceptions.AMQPError:
                self.lost = True


class Delivery(NamedTuple):
    """A message as it came."""

    session: Session
    tag: int
    headers: dict[str, Any]
    body: bytes
    redelivered: bool


def parameters_of(url: Url, name: str) -> Any:
    """Connection parameters with the bounds that pika leaves open. A callable `url` is asked at each connection, so
    that a new secret is used without a restart."""
    parameters = pika.URLParameters(url() if callable(url) else url)
    if parameters.heartbeat is None:
        parameters.heartbeat = HEARTBEAT_SECONDS
    parameters.blocked_connection_timeout = BLOCKED_SECONDS
    parameters.socket_timeout = parameters.stack_timeout = SOCKET_SECONDS
    parameters.client_properties = {"connection_name": name}
    return parameters


class Intake:
    """Reads a queue, or with `arguments` a stream; `arguments` is asked at each connection."""

    def __init__(
        self,
        url: Url,
        read_from: str,
        *,
        name: str,
        prefetch: int,
        arguments: Callable[[], dict[str, Any]] = dict,
    ) -> None:
        self._url = url
        self._read_from = read_from
        self._name = name
        self._prefetch = prefetch
        self._arguments = arguments
        self._deliveries: queue.SimpleQueue[Delivery] = queue.SimpleQueue()
        self._session: Session | None = None
        self._closing = threading.Event()
        self._may_read = threading.Event()
        self._may_read.set()
        self._cancelled = False
        self.refused: str | None = None
        """The broker's words when it last said that this cannot be read; None once it can."""
        self._thread = threading.Thread(target=self._run, name=f"{read_from}.intake", daemon=True)

    @property
    def connected(self) -> bool:
        return self._session is not None

    def start(self) -> None:
        self._thread.start()

    def take(self, most: int, gather_seconds: float, wait_seconds: float) -> list[Delivery]:
        """Up to `most` deliveries of one connection. Waits for the first, then a moment for others."""
        taken: list[Delivery] = []
        until = time.monotonic() + wait_seconds
        while len(taken) < most:
            try:
                each = self._deliveries.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                break
            if each.session.lost:
                continue  # it will come again
            if not taken:
                until = time.monotonic() + gather_seconds
            elif each.session is not taken[0].session:
                taken.clear()  # those will come again
            taken.append(each)
        return taken

    def pause(self) -> None:
        """Give the connection up until `go_on`; what was delivered and not acknowledged goes back to the queue."""
        if self._may_read.is_set():
            self._may_read.clear()
            if (session := self._session) is not None:
                session.soon(session.drop)
                session.lost = True

    def go_on(self) -> None:
        self._may_read.set()

    def reconnect(self) -> None:
        """Begin again, with arguments asked anew."""
        if (session := self._session) is not None:
            session.soon(session.drop)

    def stop_taking(self) -> None:
        """Let the broker send nothing more. What has come can still be taken and acknowledged."""
        self._cancelled = True
        if (session := self._session) is not None:
            session.soon(session.cancel)

    def close(self) -> None:
        """After what was acknowledged up to now has been sent."""
        session = self._session
        if session is not None:
            session.soon(self._closing.set)
            self._thread.join(CLOSING_SECONDS)
        self._closing.set()
        self._may_read.set()
        if self._thread.is_alive():
            self._thread.join(CLOSING_SECONDS)

    def _run(self) -> None:
        failures = 0
        while not self._closing.is_set() and not self._cancelled:
            if not self._may_read.wait(LOOK_SECONDS):
                continue
            try:
                self._read()
                failures = 0
            except Dropped:
                failures = 0
            except Exception as problem:
                if isinstance(problem, pika.exceptions.ChannelClosedByBroker):
                    self.refused = problem.reply_text
                if self._session is not None:
                    failures = 0
                pause = back_off(failures, random.random())  # noqa: S311 - jitter is no secret
                failures += 1
                log.warning("%s: no connection (%s), again in %.1f s", self._read_from, _said(problem), pause)
                self._lose()
                self._closing.wait(pause)
            self._lose()

    def _lose(self) -> None:
        if self._session is not None:
            self._session.lost = True
            self._session = None

    def _read(self) -> None:
        connection = pika.BlockingConnection(parameters_of(self._url, self._name))
        try:
            channel = connection.channel()
            channel.basic_qos(prefetch_count=self._prefetch)
            session = Session(connection, channel)
            channel.basic_consume(
                self._read_from, partial(self._on_message, session), arguments=self._arguments()
            )
            self._session, self.refused = session, None
            log.info("%s: connected", self._read_from)
            while not self._closing.is_set() and self._may_read.is_set():
                connection.process_data_events(time_limit=LOOK_SECONDS)
                if not channel.consumer_tags and not self._cancelled:
                    raise pika.exceptions.ConsumerCancelled("the queue is gone")
        finally:
            if self._session is not None:
                self._session.lost = True
            # pika returns what it has not handed out yet; a stream takes nothing back and closes the connection.
            with suppress(pika.exceptions.AMQPError):
                connection.close()

    def _on_message(self, session: Session, channel: Any, method: Any, properties: Any, body: bytes) -> None:
        self._deliveries.put(
            Delivery(
                session, method.delivery_tag, dict(properties.headers or {}), body, bool(method.redelivered)
            )
        )


def _said(problem: Exception) -> str:
    text = str(problem) or type(problem).__name__
    return f"{type(problem).__name__}: {text}"[:300]
