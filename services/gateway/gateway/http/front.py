"""The asynchronous front of the gateway (ASGI): takes requests in, hands whole ones to the application's threads.

The application is WSGI and works in a few threads, and a stranger can open hundreds of connections, send a byte a
second, or never read the answer. So a body is received completely, within a deadline and with a least rate, before a
thread is taken, and the thread is given back before the answer is sent. A request without a body, which most are, goes
to a thread at once.
"""

from __future__ import annotations

import asyncio
import io
import json
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

import structlog
from mtnet_contracts.vocabulary.texts import N_

from gateway.http.incoming import largest_body
from gateway.http.streams import FOLLOWER, TOPIC, Streams
from gateway.texts import TEXTS

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

log = structlog.get_logger()

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
# Status line, headers, whole body.
Answer = tuple[str, list[tuple[str, str]], bytes]

# Answers up to this size are sent in one piece, which the kernel takes even from a client that does not read.
PIECE_BYTES = 64 * 1024
KEYS = {b"content-type": "CONTENT_TYPE", b"content-length": "CONTENT_LENGTH"}


@dataclass(frozen=True)
class Limits:
    """What one client, and all of them together, may cost. The rates are those of Apache's mod_reqtimeout, doubled."""

    threads: int = 16
    # A body has this long, and one second more for each `least_bytes_per_second` that arrived, up to `longest_seconds`.
    first_seconds: float = 20
    least_bytes_per_second: int = 1000
    longest_seconds: float = 600
    # A body that is too large is read and thrown away, because a browser sends all of it before it reads why. But not
    # for longer than this, nor more.
    discard_seconds: float = 60
    discard_bytes: int = 256 * 1024 * 1024
    # Bodies being received; the bytes of all that were received and not answered. Larger ones lie on the disk.
    bodies: int = 1000
    body_bytes: int = 512 * 1024 * 1024
    memory_bytes: int = 256 * 1024
    # Whole requests that wait for a thread.
    waiting: int = 500
    # One piece of a large answer must be taken within this time; large answers at once, and their bytes.
    piece_seconds: float = 30
    answer_bytes: int = 256 * 1024 * 1024


@dataclass(eq=False)
class Body:
    """A body that is being received; `size` counts also what was thrown away."""

    began: float
    spool: IO[bytes]
    size: int = 0
    kept: int = 0
    evicted: bool = False
    timeout: asyncio.Timeout | None = None

    def rate(self, now: float) -> float:
        return self.size / max(now - self.began, 0.1)


class NotTaken(Exception):
    """The request is answered here: status line, a code for programs, what to say to people."""

    def __init__(self, status: str, code: str, text: str) -> None:
        super().__init__(status)
        self.status, self.code, self.text = status, code, text


