"""A message: one notice to one person, about one thing, because of one event."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from mtnet_contracts.vocabulary.notices import Category

from notify.contact_points.rules import Person
from notify.routing.rules import KIND_PLANS
from notify.templates.rules import Kind

# Notices are sent as mails; codes choose their channel, and what every contact has to know goes to mobiles too.
EMAIL, SMS = "email", "sms"


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
    person: Person | None = None

    @property
    def priority(self) -> int:
        return KIND_PLANS[self.kind].priority

    @property
    def category(self) -> Category:
        return KIND_PLANS[self.kind].category


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
