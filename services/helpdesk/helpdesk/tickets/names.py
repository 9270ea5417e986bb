"""Names that nobody can guess, and the rows that a change leaves."""

from __future__ import annotations

import secrets
from base64 import b32encode
from uuid import UUID

from helpdesk.tickets.rules import Ticket

LINK_BYTES = 20

# What the thread shows of a change; the rest follows from these.
SHOWN = ("state", "priority", "category", "owner_name", "team", "subject", "spam")

Change = tuple[UUID, str, str | None, str | None]


def new_link_token() -> str:
    """160 bits in base32: also the part after the plus of an address, which servers may write in capitals."""
    return b32encode(secrets.token_bytes(LINK_BYTES)).decode().lower()


def differences(entry_id: UUID, before: Ticket, after: Ticket) -> list[Change]:
    return [
        (entry_id, name, _text(getattr(before, name)), _text(getattr(after, name)))
        for name in SHOWN
        if getattr(before, name) != getattr(after, name)
    ]


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return None if value is None else str(value)
