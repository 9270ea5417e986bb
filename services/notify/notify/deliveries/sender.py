"""Sending: lease what is due, hand it to the provider outside any transaction, record what became of it."""

import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Condition
from uuid import UUID

from mtnet_chassis.data.database import Tx
from mtnet_chassis.data.sealing import SealBroken, unseal
from mtnet_chassis.failpoints import failpoint
from mtnet_chassis.telemetry import logger
from mtnet_contracts.vocabulary.notices import Category

from notify.channels.rules import (
    Accepted,
    Connection,
    Deferral,
    Doubt,
    Failure,
    Outage,
    OutgoingMessage,
    Refusal,
    RetryPolicy,
    SeveralProviders,
)
from notify.deliveries.actions import PROCESS, Recorder, count_provider
from notify.deliveries.rules import (
    ROUNDS_OF_EVIDENCE,
    URGENT,
    USUAL_RETRIES,
    LeasedDelivery,
    Outcome,
    State,
    is_about_the_message,
    next_attempt,
)
from notify.deliveries.store import DeliveryStore
from notify.providers import actions as providers
from notify.providers.rules import CircuitBreaker, RateLimit
from notify.templates.actions import load_texts
from notify.templates.rules import Kind, Links

# A fast provider gets so many between two looks at the database; a slow one gets them one by one.
LARGEST_BATCH = 50
# How long a batch should take. A code waits at most so long for its connection when all others are busy.
BATCH_SECONDS = 0.25

SHORTEST_WAIT_SECONDS = 0.02

log = logger()


class WakeSignal:
    """Wakes a sender that waits for work. A signal that nobody waits for is kept for the next one who does."""

    def __init__(self) -> None:
        self._condition = Condition()
        self._kept = False

    def wake_one(self) -> None:
        with self._condition:
            self._kept = True
            self._condition.notify()

    def wake_all(self) -> None:
        with self._condition:
            self._kept = True
            self._condition.notify_all()

    def wait(self, seconds: float) -> None:
        """Until woken, or so long."""
        with self._condition:
            if not self._kept:
                self._condition.wait(seconds)
            self._kept = False


@dataclass
class ChannelState:
    """What the senders of one channel share in this process: rate limit, circuit breaker, whom to wake."""

    channel: str
    links: Links
    unsealing_key: str
    rate_limit: RateLimit
    retry: RetryPolicy = USUAL_RETRIES
    breaker: CircuitBreaker = field(default_factory=CircuitBreaker)
    urgent_work: WakeSignal = field(default_factory=WakeSignal)
    work: WakeSignal = field(default_factory=WakeSignal)

    def wake(self, *, urgent: bool) -> None:
        """There is work. Urgent work wakes the sender kept for it, and one of the others in case that one is busy."""
        if urgent:
            self.urgent_work.wake_one()
        self.work.wake_one()

    def set_breaker(self, breaker: CircuitBreaker, detail: str) -> None:
        """Keep the new state of the provider. A change is logged once, and measured."""
        before, self.breaker = self.breaker, breaker
        if breaker.is_open and not before.is_open:
            log.error("provider takes nothing", channel=self.channel, answer=detail, outage=breaker.outage)
        if before.is_open and not breaker.is_open:
            log.warning("provider takes messages again", channel=self.channel)
        count_provider(self.channel, away=breaker.is_open)

    def adopt(self, shared: CircuitBreaker | None) -> None:
        """What other processes have found out about the provider holds here, too."""
        if shared is not None:
            doubted = frozenset[str]() if shared.is_open else self.breaker.doubted
            self.breaker = replace(shared, doubted=doubted)
            count_provider(self.channel, away=shared.is_open)


