"""What can be done with deliveries: queue them, record their outcomes, release what the dead held."""

import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol
from uuid import UUID, uuid4

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.data.presence import Absentees
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.failpoints import failpoint
from mtnet_chassis.telemetry import logger
from mtnet_contracts.vocabulary.channels import CHANNELS
from prometheus_client import Counter, Gauge

from notify.channels.registry import channel_plans
from notify.channels.rules import Failure
from notify.contact_points.rules import Address, Person
from notify.deliveries import messages
from notify.deliveries.rules import (
    URGENT,
    LeasedDelivery,
    NewDelivery,
    Outcome,
    Receipt,
    State,
    TooEarly,
    UnknownChannel,
    after_receipt,
)
from notify.deliveries.store import DeliveryStore
from notify.providers import actions as providers
from notify.providers.actions import count, figure
from notify.providers.rules import Counted, Figure
from notify.routing import actions as routing
from notify.routing.actions import FailedDelivery

# What a provider has accepted and we have not recorded is sent again if the process is killed in between.
MOST_UNRECORDED = 20
LONGEST_UNRECORDED_SECONDS = 0.05
# The advisory locks of senders: 'noti' in ASCII.
LOCK_SPACE = 0x6E6F7469
# When the answer to a lease got lost with its connection, the sender never learns that it holds the delivery. By then
# the connection's own time-outs (20 s) have told it that the lease failed.
ORPHAN_SECONDS = 30.0

MESSAGES = Counter(
    "mtnet_messages_total",
    "Attempts by channel and outcome (accepted, deferred, doubtful, unavailable, failed, mistake).",
    ["channel", "outcome"],
)
PROVIDER_AWAY = Gauge(
    "mtnet_provider_away", "1 while this process finds that the provider accepts nothing.", ["channel"]
)
MESSAGE_AGE_SECONDS = Gauge(
    "mtnet_message_age_seconds", "How long the oldest message that is due has waited to be sent.", ["channel"]
)

# How other processes call this one.
PROCESS = uuid4().hex
# A provider that will tell more has finished nothing yet.
FINISHED = (State.DELIVERED, State.FAILED)

log = logger()


class DeliveryQueue:
    """Queues deliveries in the caller's transaction; the senders send them after the commit.

    `process`: PROCESS where the caller wakes the senders of its own process; the others are told by the database.
    """

    def __init__(self, tx: Tx, process: str = "") -> None:
        self._tx, self._store, self._process = tx, DeliveryStore(tx), process

    def add(self, deliveries: Sequence[NewDelivery], now: datetime) -> None:
        """Due as soon as their channel sends at all. One that is there stays as it is. Raises UnknownChannel."""
        if unknown := {each.channel for each in deliveries} - CHANNELS.keys():
            raise UnknownChannel(", ".join(sorted(unknown)))
        if not deliveries:
            return
        plans = channel_plans()
        self._store.add(
            [
                (each, plans[each.channel].retry.open_at(max(now, each.not_before or now)))
                for each in deliveries
            ]
        )
        work = ((each.channel, each.priority == URGENT) for each in deliveries)
        providers.wake_processes(self._tx, work, self._process)


class Recorder:
    """Keeps a sender's outcomes until they are committed, also while the database is away."""

    def __init__(
        self, transaction: Callable[[], AbstractContextManager[Tx]], elapsed: Callable[[], float]
    ) -> None:
        self._transaction = transaction
        self._elapsed = elapsed
        self._kept: list[Outcome] = []
        self._flushed_at = elapsed()

    def deliveries(self) -> list[LeasedDelivery]:
        """Those whose outcomes are not committed yet."""
        return [each.delivery for each in self._kept]

    def keep(self, outcome: Outcome) -> None:
        """Write it at once when it is urgent or the last write is some time ago; else together with a few others.

        Raises psycopg.Error; the outcome is kept nevertheless.
        """
        self._kept.append(outcome)
        if (
            outcome.delivery.priority == URGENT
            or len(self._kept) >= MOST_UNRECORDED
            or self._elapsed() - self._flushed_at >= LONGEST_UNRECORDED_SECONDS
        ):
            self.flush()

    def flush(self) -> None:
        """Attempts, states and events of all that is kept, in one transaction. Raises psycopg.Error."""
        if self._kept:
            outcomes = list(self._kept)
            failpoint("senders.before_record")
            with self._transaction() as tx:
                attempts = record_outcomes(tx, outcomes, id(self) >> 4)
            failpoint("senders.after_record")
            del self._kept[: len(outcomes)]
            for outcome in outcomes:
                _log_and_count(outcome, attempts)
        self._flushed_at = self._elapsed()


