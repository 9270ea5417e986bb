"""An answer of the helpdesk becomes a message to the very address that the person wrote from."""

from mtnet_contracts.events import TicketAnswered

from notify.messages.rules import Message, message_id_for
from notify.templates.rules import Kind

__all__ = ["TicketAnswered", "answer_message"]


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
