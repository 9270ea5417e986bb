"""Take messages of one queue: batches for events, one by one for calls; nothing is acknowledged before it is done.

Reading, working and acknowledging are separate: a reading green thread fills a buffer, workers empty it, and
what they finished is acknowledged. Stopping cancels first, finishes what is in hand, acknowledges, and only then
closes, so that a SIGTERM under load brings nothing back.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import eventlet
from eventlet.event import Event as Signal
from eventlet.semaphore import Semaphore

from mtnet_chassis.broker.connection import Link, LinkDown
from mtnet_chassis.broker.deliveries import headers_in, properties_in
from mtnet_chassis.telemetry import logger

log = logger()

RECONNECT_SECONDS = (0.2, 0.5, 1, 2, 5)
DRAIN_SECONDS = 25


@dataclass
class Delivery:
    """One message in hand, and the connection it has to be acknowledged on. `header` is its header frame."""

    link: Link
    tag: int
    routing_key: str
    header: bytes = field(repr=False)
    body: bytes = field(repr=False)
    redelivered: bool = False

    @cached_property
    def headers(self) -> dict[str, Any]:
        return headers_in(self.header)

    @cached_property
    def properties(self) -> dict[str, Any]:
        """The properties but for the headers, by py-amqp's names; only failures and replies need them."""
        return properties_in(self.header)

    def ack(self) -> None:
        if self.tag:
            self.link.ack(self.tag)


class QueueReader:
    """Keeps a connection to one queue, and a buffer of what it delivered."""

    def __init__(self, amqp_url: str, queue: str, *, prefetch: int) -> None:
        self.queue = queue
        self.connected = False
        self._amqp_url = amqp_url
        self._prefetch = prefetch
        self._buffer: deque[Delivery] = deque()
        self._arrived = Signal()
        self._asking = Semaphore()
        self._link: Link | None = None
        self._consumer_tag: str | None = None
        self._stopping = False
        self._nothing_more_comes = False

    def run(self) -> None:
        """Read until stopped; a lost connection is made anew, with growing pauses."""
        failures = 0
        while not self._stopping:
            try:
                link = Link(self._amqp_url, name=self.queue)
            except Exception as problem:
                pause = RECONNECT_SECONDS[min(failures, len(RECONNECT_SECONDS) - 1)]
                failures += 1
                log.warning("broker not reached", queue=self.queue, problem=type(problem).__name__)
                eventlet.sleep(pause)
                continue
            try:
                self._consumer_tag = link.consume(self.queue, self._prefetch, partial(self._receive, link))
                self._link, self.connected, failures = link, True, 0
                if self._stopping:
                    return  # asked to stop meanwhile: there was no consumer to cancel yet
                while True:
                    link.read()
            except LinkDown as problem:
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
                link.release()
                # What the old connection delivered comes again on the new one.
                self._buffer.clear()

    def take(self, most: int, gather_seconds: float) -> list[Delivery]:
        """Wait for a first message, then gather up to `most` for a moment. Empty only when stopping."""
        while True:
            while not self._buffer:
                if self._nothing_more_comes:
                    return []
                if self._arrived.ready():
                    self._arrived = Signal()
                self._arrived.wait(timeout=1.0)
            if gather_seconds and len(self._buffer) < most and not self._stopping:
                eventlet.sleep(gather_seconds)
            # A connection lost while gathering takes its messages with it: then there is nothing to hand out.
            if self._buffer:
                return [self._buffer.popleft() for _ in range(min(most, len(self._buffer)))]

    @property
    def link(self) -> Link | None:
        """The connection as it is now; None while there is none."""
        return self._link if self._link is not None and not self._link.closed else None

    @property
    def buffered(self) -> int:
        """Messages delivered and not yet taken."""
        return len(self._buffer)

    def depth(self, queue: str | None = None) -> int | None:
        """Messages that wait in the queue (or another that exists), not counting those in hand; None without
        a connection."""
        link = self.link
        if link is None:
            return None
        try:
            with self._asking:  # the link knows of one question of a kind at a time
                return link.depth(queue or self.queue)
        except LinkDown:
            return None

    def stop_taking(self) -> None:
        """Ask the broker for no more. What it already sent is still worked off."""
        self._stopping = True
        link = self._link
        if link is not None and not link.closed and self._consumer_tag is not None:
            try:
                if not link.cancel(self._consumer_tag):
                    log.warning("no answer to cancel", queue=self.queue)
            except LinkDown:
                self._buffer.clear()
        self._nothing_more_comes = True
        self._wake()

    def close(self) -> None:
        """Close in order, after the last acknowledgement; what nobody worked off goes back to the queue."""
        if self._link is not None:
            self._link.close_in_order()

    def _receive(
        self, link: Link, tag: int, redelivered: bool, routing_key: str, header: bytes, body: bytes
    ) -> None:
        self._buffer.append(Delivery(link, tag, routing_key, header, body, redelivered))
        self._wake()

    def _wake(self) -> None:
        if not self._arrived.ready():
            self._arrived.send(None)


def run_pool(reader: QueueReader, pool: eventlet.GreenPool, work: Callable[[Delivery], None]) -> None:
    """Give each delivery a green thread of its own, as many at once as the pool holds."""
    while deliveries := reader.take(1, 0):
        pool.spawn_n(work, deliveries[0])
