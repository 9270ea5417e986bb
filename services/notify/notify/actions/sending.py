"""Sending: take in hand what is due, give it to the provider outside any transaction, record what became of it."""

import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Condition
from typing import Any, Protocol
from uuid import UUID

import psycopg
from mtnet_chassis.data.sealing import SealBroken, unseal
from mtnet_chassis.telemetry import logger

from notify.actions.recording import Recorder, count_provider
from notify.clients import MailChannel, SmsChannel
from notify.domain.delivering import (
    ROUNDS_OF_EVIDENCE,
    Breaker,
    Deferral,
    Doubt,
    Failure,
    Outage,
    Pace,
    Refusal,
    is_about_the_message,
    next_attempt,
)
from notify.domain.messages import URGENT
from notify.store import LeasedDelivery, Outcome, Store
from notify.templates.actions import render_mail, render_text
from notify.templates.rules import Kind, Links

# A fast provider gets this many between two looks at the database; a slow one gets them one by one.
LARGEST_BATCH = 50
# How long a batch should take: as long as a code waits for its connection at most, where all others are busy.
BATCH_SECONDS = 0.25
# How long to wait for a provider's last word. Hanging up too early sends a mail twice; a code that comes
# twice is better than one that comes too late.
PATIENCE_SECONDS = 300.0
PATIENCE_FOR_URGENT_SECONDS = 20.0

Transaction = Callable[[], AbstractContextManager[psycopg.Connection[Any]]]

log = logger()


class Way(Protocol):
    """A connection to a provider, with the words for it."""

    def send(self, delivery: LeasedDelivery, details: dict[str, Any]) -> str:
        """The provider's answer, in codes. Raises Refusal, Deferral, Doubt, Outage."""
        ...

    def close(self) -> None: ...


@dataclass
class ByMail:
    """Render and mail."""

    channel: MailChannel
    links: Links

    def send(self, delivery: LeasedDelivery, details: dict[str, Any]) -> str:
        kind = Kind(delivery.kind)
        mail = render_mail(self.links, kind, delivery.template_version, delivery.locale, details)
        patience = PATIENCE_FOR_URGENT_SECONDS if delivery.priority == URGENT else PATIENCE_SECONDS
        return self.channel.send(delivery.message_id, delivery.recipient, mail, delivery.locale, patience)

    def close(self) -> None:
        self.channel.close()


@dataclass
class BySms:
    """Render and send as a text message."""

    channel: SmsChannel
    links: Links

    def send(self, delivery: LeasedDelivery, details: dict[str, Any]) -> str:
        kind = Kind(delivery.kind)
        version, locale = delivery.template_version, delivery.locale
        text = render_text(self.links, kind, version, locale, details, "sms")
        return self.channel.send(delivery.message_id, delivery.recipient, text)

    def close(self) -> None:
        self.channel.close()


class Bell:
    """Wakes one sender that waits for work. A ring that nobody hears is kept for the next who listens."""

    def __init__(self) -> None:
        self._condition = Condition()
        self._rung = False

    def ring(self) -> None:
        with self._condition:
            self._rung = True
            self._condition.notify()

    def ring_for_all(self) -> None:
        with self._condition:
            self._rung = True
            self._condition.notify_all()

    def wait(self, seconds: float) -> None:
        """Until it rings, or so long."""
        with self._condition:
            if not self._rung:
                self._condition.wait(seconds)
            self._rung = False


@dataclass
class Outlet:
    """What a process knows of one channel: its pace, its provider's health, and whom to wake."""

    channel: str
    links: Links
    unsealing_key: str
    pace: Pace
    breaker: Breaker = field(default_factory=Breaker)
    urgent_work: Bell = field(default_factory=Bell)
    work: Bell = field(default_factory=Bell)

    def call(self, *, urgent: bool) -> None:
        """There is work. For urgent work the sender kept for it wakes, and one of the others should it be busy."""
        if urgent:
            self.urgent_work.ring()
        self.work.ring()

    def tell_health(self, breaker: Breaker, detail: str) -> None:
        """Keep the new state; a change is logged once, and measured."""
        before, self.breaker = self.breaker, breaker
        if breaker.is_open and not before.is_open:
            log.error("provider takes nothing", channel=self.channel, answer=detail, outage=breaker.outage)
        if before.is_open and not breaker.is_open:
            log.warning("provider takes messages again", channel=self.channel)
        count_provider(self.channel, away=breaker.is_open)


