"""Who writes: an address as it is compared, and the person behind it."""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mtnet_contracts.vocabulary.masking import masked_contact

LONGEST_NAME = 100
LONGEST_ADDRESS = 254
# Of these an account has one address, which notify tells; all others stand in what accounts says of it.
TOLD_APART = ("line", "fax")
# Channel, and the address as it is compared.
AddressKey = tuple[str, str]


class RequesterNotFound(Exception):
    """No such requester."""


class SameRequester(Exception):
    """They are one already."""


class TwoAccounts(Exception):
    """Both have an account of their own: they are two people, or one with two accounts, which stays two."""


class NotJoined(Exception):
    """There is no joining to undo."""


@dataclass(frozen=True)
class Requester:
    """Somebody who writes to the desk. `joined_to`: found to be that one."""

    requester_id: UUID
    name: str
    locale: str
    account_id: UUID | None
    joined_to: UUID | None
    first_seen_at: datetime

    @property
    def person_id(self) -> UUID:
        """The requester under whose name they stand."""
        return self.joined_to or self.requester_id


def shown_name(channel: str, name: str, address: str) -> str:
    """What somebody is called. Without a name of their own, or with their address for one, the address masked."""
    own = name.strip()
    if own and address_key(channel, own) != address_key(channel, address) and own != address:
        return own[:LONGEST_NAME]
    return masked_contact(address) if address else ""


def address_key(channel: str, address: str) -> str:
    """The address as it is compared; empty for none.

    Of mail: small letters, the domain as A-labels (RFC 5890). Of a number: with `+` and digits, without extension.
    """
    text = unicodedata.normalize("NFKC", address).strip()[:LONGEST_ADDRESS]
    if channel == "email":
        local, at, domain = text.rpartition("@")
        if not at:
            return text.lower()
        with suppress(UnicodeError):
            domain = domain.encode("idna").decode()
        return f"{local.lower()}@{domain.lower().rstrip('.')}"
    if channel in ("fax", "phone"):
        return _number(text)
    return text


def _number(text: str) -> str:
    plain = text.partition("#")[0]
    digits = "".join(c for c in plain if c.isdigit() and c.isascii())
    if not digits:
        return ""
    if plain.lstrip().startswith("+"):
        return f"+{digits}"
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    return f"+886{digits[1:]}" if digits.startswith("0") else f"+886{digits}"
