"""A person, the addresses where they are written to on each channel, and whether they can be reached there."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

EMAIL, SMS, FAX, LINE = "email", "sms", "fax", "line"
# Channel and address.
Address = tuple[str, str]
# What a person gave to the portal itself stands before what an event brought.
FIRST = 0
# Somebody else's hand in the contacts is undone within so long (accounts), and what was added here meanwhile with it.
UNDO_WITHIN = timedelta(hours=72)


class AccountClosed(Exception):
    """Nothing more is written to this person."""


class CaseHasAccount(Exception):
    """The application became an account: its owner decides from there."""


@dataclass(frozen=True)
class Person:
    """The owner of an account; or an applicant, who has none: then `id` is the application's."""

    kind: Literal["account", "application"]
    id: UUID


@dataclass(frozen=True)
class ContactPoint:
    """`reachable`: False once a provider has said that nothing arrives there.

    `proved_at` is when the person showed that it is theirs; `own` tells what they gave to the portal apart from what
    an application or the contacts of an account say.
    """

    channel: str
    address: str
    reachable: bool = True
    proved_at: datetime | None = None
    unreachable_since: datetime | None = None
    own: bool = False


def account(account_id: UUID) -> Person:
    return Person("account", account_id)


def application(application_id: UUID) -> Person:
    return Person("application", application_id)


def addresses(
    *,
    emails: Iterable[str | None] = (),
    mobiles: Iterable[str | None] = (),
    faxes: Iterable[str | None] = (),
) -> tuple[Address, ...]:
    """Channels with addresses, the first of each channel in front, none twice.

    A fax machine behind an extension cannot be dialled by a provider, so its number is none.
    """

    def given() -> Iterator[Address]:
        for channel, found in ((EMAIL, emails), (SMS, mobiles), (FAX, faxes)):
            yield from ((channel, each) for each in found if each and not (channel == FAX and "#" in each))

    return tuple(dict.fromkeys(given()))
