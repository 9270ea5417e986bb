"""What an owner may see of a message, what is left out of it, and whether it may be sent once more."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from notify.templates.rules import PAGES_OF_TOKENS, Kind

# Words are looked for in so many of the newest messages: each is written out for it.
MOST_SEARCHED = 200
MOST_COPIES = 3
MOST_COPIES_A_DAY = 10
COPY_AFTER = timedelta(minutes=5)
# Of these a code was all that was said.
CODES = frozenset({Kind.VERIFICATION_CODE})


class MessageNotFound(Exception):
    """There is no such message, or it is somebody else's."""


class NotSentAgain(Exception):
    """It held a code or a link that works once: whoever needs one asks for a new one."""


class SentOftenEnough(Exception):
    """It was sent again a moment ago, or often enough."""


@dataclass(frozen=True)
class OwnMessage:
    """A message as it is stored. `copies` and `copied_at`: how often and when last it was sent again."""

    message_id: UUID
    event_id: UUID
    subject_id: UUID
    kind: str
    category: str
    locale: str
    template_version: int
    details: Mapping[str, Any]
    created_at: datetime
    read_at: datetime | None
    copies: int
    copied_at: datetime | None


@dataclass(frozen=True)
class OwnDelivery:
    """Where a message went. `message_id` is that of the message shown, also for a copy that was sent later."""

    message_id: UUID
    channel: str
    recipient: str
    state: str
    failure: str | None
    at: datetime


def has_secret(kind: str) -> bool:
    """Whether messages of this kind hold a code or a link that works once."""
    return kind in PAGES_OF_TOKENS or kind in CODES


def without_secret(kind: str, details: Mapping[str, Any], instead: str) -> dict[str, Any]:
    """What fills the text that is shown: `instead` stands where the secret stood, which nobody sees again."""
    if kind in PAGES_OF_TOKENS:
        name, _ = PAGES_OF_TOKENS[Kind(kind)]
        return {**details, name: instead}
    return {**details, "code": instead} if kind in CODES else dict(details)


def require_copyable(message: OwnMessage, copies_of_day: int, now: datetime) -> None:
    """Raises NotSentAgain, SentOftenEnough."""
    if has_secret(message.kind):
        raise NotSentAgain
    last = message.copied_at or message.created_at
    if message.copies >= MOST_COPIES or copies_of_day >= MOST_COPIES_A_DAY or now < last + COPY_AFTER:
        raise SentOftenEnough


def copy_id(message: OwnMessage) -> UUID:
    """Of the next copy: another message to every provider."""
    return uuid5(message.message_id, f"again:{message.copies + 1}")


def can_be_copied(message: OwnMessage) -> bool:
    """Whether it makes sense to offer it; the moment decides."""
    return not has_secret(message.kind) and message.copies < MOST_COPIES


def holds(query: str, texts: Sequence[str]) -> bool:
    """Whether every word stands somewhere in the texts, however it is written."""
    found = _plain(" ".join(texts))
    return all(word in found for word in _plain(query).split())


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
