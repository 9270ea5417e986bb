"""When a delivery is tried again, when it is given up, and when a provider is left in peace."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(hours=48)

FIRST_REST = timedelta(seconds=1)
LONGEST_REST = timedelta(seconds=30)
LONGEST_REST_IN_DOUBT = timedelta(seconds=5)
RECIPIENTS_IN_DOUBT = 3
ROUNDS_OF_EVIDENCE = 2


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


class Doubt(Exception):
    """The provider refuses, and its answer may be about this message or about us: evidence decides.

    `failure` says what it is when it was about the message; None: it never fails for this answer alone.
    """

    def __init__(self, detail: str, failure: Failure | None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.failure = failure


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
    deferrals: int,
    now: datetime,
    deferred_since: datetime,
    expires_at: datetime | None,
    chance: float,
) -> datetime | Failure:
    """When to try again after so many deferrals, the first of them at `deferred_since`, or why not.

    The time that an outage took counts for nothing: it was not the message that was put off.
    """
    at = now + pause_after(deferrals, chance)
    if expires_at is not None and at >= expires_at:
        return Failure.EXPIRED
    if at - deferred_since > GIVE_UP_AFTER:
        return Failure.GAVE_UP
    return at


def is_about_the_message(accepted_between: int) -> bool:
    """Whether a refusal in doubt is the message's own: between its last three refusals others were taken, each time.

    Once would not do: a provider that comes and goes would fail a message that nothing is wrong with.
    """
    return accepted_between >= ROUNDS_OF_EVIDENCE


@dataclass(frozen=True)
class Breaker:
    """Leaves a provider in peace that takes nothing: 1 s, 2 s … 30 s; after each rest one message tries.

    Two things open it. An outage does: it is never about one recipient. And refusals in doubt of three different
    recipients do, in a row, with nobody accepted between them. Then whoever waits for a code is still tried, for
    each is evidence, and a rest is never longer than 5 s: addresses that a stranger made up hold up nobody's
    code, and little else.
    """

    rests: int = 0
    resting_until: datetime | None = None
    outage: bool = False
    doubted: frozenset[str] = frozenset()

    @property
    def is_open(self) -> bool:
        return self.resting_until is not None

    def allows(self, now: datetime, batch: int, *, urgent_only: bool = False) -> int:
        """How many messages may be sent now."""
        if self.resting_until is None:
            return batch
        if urgent_only and not self.outage:
            return 1
        return 1 if now >= self.resting_until else 0

    def trying(self, now: datetime) -> "Breaker":
        """One message tries; whoever asks meanwhile waits for what becomes of it."""
        if self.resting_until is None or now < self.resting_until:
            return self
        return self._resting(now, outage=self.outage)

    def after_success(self) -> "Breaker":
        return CLOSED

    def after_outage(self, now: datetime) -> "Breaker":
        """Several senders notice the same outage: the first of them begins the rest."""
        if self.resting_until is not None and now < self.resting_until:
            return replace(self, outage=True)
        return self._resting(now, outage=True)

    def after_doubt(self, now: datetime, recipient: str) -> "Breaker":
        """The recipients stay in memory, and only until there are three."""
        if self.resting_until is not None:
            return (
                replace(self, outage=False) if now < self.resting_until else self._resting(now, outage=False)
            )
        doubted = self.doubted | {recipient.lower()}
        if len(doubted) < RECIPIENTS_IN_DOUBT:
            return replace(self, doubted=doubted)
        return self._resting(now, outage=False)

    def _resting(self, now: datetime, *, outage: bool) -> "Breaker":
        longest = LONGEST_REST if outage else LONGEST_REST_IN_DOUBT
        rest = min(FIRST_REST * float(2 ** min(self.rests, 20)), longest)
        return Breaker(rests=self.rests + 1, resting_until=now + rest, outage=outage)


CLOSED = Breaker()


@dataclass(frozen=True)
class Pace:
    """At most so many a second, evenly; `free_at` is when the next may go."""

    per_second: float
    free_at: float = 0.0

    def take(self, now: float) -> tuple["Pace", float]:
        """The pace after one more, and the seconds to wait before it."""
        starts = max(now, self.free_at)
        return replace(self, free_at=starts + 1 / self.per_second), starts - now
