"""Which messages of LINE bring a file, how large it may be, and how long we try to get it.

Source: LINE Developers, Messaging API reference, "Get content": binary content is kept by LINE for a time only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

# Of video and sound the desk opens nothing: they are named, and not fetched.
FETCHED = ("image", "file")
LARGEST_BYTES = 10 * 1024 * 1024
LONGEST_CONTENT_ID = 40
LONGEST_FILENAME = 200
# After each try; then the message goes on without its file. Somebody waits for an answer meanwhile.
TRY_AGAIN_AFTER = tuple(timedelta(seconds=each) for each in (2, 5, 15, 60, 180))
# Whoever leased one and ended: another tries after so long.
LEASED_FOR = timedelta(minutes=2)
# Helpdesk takes what it was told of within seconds; it may be away for days.
FILES_KEPT = timedelta(days=14)
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp"}


class NotFetched(Exception):
    """`because`: gone (LINE has it no more), too_large. It is not tried again."""

    def __init__(self, because: str) -> None:
        super().__init__(because)
        self.because = because


@dataclass(frozen=True)
class Received:
    """A message of somebody. `content_id`: LINE's id of its content; empty where LINE has none for us."""

    message_id: UUID
    webhook_event_id: str
    line_user_id: str
    kind: str
    text: str
    sent_at: datetime
    content_id: str = ""
    filename: str = ""

    @property
    def brings_a_file(self) -> bool:
        return self.kind in FETCHED and bool(self.content_id)


@dataclass(frozen=True)
class Wanted:
    """One whose file is to be fetched now; `tries` counts this one."""

    received: Received
    tries: int

    @property
    def key(self) -> str:
        """Where its bytes lie in the store that helpdesk shares: the same at every try."""
        return f"line/{self.received.message_id}"

    @property
    def last(self) -> bool:
        return self.tries > len(TRY_AGAIN_AFTER)


def again_after(tries: int) -> timedelta:
    """How long after a try that failed the next one begins."""
    return TRY_AGAIN_AFTER[min(tries, len(TRY_AGAIN_AFTER)) - 1]


def name_of(received: Received, media_type: str) -> str:
    """A file has its own name, a picture one by its kind."""
    return received.filename or f"LINE.{ENDINGS.get(media_type.partition(';')[0].strip().lower(), 'bin')}"
