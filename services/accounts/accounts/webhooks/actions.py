"""Set a webhook's address, renew its secret, remove it; notify hears of each in the same transaction."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from mtnet_chassis.data.database import Tx
from mtnet_chassis.data.sealing import seal
from mtnet_chassis.events.outbox import Outbox

from accounts.webhooks.messages import webhook_changed
from accounts.webhooks.rules import SECRET_BYTES, NoWebhook, System, Webhook, secret_text
from accounts.webhooks.store import WebhookStore


def set_address(tx: Tx, sealing_key: str, system: System, url: str, now: datetime) -> str | None:
    """From now on its events are sent there. Returns its first secret, this once; None where it has one already."""
    webhook, secret = WebhookStore(tx).webhook_of(system.subscriber_id, lock=True), None
    if webhook is None:
        secret = secret_text(secrets.token_bytes(SECRET_BYTES))
        webhook = Webhook(system.subscriber_id, url, ()).renewed(
            _sealed(sealing_key, system, secret), now, timedelta()
        )
    _save(tx, system, replace(webhook, url=url), now)
    return secret


def renew_secret(tx: Tx, sealing_key: str, system: System, overlap: timedelta, now: datetime) -> str:
    """A new secret, returned this once. The present one signs beside it for `overlap`.

    Raises NoWebhook, TooManySecrets.
    """
    webhook = _found(tx, system)
    secret = secret_text(secrets.token_bytes(SECRET_BYTES))
    _save(tx, system, webhook.renewed(_sealed(sealing_key, system, secret), now, overlap), now)
    return secret


def remove(tx: Tx, system: System, now: datetime) -> None:
    """Raises NoWebhook."""
    _found(tx, system)
    WebhookStore(tx).remove(system.subscriber_id)
    Outbox(tx).announce(webhook_changed(system, None, now))


def follow(tx: Tx, system: System, now: datetime) -> None:
    """Its system has been suspended, resumed or removed: so is the webhook, where it has one."""
    store = WebhookStore(tx)
    webhook = store.webhook_of(system.subscriber_id, lock=True)
    if webhook is None:
        return
    if system.state == "removed":
        store.remove(system.subscriber_id)
    Outbox(tx).announce(webhook_changed(system, None if system.state == "removed" else webhook, now))


def webhook_of(tx: Tx, subscriber_id: UUID) -> Webhook | None:
    """Where this system's events are sent, and the secrets that sign them."""
    return WebhookStore(tx).webhook_of(subscriber_id)


def addresses(tx: Tx) -> dict[UUID, str]:
    """Of every webhook, by its system."""
    return WebhookStore(tx).addresses()


def _found(tx: Tx, system: System) -> Webhook:
    webhook = WebhookStore(tx).webhook_of(system.subscriber_id, lock=True)
    if webhook is None:
        raise NoWebhook(system.name)
    return webhook


def _save(tx: Tx, system: System, webhook: Webhook, now: datetime) -> None:
    WebhookStore(tx).save(webhook, now)
    Outbox(tx).announce(webhook_changed(system, webhook, now))


def _sealed(sealing_key: str, system: System, secret: str) -> str:
    return seal(sealing_key, secret, str(system.subscriber_id))