def record_outcomes(tx: Tx, outcomes: Sequence[Outcome], shard: int = 0) -> Mapping[UUID, int]:
    """Store and announce outcomes of deliveries that their sender still holds. Returns their numbers of attempts.

    A message whose last way has failed gets another one in the same transaction.
    """
    store, outbox = DeliveryStore(tx), Outbox(tx)
    attempts = store.record(outcomes)
    recorded = [each for each in outcomes if each.delivery.delivery_id in attempts]
    count(tx, (_figure(each) for each in recorded if each.state != State.WAITING), shard)
    finished = [each for each in recorded if each.state in FINISHED]
    if failed := [each for each in finished if each.state == State.FAILED]:
        take_other_ways(
            tx, outbox, {e.delivery.delivery_id: e.delivery.message_id for e in failed}, failed[-1].at
        )
    if secrets := [e.delivery.message_id for e in finished if e.delivery.sealed_secret is not None]:
        store.erase_secrets(secrets)
    outbox.announce_many(
        event
        for each in finished
        for event in messages.finished(
            each.delivery, attempts[each.delivery.delivery_id], each.at, each.failure
        )
    )
    return attempts


def add_finished(
    tx: Tx, deliveries: Sequence[NewDelivery], state: State, failure: Failure | None, at: datetime
) -> None:
    """What was sent together with others, and is shown like any other delivery. One that is there stays as it is."""
    DeliveryStore(tx).add_finished(deliveries, state, failure, at)