@dataclass
class Sender:
    """Sends over one connection, one message at a time. Others do the same beside it, here and in other processes.

    `urgent_only`: kept free for codes and activation links, so that none waits for a slow provider to accept bulk.
    """

    state: ChannelState
    connection: Connection
    transaction: Callable[[], AbstractContextManager[Tx]]
    sender_id: Callable[[], UUID | None]
    clock: Callable[[], datetime]
    urgent_only: bool = False
    jitter: Callable[[], float] = random.random
    sleep: Callable[[float], None] = time.sleep
    elapsed: Callable[[], float] = time.monotonic
    batch: int = 1

    def __post_init__(self) -> None:
        self.recorder = Recorder(self.transaction, self.elapsed)
        # When the next delivery is due, if nobody queues another before; and our places in the pace of all processes.
        self.next_due_at: datetime | None = None
        self._starts_at, self._taken = 0.0, 0
        self._untried: list[LeasedDelivery] = []
        self._current: list[LeasedDelivery] = []

    def leases(self) -> set[UUID]:
        """The deliveries that this sender knows it holds: leased, and neither recorded nor released."""
        known = (*self._current, *self._untried, *self.recorder.deliveries())
        return {delivery.delivery_id for delivery in known}

    def send_due(self) -> int:
        """Send one batch. Returns how many were tried: 0 during a cooldown, or when nothing is due.

        Raises psycopg.Error; what the provider has accepted by then is recorded as soon as the database is back.
        """
        self._settle()
        batch = self._current = self._lease()
        if not batch:
            return 0
        began = self.elapsed()
        tried = 0
        try:
            for delivery in batch:
                if tried and (self.elapsed() - began > 2 * BATCH_SECONDS or self.sender_id() is None):
                    break
                tried += 1
                if not self._send_one(delivery):
                    break
        finally:
            seconds = max(self.elapsed() - began, 1e-6) / max(tried, 1)
            self.batch = max(1, min(LARGEST_BATCH, 2 * self.batch, int(BATCH_SECONDS / seconds)))
            self._untried, self._current = batch[tried:], []
        self._settle()
        return tried

    def close(self) -> None:
        """Close the connection, then record and release what is left. Raises psycopg.Error."""
        self.connection.close()
        self._settle()

    def _settle(self) -> None:
        """Record what is not recorded yet, and release what was not tried. Raises psycopg.Error."""
        self.recorder.flush()
        if isinstance(self.connection, SeveralProviders) and (news := self.connection.found_out()):
            with self.transaction() as tx:
                providers.keep_known(tx, self.state.channel, news)
        if self._untried:
            with self.transaction() as tx:
                DeliveryStore(tx).release_untried(self._untried, self.clock())
            self._untried = []

    def _lease(self) -> list[LeasedDelivery]:
        sender_id, now = self.sender_id(), self.clock()
        if sender_id is None:
            return []
        with self.transaction() as tx:
            store, channel = DeliveryStore(tx), self.state.channel
            if providers.is_paused(tx, channel):
                self.next_due_at = None
                return []
            self.state.adopt(providers.breaker(tx, channel))
            if self.state.breaker.is_open:
                # One message tries, whichever process it is that sends it.
                self.state.adopt(providers.breaker(tx, channel, hold=True))
            if isinstance(self.connection, SeveralProviders):
                self.connection.adopt(providers.known_of(tx, channel))
            limit = self.state.breaker.allows(now, self.batch, urgent_only=self.urgent_only)
            if limit == 0:
                self.next_due_at = None
                return []
            # While the provider is in doubt, deliveries that it has refused before prove nothing new.
            in_doubt = self.state.breaker.is_open and not self.state.breaker.outage
            for without_doubt in (True, False) if in_doubt else (False,):
                batch = store.lease_due(
                    self.state.channel,
                    now,
                    limit,
                    sender_id,
                    urgent_only=self.urgent_only,
                    without_doubt=without_doubt,
                )
                if batch:
                    break
            if not batch:
                self.next_due_at = store.next_due(channel, urgent_only=self.urgent_only)
                return []
            load_texts(tx, (each.template_version for each in batch))
            if self.state.breaker.is_open:
                self.state.breaker = self.state.breaker.probing(now)
                providers.keep_breaker(tx, channel, self.state.breaker, "")
            self._starts_at = self.elapsed() + providers.reserve(
                tx, channel, self.state.rate_limit, len(batch)
            )
            self._taken = 0
        failpoint("senders.after_lease")
        return batch

    def _send_one(self, delivery: LeasedDelivery) -> bool:
        """False when the provider accepts nothing at present."""
        now = self.clock()
        if delivery.expires_at is not None and now >= delivery.expires_at:
            self._failed(delivery, Failure.EXPIRED, "expired before it could be sent")
            return True
        if (opens_at := self.state.retry.open_at(now)) > now:
            with self.transaction() as tx:
                DeliveryStore(tx).release_untried([delivery], opens_at)
            return True
        seconds = self._starts_at + self.state.rate_limit.seconds(self._taken) - self.elapsed()
        self._taken += 1
        if seconds > 0:
            self.sleep(seconds)
        try:
            failpoint("senders.before_send")
            answer = self.connection.send(self._outgoing(delivery))
            failpoint("senders.after_acceptance")
        except SealBroken as broken:
            self._failed(delivery, Failure.UNREADABLE, str(broken))
        except Refusal as refused:
            # Decided from the address, or said about it: either way it says nothing about the provider.
            self._failed(delivery, refused.failure, refused.detail)
        except Deferral as deferred:
            self._deferred(delivery, "deferred", deferred.detail)
        except Doubt as doubt:
            self._doubted(delivery, doubt)
            return not self.state.breaker.is_open
        except Outage as outage:
            self._unavailable(delivery, outage.detail)
            self._share(self.state.breaker.after_outage(self.clock()), outage.detail)
            return False
        except Exception as mistake:
            # A template or a channel has a fault: the others go on, this one waits for a repair.
            log.exception("sending mistake", message_id=str(delivery.message_id), kind=delivery.kind)
            self._deferred(delivery, "mistake", type(mistake).__name__)
        else:
            self._accepted(delivery, answer)
        return True

    def _outgoing(self, delivery: LeasedDelivery) -> OutgoingMessage:
        """What the channel sends. A secret is opened here, and kept no longer than the sending. Raises SealBroken."""
        kind, details = Kind(delivery.kind), delivery.details
        if delivery.sealed_secret is not None:
            secret = unseal(self.state.unsealing_key, delivery.sealed_secret, delivery.secret_context or "")
            details = self.state.links.details_with_secret(kind, details, secret)
        return OutgoingMessage(
            message_id=delivery.message_id,
            delivery_id=delivery.delivery_id,
            recipient=delivery.recipient,
            kind=kind,
            template_version=delivery.template_version,
            locale=delivery.locale,
            details=details,
            urgent=delivery.priority == URGENT,
            category=Category(delivery.category),
            person=delivery.person,
            first_tried_at=delivery.first_tried_at,
        )

    def _accepted(self, delivery: LeasedDelivery, answer: str | Accepted) -> None:
        accepted = Accepted(answer) if isinstance(answer, str) else answer
        now, was_open = self.clock(), self.state.breaker.is_open
        self.state.set_breaker(self.state.breaker.after_success(), accepted.detail)
        state = State.DELIVERED if accepted.final else State.SENT
        self.recorder.keep(
            Outcome(
                delivery,
                now,
                "accepted",
                accepted.detail,
                state=state,
                # A receipt may put it off once more.
                deferrals=delivery.deferrals,
                deferred_since=delivery.deferred_since,
                provider_ref=accepted.provider_ref,
            )
        )
        if was_open:
            with self.transaction() as tx:
                DeliveryStore(tx).bring_forward(self.state.channel, now)
                providers.keep_breaker(tx, self.state.channel, self.state.breaker, accepted.detail)
                providers.wake_processes(tx, [(self.state.channel, True)], PROCESS)
            self.state.work.wake_all()

    def _share(self, breaker: CircuitBreaker, answer: str) -> None:
        """Keep what was found out about the provider, here and for the other processes."""
        before = self.state.breaker
        self.state.set_breaker(breaker, answer)
        if replace(breaker, doubted=before.doubted) != before:
            with self.transaction() as tx:
                providers.keep_breaker(tx, self.state.channel, breaker, answer)

    def _failed(self, delivery: LeasedDelivery, failure: Failure, detail: str) -> None:
        self.recorder.keep(Outcome(delivery, self.clock(), "failed", detail, state="failed", failure=failure))

    def _unavailable(self, delivery: LeasedDelivery, detail: str) -> None:
        """An outage is not the message's fault: it is due as soon as the provider is back, however long that takes."""
        now = self.clock()
        self.recorder.keep(
            Outcome(
                delivery,
                now,
                "unavailable",
                detail,
                state="waiting",
                next_attempt_at=now,
                deferrals=delivery.deferrals,
                deferred_since=delivery.deferred_since,
            )
        )

    def _deferred(
        self, delivery: LeasedDelivery, outcome: str, detail: str, *, never_give_up: bool = False
    ) -> None:
        """`never_give_up`: nothing shows that it is the message's own fault."""
        now, deferrals = self.clock(), delivery.deferrals + 1
        since = now if never_give_up else delivery.deferred_since or now
        at = next_attempt(deferrals, now, since, delivery.expires_at, self.jitter(), self.state.retry)
        if isinstance(at, Failure):
            self._failed(delivery, at, detail)
            return
        self.recorder.keep(
            Outcome(
                delivery,
                now,
                outcome,
                detail,
                state="waiting",
                next_attempt_at=at,
                deferrals=deferrals,
                deferred_since=since,
                doubtful=outcome == "doubtful",
            )
        )

    def _doubted(self, delivery: LeasedDelivery, doubt: Doubt) -> None:
        now = self.clock()
        self._share(self.state.breaker.after_doubt(now, delivery.recipient), doubt.detail)
        # What this sender has just sent is evidence too.
        self.recorder.flush()
        with self.transaction() as tx:
            between = DeliveryStore(tx).accepted_between_doubts(delivery, now, ROUNDS_OF_EVIDENCE)
        if doubt.failure is not None and is_about_the_message(between):
            self._failed(delivery, doubt.failure, doubt.detail)
            return
        self._deferred(delivery, "doubtful", doubt.detail, never_give_up=between == 0)


def longest_wait(
    state: ChannelState, next_due_at: datetime | None, now: datetime, otherwise: timedelta
) -> float:
    """Seconds until a sender should look again if nobody wakes it: at the end of a cooldown, or when the next delivery
    is due, if that comes sooner.
    """
    moments = [until for until in (state.breaker.cooldown_until, next_due_at) if until is not None]
    wait = min([otherwise, *(until - now for until in moments if until > now)])
    return max(wait.total_seconds(), SHORTEST_WAIT_SECONDS)
