"""Where what comes in belongs: to a ticket that goes on, or to a new one. Rules only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from mtnet_contracts.vocabulary.ticket_numbers import without_ticket_numbers

from helpdesk.tickets.rules import DONE, LONGEST_SUBJECT, REOPENS_WITHIN, Inbound, State, Ticket

# What comes in without a reference belongs to what the person had open of late.
SAME_MATTER_WITHIN = timedelta(days=7)
# Where a person gives each matter a subject. Who has something new to ask there gives it another one.
WITH_SUBJECT = frozenset({"email", "web"})
# The ways in that people use for what they have asked already elsewhere: by LINE what the mail did not say.
WRITTEN = WITH_SUBJECT | {"fax", "line"}
NO_SUBJECT = "（無主旨）"
UNTITLED = {"zh-Hant": "您的來訊", "en": "Your message"}
# What the desk's own systems write (notify's answers, this one's links).
ENTRY_ID = re.compile(
    r"<(?:answer|acknowledgement)-([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})@",
    re.IGNORECASE,
)
REPLY_PREFIX = re.compile(r"^\s*((re|fw|fwd|aw|回覆|回复|轉寄|答复)\s*(\[\d+\])?\s*[:：]\s*)+", re.IGNORECASE)


@dataclass(frozen=True)
class Candidate:
    """A ticket that an inbound item may belong to, of the same person or not.

    `how`: token, reference, number, person.
    """

    how: str
    ticket: Ticket
    same_person: bool


@dataclass(frozen=True)
class Belongs:
    """`to`: the ticket that it is added to; None opens a new one, which is linked with `linked_to`.

    `apart`: it is a ticket of its own that is merged into `to`. `continues`: the new ticket goes on with that one,
    which is merged into it. Made by the names below.
    """

    to: Ticket | None = None
    linked_to: Ticket | None = None
    apart: bool = False
    continues: Ticket | None = None

    @classmethod
    def nowhere(cls) -> Belongs:
        """A new ticket."""
        return cls()

    @classmethod
    def in_thread_of(cls, ticket: Ticket) -> Belongs:
        """An entry of that ticket."""
        return cls(to=ticket)

    @classmethod
    def beneath(cls, ticket: Ticket) -> Belongs:
        """A ticket of its own, merged into that one."""
        return cls(to=ticket, apart=True)

    @classmethod
    def new_linked_with(cls, ticket: Ticket) -> Belongs:
        return cls(linked_to=ticket)

    @classmethod
    def new_going_on_with(cls, ticket: Ticket) -> Belongs:
        """A new ticket that the other one is merged into."""
        return cls(continues=ticket)


def belongs_to(inbound: Inbound, candidates: Sequence[Candidate], now: datetime) -> Belongs:
    """Where it goes. Candidates in the order in which they are believed: token, reference, number, person.

    Whoever has the token or answers one of our Message-IDs was written to. A number in a subject may be guessed, so it
    counts for the ticket's own person alone; of anybody else it makes a new ticket that is linked. A ticket that has
    been solved for longer, or closed, is not opened again: it is linked.

    Whoever sends the form of the portal sees the page of their ticket at once, and may have typed somebody else's
    address: nothing that others wrote may get onto that page. So a form stays a ticket of its own, beneath the thread.
    """
    for each in candidates:
        ticket = each.ticket
        if each.how == "person" and not _same_matter(inbound, ticket, now):
            continue
        if each.how == "number" and not each.same_person:
            return Belongs.new_linked_with(ticket)
        if ticket.spam and each.how == "person":
            continue
        if not _may_go_on(ticket, now):
            return Belongs.new_linked_with(ticket)
        if each.how not in ("person", "number") or not (inbound.channel == "web" or ticket.by_form):
            return Belongs.in_thread_of(ticket)
        if not ticket.by_form:
            return Belongs.beneath(ticket)
        if inbound.channel == "web" or inbound.automatic or ticket.state in DONE:
            return Belongs.new_linked_with(ticket)
        return Belongs.new_going_on_with(ticket)
    return Belongs.nowhere()


def _may_go_on(ticket: Ticket, now: datetime) -> bool:
    if ticket.state == State.CLOSED:
        return False
    return ticket.resolved_at is None or now - ticket.resolved_at <= REOPENS_WITHIN


def _same_matter(inbound: Inbound, ticket: Ticket, now: datetime) -> bool:
    """Of one person, within seven days: the same subject, or what is still open and was asked in another way.

    Another subject in the same way is another matter. A call is logged by an agent, who knows what it was about.
    """
    if ticket.state == State.CLOSED or now - ticket.last_inbound_at > SAME_MATTER_WITHIN:
        return False
    if inbound.category is not None and ticket.category not in (None, inbound.category):
        return False
    if inbound.subject and plain_subject(ticket.subject) == plain_subject(inbound.subject):
        return True
    in_the_same_way = inbound.channel == ticket.channel
    if inbound.channel not in WRITTEN or (in_the_same_way and inbound.channel in WITH_SUBJECT):
        return False
    return ticket.state not in DONE or (in_the_same_way and inbound.channel == "line")


def plain_subject(subject: str) -> str:
    """Without `Re:`, `回覆：`, and the number that we put there."""
    return REPLY_PREFIX.sub("", without_ticket_numbers(subject)).strip().casefold()


def title_of_answer(last: str, subject: str, locale: str) -> str:
    """What an answer is called, without the number: as the person called it; a fax and a chat have no subject."""
    title = shown_subject(last, subject)
    return UNTITLED[locale] if title == NO_SUBJECT else title


def shown_subject(subject: str, text: str) -> str:
    """What the list shows: the subject, or the first line of what was written."""
    plain = REPLY_PREFIX.sub("", without_ticket_numbers(subject)).strip()
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return (plain or first or NO_SUBJECT)[:LONGEST_SUBJECT]


def entry_ids_of(references: Sequence[str]) -> list[UUID]:
    """Which of them are Message-IDs of ours: they name the row of the thread, of an answer or of what came in."""
    return [UUID(found.group(1)) for each in references if (found := ENTRY_ID.match(each))]
