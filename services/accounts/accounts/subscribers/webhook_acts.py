"""Give a system a webhook or another address, renew its signing secret, take the webhook away; each on record."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mtnet_chassis.runtime.webhook_hosts import Resolve, local_allowed, resolved
from mtnet_contracts.vocabulary.webhook_addresses import AddressRefused, webhook_address

from accounts.subscribers.actions import By, locked, noted
from accounts.subscribers.by_webhook import as_system
from accounts.subscribers.rules import Subscriber, SubscriberRefused
from accounts.subscribers.store import SubscriberStore
from accounts.webhooks import actions
from accounts.webhooks.adapters import judge_by_dns
from accounts.webhooks.rules import LONGEST_OVERLAP, OVERLAP, NoWebhook, TooManySecrets

if TYPE_CHECKING:
    from accounts.audit.store import AuditStore


def judged(url: str, resolve: Resolve = resolved) -> str:
    """The address, where events may be sent there by its text and by what DNS says of it now. DNS takes its time: ask
    before a transaction begins. Raises SubscriberRefused."""
    local = local_allowed()
    try:
        judge_by_dns(webhook_address(url, local=local), resolve, local=local)
    except AddressRefused as refused:
        raise SubscriberRefused(str(refused), refused.code, "url") from None
    return url


def set_webhook(
    store: SubscriberStore, audit: AuditStore, by: By, name: str, url: str, sealing_key: str
) -> str | None:
    """From now on its events are sent to this address, and its users of the broker end: both would each get a part.
    `url` has been `judged`.

    Returns the secret that signs them, this once; None where the webhook is there already and gets a new address.
    Raises SubscriberRefused.
    """
    subscriber = locked(store, name)
    secret = actions.set_address(store.tx, sealing_key, as_system(subscriber), url, by.now)
    store.set_by_webhook(subscriber.subscriber_id, True)
    noted(audit, by, "subscriber_webhook_set", subscriber, url=url)
    return secret


def renew_webhook_secret(
    store: SubscriberStore,
    audit: AuditStore,
    by: By,
    name: str,
    sealing_key: str,
    overlap: timedelta = OVERLAP,
) -> str:
    """A new signing secret, this once; what is sent is signed by both for `overlap`. Raises SubscriberRefused."""
    subscriber = locked(store, name)
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        raise SubscriberRefused(
            f"The two secrets may both sign for 0 to {LONGEST_OVERLAP.days} days.", field="overlap_days"
        )
    try:
        secret = actions.renew_secret(store.tx, sealing_key, as_system(subscriber), overlap, by.now)
    except NoWebhook:
        raise _has_none(subscriber) from None
    except TooManySecrets:
        raise SubscriberRefused(
            f"{name} has two signing secrets already. With --overlap-days 0 both end at once.",
            "TWO_SECRETS",
            "overlap_days",
        ) from None
    noted(audit, by, "subscriber_webhook_secret_renewed", subscriber, overlap_days=overlap.days)
    return secret


def remove_webhook(store: SubscriberStore, audit: AuditStore, by: By, name: str) -> None:
    """What notify has and has not sent yet is dropped; what is in the queue waits for the system's own reader.

    Raises SubscriberRefused.
    """
    subscriber = locked(store, name)
    try:
        actions.remove(store.tx, as_system(subscriber), by.now)
    except NoWebhook:
        raise _has_none(subscriber) from None
    store.set_by_webhook(subscriber.subscriber_id, False)
    noted(audit, by, "subscriber_webhook_removed", subscriber)


def _has_none(subscriber: Subscriber) -> SubscriberRefused:
    return SubscriberRefused(
        f"{subscriber.name} has no webhook: give it one with webhook {subscriber.name} --url …",
        "WEBHOOK_NOT_FOUND",
    )
