"""What was found out about people's contacts. Never the address itself."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mtnet_contracts.event import Event, Holds


@dataclass(frozen=True, kw_only=True)
class ContactUnreachable(Event):
    """A provider said that nothing arrives at an address of this person; other ways are taken from now on.

    `person_kind` is `account`, or `application` for an applicant without one; `reason` a code such as
    RECIPIENT_REFUSED, BOUNCED or BLOCKED.
    """

    source = "notify"
    aggregate = "contact"
    subject = "person_id"
    holds = Holds.FACTS
    needs_subscriber = False

    person_id: UUID
    person_kind: str
    channel: str
    reason: str
    unreachable_since: datetime
