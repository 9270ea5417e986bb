"""What became of a message. Never its text or recipient."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mtnet_contracts.event import Event, Holds


@dataclass(frozen=True, kw_only=True)
class MessageDelivered(Event):
    """A provider accepted the message.

    `subject_id` is what it was about: an application, an account, a challenge.
    """

    source = "notify"
    aggregate = "message"
    subject = "message_id"
    holds = Holds.FACTS
    needs_subscriber = False

    message_id: UUID
    kind: str
    channel: str
    subject_id: UUID
    attempts: int
    delivered_at: datetime


@dataclass(frozen=True, kw_only=True)
class MessageFailed(Event):
    """The message will not be tried again; `reason` is a code such as RECIPIENT_REFUSED or GAVE_UP."""

    source = "notify"
    aggregate = "message"
    subject = "message_id"
    holds = Holds.FACTS
    needs_subscriber = False

    message_id: UUID
    kind: str
    channel: str
    subject_id: UUID
    attempts: int
    reason: str
    failed_at: datetime


@dataclass(frozen=True, kw_only=True)
class DeskAnswerFinished(Event):
    """What became of an answer of the helpdesk: `failure` is None where it arrived, else a code.

    An answer that had arrived may come back later: then a second event says so. The helpdesk would have to read the
    outcome of every message of the portal to find those of its own.
    """

    source = "notify"
    aggregate = "message"
    subject = "message_id"
    holds = Holds.FACTS

    message_id: UUID
    entry_id: UUID
    failure: str | None = None
    finished_at: datetime
