"""A system that gets its events by webhook: what happens to the system happens to its webhook, too."""

from __future__ import annotations

from datetime import datetime

from accounts.subscribers.rules import Subscriber
from accounts.subscribers.store import SubscriberStore
from accounts.webhooks import actions
from accounts.webhooks.rules import System, Webhook


def follow(store: SubscriberStore, subscriber: Subscriber, now: datetime) -> None:
    """Its state, title or contact has changed."""
    if subscriber.by_webhook:
        actions.follow(store.tx, as_system(subscriber), now)


def webhook_of(store: SubscriberStore, subscriber: Subscriber) -> Webhook | None:
    """Where its events are sent, if anywhere."""
    return actions.webhook_of(store.tx, subscriber.subscriber_id) if subscriber.by_webhook else None


def as_system(subscriber: Subscriber) -> System:
    """What notify has to know of it."""
    return System(
        subscriber.subscriber_id,
        subscriber.name,
        subscriber.title,
        subscriber.contact_email,
        str(subscriber.state),
    )
