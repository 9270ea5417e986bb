"""What accounts said of a session a moment ago."""

from __future__ import annotations

import hashlib
import threading
import time
from typing import Any

# Pages that only read may be shown for so long after a session was looked up; see docs/guarantees.md.
KEPT_SECONDS = 0.5
MOST_KEPT = 2000
# No call takes longer: an answer asked for before then is in, or will never be.
REMEMBERED_END_SECONDS = 15.0

View = dict[str, Any]


def fingerprint(token: str) -> str:
    """Names a token without being one: for memory, and for what gateways tell each other."""
    return hashlib.sha256(token.encode()).hexdigest()


class RecentSessions:
    """What accounts said of a session in the last `seconds`, for one address of the client."""

    def __init__(self, seconds: float = KEPT_SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str | None], tuple[float, View]] = {}
        self._ended: dict[str, float] = {}

    def of(self, token: str, ip: str | None) -> View | None:
        found = self._kept.get((fingerprint(token), ip))
        if found is None or time.monotonic() - found[0] >= self._seconds:
            return None
        return found[1]

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
            for known in [known for known in self._kept if known[0] == name]:
                del self._kept[known]
            if len(self._ended) >= MOST_KEPT:
                self._ended = {n: at for n, at in self._ended.items() if now - at < REMEMBERED_END_SECONDS}
            self._ended[name] = now
