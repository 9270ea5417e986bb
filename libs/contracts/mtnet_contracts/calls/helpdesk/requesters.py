"""Who writes to the desk: their addresses, what they wrote before, and two that are one person."""

from marshmallow import fields

from mtnet_contracts.calls.call import Call
from mtnet_contracts.calls.helpdesk.ticket_list import TicketLine
from mtnet_contracts.vocabulary.desk import DESK_CHANNELS
from mtnet_contracts.vocabulary.kinds import Choice, Instant
from mtnet_contracts.vocabulary.shapes import Shape


class RequesterRequest(Shape):
    requester_id = fields.UUID(required=True)


class RequesterAddress(Shape):
    """Masked."""

    channel = Choice(*DESK_CHANNELS, required=True)
    address = fields.String(required=True)


class JoinedRequester(Shape):
    requester_id = fields.UUID(required=True)
    name = fields.String(required=True)


class RequesterReply(Shape):
    """`account_id`: whose addresses these are; accounts tells more. An address on a mail proves nothing.

    `tickets`: the newest 20. `joined`: others that were found to be this person.
    """

    requester_id = fields.UUID(required=True)
    name = fields.String(required=True)
    account_id = fields.UUID(required=True, allow_none=True)
    first_seen_at = Instant(required=True)
    addresses = fields.List(fields.Nested(RequesterAddress), required=True)
    joined = fields.List(fields.Nested(JoinedRequester), required=True)
    tickets = fields.List(fields.Nested(TicketLine), required=True)


REQUESTER = Call(
    service="helpdesk",
    name="requester",
    request=RequesterRequest,
    reply=RequesterReply,
    refusals=("REQUESTER_NOT_FOUND",),
)


class JoinRequestersRequest(RequesterRequest):
    """`other_id` is found to be `requester_id`, under whose name both stand from now on."""

    other_id = fields.UUID(required=True)


JOIN_REQUESTERS = Call(
    service="helpdesk",
    name="join_requesters",
    request=JoinRequestersRequest,
    reply=RequesterReply,
    refusals=("REQUESTER_NOT_FOUND", "SAME_REQUESTER", "TWO_ACCOUNTS"),
    writes=True,
)
# `requester_id` was joined to another one and is by itself again.
UNDO_JOIN = Call(
    service="helpdesk",
    name="undo_join",
    request=RequesterRequest,
    reply=RequesterReply,
    refusals=("REQUESTER_NOT_FOUND", "NOTHING_TO_UNDO"),
    writes=True,
)
