"""Tell the owners of downstream systems what ends soon, and that a queue fills up; each once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from mtnet_chassis.broker.usage import QueueUsage
from mtnet_chassis.events.outbox import Outbox
from mtnet_contracts.vocabulary.dates import taipei_day

from accounts.subscribers import messages
from accounts.subscribers.rules import ALARM_FROM, ALARM_OVER_BELOW
from accounts.subscribers.store import NoticeStore


def remind(notices: NoticeStore, outbox: Outbox, now: datetime) -> None:
    """Of whatever ends within 30 days and was not told yet, and again within 7."""
    today = taipei_day(now)
    for ending in notices.newly_ending(today, now):
        outbox.announce(messages.reminder(ending, today))
    notices.forget_past(today)


def raise_alarms(
    notices: NoticeStore, outbox: Outbox, queues: Mapping[str, QueueUsage], now: datetime
) -> None:
    """To owners whose queue has come to half of a limit (messages, bytes, days), once until it is below again."""
    full = [name for name, queue in queues.items() if queue.share >= ALARM_FROM]
    empty = [name for name, queue in queues.items() if queue.share < ALARM_OVER_BELOW]
    for subscriber in notices.newly_filling(full, empty, now):
        outbox.announce(messages.queue_filling(subscriber, queues[subscriber.name], now))
