"""A webhook as notify hears of it."""

from __future__ import annotations

from datetime import datetime

from mtnet_contracts.events import SigningSecret, WebhookChanged

from accounts.webhooks.rules import System, Webhook


def webhook_changed(system: System, webhook: Webhook | None, now: datetime) -> WebhookChanged:
    """None: it has been removed."""
    return WebhookChanged(
        webhook_id=system.subscriber_id,
        name=system.name,
        title=system.title,
        contact_email=system.contact_email,
        state=system.state if webhook is not None else "removed",
        url=webhook.url if webhook is not None else "",
        secrets=tuple(
            SigningSecret(number=each.number, sealed=each.sealed, ends_at=each.ends_at)
            for each in (webhook.live_secrets(now) if webhook is not None else ())
        ),
        changed_at=now,
    )
