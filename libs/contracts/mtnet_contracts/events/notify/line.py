"""What LINE's users do that others have to know."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mtnet_contracts.event import Event, Holds


@dataclass(frozen=True, kw_only=True)
class LineLinked(Event):
    """The owner of an account and a user of LINE agreed that they are one person."""

    source = "notify"
    aggregate = "line_link"
    subject = "account_id"
    holds = Holds.SECRETS

    account_id: UUID
    line_user_id: str
    linked_at: datetime


@dataclass(frozen=True, kw_only=True)
class LineUnlinked(Event):
    """The account is linked with no user of LINE any more.

    `undone`: it was linked by somebody else, and the owner has said so (ContactChangeUndone): that user of LINE is not
    the owner, and was not.
    """

    source = "notify"
    aggregate = "line_link"
    subject = "account_id"
    holds = Holds.SECRETS

    account_id: UUID
    unlinked_at: datetime
    undone: bool = False


@dataclass(frozen=True, kw_only=True)
class LineFile:
    """A picture or file of a message, fetched from LINE: at `key` of the object store for 14 days. Nobody has looked
    at it yet. `size` in bytes.
    """

    key: str
    filename: str
    size: int


@dataclass(frozen=True, kw_only=True)
class LineMessageReceived(Event):
    """A person wrote in the chat. LINE's signature was checked; each of its events is announced once.

    `message_id` is made of `webhook_event_id`, LINE's own id of the event. `kind` is LINE's: text, image, video, audio,
    file, location, sticker; `text` is empty for all but the first. `sent_at` is when it happened, by LINE's clock.
    `file`: of an image or a file; `not_fetched`: why it has none all the same: gone, too_large or
    away (LINE did not give it in time).
    """

    source = "notify"
    aggregate = "line_message"
    subject = "message_id"
    holds = Holds.SECRETS

    message_id: UUID
    webhook_event_id: str
    line_user_id: str
    kind: str
    text: str
    sent_at: datetime
    file: LineFile | None = None
    not_fetched: str = ""
