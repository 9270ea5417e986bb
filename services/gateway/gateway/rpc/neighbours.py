"""What the gateway knows of each service: whether it answers, and how many of us wait for it.

A circuit breaker and a bulkhead. A service that owes an answer and gives none is asked `ping`; without an answer to
that it counts as away, and calls to it fail at once until a ping is answered. Pings are sent in the background, so
nobody's page is the trial. A service never holds more than PLACES of the gateway's threads.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from contextvars import ContextVar

import structlog
from prometheus_client import Gauge

log = structlog.get_logger()

# Of the gateway's 16 threads; the others go on with pages that do not need this service.
PLACES = 10
# With all places taken a call waits for one as long as the service gave an answer in this time.
PLACE_SECONDS = 0.5
# A service that owes an answer for so long, and has given no other meanwhile, is asked whether it is there.
SILENCE_SECONDS = 1.0
PING_SECONDS = 1.0
LOOK_EVERY_SECONDS = 0.1
# All calls of one page together, however many they are.
PAGE_SECONDS = 10.0

AWAY = Gauge(
    "mtnet_gateway_service_away",
    "1 while a service counts as away and calls to it fail at once.",
    ["service"],
)


class ServiceUnavailable(Exception):
    """Nobody answered in time, the service is not there, or it failed. Nothing is known about what it did."""

    def __init__(self, service: str, why: str) -> None:
        super().__init__(f"{service}: {why}")
        self.service = service


class Patience:
    """How many seconds a page may still wait for services."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds


_patience: ContextVar[Patience | None] = ContextVar("patience", default=None)


def begin_page() -> None:
    """From now on, in this thread: what is spent on one call is missing for the next."""
    _patience.set(Patience(PAGE_SECONDS))


def end_page() -> None:
    """What this thread does next is no part of the page."""
    _patience.set(None)


def patience_left() -> float:
    """Seconds; PAGE_SECONDS outside a page."""
    found = _patience.get()
    return PAGE_SECONDS if found is None else max(0.0, found.left)


def spend(seconds: float) -> None:
    found = _patience.get()
    if found is not None:
        found.left -= seconds


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """For a call whose answer the page can do without: it waits no longer than this."""
    whole = patience_left()
    given = Patience(min(seconds, whole))
    begun = given.left
    token = _patience.set(given)
    try:
        yield
    finally:
        _patience.reset(token)
        spend(begun - given.left)


class Neighbour:
    """One service. Used by all threads; `away` is set by the thread that pings alone."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.away = False
        self._places = threading.BoundedSemaphore(PLACES)
        self._lock = threading.Lock()
        self._owed: dict[str, float] = {}
        self._heard = 0.0
        self._doubted = False

    @contextlib.contextmanager
    def place(self, by: float) -> Iterator[None]:
        """Wait for this service, as one of at most PLACES, until then (monotonic). Raises ServiceUnavailable."""
        if self.away:
            raise ServiceUnavailable(self.service, "known to be away")
        while not self._places.acquire(timeout=max(0.0, min(PLACE_SECONDS, by - time.monotonic()))):
            if self.away or self._silent_seconds() >= PLACE_SECONDS or time.monotonic() >= by:
                raise ServiceUnavailable(self.service, "too many calls wait for it")
        try:
            yield
        finally:
            self._places.release()

    def owes(self, correlation_id: str) -> None:
        """A call was sent."""
        with self._lock:
            self._owed[correlation_id] = time.monotonic()

    def heard(self, correlation_id: str) -> None:
        """It was answered, by a yes or by a no."""
        with self._lock:
            if self._owed.pop(correlation_id, None) is not None:
                self._heard = time.monotonic()

    def settled(self, correlation_id: str) -> None:
        """Nobody waits for that call any more. One that was not answered, or by a failure, leaves a doubt."""
        with self._lock:
            if self._owed.pop(correlation_id, None) is not None:
                self._doubted = True

    def is_doubtful(self) -> bool:
        """Worth a ping: it has been silent for long, or was doubted; asking takes the doubt away."""
        doubtful = self._doubted or self._silent_seconds() > SILENCE_SECONDS
        self._doubted = False
        return doubtful

    def _silent_seconds(self) -> float:
        """How long it has owed an answer without giving any."""
        with self._lock:
            since = max(min(self._owed.values(), default=float("inf")), self._heard)
        return time.monotonic() - since

    def judge(self, *, answers: bool, since: float) -> None:
        """What came of a ping sent at that moment; a call answered since then proves as much as a ping."""
        answers = answers or self._heard > since
        if self.away == answers:
            self.away = not answers
            AWAY.labels(self.service).set(0 if answers else 1)
            (log.info if answers else log.warning)(
                "service answers again" if answers else "service is away", service=self.service
            )
