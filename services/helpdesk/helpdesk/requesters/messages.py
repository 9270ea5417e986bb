"""What accounts and notify announce of addresses, as they are compared here."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from mtnet_contracts.events import (
    AccountClosed,
    AccountOpened,
    ContactChanged,
    ContactChangeUndone,
    LineLinked,
    LineUnlinked,
)

from helpdesk.requesters.rules import address_key

__all__ = [
    "AccountClosed",
    "AccountOpened",
    "ContactChangeUndone",
    "ContactChanged",
    "LineLinked",
    "LineUnlinked",
    "addresses_of",
    "owner_of",
]


def addresses_of(event: AccountOpened | ContactChanged | ContactChangeUndone) -> list[tuple[str, str]]:
    """Channel and key. Whoever calls from a mobile is known by it; a text message is no way to the desk."""
    if isinstance(event, AccountOpened):
        given = [("email", event.email), ("phone", event.mobile), ("fax", event.fax)]
    else:
        given = [
            ("email", event.email),
            ("email", event.second_email),
            ("phone", event.mobile),
            ("phone", event.second_mobile),
        ]
    return list(dict.fromkeys(_keys(given)))


def owner_of(event: AccountOpened | ContactChanged | ContactChangeUndone) -> tuple[UUID, str, str]:
    """Account, name and language."""
    return event.account_id, event.name, event.locale


def _keys(given: Iterable[tuple[str, str | None]]) -> Iterable[tuple[str, str]]:
    for channel, address in given:
        if address and (key := address_key(channel, address)):
            yield channel, key
