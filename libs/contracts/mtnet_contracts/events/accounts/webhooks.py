"""Webhooks of downstream systems: where notify sends their events, and by which secrets it signs."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mtnet_contracts.event import Event, Holds


@dataclass(frozen=True, kw_only=True)
class SigningSecret:
    """`sealed` is for notify alone; its context is the webhook's id. After `ends_at` it signs no more."""

    number: int
    sealed: str
    ends_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class WebhookChanged(Event):
    """All that there is to know of a webhook, each time one part of it has changed.

    `webhook_id` is the id of its downstream system, `name` that system's name. `state`: active; suspended, when its
    queue goes on collecting; removed, with neither address nor secrets.
    """

    source = "accounts"
    aggregate = "webhook"
    subject = "webhook_id"
    holds = Holds.SECRETS

    webhook_id: UUID
    name: str
    title: str
    contact_email: str
    state: str
    url: str
    secrets: tuple[SigningSecret, ...]
    changed_at: datetime
