"""What is looked for, where a page of what was found ended, and what may be sent once more."""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

# A message goes out so often in all; whoever still misses it needs another way.
MOST_COPIES = 5


class DeliveryNotFound(Exception):
    """There is no such delivery."""


class StillOnItsWay(Exception):
    """It is tried again by itself."""


class NotSentTwice(Exception):
    """It held a code or a link that works once, which is gone, or what it tells has run out."""


class SentOftenEnough(Exception):
    """It was sent once more as often as that is allowed."""


class AddressSuppressed(Exception):
    """Nothing is sent to this address."""


@dataclass(frozen=True)
class Wanted:
    """Each None: whatever it is."""

    name: str | None
    addresses: tuple[str, ...]
    state: str | None
    channel: str | None
    kind: str | None
    begins: datetime | None
    ends: datetime | None
    before: tuple[datetime, UUID] | None


@dataclass(frozen=True)
class Found:
    """A delivery with what its message tells of itself; `has_secret`: it held a code or a link that works once."""

    delivery_id: UUID
    message_id: UUID
    again_of: UUID | None
    kind: str
    locale: str
    template_version: int
    name: str
    channel: str
    recipient: str
    priority: int
    state: str
    failure: str | None
    created_at: datetime
    finished_at: datetime | None
    next_attempt_at: datetime | None
    expires_at: datetime | None
    has_secret: bool
    copies: int


@dataclass(frozen=True)
class Attempt:
    """One try, and what the provider told later about it."""

    delivery_id: UUID
    at: datetime
    outcome: str
    detail: str
    receipt: str | None
    receipt_detail: str | None
    receipt_at: datetime | None


def spellings(address: str) -> tuple[str, ...]:
    """An address as it may be stored: as it is, and a telephone number of Taiwan as it is dialled from abroad."""
    plain = address.strip().lower()
    digits = re.sub(r"[\s()-]", "", plain)
    if re.fullmatch(r"0\d{7,10}", digits):
        return plain, digits, f"+886{digits[1:]}"
    return (plain,) if digits == plain else (plain, digits)


def may_be_sent_again(found: Found, now: datetime) -> bool:
    try:
        require_sendable(found, now)
    except (StillOnItsWay, NotSentTwice, SentOftenEnough):
        return False
    return True


def require_sendable(found: Found, now: datetime) -> None:
    """Raises StillOnItsWay, NotSentTwice, SentOftenEnough."""
    if found.state in ("waiting", "sent"):
        raise StillOnItsWay
    if found.has_secret or (found.expires_at is not None and found.expires_at <= now):
        raise NotSentTwice
    if found.copies >= MOST_COPIES:
        raise SentOftenEnough


def place_of(found: Found) -> str:
    """Where a page ended."""
    return f"{found.created_at.isoformat()} {found.delivery_id}"


def read_place(place: str | None) -> tuple[datetime, UUID] | None:
    """Raises ValueError."""
    if place is None:
        return None
    at, _, delivery_id = place.partition(" ")
    return datetime.fromisoformat(at), UUID(delivery_id)