@dataclass
class Sender:
    """Sends over one connection, one message at a time. Others do the same beside it, here and in other processes.

    `urgent_only`: kept free for codes and activation links, so that none waits for a slow provider to take bulk.
    """

    outlet: Outlet
    way: Way
    transaction: Transaction
    sender_id: Callable[[], UUID | None]
    clock: Callable[[], datetime]
    urgent_only: bool = False
    chance: Callable[[], float] = random.random
    sleep: Callable[[float], None] = time.sleep
    elapsed: Callable[[], float] = time.monotonic
    batch: int = 1

    def __post_init__(self) -> None:
        self.recorder = Recorder(self.transaction, self.elapsed)
        self._untried: list[LeasedDelivery] = []
        self._current: list[LeasedDelivery] = []

    def in_hand(self) -> set[tuple[UUID, str]]:
        """Which deliveries this sender knows that it has: leased, and neither recorded nor given back."""
        known = (*self._current, *self._untried, *self.recorder.deliveries())
        return {(delivery.message_id, delivery.channel) for delivery in known}

    def send_due(self) -> int:
        """Send one batch; says how many were tried. Nothing while the provider rests, or the database is away.

        Raises psycopg.Error; what was handed over by then is recorded as soon as the database is back.
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
        """Let go of the connection; what is not settled yet is tried once more. Raises psycopg.Error."""
        self.way.close()
        self._settle()

    def _settle(self) -> None:
        """Record what is not recorded yet, and give back what was not tried. Raises psycopg.Error."""
        self.recorder.flush()
        if self._untried:
            with self.transaction() as tx:
                Store(tx).give_back(self._untried, self.clock())
            self._untried = []

    def _lease(self) -> list[LeasedDelivery]:
        sender_id, now = self.sender_id(), self.clock()
        limit = self.outlet.breaker.allows(now, self.batch, urgent_only=self.urgent_only)
        if sender_id is None or limit == 0:
            return []
        # While the provider is in doubt, those that it has refused already prove nothing new.
        in_doubt = self.outlet.breaker.is_open and not self.outlet.breaker.outage
        with self.transaction() as tx:
            store = Store(tx)
            for undoubted_only in (True, False) if in_doubt else (False,):
                batch = store.lease_due(
                    self.outlet.channel,
                    now,
                    limit,
                    sender_id,
                    urgent_only=self.urgent_only,
                    undoubted_only=undoubted_only,
                )
                if batch:
                    break
        if batch and self.outlet.breaker.is_open:
            if self.outlet.breaker.allows(now, 1, urgent_only=self.urgent_only) == 0:
                # Another sender was faster, and is trying.
                self._untried = batch
                self._settle()
                return []
            self.outlet.breaker = self.outlet.breaker.trying(now)
        return batch

    def _send_one(self, delivery: LeasedDelivery) -> bool:
        """False when the provider takes nothing at present."""
        now = self.clock()
        if delivery.expires_at is not None and now >= delivery.expires_at:
            self._failed(delivery, Failure.EXPIRED, "expired before it could be sent")
            return True
        self.outlet.pace, seconds = self.outlet.pace.take(now.timestamp())
        if seconds > 0:
            self.sleep(seconds)
        try:
            answer = self.way.send(delivery, self._details(delivery))
        except SealBroken as broken:
            self._failed(delivery, Failure.UNREADABLE, str(broken))
        except Refusal as refused:
            # Judged by the address itself or said about it: either way no word about the provider's health.
            self._failed(delivery, refused.failure, refused.detail)
        except Deferral as deferred:
            self._deferred(delivery, "deferred", deferred.detail)
        except Doubt as doubt:
            self._doubted(delivery, doubt)
            return not self.outlet.breaker.is_open
        except Outage as outage:
            self.outlet.tell_health(self.outlet.breaker.after_outage(self.clock()), outage.detail)
            self._put_back(delivery, outage.detail)
            return False
        except Exception as mistake:
            # A template or a driver is at fault: the others go on, this one waits for a repair.
            log.exception("sending mistake", message_id=str(delivery.message_id), kind=delivery.kind)
            self._deferred(delivery, "mistake", type(mistake).__name__)
        else:
            self._accepted(delivery, answer)
        return True

    def _details(self, delivery: LeasedDelivery) -> dict[str, Any]:
        """What the template asks for; a secret is opened here and lives no longer than the sending."""
        if delivery.sealed_secret is None:
            return delivery.details
        secret = unseal(self.outlet.unsealing_key, delivery.sealed_secret, delivery.secret_context or "")
        return self.outlet.links.details_with_secret(Kind(delivery.kind), delivery.details, secret)

    def _accepted(self, delivery: LeasedDelivery, answer: str) -> None:
        now, was_open = self.clock(), self.outlet.breaker.is_open
        self.outlet.tell_health(self.outlet.breaker.after_success(), answer)
        self.recorder.keep(Outcome(delivery, now, "accepted", answer, state="delivered"))
        if was_open:
            with self.transaction() as tx:
                Store(tx).bring_forward(self.outlet.channel, now)
            self.outlet.work.ring_for_all()

    def _failed(self, delivery: LeasedDelivery, failure: Failure, detail: str) -> None:
        self.recorder.keep(Outcome(delivery, self.clock(), "failed", detail, state="failed", failure=failure))

    def _put_back(self, delivery: LeasedDelivery, detail: str) -> None:
        """An outage is not the message's: it is due as soon as the provider is back, however long that takes."""
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
        self, delivery: LeasedDelivery, outcome: str, detail: str, *, for_ever: bool = False
    ) -> None:
        """`for_ever`: nothing shows that it is the message's own fault, so it is not given up."""
        now, deferrals = self.clock(), delivery.deferrals + 1
        since = now if for_ever else delivery.deferred_since or now
        at = next_attempt(deferrals, now, since, delivery.expires_at, self.chance())
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
        breaker = self.outlet.breaker.after_doubt(now, delivery.recipient)
        self.outlet.tell_health(breaker, doubt.detail)
        # What this sender handed over a moment ago is evidence, too.
        self.recorder.flush()
        with self.transaction() as tx:
            between = Store(tx).accepted_between_doubts(delivery, now, ROUNDS_OF_EVIDENCE)
        if doubt.failure is not None and is_about_the_message(between):
            self._failed(delivery, doubt.failure, doubt.detail)
            return
        self._deferred(delivery, "doubtful", doubt.detail, for_ever=between == 0)


def longest_wait(outlet: Outlet, now: datetime, otherwise: timedelta) -> float:
    """Seconds until a sender should look again, should nobody wake it: a rest may end sooner."""
    until = outlet.breaker.resting_until
    wait = otherwise if until is None or until <= now else min(otherwise, until - now)
    return wait.total_seconds()
