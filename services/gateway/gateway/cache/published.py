"""What everybody may read, as content answered it less than a second ago.

Asked for once, however many want it at the same moment; forgotten as soon as content says that something was
published; and shown as it last was while content is away.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import structlog
from mtnet_contracts.calls import Call

from gateway.rpc.circuit_breaker import ServiceUnavailable
from gateway.rpc.client import Refused
from gateway.rpc.time_budget import seconds_left, spend

log = structlog.get_logger()

# Nobody is shown what is older, unless content is away.
OLDEST_SECONDS = 1.0
# From this age on it is asked for anew, by one of those who want it.
RENEW_SECONDS = 0.5
# Whoever has an older copy waits no longer for a new one: then content counts as away.
PATIENCE_SECONDS = 1.0
# A copy of yesterday may hold what has expired meanwhile: then rather nothing.
LAST_RESORT_SECONDS = 24 * 3600.0
MOST_COPIES = 300
# Threads that ask, and threads that wait without a copy: the others go on with other pages.
ASKING = 8
WAITING = 8

Ask = Callable[[Call, dict[str, Any]], dict[str, Any]]
Key = tuple[str, tuple[tuple[str, Any], ...]]


@dataclass(frozen=True)
class Copy:
    """A reply. `asked_at` (monotonic) is when it was surely current; `generation` counts what was published.

    `known_at`: the same instant by the clock. `old`: the service is away, and has not been asked since then.
    """

    reply: dict[str, Any]
    asked_at: float
    generation: int
    known_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    old: bool = False


class Published:
    """`ask` makes the call; it is used from threads of its own. With `keeps` False every page asks."""

    def __init__(self, ask: Ask, *, keeps: bool = True) -> None:
        self._ask = ask
        self._keeps = keeps
        self._lock = threading.Lock()
        self._copies: OrderedDict[Key, Copy] = OrderedDict()
        self._flights: dict[tuple[Key, int], Future[Copy]] = {}
        self._waiting = threading.BoundedSemaphore(WAITING)
        self._threads = ThreadPoolExecutor(ASKING, "published")
        self.generation = 0

    def drop(self) -> None:
        """Something was published: every copy is old now."""
        with self._lock:
            self.generation += 1

    def get(self, call: Call, *, keep: bool = True, patience: float | None = None, **request: Any) -> Copy:
        """The reply, current or less than OLDEST_SECONDS old; older only while the service is away, and it says so.

        `keep` says whether it is worth keeping: not for what a stranger can ask for in endless variety. `patience`:
        whoever has no copy waits so many seconds at most, else as long as the call takes.

        Raises Refused, ServiceUnavailable.
        """
        began, generation = time.monotonic(), self.generation
        key = (f"{call.service}.{call.name}", tuple(sorted(request.items())))
        copy = self._copies.get(key)
        if copy is not None and self._age(copy) < RENEW_SECONDS:
            return copy
        flight = self._asked(key, call, request, keep and self._keeps)
        if copy is None:
            return self._waited(flight, call, patience or call.timeout_seconds + 1)
        if self._age(copy) < OLDEST_SECONDS:
            return copy
        try:
            return self._result(flight, PATIENCE_SECONDS)
        except (FutureTimeout, ServiceUnavailable):
            if time.monotonic() - copy.asked_at > LAST_RESORT_SECONDS:
                raise ServiceUnavailable(call.service, "away for too long") from None
            # There is nothing newer to be had just now.
            return replace(copy, asked_at=began, generation=generation, old=True)

    def _age(self, copy: Copy) -> float:
        """Seconds; endless when something was published since."""
        if copy.generation != self.generation:
            return float("inf")
        return time.monotonic() - copy.asked_at

    def _asked(self, key: Key, call: Call, request: dict[str, Any], keep: bool) -> Future[Copy]:
        """The answer that is being waited for; one asked for before the last publication will not do."""
        with self._lock:
            name = (key, self.generation)
            flight = self._flights.get(name)
            copy = self._copies.get(key)
            if flight is None and copy is not None and self._age(copy) < RENEW_SECONDS:
                # It came in between looking and asking.
                flight = Future()
                flight.set_result(copy)
            elif flight is None:
                flight = self._flights[name] = self._threads.submit(
                    self._fetch, key, call, request, keep, name[1]
                )
                flight.add_done_callback(lambda _: self._flights.pop(name, None))
        return flight

    def _fetch(self, key: Key, call: Call, request: dict[str, Any], keep: bool, generation: int) -> Copy:
        asked_at, known_at = time.monotonic(), datetime.now(UTC)
        try:
            copy = Copy(self._ask(call, request), asked_at, generation, known_at)
        except Refused:
            with self._lock:
                self._copies.pop(key, None)
            raise
        if keep:
            with self._lock:
                known = self._copies.get(key)
                if known is not None and known.generation > generation:
                    return copy
                self._copies[key] = copy
                self._copies.move_to_end(key)
                while len(self._copies) > MOST_COPIES:
                    self._copies.popitem(last=False)
        return copy

    def _waited(self, flight: Future[Copy], call: Call, patience: float) -> Copy:
        if not self._waiting.acquire(blocking=False):
            raise ServiceUnavailable(call.service, "too many wait for it")
        try:
            return self._result(flight, patience)
        except FutureTimeout:
            raise ServiceUnavailable(call.service, "no answer in time") from None
        finally:
            self._waiting.release()

    def _result(self, flight: Future[Copy], seconds: float) -> Copy:
        began = time.monotonic()
        try:
            return flight.result(min(seconds, seconds_left()))
        finally:
            spend(time.monotonic() - began)
