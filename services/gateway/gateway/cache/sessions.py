"""What accounts said of a session a moment ago."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

# Pages that only read may be shown for so long after a session was looked up; see docs/guarantees.md.
KEPT_SECONDS = 0.5
MOST_KEPT = 2000
# No call takes longer: an answer asked for before then is in, or will never be.
REMEMBERED_END_SECONDS = 15.0

View = dict[str, Any]
Key = tuple[str, str | None]


def fingerprint(token: str) -> str:
    """Identifies a token without revealing it: in memory, and in broadcasts between gateways."""
    return hashlib.sha256(token.encode()).hexdigest()


class RecentSessions:
    """What accounts said of a session in the last `seconds`, for one address of the client."""

    def __init__(self, seconds: float = KEPT_SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._kept: dict[Key, tuple[float, View]] = {}
        self._asked: dict[Key, tuple[float, Future[View]]] = {}
        self._ended: dict[str, float] = {}

    def of(self, token: str, ip: str | None) -> View | None:
        found = self._kept.get((fingerprint(token), ip))
        if found is None or time.monotonic() - found[0] >= self._seconds:
            return None
        return found[1]

    def asked_once(
        self, token: str, ip: str | None, ask: Callable[[], View], patience_seconds: float
    ) -> View:
        """What `ask` returns or raises, for all requests that want to know it at the same time: when an answer
        becomes too old, a page with many parts, or many tabs, would ask all at once. Raises TimeoutError for those
        who waited for another's answer in vain.
        """
        key, now = (fingerprint(token), ip), time.monotonic()
        with self._lock:
            asked_at, answer = self._asked.get(key, (float("-inf"), Future()))
            joins = now - asked_at < self._seconds
            if not joins:
                self._asked[key] = asked_at, answer = now, Future()
        if joins:
            return answer.result(patience_seconds)
        try:
            view = ask()
        except BaseException as problem:
            answer.set_exception(problem)
            raise
        else:
            answer.set_result(view)
            return view
        finally:
            with self._lock:
                if self._asked.get(key) == (asked_at, answer):
                    del self._asked[key]

    def keep(self, token: str, ip: str | None, view: View, *, asked_at: float) -> None:
        """`asked_at` is when accounts was asked (monotonic): what has ended since is not kept."""
        name = fingerprint(token)
        with self._lock:
            if self._ended.get(name, float("-inf")) >= asked_at:
                return
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[name, ip] = (asked_at, view)

    def end(self, name: str) -> None:
        """Forget the session with this fingerprint."""
        now = time.monotonic()
        with self._lock:
            for of_it in (self._kept, self._asked):
                for known in [known for known in of_it if known[0] == name]:
                    del of_it[known]
            if len(self._ended) >= MOST_KEPT:
                self._ended = {n: at for n, at in self._ended.items() if now - at < REMEMBERED_END_SECONDS}
            self._ended[name] = now
