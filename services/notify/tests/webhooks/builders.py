"""Webhooks and events as their tests need them."""

from datetime import UTC, datetime
from uuid import uuid4

from notify.webhooks.rules import NewEvent, Webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def a_webhook(**changes):
    return Webhook(
        **{
            "webhook_id": uuid4(),
            "name": "vessels",
            "title": "Vessel register",
            "contact_email": "ships@example.com",
            "url": "https://ships.example.com/events",
            "state": "active",
            "secrets": [],
            "changed_at": datetime(2026, 11, 27, tzinfo=UTC),
        }
        | changes
    )


def an_event(subject="account/7", **changes):
    event_id = changes.pop("event_id", uuid4())
    return NewEvent(
        **{
            "event_id": event_id,
            "event": "accounts.AccountActivated",
            "subject": subject,
            "attributes": {
                "cloudEvents_id": str(event_id),
                "cloudEvents_type": "accounts.AccountActivated",
                "cloudEvents_partitionkey": subject,
            },
            "body": '{"account_name":"船長"}'.encode(),
        }
        | changes
    )
