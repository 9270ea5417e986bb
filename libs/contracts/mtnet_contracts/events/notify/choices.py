"""What a person chose about how they are told, for the audit log and their own history."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from mtnet_contracts.event import Event, Holds


@dataclass(frozen=True, kw_only=True)
class NotificationChoiceChanged(Event):
    """A person changed how they are told: what they want on which channel, their LINE account, their fax number.

    `person_kind` is `account`, or `application` for an applicant without one. `actor_account_id` is the owner who was
    logged in; None for an applicant. Never an address. `categories` are those of a changed preference.
    """

    PREFERENCES: ClassVar[str] = "notifications_changed"
    LINE_LINKED: ClassVar[str] = "line_linked"
    LINE_UNLINKED: ClassVar[str] = "line_unlinked"
    FAX_ADDED: ClassVar[str] = "fax_number_added"
    FAX_REMOVED: ClassVar[str] = "fax_number_removed"

    source = "notify"
    aggregate = "notification_choice"
    subject = "person_id"
    holds = Holds.SECRETS

    person_id: UUID
    person_kind: str
    change: str
    changed_at: datetime
    categories: tuple[str, ...] = ()
    actor_account_id: UUID | None = None
    ip: str | None = None
