"""What the owner of a downstream system is told, as events."""

from __future__ import annotations

from datetime import date, datetime

from mtnet_chassis.broker.downstream import OF_DOWNSTREAM
from mtnet_chassis.broker.usage import QueueUsage
from mtnet_contracts.events import SubscriberQueueFilling, SubscriberReminderDue

from accounts.subscribers.rules import Ending, Subscriber

__all__ = ["SubscriberQueueFilling", "SubscriberReminderDue"]


def reminder(ending: Ending, today: date) -> SubscriberReminderDue:
    return SubscriberReminderDue(
        subscriber_id=ending.subscriber_id,
        name=ending.name,
        title=ending.title,
        email=ending.email,
        what=ending.what,
        items=ending.items,
        ends_on=ending.ends_on,
        days_left=(ending.ends_on - today).days,
    )


def queue_filling(subscriber: Subscriber, queue: QueueUsage, now: datetime) -> SubscriberQueueFilling:
    hours = int(queue.waiting_seconds // 3600)
    return SubscriberQueueFilling(
        subscriber_id=subscriber.subscriber_id,
        name=subscriber.name,
        title=subscriber.title,
        email=subscriber.contact_email,
        queue=f"{OF_DOWNSTREAM}{subscriber.name}",
        messages=queue.messages,
        share=int(queue.share * 100),
        measured_at=now,
        oldest_hours=hours or None,
    )
