"""A webhook and its events as operators see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from notify.webhooks.rules import TEST_EVENT, Webhook


@dataclass(frozen=True)
class Asked:
    """What operators look for. `before`: the id with which the last page ended."""

    state: str | None
    event: str | None
    event_id: UUID | None
    before: UUID | None
    limit: int


@dataclass(frozen=True)
class SentEvent:
    """An event with the last try of it. `status` None: none yet, or nothing was answered."""

    number: int
    event_id: UUID
    event: str
    subject: str
    state: str
    attempts: int
    status: int | None
    problem: str
    received_at: datetime
    next_attempt_at: datetime | None
    finished_at: datetime | None


def state_of(webhook: Webhook) -> str:
    """What keeps it from being sent to, if anything."""
    if webhook.state != "active":
        return webhook.state
    if webhook.paused_at is not None:
        return "paused"
    return "stopped" if webhook.stopped_at is not None else "active"


def test_event_attributes(webhook: Webhook, event_id: UUID, now: datetime) -> dict[str, Any]:
    """As the broker would have them."""
    return {
        "cloudEvents_specversion": "1.0",
        "cloudEvents_id": str(event_id),
        "cloudEvents_source": "/mtnet/notify",
        "cloudEvents_type": TEST_EVENT,
        "cloudEvents_time": now.isoformat(),
        "cloudEvents_subject": str(webhook.webhook_id),
        "cloudEvents_partitionkey": f"webhook/{webhook.webhook_id}",
    }
