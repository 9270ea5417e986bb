"""A webhook as accounts tells of it, and what its owner is told."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid5

from mtnet_contracts.events import WebhookChanged

from notify.contact_points.rules import EMAIL
from notify.messages.rules import Message, message_id_for
from notify.templates.rules import Kind
from notify.webhooks.rules import Webhook

__all__ = ["WebhookChanged", "trouble_notice", "webhook_of"]

LOCALE_OF_OWNERS = "zh-Hant"
LONGEST_PROBLEM = 100


def trouble_notice(webhook: Webhook, *, gone: bool, problem: str, since: datetime) -> Message:
    """To the office that answers for the system, once for each time that it takes no events."""
    kind, trouble = Kind.WEBHOOK_TROUBLE, "gone" if gone else "failing"
    event_id = uuid5(webhook.webhook_id, f"{trouble}:{since.isoformat()}")
    return Message(
        message_id=message_id_for(event_id, kind, EMAIL),
        event_id=event_id,
        kind=kind,
        subject_id=webhook.webhook_id,
        named=((EMAIL, webhook.contact_email),),
        locale=LOCALE_OF_OWNERS,
        details={
            "title": webhook.title,
            "system_name": webhook.name,
            "trouble": trouble,
            "problem": problem[:LONGEST_PROBLEM],
            "since": since.isoformat(),
        },
    )


def webhook_of(event: WebhookChanged) -> Webhook:
    """The secrets stay sealed until something is signed."""
    return Webhook(
        webhook_id=event.webhook_id,
        name=event.name,
        title=event.title,
        contact_email=event.contact_email,
        url=event.url,
        state=event.state,
        secrets=[
            {
                "number": each.number,
                "sealed": each.sealed,
                "ends_at": each.ends_at.isoformat() if each.ends_at else None,
            }
            for each in event.secrets
        ],
        changed_at=event.changed_at,
    )
