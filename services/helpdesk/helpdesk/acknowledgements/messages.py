"""That something came in, announced: notify tells whoever wrote it."""

from datetime import datetime
from uuid import UUID

from mtnet_contracts.events import TicketAcknowledged

from helpdesk.tickets.rules import Inbound, Ticket


def acknowledged(ticket: Ticket, inbound: Inbound, entry_id: UUID, at: datetime) -> TicketAcknowledged:
    return TicketAcknowledged(
        ticket_id=ticket.ticket_id,
        entry_id=entry_id,
        number=ticket.number,
        address=inbound.address,
        locale=ticket.locale,
        link=f"/contact/{ticket.link_token}",
        link_token=ticket.link_token,
        in_reply_to=inbound.message_id,
        answer_by=ticket.deadlines.first_answer_due_at,
        acknowledged_at=at,
    )
