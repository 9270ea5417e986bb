"""Sending: lease what is due, hand it to the provider outside any transaction, record what became of it."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
from mtnet_chassis.outbox import Outbox
from mtnet_chassis.sealing import SealBroken, unseal
from mtnet_chassis.telemetry import logger

from notify import events
from notify.actions.rendering import Places, render_mail, render_sms
from notify.clients import MailChannel, SmsChannel
from notify.domain.delivering import Breaker, Deferral, Failure, Outage, Pace, Refusal, next_attempt
from notify.domain.messages import Kind
from notify.store import LeasedDelivery, Store

BATCH = 50
LEASE = timedelta(minutes=5)

Transaction = Callable[[], AbstractContextManager[psycopg.Connection[Any]]]
Send = Callable[[LeasedDelivery, dict[str, Any]], str]
Opening = Callable[[], AbstractContextManager[Send]]

log = logger()


def by_mail(channel: MailChannel, places: Places) -> Opening:
    """Render and mail, over one connection a batch."""

    @contextmanager
    def opened() -> Iterator[Send]:
        with channel:
            yield send

    def send(delivery: LeasedDelivery, details: dict[str, Any]) -> str:
        mail = render_mail(places, Kind(delivery.kind), delivery.template_version, delivery.locale, details)
        return channel.send(delivery.message_id, delivery.recipient, mail, delivery.locale)

    return opened


def by_sms(channel: SmsChannel, places: Places) -> Opening:
    """Render and send as text messages."""

    @contextmanager
    def opened() -> Iterator[Send]:
        yield send

    def send(delivery: LeasedDelivery, details: dict[str, Any]) -> str:
        text = render_sms(places, Kind(delivery.kind), delivery.template_version, delivery.locale, details)
        return channel.send(delivery.message_id, delivery.recipient, text)

    return opened


@dataclass
class Outlet:
    """What a process knows of one channel from turn to turn: the way out, its pace, its provider's health."""

    channel: str
    opening: Opening
    places: Places
    unsealing_key: str
    pace: Pace
    breaker: Breaker = field(default_factory=Breaker)


@dataclass
class Sender:
    """Sends over one outlet. Other processes may do the same at the same time."""

    outlet: Outlet
    transaction: Transaction
    clock: Callable[[], datetime]
    chance: Callable[[], float] = random.random
    sleep: Callable[[float], None] = time.sleep

    def send_due(self) -> int:
        """Send one batch; says how many were tried. Nothing while the provider rests."""
        batch = self._lease()
        if not batch:
            return 0
        with self.outlet.opening() as send:
            for position, delivery in enumerate(batch):
                if not self._send_one(delivery, send):
                    self._give_back(batch[position + 1 :])
                    return position + 1
        return len(batch)

    def _lease(self) -> list[LeasedDelivery]:
        now = self.clock()
        limit = min(self.outlet.breaker.allows(now, BATCH), self._within_lease())
        if limit == 0:
            return []
        with self.transaction() as tx:
            return Store(tx).lease_due(self.outlet.channel, now, limit, uuid4(), LEASE)

    def _within_lease(self) -> int:
        """No more than the pace lets through in half a lease."""
        return max(1, int(self.outlet.pace.per_second * LEASE.total_seconds() / 2))

    def _send_one(self, delivery: LeasedDelivery, send: Send) -> bool:
        """False when the provider takes nothing at present."""
        now = self.clock()
        if delivery.expires_at is not None and now >= delivery.expires_at:
            self._record_failure(delivery, Failure.EXPIRED, "expired before it could be sent")
            return True
        self.outlet.pace, seconds = self.outlet.pace.take(now.timestamp())
        if seconds > 0:
            self.sleep(seconds)
        try:
            answer = send(delivery, self._details(delivery))
        except SealBroken as broken:
            self._record_failure(delivery, Failure.UNREADABLE, str(broken))
        except Refusal as refused:
            self.outlet.breaker = self.outlet.breaker.after_success()
            self._record_failure(delivery, refused.failure, refused.detail)
        except Deferral as deferred:
            self.outlet.breaker = self.outlet.breaker.after_success()
            self._record_deferral(delivery, "deferred", deferred.detail)
        except Outage as outage:
            self.outlet.breaker = self.outlet.breaker.after_outage(self.clock())
            self._record_deferral(delivery, "unavailable", outage.detail)
            return False
        except Exception as mistake:
            # A template or a driver is at fault: the others go on, this one waits for a repair.
            log.exception("sending mistake", message_id=str(delivery.message_id), kind=delivery.kind)
            self._record_deferral(delivery, "mistake", type(mistake).__name__)
        else:
            self.outlet.breaker = self.outlet.breaker.after_success()
            self._record_delivery(delivery, answer)
        return True

    def _details(self, delivery: LeasedDelivery) -> dict[str, Any]:
        """What the template asks for; a secret is opened here and lives no longer than the sending."""
        if delivery.sealed_secret is None:
            return delivery.details
        secret = unseal(self.outlet.unsealing_key, delivery.sealed_secret, delivery.secret_context or "")
        if delivery.kind == Kind.ACTIVATION_LINK:
            return delivery.details | {"activation_url": f"{self.outlet.places.portal_url}/activate/{secret}"}
        return delivery.details | {"code": secret}

    def _record_delivery(self, delivery: LeasedDelivery, answer: str) -> None:
        now = self.clock()
        with self.transaction() as tx:
            store = Store(tx)
            attempts = store.record_attempt(delivery, now, "accepted", answer, state="delivered")
            if attempts is not None:
                store.erase_secret(delivery.message_id)
                Outbox(tx).announce(events.message_delivered(*_what(delivery), attempts, now))
        self._log("message delivered", delivery, attempts)

    def _record_failure(self, delivery: LeasedDelivery, failure: Failure, detail: str) -> None:
        now = self.clock()
        with self.transaction() as tx:
            store = Store(tx)
            attempts = store.record_attempt(delivery, now, "failed", detail, state="failed", failure=failure)
            if attempts is not None:
                store.erase_secret(delivery.message_id)
                Outbox(tx).announce(events.message_failed(*_what(delivery), attempts, failure, now))
        self._log("message failed", delivery, attempts, failure=failure)

    def _record_deferral(self, delivery: LeasedDelivery, outcome: str, detail: str) -> None:
        now = self.clock()
        at = next_attempt(delivery.attempts + 1, now, delivery.created_at, delivery.expires_at, self.chance())
        if isinstance(at, Failure):
            self._record_failure(delivery, at, detail)
            return
        with self.transaction() as tx:
            attempts = Store(tx).record_attempt(
                delivery, now, outcome, detail, state="waiting", next_attempt_at=at
            )
        self._log("message deferred", delivery, attempts, outcome=outcome)

    def _give_back(self, deliveries: Sequence[LeasedDelivery]) -> None:
        if deliveries:
            with self.transaction() as tx:
                Store(tx).give_back(deliveries, self.clock())

    def _log(self, event: str, delivery: LeasedDelivery, attempts: int | None, **more: str) -> None:
        log.info(
            event if attempts is not None else "lease lost",
            message_id=str(delivery.message_id),
            kind=delivery.kind,
            channel=delivery.channel,
            attempts=attempts,
            **more,
        )


def _what(delivery: LeasedDelivery) -> tuple[UUID, str, str, UUID]:
    return delivery.message_id, delivery.kind, delivery.channel, delivery.subject_id
