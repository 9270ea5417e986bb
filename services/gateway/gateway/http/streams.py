"""Server-sent events: a page is told that something changed, and asks then what.

A view answers `Content-Type: text/event-stream` and names what is followed and by whom; the front keeps the connection
and gives the thread back, so an open stream costs some kilobytes and no thread. A stream says nothing but "changed":
whether somebody may see what changed is decided when the page asks.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

MEDIA_TYPE = "text/event-stream"
# Of the view's answer, for the front alone.
TOPIC, FOLLOWER = "X-Follows", "X-Follower"
CHANGED = b"event: changed\ndata:\n\n"
BEAT = b":\n\n"


@dataclass(frozen=True)
class StreamLimits:
    """`most` streams of a process, `most_each` of one person. A stream ends after `longest_seconds`; the browser opens
    it anew, and the view looks again who that is.
    """

    most: int = 300
    most_each: int = 3
    longest_seconds: float = 300
    beat_seconds: float = 20
    # Many changes at once are told once in so long.
    pause_seconds: float = 1
    browser_waits_seconds: float = 3


@dataclass(eq=False)
class _Stream:
    topic: str
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    ended: bool = False


class Streams:
    """All open streams of this process."""

    def __init__(self, limits: StreamLimits | None = None) -> None:
        self._limits = limits or StreamLimits()
        self._open: set[_Stream] = set()
        self._of: Counter[str] = Counter()
        self._loop: asyncio.AbstractEventLoop | None = None

    def __len__(self) -> int:
        return len(self._open)

    def wake(self, topic: str) -> None:
        """Something changed; may be called from any thread."""
        if self._open and self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has just ended, and all streams with it
                self._loop.call_soon_threadsafe(self._mark, topic)

    def end(self) -> None:
        """The process stops: nobody has to wait for a stream's end."""
        for stream in self._open:
            stream.ended = True
            stream.changed.set()

    async def follow(self, topic: str, follower: str, headers: Headers, receive: Receive, send: Send) -> None:
        """Tell until the browser goes, the time is up or the process stops; 204, which a browser takes for "do not
        ask again", where there are too many.
        """
        limits = self._limits
        if len(self._open) >= limits.most or self._of[follower] >= limits.most_each:
            await send({"type": "http.response.start", "status": 204, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        self._watch_for_stop()
        stream = _Stream(topic)
        self._open.add(stream)
        self._of[follower] += 1
        gone = asyncio.ensure_future(_gone(receive))
        gone.add_done_callback(lambda _: stream.changed.set())
        try:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await _piece(send, f"retry: {limits.browser_waits_seconds * 1000:.0f}\n\n".encode())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(limits.longest_seconds):
                    await self._tell(stream, gone, send)
            if not gone.done():
                await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()
            self._open.discard(stream)
            self._of[follower] -= 1
            if not self._of[follower]:
                del self._of[follower]

    async def _tell(self, stream: _Stream, gone: asyncio.Future[None], send: Send) -> None:
        while True:
            try:
                async with asyncio.timeout(self._limits.beat_seconds):
                    await stream.changed.wait()
            except TimeoutError:
                await _piece(send, BEAT)
                continue
            if stream.ended or gone.done():
                return
            stream.changed.clear()
            await _piece(send, CHANGED)
            await asyncio.wait([gone], timeout=self._limits.pause_seconds)

    def _mark(self, topic: str) -> None:
        for stream in self._open:
            if stream.topic == topic:
                stream.changed.set()

    def _watch_for_stop(self) -> None:
        """granian waits for open answers when it stops, and tells the application nothing.

        asyncio hears signals through a file descriptor that goes on working beside a handler of ours.
        """
        loop = asyncio.get_running_loop()
        if self._loop is loop:
            return
        self._loop = loop
        for number in (signal.SIGTERM, signal.SIGINT):
            # Not the main thread, or nobody but the system handles the signal: then there is nobody who waits.
            with contextlib.suppress(ValueError):
                if signal.getsignal(number) not in (signal.SIG_DFL, signal.default_int_handler):
                    signal.signal(number, lambda *_: loop.call_soon_threadsafe(self.end))


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _piece(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})
