"""What accounts and notify announce of addresses, as they are compared here."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from mtnet_contracts.events import (
    AccountClosed,
    AccountOpened,
    ContactChanged,
    ContactChangeUndone,
    FaxNumberConfirmed,
    FaxNumberRemoved,
    LineLinked,
    LineUnlinked,
)

from helpdesk.requesters.rules import address_key

__all__ = [
    "AccountClosed",
    "AccountOpened",
    "ContactChangeUndone",
    "ContactChanged",
    "FaxNumberConfirmed",
    "FaxNumberRemoved",
    "LineLinked",
    "LineUnlinked",
    "addresses_of",
    "fax_of",
    "owner_of",
]


def addresses_of(event: AccountOpened | ContactChanged | ContactChangeUndone) -> list[tuple[str, str]]:
    """Channel and key. Whoever calls from a mobile is known by it; a text message is no way to the desk.

    A fax number is told apart (`fax_of`): later ones are notify's to tell.
    """
    if isinstance(event, AccountOpened):
        given = [("email", event.email), ("phone", event.mobile)]
    else:
        given = [
            ("email", event.email),
            ("email", event.second_email),
            ("phone", event.mobile),
            ("phone", event.second_mobile),
        ]
    return list(dict.fromkeys(_keys(given)))


def fax_of(event: AccountOpened | FaxNumberConfirmed) -> str | None:
    """The number as it is compared; None where there is none."""
    number = event.fax if isinstance(event, AccountOpened) else event.number
    return (address_key("fax", number) if number else "") or None


def owner_of(event: AccountOpened | ContactChanged | ContactChangeUndone) -> tuple[UUID, str, str]:
    """Account, name and language."""
    return event.account_id, event.name, event.locale


def _keys(given: Iterable[tuple[str, str | None]]) -> Iterable[tuple[str, str]]:
    for channel, address in given:
        if address and (key := address_key(channel, address)):
            yield channel, key
