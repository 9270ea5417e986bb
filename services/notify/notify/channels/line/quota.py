"""Keeps an eye on the month's messages, so that the last ones are there for legal notices."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from uuid import UUID

from mtnet_chassis.telemetry import logger
from prometheus_client import Gauge

from notify.channels.line.rules import Quota
from notify.channels.rules import Failure, Refusal

# The platform's own count is some minutes behind, and other replicas send too.
READ_EVERY_SECONDS = 300.0
# When the count says no: the plan may have been made larger, or a new month begun.
READ_AGAIN_SECONDS = 60.0
MOST_KEYS = 10_000

QUOTA_LEFT = Gauge(
    "mtnet_line_quota_left", "Messages that LINE still takes this month; -1: as many as we like."
)
QUOTA_LIMIT = Gauge("mtnet_line_quota_limit", "Messages that LINE takes in a month; -1: as many as we like.")

log = logger()


class QuotaGuard:
    """One for all connections of a process. `read` asks the platform, and may raise anything: then nothing is known,
    and LINE itself says when the month is used up."""

    def __init__(self, read: Callable[[], Quota], elapsed: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._elapsed = elapsed
        self._lock = threading.Lock()
        self._quota: Quota | None = None
        self._news: Quota | None = None
        self._read_at: float | None = None
        self._told = False
        # The oldest go: by then the platform's own count has them.
        self._counted: OrderedDict[UUID, None] = OrderedDict()

    def take(self, key: UUID, count: int, *, legal: bool) -> None:
        """Count what is about to be sent: once for each retry key, since LINE takes it once.

        Raises Refusal(QUOTA) where nothing is left, or only the reserve.
        """
        if self._is_counted(key):
            return
        self._look(READ_EVERY_SECONDS)
        if self._allows(key, count, legal):
            return
        self._look(READ_AGAIN_SECONDS)
        if not self._allows(key, count, legal):
            self._tell()
            raise Refusal(Failure.QUOTA, "month kept for legal notices" if not legal else "month used up")

    def news(self) -> Quota | None:
        """What LINE has said since this was asked last."""
        with self._lock:
            news, self._news = self._news, None
        return news

    def used_up(self) -> None:
        """LINE says so, whatever the count was."""
        with self._lock:
            known = self._quota.limit if self._quota else None
            self._quota = Quota(known or 0, known or 0)
            self._read_at = self._elapsed()
        self._measure()
        self._tell()

    def _is_counted(self, key: UUID) -> bool:
        with self._lock:
            return key in self._counted

    def _allows(self, key: UUID, count: int, legal: bool) -> bool:
        with self._lock:
            if self._quota is None:
                return True
            if not self._quota.allows(count, legal=legal):
                return False
            self._quota = self._quota.after(count)
            self._counted[key] = None
            if len(self._counted) > MOST_KEYS:
                self._counted.popitem(last=False)
        self._measure()
        return True

    def _look(self, oldest_seconds: float) -> None:
        now = self._elapsed()
        with self._lock:
            if self._read_at is not None and now - self._read_at < oldest_seconds:
                return
            self._read_at = now
        try:
            quota = self._read()
        except Exception as problem:
            log.warning("LINE quota not known", problem=type(problem).__name__)
            return
        with self._lock:
            self._quota, self._news = quota, quota
        self._measure()
        if self._told and quota.allows(1, legal=False):
            self._told = False
            log.warning("LINE quota is there again", left=quota.left, limit=quota.limit)

    def _measure(self) -> None:
        quota = self._quota
        if quota is not None:
            QUOTA_LIMIT.set(-1 if quota.limit is None else quota.limit)
            QUOTA_LEFT.set(-1 if quota.left is None else quota.left)

    def _tell(self) -> None:
        if not self._told:
            self._told = True
            quota = self._quota
            log.error(
                "LINE quota nearly used up, messages go by other channels",
                left=quota.left if quota else None,
                limit=quota.limit if quota else None,
            )