def recipients_of(tx: Tx, delivery_ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """Where these deliveries went, without those that are not known any more."""
    return DeliveryStore(tx).recipients_of(delivery_ids)


def _figure(outcome: Outcome) -> Figure:
    delivery = outcome.delivery
    counted = Counted.FAILED if outcome.failure else Counted.ACCEPTED
    return figure(delivery.channel, delivery.kind, counted, delivery.due_at, outcome.at)


class Wakeable(Protocol):
    """The senders of one channel."""

    def wake(self, *, urgent: bool) -> None: ...


def wake(senders: Mapping[str, Wakeable], note: str) -> None:
    """Another process has queued work, as wake_processes writes it down: `email urgent`, and who knows already."""
    channel, urgent, process = f"{note}  ".split(" ")[:3]
    if process != PROCESS and channel in senders:
        senders[channel].wake(urgent=urgent == "urgent")


def take_other_ways(tx: Tx, outbox: Outbox, failed: Mapping[UUID, UUID], now: datetime) -> None:
    """Queue what stands in for deliveries that have just failed for good. `failed`: message ids by delivery id."""
    ways = DeliveryStore(tx).ways_of(set(failed.values()))
    alive = {way.message_id for way in ways if way.is_alive}
    tried = defaultdict[UUID, set[Address]](set)
    for way in ways:
        tried[way.message_id].add((way.channel, way.recipient))
    found = routing.after_failures(
        tx,
        outbox,
        [
            FailedDelivery(
                way.delivery_id,
                way.kind,
                Person(way.person_kind, way.person_id) if way.person_kind and way.person_id else None,
                way.channel,
                way.recipient,
                way.failure or "",
                frozenset(tried[way.message_id]),
                lost=way.message_id not in alive,
            )
            for way in ways
            if way.delivery_id in failed
        ],
        now,
    )
    priorities = {way.delivery_id: way.priority for way in ways}
    DeliveryQueue(tx).add(
        [
            NewDelivery(
                failed[delivery_id],
                way.channel,
                way.recipient,
                priorities[delivery_id],
                way.not_before,
                fallback_from=delivery_id,
            )
            for delivery_id, way in found.items()
        ],
        now,
    )


def without_receipt(tx: Tx, channel: str, limit: int) -> list[tuple[UUID, str | None, datetime]]:
    """Deliveries that their provider has taken: id, its reference, when; the oldest first."""
    return DeliveryStore(tx).without_receipt(channel, limit)


def record_receipt(
    tx: Tx, receipt: Receipt, now: datetime, jitter: Callable[[], float] = random.random
) -> bool:
    """Keep what a provider tells later about a delivery: once, in whatever order receipts and records arrive.

    False: no such delivery is known, or not yet. The provider is to send the receipt again.
    """
    store = DeliveryStore(tx)
    if (delivery := store.awaited(receipt)) is None:
        log.warning("receipt of an unknown delivery", channel=receipt.channel)
        return False
    policy = channel_plans()[receipt.channel].retry
    try:
        change = after_receipt(delivery, receipt, now, jitter(), policy)
    except TooEarly:
        return False
    if change is not None:
        attempts = store.record_receipt(delivery, receipt, change, now)
        if change.state is State.WAITING:
            providers.wake_processes(tx, [(delivery.channel, delivery.priority == URGENT)])
        if change.state in FINISHED:
            told = [Counted.FAILED if change.failure else Counted.CONFIRMED]
            if delivery.is_under_way:
                # Its sender finds it finished and counts nothing; what arrived was taken before.
                told.insert(0, Counted.ACCEPTED)
            figures = [figure(delivery.channel, delivery.kind, each, delivery.due_at, now) for each in told]
            count(tx, figures, delivery.attempts)
            outbox = Outbox(tx)
            outbox.announce_many(messages.finished(delivery, attempts, now, change.failure))
            if change.state is State.FAILED:
                take_other_ways(tx, outbox, {delivery.delivery_id: delivery.message_id}, now)
            store.erase_secrets([delivery.message_id])
        log.info(
            "receipt recorded",
            message_id=str(delivery.message_id),
            delivery_id=str(delivery.delivery_id),
            channel=delivery.channel,
            state=change.state,
            failure=change.failure,
        )
    return True


def _log_and_count(outcome: Outcome, attempts: Mapping[UUID, int]) -> None:
    delivery, count = outcome.delivery, attempts.get(outcome.delivery.delivery_id)
    MESSAGES.labels(delivery.channel, outcome.outcome).inc()
    log.info(
        "lease lost" if count is None else f"message {_IN_LOG.get(outcome.state, 'deferred')}",
        message_id=str(delivery.message_id),
        delivery_id=str(delivery.delivery_id),
        kind=delivery.kind,
        channel=delivery.channel,
        attempts=count,
        outcome=outcome.outcome,
        failure=outcome.failure,
    )


_IN_LOG = {"delivered": "delivered", "sent": "sent", "failed": "failed"}


def count_provider(channel: str, *, away: bool) -> None:
    PROVIDER_AWAY.labels(channel).set(1 if away else 0)


def measure_message_age(store: DeliveryStore, channel: str, now: datetime) -> None:
    since = store.waiting_since(channel, now)
    MESSAGE_AGE_SECONDS.labels(channel).set((now - since).total_seconds() if since else 0)


def erase_worthless_secrets(store: DeliveryStore, now: datetime) -> int:
    """Codes and links that have run out while a receipt is waited for. Returns how many."""
    return store.erase_worthless_secrets(now)


class LeaseRecovery:
    """Releases deliveries that nobody sends: their sender is dead, or does not know that it holds them.

    `known_leases` are those that this process's senders know of.
    """

    def __init__(
        self,
        database: Transactions,
        known_leases: Callable[[], Iterable[UUID]],
        clock: Callable[[], datetime],
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._known_leases = known_leases
        self._clock = clock
        self._elapsed = elapsed
        self._absentees = Absentees(LOCK_SPACE, clock=elapsed)
        self._orphans: dict[UUID, float] = {}

    def release_abandoned(self, own_id: UUID) -> int:
        """To be called every second. Returns how many deliveries were released. Raises psycopg.Error."""
        with self._database.transaction() as tx:
            store, now = DeliveryStore(tx), self._clock()
            holders = store.senders_with_leases()
            released = 0
            for dead in self._absentees.dead(tx, (each for each in holders if each != own_id)):
                count = store.release_all_of(dead, now)
                log.warning("deliveries of a dead sender released", sender_id=str(dead), deliveries=count)
                released += count
            if own_id in holders and (orphans := self._own_orphans(store, own_id)):
                count = store.release_some_of(own_id, orphans, now)
                log.warning("deliveries that nobody sends released", deliveries=count)
                released += count
        return released

    def _own_orphans(self, store: DeliveryStore, own_id: UUID) -> list[UUID]:
        """Ours by the table, but unknown to every sender for so long."""
        now = self._elapsed()
        lost = store.leased_to(own_id) - set(self._known_leases())
        self._orphans = {each: self._orphans.get(each, now) for each in lost}
        return [each for each, since in self._orphans.items() if now - since >= ORPHAN_SECONDS]
