"""When a provider is left alone for a while, how many a second it gets, and how much went out after which delay."""

from bisect import bisect_left
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

FIRST_COOLDOWN = timedelta(seconds=1)
LONGEST_COOLDOWN = timedelta(seconds=30)
LONGEST_COOLDOWN_IN_DOUBT = timedelta(seconds=5)
DOUBTS_THAT_OPEN_THE_BREAKER = 3
# Processes listen here for work that others have queued.
WAKE_UP = "notify_deliveries"
# Seconds; what took longer than the last is counted beside it.
DELAYS = (1, 10, 60, 600, 3600)


class Counted(StrEnum):
    """What is counted: taken by the provider, known to have arrived, failed for good."""

    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"
    FAILED = "failed"


@dataclass(frozen=True, order=True)
class Figure:
    """One delivery in the figures. `delay`: how many of DELAYS it took longer than; `hour`: when its hour began."""

    day: date
    channel: str
    kind: str
    outcome: str
    delay: int
    hour: datetime


class PausedAlready(Exception):
    """Somebody has paused this provider."""


class NotPaused(Exception):
    """Nobody has paused this provider, or somebody has resumed it."""


def hour_of(moment: datetime) -> datetime:
    """When its hour began. Taipei is whole hours away from UTC."""
    return moment.replace(minute=0, second=0, microsecond=0)


def delay_of(seconds: float) -> int:
    return bisect_left(DELAYS, seconds)


@dataclass(frozen=True)
class CircuitBreaker:
    """Leaves a provider alone that accepts nothing: for 1 s, 2 s … 30 s. After each cooldown one message tries.

    Two things open it. One outage does, since an outage is never about one recipient. And doubtful refusals of three
    different recipients in a row do, when nobody was accepted between them. Then urgent messages are still tried,
    since each is evidence, and a cooldown is at most 5 s: invented addresses must not delay other people's codes.
    """

    cooldowns: int = 0
    cooldown_until: datetime | None = None
    outage: bool = False
    doubted: frozenset[str] = frozenset()

    @property
    def is_open(self) -> bool:
        return self.cooldown_until is not None

    def allows(self, now: datetime, batch: int, *, urgent_only: bool = False) -> int:
        """How many messages may be sent now."""
        if self.cooldown_until is None:
            return batch
        if urgent_only and not self.outage:
            return 1
        return 1 if now >= self.cooldown_until else 0

    def probing(self, now: datetime) -> "CircuitBreaker":
        """One message tries; everybody else waits for its result."""
        if self.cooldown_until is None or now < self.cooldown_until:
            return self
        return self._cooling_down(now, outage=self.outage)

    def after_success(self) -> "CircuitBreaker":
        return CLOSED

    def after_outage(self, now: datetime) -> "CircuitBreaker":
        """Several senders notice the same outage: the first of them begins the cooldown."""
        if self.cooldown_until is not None and now < self.cooldown_until:
            return replace(self, outage=True)
        return self._cooling_down(now, outage=True)

    def after_doubt(self, now: datetime, recipient: str) -> "CircuitBreaker":
        """Recipients are kept in memory only, and only until there are three."""
        if self.cooldown_until is not None:
            if now < self.cooldown_until:
                return replace(self, outage=False)
            return self._cooling_down(now, outage=False)
        doubted = self.doubted | {recipient.lower()}
        if len(doubted) < DOUBTS_THAT_OPEN_THE_BREAKER:
            return replace(self, doubted=doubted)
        return self._cooling_down(now, outage=False)

    def _cooling_down(self, now: datetime, *, outage: bool) -> "CircuitBreaker":
        longest = LONGEST_COOLDOWN if outage else LONGEST_COOLDOWN_IN_DOUBT
        cooldown = min(FIRST_COOLDOWN * float(2 ** min(self.cooldowns, 20)), longest)
        return CircuitBreaker(cooldowns=self.cooldowns + 1, cooldown_until=now + cooldown, outage=outage)


CLOSED = CircuitBreaker()


@dataclass(frozen=True)
class RateLimit:
    """At most so many a second, evenly spaced, all processes together."""

    per_second: float

    def seconds(self, count: int) -> float:
        """How long so many take."""
        return count / self.per_second
