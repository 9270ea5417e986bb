"""A system that gets its events by webhook: what happens to the system happens to its webhook, too."""

from __future__ import annotations

from datetime import datetime, timedelta

from mtnet_contracts.vocabulary.webhook_addresses import AddressRefused, webhook_address

from accounts.subscribers.rules import Subscriber, SubscriberRefused
from accounts.subscribers.store import SubscriberStore
from accounts.webhooks import actions
from accounts.webhooks.rules import LONGEST_OVERLAP, OVERLAP, NoWebhook, System, TooManySecrets

__all__ = ["LONGEST_OVERLAP", "OVERLAP", "follow", "remove", "renew_secret", "set_address"]


def set_address(
    store: SubscriberStore, subscriber: Subscriber, url: str, sealing_key: str, now: datetime, *, local: bool
) -> str | None:
    """Its first secret, this once; None where it has one. Raises SubscriberRefused."""
    try:
        webhook_address(url, local=local)
    except AddressRefused as refused:
        raise SubscriberRefused(str(refused)) from None
    secret = actions.set_address(store.tx, sealing_key, _system(subscriber), url, now)
    store.set_by_webhook(subscriber.subscriber_id, True)
    return secret


def renew_secret(
    store: SubscriberStore, subscriber: Subscriber, sealing_key: str, overlap: timedelta, now: datetime
) -> str:
    """Raises SubscriberRefused."""
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        raise SubscriberRefused(f"The two secrets may both sign for 0 to {LONGEST_OVERLAP.days} days.")
    try:
        return actions.renew_secret(store.tx, sealing_key, _system(subscriber), overlap, now)
    except NoWebhook:
        raise _has_none(subscriber) from None
    except TooManySecrets:
        raise SubscriberRefused(
            f"{subscriber.name} has two signing secrets already. With --overlap-days 0 both end at once."
        ) from None


def remove(store: SubscriberStore, subscriber: Subscriber, now: datetime) -> None:
    """Raises SubscriberRefused."""
    try:
        actions.remove(store.tx, _system(subscriber), now)
    except NoWebhook:
        raise _has_none(subscriber) from None
    store.set_by_webhook(subscriber.subscriber_id, False)


def follow(store: SubscriberStore, subscriber: Subscriber, now: datetime) -> None:
    """Its state has changed."""
    if subscriber.by_webhook:
        actions.follow(store.tx, _system(subscriber), now)


def _has_none(subscriber: Subscriber) -> SubscriberRefused:
    return SubscriberRefused(
        f"{subscriber.name} has no webhook: give it one with webhook {subscriber.name} --url …"
    )


def _system(subscriber: Subscriber) -> System:
    return System(
        subscriber.subscriber_id,
        subscriber.name,
        subscriber.title,
        subscriber.contact_email,
        str(subscriber.state),
    )
