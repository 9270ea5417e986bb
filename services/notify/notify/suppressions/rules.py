"""What a suppression is, when bounces make one, and what can be suppressed at all."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

# A mailbox that is full once or twice is emptied again.
SOFT_BOUNCES_THAT_SUPPRESS = 5
SOFT_BOUNCES_COUNT_FOR = timedelta(days=30)
EMAIL = "email"
MAIL_ADDRESS = re.compile(r"[^\s@]{1,64}@[^\s@]{1,189}")
OTHER_ADDRESS = re.compile(r"\S{3,100}")


class Reason(StrEnum):
    HARD_BOUNCE = "hard_bounce"
    SOFT_BOUNCES = "soft_bounces"
    OPERATOR = "operator"


class LiftedBy(StrEnum):
    OPERATOR = "operator"
    OWNER = "owner"


class SuppressedAlready(Exception):
    """The address is on the list."""


class SuppressionNotFound(Exception):
    """There is no such entry."""


class LiftedAlready(Exception):
    """The entry was taken off the list before."""


class NoAddress(Exception):
    """What was typed is no address of that channel."""


@dataclass(frozen=True)
class By:
    """An operator."""

    account_id: UUID
    account_name: str


@dataclass(frozen=True)
class NewSuppression:
    """An address as it is compared; see `comparable`. `code` is that of the bounce."""

    channel: str
    address: str
    reason: Reason
    code: str = ""
    note: str = ""
    by: By | None = None


@dataclass(frozen=True)
class Suppression:
    """An entry of the list. `address` is masked."""

    position: int
    channel: str
    address: str
    reason: str
    code: str
    note: str
    since: datetime
    added_by: str | None
    lifted_at: datetime | None
    lifted_how: str | None
    lifted_by: str | None
    lifted_note: str


@dataclass(frozen=True)
class Wanted:
    """What is looked for. `domain` is the end of an address, without its @."""

    address: str | None = None
    domain: str | None = None
    channel: str | None = None
    reason: str | None = None
    active: bool | None = None
    before: int | None = None


def comparable(address: str) -> str:
    """Two spellings of one address are one: servers that tell `Clerk@` from `clerk@` are not known to anybody."""
    return address.strip().lower()


def checked_address(channel: str, address: str) -> str:
    """As it is compared. Raises NoAddress."""
    found = comparable(address)
    if not (MAIL_ADDRESS if channel == EMAIL else OTHER_ADDRESS).fullmatch(found):
        raise NoAddress(channel)
    return found


def wanted(
    address: str | None, channel: str | None, reason: str | None, state: str | None, before: int | None
) -> Wanted:
    """An operator's search. What begins with @ is the end of an address."""
    typed = comparable(address or "")
    is_domain = typed.startswith("@")
    return Wanted(
        address=typed if typed and not is_domain else None,
        domain=typed[1:] if is_domain else None,
        channel=channel,
        reason=reason,
        active={"active": True, "lifted": False}.get(state or ""),
        before=before,
    )


def worn_out(soft_bounces: Iterable[datetime], now: datetime) -> bool:
    """Whether so many mails in a row could not be delivered that the address counts as dead."""
    counted = [at for at in soft_bounces if now - at <= SOFT_BOUNCES_COUNT_FOR]
    return len(counted) >= SOFT_BOUNCES_THAT_SUPPRESS
