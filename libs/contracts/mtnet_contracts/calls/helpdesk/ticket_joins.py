"""Tickets that belong together: merged into one, split in two, linked; and each undone."""

from marshmallow import fields, validate

from mtnet_contracts.calls.call import Call
from mtnet_contracts.calls.helpdesk.tickets import Number, TicketIdRequest, WrittenReply
from mtnet_contracts.vocabulary.desk import LONGEST_DESK_SUBJECT
from mtnet_contracts.vocabulary.kinds import Line, Several
from mtnet_contracts.vocabulary.shapes import Shape, code

MOST_ENTRIES = 100
REFUSALS = ("TICKET_NOT_FOUND", "TICKET_MERGED", "SAME_TICKET", "NOTHING_TO_UNDO")


class OtherTicketRequest(TicketIdRequest):
    """`other`: the number of the other one."""

    other = Number(required=True)


def _call(name: str, request: type[Shape], *more: str) -> Call:
    return Call(
        service="helpdesk",
        name=name,
        request=request,
        reply=WrittenReply,
        refusals=(*REFUSALS, *more),
        writes=True,
    )


# `ticket_id` goes on in `other`, whose thread shows both; its number leads there.
MERGE_TICKET = _call("merge_ticket", OtherTicketRequest, "MERGED_OFTEN_ENOUGH")
# `ticket_id` was merged and is by itself again. What came in meanwhile stays where it went.
UNDO_MERGE = _call("undo_merge", TicketIdRequest)


class SplitTicketRequest(TicketIdRequest):
    """These rows of its thread become a ticket of their own, of the same person."""

    entry_ids = Several(
        fields.UUID(), most=MOST_ENTRIES, required=True, validate=[code("REQUIRED", validate.Length(min=1))]
    )
    subject = Line(longest=LONGEST_DESK_SUBJECT, required=True)


SPLIT_TICKET = _call("split_ticket", SplitTicketRequest, "ENTRY_NOT_HERE", "NOTHING_LEFT")
# `ticket_id` was split off: its rows go back, and its number leads to where it came from.
UNDO_SPLIT = _call("undo_split", TicketIdRequest)
LINK_TICKETS = _call("link_tickets", OtherTicketRequest, "LINKED_OFTEN_ENOUGH")
UNLINK_TICKETS = _call("unlink_tickets", OtherTicketRequest)
