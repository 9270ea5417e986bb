"""What can be done with deliveries: queue them, record their outcomes, release what the dead held, list them."""

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.data.presence import Absentees
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.telemetry import logger
from mtnet_contracts.vocabulary.channels import CHANNELS
from mtnet_contracts.vocabulary.masking import masked_recipient
from prometheus_client import Counter, Gauge

from notify.channels.registry import channel_plans
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

# A provider that will tell more has finished nothing yet.
FINISHED = (State.DELIVERED, State.FAILED)

log = logger()


class DeliveryQueue:
    """Queues deliveries in the caller's transaction; the senders send them after the commit."""

    def __init__(self, tx: Tx) -> None:
        self._store = DeliveryStore(tx)

    def add(self, deliveries: Sequence[NewDelivery], now: datetime) -> None:
        """Due as soon as their channel sends at all. One that is there stays as it is. Raises UnknownChannel."""
        if unknown := {each.channel for each in deliveries} - CHANNELS.keys():
            raise UnknownChannel(", ".join(sorted(unknown)))
        plans = channel_plans()
        self._store.add(
            [
                (each, plans[each.channel].retry.open_at(max(now, each.not_before or now)))
                for each in deliveries
            ]
        )


def deliveries(
    store: DeliveryStore, *, state: str | None, subject_id: UUID | None, page: int, page_size: int
) -> dict[str, Any]:
    """What an operator sees: deliveries and their attempts, without texts and with masked recipients."""
    lines, total = store.deliveries(state, subject_id, page_size, (page - 1) * page_size)
    attempts = store.attempts_of([line.delivery_id for line in lines])
    items = [
        asdict(line)
        | {
            "recipient": masked_recipient(line.recipient),
            "attempts": [attempt for attempt in attempts if attempt.delivery_id == line.delivery_id],
        }
        for line in lines
    ]
    return {"items": items, "page": page, "page_size": page_size, "total": total}


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
            with self._transaction() as tx:
                attempts = record_outcomes(DeliveryStore(tx), Outbox(tx), outcomes)
            del self._kept[: len(outcomes)]
            for outcome in outcomes:
                _log_and_count(outcome, attempts)
        self._flushed_at = self._elapsed()


def record_outcomes(store: DeliveryStore, outbox: Outbox, outcomes: Sequence[Outcome]) -> Mapping[UUID, int]:
    """Store and announce outcomes of deliveries that their sender still holds. Returns their numbers of attempts."""
    attempts = store.record(outcomes)
    finished = [each for each in outcomes if each.state in FINISHED and each.delivery.delivery_id in attempts]
    if secrets := [e.delivery.message_id for e in finished if e.delivery.sealed_secret is not None]:
        store.erase_secrets(secrets)
    outbox.announce_many(
        messages.message_finished(each.delivery, attempts[each.delivery.delivery_id], each.at, each.failure)
        for each in finished
    )
    return attempts


def recipients_of(tx: Tx, delivery_ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """Where these deliveries went, without those that are not known any more."""
    return DeliveryStore(tx).recipients_of(delivery_ids)


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
        if change.state in FINISHED:
            store.erase_secrets([delivery.message_id])
            Outbox(tx).announce(messages.message_finished(delivery, attempts, now, change.failure))
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
