"""When a delivery is tried again, when it is given up, and when a provider is left alone for a while."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID, uuid5

from notify.channels.rules import Failure, Receipt, ReceiptOutcome, RetryPolicy
from notify.contact_points.rules import Person
from notify.routing.rules import BULK, NORMAL, URGENT

__all__ = ["BULK", "NORMAL", "URGENT", "Receipt", "ReceiptOutcome"]

USUAL_RETRIES = RetryPolicy()
LONGEST_RETRY_DELAY = USUAL_RETRIES.delays[-1]

FIRST_COOLDOWN = timedelta(seconds=1)
LONGEST_COOLDOWN = timedelta(seconds=30)
LONGEST_COOLDOWN_IN_DOUBT = timedelta(seconds=5)
DOUBTS_THAT_OPEN_THE_BREAKER = 3
ROUNDS_OF_EVIDENCE = 2


class UnknownChannel(Exception):
    """A message asks for a channel that is not registered."""


class State(StrEnum):
    """`sent`: the provider took it and will tell more. Some states change once more: see `NEXT_STATES`."""

    WAITING = "waiting"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


# By a sender's outcome or by a receipt. A receipt may overtake the record of the attempt, and contradict an earlier
# one: a mail that was accepted comes back, a fax that seemed lost has arrived.
NEXT_STATES: dict[State, frozenset[State]] = {
    State.WAITING: frozenset(State),
    State.SENT: frozenset({State.WAITING, State.DELIVERED, State.FAILED}),
    State.DELIVERED: frozenset({State.FAILED}),
    State.FAILED: frozenset({State.DELIVERED}),
    State.CANCELLED: frozenset(),
}


def delivery_id_for(message_id: UUID, channel: str, recipient: str) -> UUID:
    """The same for the same message and address, so that nothing is queued twice."""
    return uuid5(message_id, f"{channel}:{recipient}")


@dataclass(frozen=True)
class NewDelivery:
    """A message on its way to one recipient by one channel. `fallback_from`: the failed one it stands in for."""

    message_id: UUID
    channel: str
    recipient: str
    priority: int
    not_before: datetime | None = None
    fallback_from: UUID | None = None

    @property
    def delivery_id(self) -> UUID:
        return delivery_id_for(self.message_id, self.channel, self.recipient)


@dataclass(frozen=True)
class LeasedDelivery:
    """A delivery that one sender holds. Another may take it only when that sender is dead."""

    delivery_id: UUID
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
    first_tried_at: datetime
    category: str
    person_kind: Literal["account", "application"] | None
    person_id: UUID | None

    @property
    def person(self) -> Person | None:
        if self.person_kind is None or self.person_id is None:
            return None
        return Person(self.person_kind, self.person_id)


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
    provider_ref: str | None = None


def retry_delay(attempts: int, jitter: float, policy: RetryPolicy = USUAL_RETRIES) -> timedelta:
    """Usually 5 s, 10 s, 20 s … 1 h. `jitter` (0 to 1): how much is taken off of what the policy allows."""
    if attempts < 1:
        raise ValueError("a retry delay follows an attempt")
    delay = policy.delays[min(attempts, len(policy.delays)) - 1]
    return delay * (1 - jitter * policy.jitter)


def next_attempt(
    deferrals: int,
    now: datetime,
    deferred_since: datetime,
    expires_at: datetime | None,
    jitter: float,
    policy: RetryPolicy = USUAL_RETRIES,
) -> datetime | Failure:
    """When to try again after so many deferrals, the first of them at `deferred_since`; or why not to.

    The time of an outage does not count, since an outage is no deferral.
    """
    if policy.most_deferrals is not None and deferrals > policy.most_deferrals:
        return Failure.GAVE_UP
    tried_again_at = now + retry_delay(deferrals, jitter, policy)
    at = policy.open_at(tried_again_at)
    if expires_at is not None and at >= expires_at:
        return Failure.EXPIRED
    if tried_again_at - deferred_since > policy.give_up_after:
        return Failure.GAVE_UP
    return at


@dataclass(frozen=True)
class AwaitedDelivery:
    """A delivery that a receipt is about.

    `is_leased`: a sender has it in hand. `attempt`: the one that the receipt names, None where it names none.
    """

    delivery_id: UUID
    message_id: UUID
    channel: str
    recipient: str
    kind: str
    subject_id: UUID
    priority: int
    state: State
    is_leased: bool
    attempts: int
    attempt: int | None
    deferrals: int
    deferred_since: datetime | None
    expires_at: datetime | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", State(self.state))


@dataclass(frozen=True)
class Way:
    """One delivery of a message, and whose message it is."""

    message_id: UUID
    kind: str
    person_kind: Literal["account", "application"] | None
    person_id: UUID | None
    delivery_id: UUID
    channel: str
    recipient: str
    priority: int
    state: str
    failure: str | None

    @property
    def is_alive(self) -> bool:
        """The message arrives this way, or may do so."""
        return self.state not in (State.FAILED, State.CANCELLED)


@dataclass(frozen=True)
class Change:
    """What a receipt makes of a delivery."""

    state: State
    failure: Failure | None = None
    next_attempt_at: datetime | None = None
    deferrals: int = 0
    deferred_since: datetime | None = None


class TooEarly(Exception):
    """The receipt overtook the record of its attempt: its sender is to send it again."""


def after_receipt(
    delivery: AwaitedDelivery, receipt: Receipt, now: datetime, jitter: float, policy: RetryPolicy
) -> Change | None:
    """None: it changes nothing, since it came before, or is about an attempt that a later one has replaced.

    Raises TooEarly.
    """
    replaced = delivery.attempt is not None and (delivery.attempt < delivery.attempts or delivery.is_leased)
    if receipt.outcome is not ReceiptOutcome.DELIVERED:
        if replaced:
            return None
        if delivery.is_leased:
            raise TooEarly
    if receipt.outcome is ReceiptOutcome.RETRY:
        return _put_off(delivery, receipt, now, jitter, policy) if delivery.state is State.SENT else None
    wanted = State.DELIVERED if receipt.outcome is ReceiptOutcome.DELIVERED else State.FAILED
    if wanted not in NEXT_STATES[delivery.state]:
        return None
    return Change(wanted, receipt.failure if wanted is State.FAILED else None)


def _put_off(
    delivery: AwaitedDelivery, receipt: Receipt, now: datetime, jitter: float, policy: RetryPolicy
) -> Change:
    deferrals, since = delivery.deferrals + 1, delivery.deferred_since or now
    at = next_attempt(deferrals, now, since, delivery.expires_at, jitter, policy)
    if isinstance(at, Failure):
        return Change(State.FAILED, (at is Failure.GAVE_UP and receipt.failure) or at)
    return Change(State.WAITING, None, at, deferrals, since)


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
