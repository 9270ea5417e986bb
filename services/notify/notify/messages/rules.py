"""A message: one notice to one person, about one thing, because of one event."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from notify.deliveries.rules import BULK, NORMAL, URGENT
from notify.templates.rules import Kind

# Notices are sent as mails; codes choose their channel, and what every contact has to know goes to mobiles too.
EMAIL, SMS = "email", "sms"
PRIORITIES = {
    Kind.VERIFICATION_CODE: URGENT,
    Kind.ACTIVATION_LINK: URGENT,
    Kind.PASSWORD_RESET: URGENT,
    Kind.PASSWORD_CHANGED: URGENT,
    Kind.NEW_DEVICE_LOGIN: URGENT,
    Kind.SECOND_FACTOR_CHANGED: URGENT,
    Kind.CONTACT_CHANGED: URGENT,
    Kind.CONTACT_CHANGE_UNDONE: URGENT,
    Kind.ACCOUNT_FROZEN: BULK,
    Kind.ACCOUNT_DISABLED: BULK,
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


def message_id_for(event_id: UUID, kind: Kind, channel: str, recipient: str = "") -> UUID:
    """The same for the same event, so that an event replayed years later makes no second message.

    `recipient` where one event is told to several people.
    """
    return uuid5(event_id, ":".join([kind, channel, *([recipient] if recipient else [])]))


def mail(
    event_id: UUID, kind: Kind, subject_id: UUID, contact: Contact, details: dict[str, Any], **more: Any
) -> Message:
    """The mail of an event that is told to one person. `more`: a sealed secret, its context, until when it holds."""
    return Message(
        message_id=message_id_for(event_id, kind, EMAIL),
        event_id=event_id,
        kind=kind,
        subject_id=subject_id,
        channel=EMAIL,
        recipient=contact.email,
        locale=contact.locale,
        details={"name": contact.name, **details},
        **more,
    )
