"""What the helpdesk says becomes a message to the very address that the person wrote from."""

from mtnet_contracts.events import TicketAcknowledged, TicketAnswered

from notify.contact_points.rules import EMAIL
from notify.messages.rules import Message, message_id_for
from notify.templates.rules import Kind

__all__ = ["TicketAcknowledged", "TicketAnswered", "acknowledgement_message", "answer_message"]


def answer_message(event: TicketAnswered) -> Message:
    """`subject_id` is the row of the thread, by which the helpdesk hears what became of it."""
    return Message(
        message_id=message_id_for(event.event_id, Kind.DESK_ANSWER, event.channel),
        event_id=event.event_id,
        kind=Kind.DESK_ANSWER,
        subject_id=event.entry_id,
        named=((event.channel, event.address),),
        locale=event.locale,
        details={
            "name": event.name,
            "number": event.number,
            "title": event.title,
            "words": event.text,
            "rate": "yes" if event.rate else "no",
            "ticket_path": event.link,
            "answered_files": [{"name": each.name, "link": each.link} for each in event.files],
            "thread": {
                "entry_id": str(event.entry_id),
                "link_token": event.link_token,
                "in_reply_to": event.in_reply_to,
                "references": list(event.references),
            },
        },
    )


def acknowledgement_message(event: TicketAcknowledged) -> Message:
    """That something came in, to the very address that it came from."""
    return Message(
        message_id=message_id_for(event.event_id, Kind.DESK_ACKNOWLEDGEMENT, EMAIL),
        event_id=event.event_id,
        kind=Kind.DESK_ACKNOWLEDGEMENT,
        subject_id=event.ticket_id,
        named=((EMAIL, event.address),),
        locale=event.locale,
        details={
            "number": event.number,
            "answer_by": event.answer_by.isoformat(),
            "ticket_path": event.link,
            "thread": {
                "entry_id": str(event.entry_id),
                "link_token": event.link_token,
                "in_reply_to": event.in_reply_to,
                "references": [event.in_reply_to] if event.in_reply_to else [],
            },
        },
    )
