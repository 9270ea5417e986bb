"""The rows that a change of a ticket leaves in its history."""

from __future__ import annotations

from uuid import UUID

from helpdesk.tickets.rules import Ticket

# What the thread shows of a change; the rest follows from these.
SHOWN = ("state", "priority", "category", "owner_name", "team", "subject", "spam")

Change = tuple[UUID, str, str | None, str | None]


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
