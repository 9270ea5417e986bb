"""Which of the things that came in can be recorded together: those of which none changes where another belongs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from helpdesk.requesters.rules import address_key
from helpdesk.tickets.rules import Inbound


def known_by(inbound: Inbound) -> str:
    """Who leaves a mail address in the web form is whoever writes from there."""
    return "email" if inbound.channel == "web" and "@" in inbound.address else inbound.channel


def beside_each_other(inbounds: Sequence[Inbound]) -> int:
    """How many from the first on have nothing to do with each other, as far as can be told by what they say."""
    seen: set[tuple[str, str]] = set()
    for count, each in enumerate(inbounds):
        if not _free(_marks(each), seen):
            return count
    return len(inbounds)


def until_they_meet(marks: Sequence[Iterable[tuple[str, str]]]) -> int:
    """How many from the first on share no mark, such as a person or a ticket. The first one always counts."""
    seen: set[tuple[str, str]] = set()
    for count, each in enumerate(marks):
        if not _free(each, seen):
            return count
    return len(marks)


def _free(marks: Iterable[tuple[str, str]], seen: set[tuple[str, str]]) -> bool:
    found = set(marks)
    if found & seen:
        return False
    seen |= found
    return True


def _marks(inbound: Inbound) -> set[tuple[str, str]]:
    """What it shares with another one if the two belong together."""
    channel = known_by(inbound)
    key = address_key(channel, inbound.address)
    found = {("item", str(inbound.item_id)), *(("mail", each) for each in inbound.references)}
    if key:
        found.add(("sender", f"{channel} {key}"))
    if inbound.message_id:
        found.add(("mail", inbound.message_id))
    if inbound.link_token:
        found.add(("token", inbound.link_token.lower()))
    if inbound.ticket_number:
        found.add(("number", inbound.ticket_number.upper()))
    return found
