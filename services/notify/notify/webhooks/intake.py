"""Take a system's events from its queue into notify's table, in batches; each is acknowledged after the commit."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from threading import Event, Thread
from uuid import UUID

from mtnet_chassis.broker.connection import ConnectionLost
from mtnet_chassis.broker.downstream import OF_DOWNSTREAM
from mtnet_chassis.broker.reader import QueueReader
from mtnet_chassis.data.database import Tx
from mtnet_chassis.failpoints import failpoint
from mtnet_chassis.telemetry import logger

from notify.webhooks.actions import take_in
from notify.webhooks.rules import MOST_WAITING, event_of
from notify.webhooks.store import WebhookStore

BATCH = 100
GATHER_SECONDS = 0.01
# When as many wait as may, whether there is space again.
LOOK_AGAIN_SECONDS = 5.0

log = logger()


class Intake:
    """Of one webhook. The queue has one active consumer, so that the order of what comes is that of the queue."""

    def __init__(
        self,
        webhook_id: UUID,
        amqp_url: str,
        transaction: Callable[[], AbstractContextManager[Tx]],
        clock: Callable[[], datetime],
    ) -> None:
        self.webhook_id = webhook_id
        self._amqp_url, self._transaction, self._clock = amqp_url, transaction, clock
        self._reader: QueueReader | None = None
        self._space, self._ended = Event(), Event()

    def wake(self) -> None:
        """There may be space for more."""
        self._space.set()

    def end(self) -> None:
        """Take no more; what was delivered and not stored goes back to the queue. Does not wait for the broker."""
        self._ended.set()
        self._space.set()
        Thread(target=self._close, daemon=True).start()

    def take_in(self) -> int:
        """One batch, waited for. 0 when there is no space, or nothing more comes. Raises psycopg.Error."""
        with self._transaction() as tx:
            store = WebhookStore(tx)
            webhook = store.webhook(self.webhook_id)
            space = MOST_WAITING - store.waiting(self.webhook_id, MOST_WAITING)
        if webhook is None or not webhook.takes_events or self._ended.is_set():
            self._close()
            return 0
        if space <= 0:
            # An unacknowledged message would be held against us by the broker: it keeps them all.
            self._close()
            self._space.clear()
            self._space.wait(LOOK_AGAIN_SECONDS)
            return 0
        reader = self._open(webhook.name)
        deliveries = [] if self._ended.is_set() else reader.take(min(BATCH, space), GATHER_SECONDS)
        if not deliveries or self._ended.is_set():
            self._close()
            return 0
        events = [event_of(each.headers, each.body) for each in deliveries]
        failpoint("webhooks.before_intake")
        with self._transaction() as tx:
            take_in(tx, webhook, [each for each in events if each is not None], self._clock())
        failpoint("webhooks.after_intake")
        try:
            for delivery, event in zip(deliveries, events, strict=True):
                if event is None:
                    log.error("no event of the portal in the queue of a webhook", webhook=webhook.name)
                    delivery.connection.reject(delivery.tag)
                else:
                    delivery.ack()
        except ConnectionLost:
            # They come again, and are known by their ids.
            pass
        return len(deliveries)

    def _open(self, name: str) -> QueueReader:
        if self._reader is None:
            reader = QueueReader(self._amqp_url, f"{OF_DOWNSTREAM}{name}", prefetch=2 * BATCH)
            Thread(target=reader.run, daemon=True).start()
            self._reader = reader
        return self._reader

    def _close(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.stop_taking()
            reader.close()