class Front:
    """The ASGI application around the WSGI one."""

    def __init__(
        self,
        app: WSGIApplication,
        limits: Limits | None = None,
        at_once: Callable[[WSGIEnvironment], Answer | None] | None = None,
        streams: Streams | None = None,
    ) -> None:
        """`at_once` may answer a GET or HEAD without a thread: it must be quick, must not wait, and gets an environ
        that is not cleaned yet. `streams` go on where a view answers with one."""
        self._app = app
        self._at_once = at_once
        self._streams = streams
        self._limits = limits or Limits()
        self._threads = ThreadPoolExecutor(self._limits.threads, "request")
        self._waiting = 0
        self._bodies: set[Body] = set()
        self._body_bytes = 0
        self._answer_bytes = 0
        self._environ: WSGIEnvironment = {
            "SCRIPT_NAME": "",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.errors": _Errors(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            "wsgi.input_terminated": True,
        }

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        environ = self._environ | environ_of(scope)
        if self._at_once is not None and environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            answer = self._at_once(environ)
            if answer is not None:
                await self._send(answer, environ["PATH_INFO"], send)
                return
        body = None
        try:
            if environ.get("CONTENT_LENGTH", "0") == "0" and "HTTP_TRANSFER_ENCODING" not in environ:
                environ["wsgi.input"] = io.BytesIO()
            else:
                body = await self._receive(environ, receive)
                environ["wsgi.input"] = body.spool
            answer = await self._answer(environ)
        except NotTaken as problem:
            log.info("request not taken", status=problem.status)
            answer = _answer_of(problem, environ["PATH_INFO"])
        finally:
            if body is not None:
                self._forget(body)
        status, headers, _ = answer
        named = dict(headers)
        if self._streams is not None and TOPIC in named:
            kept = [
                (name, value) for name, value in headers if name not in (TOPIC, FOLLOWER, "Content-Length")
            ]
            if environ["REQUEST_METHOD"] == "GET":
                await self._streams.follow(named[TOPIC], named[FOLLOWER], _encoded(kept), receive, send)
                return
            answer = status, kept, b""
        await self._send(answer, environ["PATH_INFO"], send)

    # Bodies

    async def _receive(self, environ: WSGIEnvironment, receive: Receive) -> Body:
        """The whole body, or an empty one when the announced size is too large to be kept.

        Raises NotTaken (too slow, broken off, too many at once).
        """
        limits = self._limits
        allowed = largest_body(environ["PATH_INFO"])
        declared = int(environ.get("CONTENT_LENGTH", 0))
        expects = environ.pop("HTTP_EXPECT", "").lower() == "100-continue"
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        body = self._begin()
        try:
            if declared <= allowed or not (expects or declared > limits.discard_bytes):
                await self._read(body, receive, allowed)
            if not declared or body.size < declared <= allowed:
                declared = body.size
            environ["CONTENT_LENGTH"] = str(declared)
            body.spool.seek(0)
        except BaseException:
            self._forget(body)
            raise
        return body

    def _begin(self) -> Body:
        """Take in another body; where there are too many, the slowest has to go."""
        spool = tempfile.SpooledTemporaryFile(self._limits.memory_bytes)  # noqa: SIM115 - closed by _forget
        body = Body(time.monotonic(), spool)
        if len(self._bodies) >= self._limits.bodies:
            slowest = min(self._bodies, key=lambda one: one.rate(body.began))
            slowest.evicted = True
            if slowest.timeout is not None:
                slowest.timeout.reschedule(0)
            self._bodies.discard(slowest)
        self._bodies.add(body)
        return body

    async def _read(self, body: Body, receive: Receive, allowed: int) -> None:
        limits = self._limits
        last = body.began + limits.longest_seconds
        loop_offset = asyncio.get_running_loop().time() - time.monotonic()
        try:
            async with asyncio.timeout_at(body.began + limits.first_seconds + loop_offset) as timeout:
                body.timeout = timeout
                more = True
                while more:
                    message = await receive()
                    if message["type"] != "http.request":
                        raise _broken_off()
                    piece, more = message.get("body", b""), message.get("more_body", False)
                    body.size += len(piece)
                    if body.size > allowed:
                        self._drop(body)
                        last = min(last, body.began + limits.discard_seconds)
                        if body.size > limits.discard_bytes:
                            return
                    else:
                        self._keep(body, piece)
                    if not body.evicted:
                        earned = body.began + limits.first_seconds + body.size / limits.least_bytes_per_second
                        timeout.reschedule(min(earned, last) + loop_offset)
        except TimeoutError:
            if body.size > allowed and not body.evicted:
                return  # it is too large, and there was time to answer so
            raise NotTaken(
                "408 Request Timeout",
                "BODY_TOO_SLOW",
                N_("It arrived too slowly and was not sent. Check your connection and try again."),
            ) from None
        finally:
            self._bodies.discard(body)

    def _keep(self, body: Body, piece: bytes) -> None:
        if self._body_bytes + len(piece) > self._limits.body_bytes:
            raise NotTaken(
                "503 Service Unavailable",
                "BUSY",
                N_("Many people are uploading right now. Try again in a moment."),
            )
        body.spool.write(piece)
        body.kept += len(piece)
        self._body_bytes += len(piece)

    def _drop(self, body: Body) -> None:
        """Nothing of it is kept any more."""
        body.spool.seek(0)
        body.spool.truncate()
        self._body_bytes -= body.kept
        body.kept = 0

    def _forget(self, body: Body) -> None:
        self._bodies.discard(body)
        self._body_bytes -= body.kept
        body.kept = 0
        body.spool.close()

    # Answers

    async def _answer(self, environ: WSGIEnvironment) -> Answer:
        """What the application answers, from a thread. Raises NotTaken where too many wait for one."""
        if self._waiting >= self._limits.waiting + self._limits.threads:
            raise NotTaken(
                "503 Service Unavailable",
                "BUSY",
                N_("Many people are here right now. Try again in a moment; what you saved is kept."),
            )
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._threads, answered, self._app, environ
            )
        finally:
            self._waiting -= 1

    async def _send(self, answer: Answer, path: str, send: Send) -> None:
        status, headers, body = answer
        large = len(body) > PIECE_BYTES
        if large and self._answer_bytes + len(body) > self._limits.answer_bytes:
            status, headers, body = _answer_of(
                NotTaken(
                    "503 Service Unavailable",
                    "BUSY",
                    N_("Many people are downloading right now. Try again in a moment."),
                ),
                path,
            )
            large = False
        await send({"type": "http.response.start", "status": int(status[:3]), "headers": _encoded(headers)})
        if not large:
            await send({"type": "http.response.body", "body": body})
            return
        self._answer_bytes += len(body)
        try:
            for start in range(0, len(body), PIECE_BYTES):
                piece = body[start : start + PIECE_BYTES]
                more = start + PIECE_BYTES < len(body)
                async with asyncio.timeout(self._limits.piece_seconds):
                    await send({"type": "http.response.body", "body": piece, "more_body": more})
        except TimeoutError:
            log.info("answer not taken", bytes=len(body))  # returning early closes the connection
        finally:
            self._answer_bytes -= len(body)


