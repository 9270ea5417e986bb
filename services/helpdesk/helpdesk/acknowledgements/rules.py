"""Whose message is acknowledged, and how many acknowledgements one mailbox, and everybody, gets within an hour.

Sources: RFC 3834, 2 (when not to respond) and 4; a sender may be forged, so an acknowledgement is what a stranger can
make us send to somebody else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from helpdesk.requesters.rules import LONGEST_ADDRESS, address_key
from helpdesk.tickets.rules import Inbound

WITHIN = timedelta(hours=1)
MOST_OF_ONE_MAILBOX = 3
# The desk gets some hundred matters a day: many more in an hour are somebody's program, with a sender for each.
MOST_OF_ALL = 600


@dataclass(frozen=True)
class Wanted:
    """A ticket that was opened by what came in, and the mailbox that may be told."""

    ticket_id: UUID
    mailbox: str


def is_wanted(inbound: Inbound) -> bool:
    """By mail or by the form, from a mail address, and written by a person as far as can be told."""
    return inbound.acknowledge and "@" in inbound.address and not inbound.automatic and not inbound.spam


def mailbox_of(address: str) -> str:
    """The address for counting: `clerk+1@…` and `clerk+2@…` are read by the same person."""
    local, _, domain = address_key("email", address).rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"[:LONGEST_ADDRESS]


def allowed(wanted: Sequence[Wanted], sent: Mapping[str, int], sent_to_all: int) -> list[Wanted]:
    """Those that stay within the bounds, in their order. `sent`: within the last hour, to each mailbox and to all."""
    counts = dict(sent)
    found: list[Wanted] = []
    for each in wanted:
        if counts.get(each.mailbox, 0) < MOST_OF_ONE_MAILBOX and sent_to_all + len(found) < MOST_OF_ALL:
            counts[each.mailbox] = counts.get(each.mailbox, 0) + 1
            found.append(each)
    return found
