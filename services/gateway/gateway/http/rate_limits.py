"""How many requests a source may make, and has made: counted by all gateways together.

Each gateway process counts in its memory and sends its counts to the others over the broker, some hundredths of a
second later and many in one message. No request waits for it. While the broker is away, or when a process has just
begun, a process's own counts hold alone: a limit is then wider, and no page fails.
"""

from __future__ import annotations

import secrets
import threading
import time
from itertools import islice
from typing import Any

import structlog
from limits.storage import MemoryStorage

from gateway.rpc.client import Rpc

log = structlog.get_logger()

# What a source may send: forms to the pages of a topic, and writing calls to the API. What only reads is not counted.
# Offices and mobile carriers have many people behind one address, so what is filled in is counted by its draft first;
# the address has a wider limit, for all its drafts and those who have none yet.
POSTS_A_MINUTE_OF_A_CASE = {"applying": 60}
POSTS_A_MINUTE = {
    "applying": 600,
    "tracking": 30,
    "sessions": 30,
    "passwords": 30,
    "second_factors": 30,
    "profile": 30,
    "privacy_rights": 30,
    "own_reactivation": 30,
    "lifecycle": 30,
    "unsubscribing": 240,
    # Each may bring files.
    "contact": 20,
    "helpdesk": 240,
    # A provider tells all it has to tell from a few addresses; what is not signed goes no further than notify.
    "receipts": 6000,
    # Systems behind one address; each client has a count of its own besides.
    "oauth": 600,
    "line": 30,
    # LINE's servers are few, and tell everything.
    "line_webhook": 6000,
}
API_WRITES_A_MINUTE = 240

SCHEME = "gateways"
TOPIC = "counted"
# At most a hundred messages a second, however many requests there are.
PAUSE_SECONDS = 0.01
MOST_IN_A_MESSAGE = 500
# A flood from more sources than this between two messages is counted by each process alone.
MOST_UNSENT = 20_000


class SharedCounts(MemoryStorage):
    """A store of Flask-Limiter whose counts are those of every gateway."""

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012 - where limits looks for it

    def __init__(
        self, uri: str | None = None, wrap_exceptions: bool = False, *, rpc: Rpc, **options: str
    ) -> None:
        super().__init__(uri, wrap_exceptions, **options)
        self._rpc = rpc
        self._name = secrets.token_hex(8)
        self._lock = threading.Lock()
        # By key: seconds a count is kept, and how many were not sent yet.
        self._unsent: dict[str, tuple[float, int]] = {}
        self._something = threading.Event()
        self._sender: threading.Thread | None = None
        rpc.on_message(TOPIC, self._hear)

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        count = super().incr(key, expiry, amount)
        with self._lock:
            if key in self._unsent or len(self._unsent) < MOST_UNSENT:
                self._unsent[key] = (expiry, self._unsent.get(key, (expiry, 0))[1] + amount)
            if self._sender is None:
                self._sender = threading.Thread(target=self._send, name="rates", daemon=True)
                self._sender.start()
        self._something.set()
        return count

    def _send(self) -> None:
        while True:
            self._something.wait()
            self._something.clear()
            with self._lock:
                unsent, self._unsent = self._unsent, {}
            rest = iter(unsent.items())
            while some := dict(islice(rest, MOST_IN_A_MESSAGE)):
                try:
                    self._rpc.broadcast({TOPIC: {"by": self._name, "counts": some}})
                except Exception as problem:  # without this thread the counts would stay this process's own
                    log.warning("counts not sent", problem=repr(problem))
            time.sleep(PAUSE_SECONDS)

    def _hear(self, message: dict[str, Any]) -> None:
        if message["by"] != self._name:
            for key, (expiry, amount) in message["counts"].items():
                super().incr(key, expiry, amount)