def _broken_off() -> NotTaken:
    """The body ends before it should, or its chunks cannot be read. Whoever is gone reads no answer; a client that
    closed its half, or a proxy, would be told that the fault is ours."""
    return NotTaken(
        "400 Bad Request",
        "BODY_BROKEN",
        N_("It did not arrive whole and was not sent. Check your connection and try again."),
    )


def environ_of(scope: MutableMapping[str, Any]) -> WSGIEnvironment:
    """The part of a WSGI environ (PEP 3333) that the request says."""
    raw: bytes = scope["raw_path"]
    client, server = scope["client"], scope["server"]
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope["method"],
        "PATH_INFO": (unquote_to_bytes(raw) if b"%" in raw else raw).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": "HTTP/1.0" if scope["http_version"] == "1" else f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": server[1],
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": client[1],
    }
    for name, value in scope["headers"]:
        if (key := _key_of(name)) is None:
            continue
        text = value.decode("latin-1")
        if key in environ:
            text = f"{environ[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{text}"
        environ[key] = text
    return environ


def _encoded(headers: list[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def _key_of(name: bytes) -> str | None:
    """HTTP_ACCEPT for accept. None where an underscore would make it pass for another header."""
    if name in KEYS:
        return KEYS[name]
    return None if b"_" in name else f"HTTP_{name.decode('latin-1').upper().replace('-', '_')}"


def answered(app: WSGIApplication, environ: WSGIEnvironment) -> Answer:
    """Call the application and collect all it says."""
    started: list[Any] = []
    written = io.BytesIO()

    def start_response(
        status: str, headers: list[tuple[str, str]], _: Any = None
    ) -> Callable[[bytes], object]:
        started[:] = [status, headers]
        return written.write

    found: Iterable[bytes] = app(environ, start_response)
    try:
        pieces = list(found)
    finally:
        close = getattr(found, "close", None)
        if close is not None:
            close()
    return started[0], started[1], written.getvalue() + b"".join(pieces)


def _answer_of(problem: NotTaken, path: str) -> Answer:
    number, _, phrase = problem.status.partition(" ")
    if path.startswith("/api/v1/"):
        reply = {"code": int(number), "status": phrase, "errors": {"refusal": [problem.code]}}
        kind, body = "application/json", json.dumps(reply).encode()
    elif path.startswith("/oauth/"):
        error = "temporarily_unavailable" if number == "503" else "invalid_request"
        said = {"error": error, "error_description": f"{phrase}."}  # as gateway.oauth answers errors of HTTP
        kind, body = "application/json", json.dumps(said).encode()
    else:
        text = "".join(f"{texts[problem.text]}\n" for texts in TEXTS.values())
        kind, body = "text/plain; charset=utf-8", text.encode()
    headers = [
        ("Content-Type", kind),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("Content-Security-Policy", "default-src 'none'"),
        ("X-Content-Type-Options", "nosniff"),
        ("Connection", "close"),
    ]
    if problem.status.startswith("503"):
        headers.append(("Retry-After", "10"))
    return problem.status, headers, body


class _Errors(io.TextIOBase):
    """`wsgi.errors`: the application logs by itself."""

    def write(self, text: str) -> int:
        if text.strip():
            log.error("application wrote", text=text[:2000])
        return len(text)
