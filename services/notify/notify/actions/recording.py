"""Recording: outcomes of tries, many in one transaction; and what an operator measures of them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import psycopg
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.telemetry import logger
from prometheus_client import Counter, Gauge

from notify import events
from notify.domain.messages import URGENT
from notify.store import LeasedDelivery, Outcome, Store

# What stands between a provider's word and its record is sent again should the process be killed then.
MOST_UNRECORDED = 20
LONGEST_UNRECORDED_SECONDS = 0.05

MESSAGES = Counter(
    "mtnet_messages_total",
    "Tries by channel and outcome (accepted, deferred, doubtful, unavailable, failed, mistake).",
    ["channel", "outcome"],
)
PROVIDER_AWAY = Gauge(
    "mtnet_provider_away", "1 while this process finds that the provider takes nothing.", ["channel"]
)
MESSAGE_AGE_SECONDS = Gauge(
    "mtnet_message_age_seconds", "How long the oldest message that is due has waited to be sent.", ["channel"]
)

log = logger()


def count_provider(channel: str, *, away: bool) -> None:
    PROVIDER_AWAY.labels(channel).set(1 if away else 0)


class Recorder:
    """Keeps a sender's outcomes until they are committed, through a database that is away."""

    def __init__(
        self,
        transaction: Callable[[], AbstractContextManager[psycopg.Connection[Any]]],
        elapsed: Callable[[], float],
    ) -> None:
        self._transaction = transaction
        self._elapsed = elapsed
        self._kept: list[Outcome] = []
        self._flushed_at = elapsed()

    def deliveries(self) -> list[LeasedDelivery]:
        """Those whose outcomes are not committed yet."""
        return [each.delivery for each in self._kept]

    def keep(self, outcome: Outcome) -> None:
        """Written at once when it is urgent or the last record is some time ago; in fast work with some others.

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
                attempts = record(tx, outcomes)
            del self._kept[: len(outcomes)]
            for outcome in outcomes:
                _tell(outcome, attempts)
        self._flushed_at = self._elapsed()


def record(tx: psycopg.Connection[Any], outcomes: list[Outcome]) -> dict[Any, int]:
    """Only what its sender still has in hand counts."""
    store = Store(tx)
    attempts = store.record(outcomes)
    finished = [each for each in outcomes if each.state != "waiting" and _key(each) in attempts]
    if secrets := [e.delivery.message_id for e in finished if e.delivery.sealed_secret is not None]:
        store.erase_secrets(secrets)
    Outbox(tx).announce_many(_event(each, attempts[_key(each)]) for each in finished)
    return attempts


def _event(outcome: Outcome, attempts: int) -> events.Outcome:
    delivery = outcome.delivery
    what = (delivery.message_id, delivery.kind, delivery.channel, delivery.subject_id)
    if outcome.failure is None:
        return events.message_delivered(*what, attempts, outcome.at)
    return events.message_failed(*what, attempts, outcome.failure, outcome.at)


def _tell(outcome: Outcome, attempts: dict[Any, int]) -> None:
    delivery, count = outcome.delivery, attempts.get(_key(outcome))
    MESSAGES.labels(delivery.channel, outcome.outcome).inc()
    log.info(
        "lease lost" if count is None else f"message {_IN_WORDS.get(outcome.state, 'deferred')}",
        message_id=str(delivery.message_id),
        kind=delivery.kind,
        channel=delivery.channel,
        attempts=count,
        outcome=outcome.outcome,
        failure=outcome.failure,
    )


_IN_WORDS = {"delivered": "delivered", "failed": "failed"}


def _key(outcome: Outcome) -> tuple[Any, str]:
    return outcome.delivery.message_id, outcome.delivery.channel
