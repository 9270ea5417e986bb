"""When a delivery is tried again, when it is given up, and when a provider is left in peace."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(hours=48)

FAILURES_TO_OPEN = 5
REST = timedelta(seconds=30)


class Failure(StrEnum):
    """Why a message will not be tried again."""

    RECIPIENT_REFUSED = "RECIPIENT_REFUSED"
    MESSAGE_REFUSED = "MESSAGE_REFUSED"
    EXPIRED = "EXPIRED"
    GAVE_UP = "GAVE_UP"
    UNREADABLE = "UNREADABLE"


class Refusal(Exception):
    """The provider will never take this message. `failure` says why, `detail` is its answer in codes."""

    def __init__(self, failure: Failure, detail: str) -> None:
        super().__init__(detail)
        self.failure = failure
        self.detail = detail


class Deferral(Exception):
    """The provider may take this message later."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Outage(Exception):
    """The provider takes nothing at all at present: it is away, too busy, or does not know us."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


def pause_after(attempts: int, chance: float) -> timedelta:
    """5 s, 10 s, 20 s … 1 h; `chance` (0 to 1) takes off up to half, so that crowds come back apart."""
    if attempts < 1:
        raise ValueError("a pause follows an attempt")
    pause = min(FIRST_PAUSE * float(2 ** min(attempts - 1, 20)), LONGEST_PAUSE)
    return pause * (1 - chance / 2)


def next_attempt(
    attempts: int, now: datetime, created_at: datetime, expires_at: datetime | None, chance: float
) -> datetime | Failure:
    """When to try again after the given number of failed attempts, or why not."""
    at = now + pause_after(attempts, chance)
    if expires_at is not None and at >= expires_at:
        return Failure.EXPIRED
    if at - created_at > GIVE_UP_AFTER:
        return Failure.GAVE_UP
    return at


@dataclass(frozen=True)
class Breaker:
    """Leaves a provider in peace after five outages in a row; then one message tries whether it is back."""

    failures: int = 0
    resting_until: datetime | None = None

    def allows(self, now: datetime, batch: int) -> int:
        """How many messages may be sent now."""
        if self.resting_until is not None:
            return 1 if now >= self.resting_until else 0
        return batch

    def after_success(self) -> "Breaker":
        return Breaker()

    def after_outage(self, now: datetime) -> "Breaker":
        failures = self.failures + 1
        if failures < FAILURES_TO_OPEN:
            return replace(self, failures=failures)
        return Breaker(failures, now + REST)


@dataclass(frozen=True)
class Pace:
    """At most so many a second, evenly; `free_at` is when the next may go."""

    per_second: float
    free_at: float = 0.0

    def take(self, now: float) -> tuple["Pace", float]:
        """The pace after one more, and the seconds to wait before it."""
        starts = max(now, self.free_at)
        return replace(self, free_at=starts + 1 / self.per_second), starts - now
