"""A message: one notice to one person, about one thing, because of one event."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from notify.deliveries.rules import BULK, NORMAL, URGENT
from notify.templates.rules import Kind

# Notices are sent as mails; only codes choose their channel.
EMAIL = "email"
PRIORITIES = {
    Kind.VERIFICATION_CODE: URGENT,
    Kind.ACTIVATION_LINK: URGENT,
    Kind.ACCOUNT_FROZEN: BULK,
    Kind.REMINDER_DUE: BULK,
}


class ContactUnknown(Exception):
    """The event that brings the person's contact has not arrived yet."""


@dataclass(frozen=True)
class Contact:
    """Where a person is written to, and in which language."""

    name: str
    email: str
    locale: str


@dataclass(frozen=True)
class Message:
    """`details` fill the template. `sealed_secret` is opened when the message is sent, and erased afterwards."""

    message_id: UUID
    event_id: UUID
    kind: Kind
    subject_id: UUID
    channel: str
    recipient: str
    locale: str
    details: dict[str, Any] = field(default_factory=dict)
    sealed_secret: str | None = None
    secret_context: str | None = None
    expires_at: datetime | None = None

    @property
    def priority(self) -> int:
        return PRIORITIES.get(self.kind, NORMAL)


def message_id_for(event_id: UUID, kind: Kind, channel: str) -> UUID:
    """The same for the same event, so that an event replayed years later makes no second message."""
    return uuid5(event_id, f"{kind}:{channel}")
