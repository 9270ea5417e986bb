"""What of a ticket can be searched for, and how its number stands in the index."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from mtnet_contracts.vocabulary.ticket_numbers import parts_of_ticket_number, ticket_number

from helpdesk.requesters.rules import address_key

# How much of a thread is searched: its newest rows, and so much of their texts.
MOST_ROWS = 100
LONGEST_INDEXED_TEXT = 40_000
# Forgotten tickets are known so long, for an index that does not follow meanwhile.
GONE_KNOWN_DAYS = 30
# The count of all tickets orders their numbers; the year stands behind it.
APART = 10_000
_MAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_TELEPHONE = re.compile(r"\+?[0-9][0-9 ().-]{5,20}[0-9](?:#[0-9]{1,6})?")
_LINE = re.compile(r"U[0-9a-f]{32}")


@dataclass(frozen=True)
class Searched:
    """What is indexed of a ticket. `numbers` and `subjects`: its own, and those of tickets that were merged into it."""

    ticket_id: UUID
    number: str
    subjects: str
    requester_id: UUID
    requester_name: str
    text: str
    channel: str
    state: str
    priority: str
    category: str | None
    owner_id: UUID | None
    team: str
    spam: bool
    live: bool
    paused: bool


def place_of(number: str) -> int:
    """`HD2026-000123` as the index has it. Raises ValueError."""
    year, count = parts_of_ticket_number(number)
    return count * APART + year


def number_at(place: int) -> str:
    """The number of a ticket again."""
    count, year = divmod(place, APART)
    return ticket_number(year, count)


def addresses_in(text: str) -> list[tuple[str, str]]:
    """Channels and keys, where the whole text is one address: shown masked, it is found by whoever has it whole."""
    typed = text.strip()
    if _MAIL.fullmatch(typed):
        return [("email", address_key("email", typed))]
    if _TELEPHONE.fullmatch(typed):
        return [(channel, address_key(channel, typed)) for channel in ("phone", "fax")]
    if _LINE.fullmatch(typed):
        return [("line", typed)]
    return []
