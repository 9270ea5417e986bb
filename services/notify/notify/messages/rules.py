"""A message: one notice to one person, about one thing, because of one event."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from notify.contact_points.rules import EMAIL, Address, Person
from notify.routing.rules import KIND_PLANS, KindPlan
from notify.templates.rules import Kind


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
    """`details` fill the template. `sealed_secret` is opened when the message is sent, and erased afterwards.

    `named`: the addresses that the event itself names, the first of them the main one; routing adds the others that
    the person has chosen. `person`: None where a code or an operator is written to. `own_plan`: where it is not that of
    the kind.
    """

    message_id: UUID
    event_id: UUID
    kind: Kind
    subject_id: UUID
    locale: str
    named: tuple[Address, ...] = ()
    person: Person | None = None
    details: dict[str, Any] = field(default_factory=dict)
    sealed_secret: str | None = None
    secret_context: str | None = None
    expires_at: datetime | None = None
    # Of a text that an operator tries; else the one in use is chosen when the message is stored.
    template_version: int | None = None
    own_plan: KindPlan | None = None

    @property
    def plan(self) -> KindPlan:
        return self.own_plan or KIND_PLANS[self.kind]


def message_id_for(event_id: UUID, kind: Kind, channel: str, recipient: str = "") -> UUID:
    """The same for the same event, so that an event replayed years later makes no second message.

    `channel` and `recipient` are those of the first address, `recipient` only where an event names several.
    """
    return uuid5(event_id, ":".join([kind, channel, *([recipient] if recipient else [])]))


def notice(
    event_id: UUID, kind: Kind, person: Person, contact: Contact, details: dict[str, Any], **more: Any
) -> Message:
    """What an event tells one person, about themselves. `more`: a sealed secret, its context, until when it holds."""
    return Message(
        message_id=message_id_for(event_id, kind, EMAIL),
        event_id=event_id,
        kind=kind,
        subject_id=person.id,
        named=((EMAIL, contact.email),),
        person=person,
        locale=contact.locale,
        details={"name": contact.name, **details},
        **more,
    )
