"""What becomes of tickets, announced; and what notify says became of answers."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from mtnet_contracts.events import (
    AnsweredFile,
    DeskAnswerFinished,
    TicketAnswered,
    TicketChanged,
    TicketClosed,
    TicketOpened,
    TicketReopened,
)

from helpdesk.file_checks.rules import StoredFile
from helpdesk.tickets.rules import State, Ticket

__all__ = [
    "DeskAnswerFinished",
    "TicketAnswered",
    "moves",
    "ticket_answered",
    "ticket_changed",
    "ticket_closed",
    "ticket_opened",
    "ticket_reopened",
]

# Of RFC 5322's References: enough to thread by, within what servers take.
MOST_REFERENCES = 10


def ticket_opened(ticket: Ticket) -> TicketOpened:
    return TicketOpened(
        ticket_id=ticket.ticket_id,
        number=ticket.number,
        channel=ticket.channel,
        priority=ticket.priority,
        category=ticket.category,
        spam=ticket.spam,
        opened_at=ticket.created_at,
    )


def ticket_answered(
    ticket: Ticket,
    way: tuple[str, str],
    entry_id: UUID,
    name: str,
    text: str,
    title: str,
    references: list[str],
    at: datetime,
    files: Sequence[StoredFile] = (),
) -> TicketAnswered:
    return TicketAnswered(
        ticket_id=ticket.ticket_id,
        entry_id=entry_id,
        number=ticket.number,
        channel=way[0],
        address=way[1],
        name=name,
        locale=ticket.locale,
        title=title,
        text=text,
        link=f"/contact/{ticket.link_token}",
        link_token=ticket.link_token,
        in_reply_to=references[-1] if references else None,
        references=tuple(references[-MOST_REFERENCES:]),
        rate=ticket.state == State.RESOLVED,
        files=tuple(
            AnsweredFile(name=each.filename, link=f"/contact/{ticket.link_token}/files/{each.file_id}")
            for each in files
        ),
        answered_at=at,
    )


def ticket_closed(ticket: Ticket, at: datetime) -> TicketClosed:
    return TicketClosed(
        ticket_id=ticket.ticket_id,
        number=ticket.number,
        category=ticket.category,
        satisfaction=ticket.satisfaction,
        closed_at=at,
    )


def ticket_reopened(ticket: Ticket, because: str, at: datetime) -> TicketReopened:
    return TicketReopened(ticket_id=ticket.ticket_id, number=ticket.number, because=because, reopened_at=at)


def ticket_changed(ticket: Ticket, because: str, at: datetime) -> TicketChanged:
    return TicketChanged(ticket_id=ticket.ticket_id, number=ticket.number, because=because, changed_at=at)


def moves(
    before: Ticket, after: Ticket, because: str, at: datetime
) -> list[TicketClosed | TicketReopened | TicketChanged]:
    """What a change of the state has others know, and what came without one."""
    if because != "agent" and (before.state == after.state or after.state != State.REOPENED):
        return [ticket_changed(after, because, at)]
    if before.state == after.state:
        return []
    if after.state == State.CLOSED:
        return [ticket_closed(after, at)]
    return [ticket_reopened(after, because, at)] if after.state == State.REOPENED else []
