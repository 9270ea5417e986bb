"""States of a delivery, when it is tried again, when it is given up, and what a receipt makes of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID, uuid5

from notify.channels.rules import Failure, Receipt, ReceiptOutcome, RetryPolicy
from notify.contact_points.rules import Person
from notify.routing.rules import BULK, NORMAL, URGENT

__all__ = ["URGENT", "Receipt", "ReceiptOutcome"]

# What is sent first. How urgent a message is, its kind says: `routing/rules.py`.
SENDING_ORDER = (URGENT, NORMAL, BULK)

USUAL_RETRIES = RetryPolicy()
LONGEST_RETRY_DELAY = USUAL_RETRIES.delays[-1]

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
    not_before: datetime | None
    first_tried_at: datetime
    category: str
    person_kind: Literal["account", "application"] | None
    person_id: UUID | None

    @property
    def due_at(self) -> datetime:
        return max(self.created_at, self.not_before or self.created_at)

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
    due_at: datetime
    expires_at: datetime | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", State(self.state))

    @property
    def is_under_way(self) -> bool:
        """Whether its receipt came before its sender could record that the provider has taken it."""
        unknown = self.attempt is None and (self.is_leased or self.attempts == 0)
        return unknown and self.state is State.WAITING


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
