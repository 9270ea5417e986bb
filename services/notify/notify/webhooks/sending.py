"""Send what is due to one webhook: some at a time, each subject in its order, and record what was answered."""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from queue import Empty, Queue
from threading import Thread
from typing import Protocol
from uuid import UUID

import psycopg
from mtnet_chassis.data.database import Tx
from mtnet_chassis.data.sealing import SealBroken, unseal
from mtnet_chassis.failpoints import failpoint
from mtnet_chassis.telemetry import logger
from prometheus_client import Counter
from psycopg_pool import PoolTimeout

from notify.providers.rules import CircuitBreaker, RateLimit
from notify.webhooks.actions import record
from notify.webhooks.rules import (
    AT_ONCE,
    LARGEST_BATCH,
    ROUND_SECONDS,
    Answer,
    DueEvent,
    Result,
    Webhook,
    breaker_after,
    result_of,
)
from notify.webhooks.store import WebhookStore

# What a receiver has taken and we have not recorded is sent again if the process is killed in between.
MOST_UNRECORDED = 20
LONGEST_UNRECORDED_SECONDS = 0.05

SENT = Counter(
    "mtnet_webhook_attempts_total",
    "Events sent to webhooks by what became of it (taken, put_off, given_up).",
    ["outcome"],
)

log = logger()


class Posts(Protocol):
    """A connection to a receiver."""

    def post(self, due: DueEvent, secrets: Sequence[str]) -> Answer: ...

    def close(self) -> None: ...


@dataclass
class WebhookSender:
    """Of one webhook, in the one process that sends to it. `connect` opens a connection to an address."""

    webhook_id: UUID
    transaction: Callable[[], AbstractContextManager[Tx]]
    unsealing_key: str
    pace: RateLimit
    connect: Callable[[str], Posts]
    clock: Callable[[], datetime]
    jitter: Callable[[], float] = random.random
    breaker: CircuitBreaker = field(default_factory=CircuitBreaker)

    def __post_init__(self) -> None:
        self.next_look_at: datetime | None = None
        self._connections: list[Posts] = []
        self._url = ""
        self._next_start = 0.0
        # What was answered and is not recorded yet: written as soon as the database is there.
        self._kept: list[tuple[Webhook, Result]] = []

    def send_due(self) -> int:
        """One round. Returns how many were tried: 0 when nothing is due or may be sent, until `next_look_at`.

        Raises psycopg.Error: what was not recorded is sent again, under the same ids.
        """
        self._flush()
        now = self.clock()
        with self.transaction() as tx:
            store = WebhookStore(tx)
            webhook = store.webhook(self.webhook_id)
            limit = self.breaker.allows(now, LARGEST_BATCH)
            self.next_look_at = self.breaker.cooldown_until
            if webhook is None or not webhook.is_sent_to or limit == 0:
                return 0
            batch = store.due(self.webhook_id, now, limit)
            if not batch:
                self.next_look_at = store.next_due(self.webhook_id, now)
                return 0
        try:
            secrets = [
                unseal(self.unsealing_key, each, str(self.webhook_id)) for each in webhook.sealed_secrets(now)
            ]
        except SealBroken:
            # The key was changed; the operator gives the webhook a new secret.
            log.error("signing secret cannot be opened", webhook=webhook.name)
            self.next_look_at = now + timedelta(minutes=1)
            return 0
        return self._round(webhook, batch, secrets)

    def close(self) -> None:
        connections, self._connections = self._connections, []
        for connection in connections:
            connection.close()

    def _round(self, webhook: Webhook, batch: Sequence[DueEvent], secrets: Sequence[str]) -> int:
        if webhook.url != self._url:
            self.close()
            self._url = webhook.url
        while len(self._connections) < min(AT_ONCE, len(batch)):
            self._connections.append(self.connect(webhook.url))
        waiting, results = deque(batch), Queue[Result | None]()
        ends_at = time.monotonic() + ROUND_SECONDS
        senders = [
            Thread(target=self._send, args=(connection, waiting, results, secrets, ends_at), daemon=True)
            for connection in self._connections[: len(batch)]
        ]
        for sender in senders:
            sender.start()
        return self._gather(webhook, results, len(senders))

    def _send(
        self,
        connection: Posts,
        waiting: deque[DueEvent],
        results: Queue[Result | None],
        secrets: Sequence[str],
        ends_at: float,
    ) -> None:
        """One thread of a round. It begins nothing new when its time is over, or the receiver has not taken one."""
        try:
            while waiting:
                due = waiting.popleft()
                self._keep_pace()
                failpoint("webhooks.before_send")
                answer = connection.post(due, secrets)
                failpoint("webhooks.after_answer")
                result = result_of(due, answer, self.clock(), self.jitter())
                self.breaker = breaker_after(self.breaker, result)
                results.put(result)
                if not answer.is_taken or time.monotonic() > ends_at:
                    return
        except Exception:
            # Nothing is recorded of this attempt, so the event is due at once: the receiver is left alone for a while.
            self.breaker = self.breaker.after_outage(self.clock())
            log.exception("sending to a webhook ended by a mistake", webhook_id=str(self.webhook_id))
        finally:
            results.put(None)

    def _gather(self, webhook: Webhook, results: Queue[Result | None], senders: int) -> int:
        """Record what comes, some at a time, until the last thread of the round has ended. Raises psycopg.Error."""
        tried, trouble = 0, None
        while senders:
            try:
                result = results.get(timeout=LONGEST_UNRECORDED_SECONDS if self._kept else None)
                if result is None:
                    senders -= 1
                    continue
                tried += 1
                self._kept.append((webhook, result))
                if len(self._kept) < MOST_UNRECORDED:
                    continue
            except Empty:
                pass
            try:
                self._flush()
            except (psycopg.Error, PoolTimeout) as problem:
                trouble = problem
        if trouble is not None:
            raise trouble
        self._flush()
        return tried

    def _flush(self) -> None:
        """Raises psycopg.Error."""
        if not self._kept:
            return
        kept = list(self._kept)
        failpoint("webhooks.before_record")
        with self.transaction() as tx:
            record(tx, kept[-1][0], [result for _, result in kept], self.clock())
        failpoint("webhooks.after_record")
        del self._kept[: len(kept)]
        for webhook, result in kept:
            outcome = _OUTCOMES[result.state]
            SENT.labels(outcome).inc()
            log.info(
                f"webhook {outcome}",
                webhook=webhook.name,
                event_id=str(result.due.event_id),
                event_type=result.due.event,
                status=result.answer.status,
                problem=result.answer.problem,
            )

    def _keep_pace(self) -> None:
        now = time.monotonic()
        self._next_start = max(now, self._next_start) + self.pace.seconds(1)
        if (wait := self._next_start - self.pace.seconds(1) - now) > 0:
            time.sleep(wait)


_OUTCOMES = {"delivered": "taken", "waiting": "put_off", "failed": "given_up"}
