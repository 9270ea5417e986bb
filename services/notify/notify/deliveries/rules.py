"""When a delivery is tried again, when it is given up, and when a provider is left alone for a while."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from notify.channels.rules import Failure

# Somebody waits at a screen for what is urgent; bulk comes by the ten thousand.
URGENT, NORMAL, BULK = 1, 5, 9

FIRST_RETRY_DELAY = timedelta(seconds=5)
LONGEST_RETRY_DELAY = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(hours=48)

FIRST_COOLDOWN = timedelta(seconds=1)
LONGEST_COOLDOWN = timedelta(seconds=30)
LONGEST_COOLDOWN_IN_DOUBT = timedelta(seconds=5)
DOUBTS_THAT_OPEN_THE_BREAKER = 3
ROUNDS_OF_EVIDENCE = 2


class UnknownChannel(Exception):
    """A message asks for a channel that is not registered."""


@dataclass(frozen=True)
class NewDelivery:
    """A message on its way to one recipient by one channel."""

    message_id: UUID
    channel: str
    recipient: str
    priority: int


@dataclass(frozen=True)
class LeasedDelivery:
    """A delivery that one sender holds. Another may take it only when that sender is dead."""

    message_id: UUID
    channel: str
    sender_id: UUID
    recipient: str
    priority: int
    kind: str
    subject_id: UUID
    locale: str
    template_version: int
    details: dict[str, Any]
    sealed_secret: str | None
    secret_context: str | None
    created_at: datetime
    expires_at: datetime | None
    deferrals: int
    deferred_since: datetime | None


@dataclass(frozen=True)
class Outcome:
    """What became of a delivery at one attempt."""

    delivery: LeasedDelivery
    at: datetime
    outcome: str
    detail: str
    state: str
    failure: str | None = None
    next_attempt_at: datetime | None = None
    deferrals: int = 0
    deferred_since: datetime | None = None
    doubtful: bool = False


def retry_delay(attempts: int, jitter: float) -> timedelta:
    """5 s, 10 s, 20 s … 1 h. `jitter` (0 to 1) takes off up to half, so that many do not come back at once."""
    if attempts < 1:
        raise ValueError("a retry delay follows an attempt")
    delay = min(FIRST_RETRY_DELAY * float(2 ** min(attempts - 1, 20)), LONGEST_RETRY_DELAY)
    return delay * (1 - jitter / 2)


def next_attempt(
    deferrals: int,
    now: datetime,
    deferred_since: datetime,
    expires_at: datetime | None,
    jitter: float,
) -> datetime | Failure:
    """When to try again after so many deferrals, the first of them at `deferred_since`; or why not to.

    The time of an outage does not count, since an outage is no deferral.
    """
    at = now + retry_delay(deferrals, jitter)
    if expires_at is not None and at >= expires_at:
        return Failure.EXPIRED
    if at - deferred_since > GIVE_UP_AFTER:
        return Failure.GAVE_UP
    return at


def is_about_the_message(accepted_between: int) -> bool:
    """Whether a doubtful refusal is the message's own fault: others were accepted between its last three refusals.

    Both times, not once: a provider that comes and goes would fail a message that nothing is wrong with.
    """
    return accepted_between >= ROUNDS_OF_EVIDENCE


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
    """At most so many a second, evenly spaced. `free_at` is when the next may go, in seconds of any clock."""

    per_second: float
    free_at: float = 0.0

    def take(self, now: float) -> tuple["RateLimit", float]:
        """The limit after one more, and the seconds to wait before that one."""
        starts = max(now, self.free_at)
        return replace(self, free_at=starts + 1 / self.per_second), starts - now
