"""A receiver of events over HTTP: signed by Standard Webhooks, reached at exactly the address that was looked at.

Nothing is trusted that a receiver or its DNS says: no redirect is followed, no proxy of the environment is asked, an
answer is cut off after so many bytes and so many seconds, however slowly it drips.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from http.client import HTTPConnection, HTTPException
from threading import Timer

from mtnet_chassis.runtime.webhook_hosts import Resolve, judged_by_dns, local_allowed, resolved
from mtnet_contracts.vocabulary.webhook_addresses import AddressRefused, WebhookAddress, webhook_address

from notify.webhooks.rules import KEPT_BYTES, Answer, DueEvent
from notify.webhooks.signing import signed_headers

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 15.0
# A name with many addresses is tried at so many of them.
MOST_ADDRESSES = 3


@cache
def _certificates() -> ssl.SSLContext:
    return ssl.create_default_context()


class _PinnedConnection(HTTPConnection):
    """Asks DNS when it connects, judges the answer, and connects to the very addresses that it has judged."""

    def __init__(self, address: WebhookAddress, resolve: Resolve, *, local: bool) -> None:
        super().__init__(address.host, address.port, timeout=ANSWER_SECONDS)
        self._address, self._resolve, self._local = address, resolve, local
        self.is_late = False
        # `sock` is taken away while an answer without a length is being read.
        self._open: socket.socket | None = None

    def connect(self) -> None:
        """Raises AddressRefused, OSError."""
        found = judged_by_dns(self._address, self._resolve, local=self._local)
        connected = self._connected(found[:MOST_ADDRESSES])
        connected.settimeout(ANSWER_SECONDS)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # In its place before anything is said, so that it can be ended from outside.
        self.sock = self._open = connected
        self._end_if_late()
        if self._address.scheme == "https":
            self.sock = self._open = secured = _certificates().wrap_socket(
                connected, server_hostname=self._address.host, do_handshake_on_connect=False
            )
            self._end_if_late()
            secured.do_handshake()

    def end(self) -> None:
        """From another thread: whatever it is doing fails now."""
        self.is_late = True
        if self._open is not None:
            with suppress(OSError, ValueError):
                self._open.shutdown(socket.SHUT_RDWR)

    def _end_if_late(self) -> None:
        if self.is_late:
            raise TimeoutError

    def _connected(self, addresses: Sequence[str]) -> socket.socket:
        last: OSError = OSError("no address")
        for address in addresses:
            try:
                return socket.create_connection((address, self._address.port), CONNECT_SECONDS)
            except OSError as problem:
                last = problem
        raise last


class Receiver:
    """One connection to one receiver; it is kept from event to event, and used by one thread at a time."""

    def __init__(
        self,
        url: str,
        *,
        local: bool | None = None,
        resolve: Resolve = resolved,
        seconds: float = ANSWER_SECONDS,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.url = url
        self._local = local_allowed() if local is None else local
        self._resolve, self._seconds, self._clock = resolve, seconds, clock
        self._connection: _PinnedConnection | None = None

    def post(self, due: DueEvent, secrets: Sequence[str]) -> Answer:
        """Send one event, signed by each of these secrets. Raises nothing: what goes wrong is the answer."""
        began = time.monotonic()
        try:
            address = webhook_address(self.url, local=self._local)
            answer = self._asked(
                address, due, {"Host": address.host_header, **signed_headers(due, secrets, self._clock())}
            )
        except AddressRefused as refused:
            self.close()
            answer = Answer(None, f"not sent: {refused}")
        return Answer(
            answer.status, answer.problem, answer.body, answer.retry_after, round(time.monotonic() - began, 3)
        )

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(OSError):
                connection.close()

    def _asked(self, address: WebhookAddress, due: DueEvent, headers: dict[str, str]) -> Answer:
        """Raises AddressRefused."""
        kept = self._connection is not None
        answer = self._once(address, due, headers)
        if kept and answer.problem == _CUT:
            # A receiver ends a connection that was idle; the event has the same id if it was taken after all.
            answer = self._once(address, due, headers)
        return answer

    def _once(self, address: WebhookAddress, due: DueEvent, headers: dict[str, str]) -> Answer:
        connection = self._connection = self._connection or _PinnedConnection(
            address, self._resolve, local=self._local
        )
        keep = False
        try:
            with _ending(connection, self._seconds):
                connection.request("POST", address.target, due.body, headers)
                with connection.getresponse() as answer:
                    body = answer.read(KEPT_BYTES + 1)
                    keep = not answer.will_close and answer.isclosed()
                    said = Answer(
                        answer.status,
                        body=body[:KEPT_BYTES],
                        retry_after=_short(answer.headers["Retry-After"]),
                    )
            # A connection that ends in the middle of the headers reads like the end of them.
            if connection.is_late:
                return Answer(None, _LATE)
            return Answer(said.status, _redirect(said.status), said.body, said.retry_after)
        except (OSError, HTTPException, ValueError, AttributeError) as problem:
            if isinstance(problem, AddressRefused):
                raise
            return Answer(None, _LATE if connection.is_late else _named(problem))
        finally:
            if not keep:
                self.close()


@contextmanager
def _ending(connection: _PinnedConnection, seconds: float) -> Iterator[None]:
    """Its time is over then, whatever it is doing: a time-out of a socket begins anew at each byte."""
    timer = Timer(seconds, connection.end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


_CUT = "connection cut"
_LATE = "no whole answer in time"


def _short(text: str | None) -> str:
    return (text or "")[:100]


def _redirect(status: int | None) -> str:
    return "redirects are not followed" if status is not None and 300 <= status < 400 else ""


def _named(problem: Exception) -> str:
    """What went wrong, in words that say nothing of our network."""
    if isinstance(problem, TimeoutError):
        return "no answer in time"
    if isinstance(problem, ssl.SSLCertVerificationError):
        return f"certificate: {problem.verify_message}"[:200]
    if isinstance(problem, ssl.SSLError):
        return f"TLS: {problem.reason}"[:200]
    if isinstance(problem, socket.gaierror):
        return "the name is not known to DNS"
    if isinstance(problem, ConnectionRefusedError):
        return "connection refused"
    if isinstance(problem, ConnectionError):
        return _CUT
    if isinstance(problem, HTTPException):
        return f"no HTTP: {type(problem).__name__}"
    return type(problem).__name__
