"""What the owner of a downstream system is told, as events."""

from __future__ import annotations

from datetime import date, datetime

from mtnet_contracts.events import SubscriberQueueFilling, SubscriberReminderDue

from accounts.subscribers.rules import Ending, Filling

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


def queue_filling(filling: Filling, now: datetime) -> SubscriberQueueFilling:
    hours = None if filling.oldest_seconds is None else int(filling.oldest_seconds // 3600)
    return SubscriberQueueFilling(
        subscriber_id=filling.subscriber_id,
        name=filling.name,
        title=filling.title,
        email=filling.email,
        queue=filling.queue,
        messages=filling.messages,
        share=int(filling.share * 100),
        measured_at=now,
        oldest_hours=hours,
    )
