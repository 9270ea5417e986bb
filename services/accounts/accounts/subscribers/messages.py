"""What the owner of a downstream system is told, as events."""

from __future__ import annotations

from datetime import date, datetime

from mtnet_chassis.broker.downstream import OF_DOWNSTREAM
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


def queue_filling(
    subscriber: Subscriber, waiting: int, share: float, now: datetime
) -> SubscriberQueueFilling:
    """`share` is 0 to 1."""
    return SubscriberQueueFilling(
        subscriber_id=subscriber.subscriber_id,
        name=subscriber.name,
        title=subscriber.title,
        email=subscriber.contact_email,
        queue=f"{OF_DOWNSTREAM}{subscriber.name}",
        messages=waiting,
        share=int(share * 100),
        measured_at=now,
    )
