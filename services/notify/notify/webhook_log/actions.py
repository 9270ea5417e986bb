"""What operators see of a webhook and do about it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from mtnet_chassis.data.database import Tx

from notify.webhook_log.messages import may_be_shown
from notify.webhook_log.rules import Asked, state_of, test_event_attributes
from notify.webhook_log.store import WebhookLogStore
from notify.webhooks import actions as webhooks
from notify.webhooks.rules import (
    MOST_WAITING,
    TEST_EVENT,
    DeliveryUnknown,
    NewEvent,
    StillWaiting,
    Webhook,
    WebhookNotPaused,
    WebhookPaused,
    headers_of,
)

MOST_TRIES = 50


def log_of(tx: Tx, name: str, asked: Asked, now: datetime) -> Mapping[str, Any]:
    """A webhook and what was sent to it, newest first. Raises WebhookUnknown."""
    webhook = webhooks.named(tx, name)
    found = WebhookLogStore(tx).newest(webhook.webhook_id, asked)
    page = found[: asked.limit]
    return {
        "webhook": {
            "name": webhook.name,
            "url": webhook.url,
            "state": state_of(webhook),
            "secrets": len(webhook.sealed_secrets(now)),
            "paused_at": webhook.paused_at,
            "paused_by": webhook.paused_by,
            "pause_reason": webhook.pause_reason,
            "stopped_at": webhook.stopped_at,
            "failing_since": webhook.failing_since,
            "problem": webhook.problem,
            "waiting": webhooks.waiting(tx, webhook, MOST_WAITING),
        },
        "items": [asdict(each) for each in page],
        "next_before": page[-1].event_id if len(found) > len(page) else None,
    }


def one_of(tx: Tx, name: str, event_id: UUID) -> Mapping[str, Any]:
    """One event with every try. Raises WebhookUnknown, DeliveryUnknown."""
    webhook, store = webhooks.named(tx, name), WebhookLogStore(tx)
    sent = store.sent(webhook.webhook_id, event_id)
    if sent is None:
        raise DeliveryUnknown(str(event_id))
    attributes, body = store.content(webhook.webhook_id, event_id)
    return {
        **asdict(sent),
        "headers": {**headers_of(attributes), "webhook-id": str(sent.event_id)},
        "body": body.decode("utf-8", "replace") if may_be_shown(sent.event) else None,
        "tries": store.tries(webhook.webhook_id, sent.number, MOST_TRIES),
    }


def send_again(tx: Tx, name: str, event_id: UUID, now: datetime) -> Webhook:
    """Under the same id, to where the webhook goes now. Raises WebhookUnknown, DeliveryUnknown, StillWaiting."""
    webhook, store = webhooks.named(tx, name, hold=True), WebhookLogStore(tx)
    if store.sent(webhook.webhook_id, event_id) is None:
        raise DeliveryUnknown(str(event_id))
    if not store.put_back(webhook.webhook_id, event_id, now):
        raise StillWaiting(str(event_id))
    webhooks.wake(tx, webhook)
    return webhook


def send_test(tx: Tx, name: str, event_id: UUID, now: datetime) -> Webhook:
    """An event that says nothing but that the way is open. One at a time: they cannot pile up before a
    receiver that takes nothing. Raises WebhookUnknown, StillWaiting."""
    webhook, store = webhooks.named(tx, name, hold=True), WebhookLogStore(tx)
    if store.waits(webhook.webhook_id, TEST_EVENT):
        raise StillWaiting(TEST_EVENT)
    event = NewEvent(
        event_id=event_id,
        event=TEST_EVENT,
        subject=f"webhook/{webhook.webhook_id}",
        attributes=test_event_attributes(webhook, event_id, now),
        body=json.dumps({"webhook": webhook.name}).encode(),
    )
    webhooks.take_in(tx, webhook, [event], now)
    webhooks.wake(tx, webhook)
    return webhook


def pause(tx: Tx, name: str, by: str, reason: str, now: datetime) -> Webhook:
    """Nothing more is sent; what happens meanwhile is kept. Raises WebhookUnknown, WebhookPaused."""
    webhook = webhooks.named(tx, name, hold=True)
    if not WebhookLogStore(tx).pause(webhook.webhook_id, by, reason, now):
        raise WebhookPaused(name)
    webhooks.wake(tx, webhook)
    return webhooks.named(tx, name)


def resume(tx: Tx, name: str) -> Webhook:
    """Also where its receiver has answered 410. Raises WebhookUnknown, WebhookNotPaused."""
    webhook = webhooks.named(tx, name, hold=True)
    if not WebhookLogStore(tx).resume(webhook.webhook_id):
        raise WebhookNotPaused(name)
    webhooks.wake(tx, webhook)
    return webhooks.named(tx, name)
