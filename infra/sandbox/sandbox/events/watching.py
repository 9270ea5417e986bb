"""Reads the queue of one downstream system and keeps the newest messages in memory."""

import asyncio
import json
import threading
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from urllib.parse import unquote, urlsplit

import pika
from pika.exceptions import (
    AMQPChannelError,
    AMQPError,
    ProbableAccessDeniedError,
    ProbableAuthenticationError,
)

KEPT = 200
LONGEST_BODY = 20_000
LONGEST_HEADER = 500
PREFETCH = 20
AGAIN_SECONDS = 2.0
HEARTBEAT_SECONDS = 15


class State(StrEnum):
    """Whether events come."""

    OFF = "off"  # no system is set up for this page
    AWAY = "away"  # the broker does not answer
    REFUSED = "refused"  # it knows neither this user nor this password, or has no such queue
    READING = "reading"


@dataclass(frozen=True)
class Seen:
    """One message. `number` counts from 1 since this process began; `body` is indented where it is JSON."""

    number: int
    received_at: datetime
    event: str
    headers: tuple[tuple[str, str], ...]
    body: str


@dataclass(frozen=True)
class Credentials:
    """As a developer would be given them."""

    host: str
    port: int
    vhost: str
    user: str
    password: str

    @property
    def queue(self) -> str:
        """The user of secret 1 of system `demo` is `downstream.demo.1`, its queue `downstream.demo`."""
        return self.user.rpartition(".")[0]


def credentials_in(url: str) -> Credentials:
    parts = urlsplit(url)
    return Credentials(
        host=parts.hostname or "127.0.0.1",
        port=parts.port or 5672,
        vhost=unquote(parts.path.lstrip("/")) or "/",
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


class Watcher:
    """A thread that consumes while there is a broker, and waits for one otherwise. Without a URL there is none.

    What it has shown is acknowledged: a message that comes while the page is down waits in the queue.
    """

    def __init__(self, url: str) -> None:
        self.credentials = credentials_in(url) if url else None
        self.state = State.AWAY if url else State.OFF
        self._url = url
        self._seen: deque[Seen] = deque(maxlen=KEPT)
        self._number = 0
        self._stop = threading.Event()
        self._changed = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """From a running event loop."""
        self._loop = asyncio.get_running_loop()
        if self._url:
            self._thread = threading.Thread(target=self._run, name="events", daemon=True)
            self._thread.start()

    async def close(self) -> None:
        self._stop.set()
        self._wake()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, 5)

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    def newest_first(self, after: int = 0) -> list[Seen]:
        """Those with a larger number. A number that was never given is one of an earlier process: then all."""
        known = after if after <= self._number else 0
        return [each for each in reversed(tuple(self._seen)) if each.number > known]

    async def change(self, timeout_seconds: float) -> None:
        """Wait until something arrives or the state changes, at most so long."""
        changed = self._changed
        try:
            await asyncio.wait_for(changed.wait(), timeout_seconds)
        except TimeoutError:
            return

    # The thread

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._read()
            except (ProbableAuthenticationError, ProbableAccessDeniedError, AMQPChannelError):
                self._note(State.REFUSED)
            except (AMQPError, OSError):
                self._note(State.AWAY)
            self._stop.wait(AGAIN_SECONDS)

    def _read(self) -> None:
        assert self.credentials is not None  # noqa: S101 - there is a URL when the thread was started
        parameters = pika.URLParameters(self._url)
        parameters.heartbeat = HEARTBEAT_SECONDS
        parameters.socket_timeout = parameters.stack_timeout = 5
        parameters.client_properties = {"connection_name": "sandbox"}
        connection = pika.BlockingConnection(parameters)
        try:
            channel = connection.channel()
            channel.basic_qos(prefetch_count=PREFETCH)
            for method, properties, body in channel.consume(self.credentials.queue, inactivity_timeout=0.5):
                self._note(State.READING)
                if method is not None:
                    self._keep(method.routing_key, dict(properties.headers or {}), body)
                    channel.basic_ack(method.delivery_tag)
                if self._stop.is_set():
                    return
        finally:
            if connection.is_open:
                connection.close()

    def _keep(self, routing_key: str, headers: dict[str, Any], body: bytes) -> None:
        self._number += 1
        self._seen.append(
            Seen(
                number=self._number,
                received_at=datetime.now(UTC),
                event=str(headers.get("cloudEvents_type", routing_key))[:LONGEST_HEADER],
                headers=tuple(
                    (str(name)[:LONGEST_HEADER], str(headers[name])[:LONGEST_HEADER])
                    for name in sorted(headers)
                ),
                body=_readable(body),
            )
        )
        self._wake()

    def _note(self, state: State) -> None:
        if self.state is not state:
            self.state = state
            self._wake()

    def _wake(self) -> None:
        def wake() -> None:
            self._changed.set()
            self._changed = asyncio.Event()

        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(wake)


def _readable(body: bytes) -> str:
    try:
        text = json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        text = body.decode("utf-8", "replace")
    return text if len(text) <= LONGEST_BODY else text[:LONGEST_BODY] + "…"
