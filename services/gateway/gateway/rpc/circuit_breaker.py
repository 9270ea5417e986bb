"""A circuit breaker and a bulkhead for each service.

A service that owes an answer and gives none is asked `ping`. Without an answer to that it counts as away, and calls to
it fail at once until it answers a ping. Pings are sent in the background (`pings.py`), so no page has to try. A service
never holds more than SLOTS of the gateway's threads.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

import structlog
from prometheus_client import Gauge

log = structlog.get_logger()

# Of the gateway's 16 threads; the others go on with pages that do not need this service.
SLOTS = 10
# With all slots taken a call waits for one as long as the service gave an answer in this time.
SLOT_SECONDS = 0.5
# A service that owes an answer for so long, and has given no other meanwhile, is asked whether it is there.
SILENCE_SECONDS = 1.0
PING_SECONDS = 1.0
LOOK_EVERY_SECONDS = 0.1

AWAY = Gauge(
    "mtnet_gateway_service_away",
    "1 while a service counts as away and calls to it fail at once.",
    ["service"],
    multiprocess_mode="livemax",
)


class ServiceUnavailable(Exception):
    """Nobody answered in time, the service is not there, or it failed. Nothing is known about what it did."""

    def __init__(self, service: str, why: str) -> None:
        super().__init__(f"{service}: {why}")
        self.service = service


class CircuitBreaker:
    """One service. Used by all threads; `away` is set by the thread that pings alone."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.away = False
        self._slots = threading.BoundedSemaphore(SLOTS)
        self._lock = threading.Lock()
        self._owed: dict[str, float] = {}
        self._heard = 0.0
        self._doubted = False

    @contextlib.contextmanager
    def slot(self, by: float) -> Iterator[None]:
        """Wait for this service, as one of at most SLOTS, until then (monotonic). Raises ServiceUnavailable."""
        if self.away:
            raise ServiceUnavailable(self.service, "known to be away")
        while not self._slots.acquire(timeout=max(0.0, min(SLOT_SECONDS, by - time.monotonic()))):
            if self.away or self._silent_seconds() >= SLOT_SECONDS or time.monotonic() >= by:
                raise ServiceUnavailable(self.service, "too many calls wait for it")
        try:
            yield
        finally:
            self._slots.release()

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
