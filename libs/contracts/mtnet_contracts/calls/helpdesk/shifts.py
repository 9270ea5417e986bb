"""值機: who is at the desk and when, and what one shift hands over to the next."""

from marshmallow import fields, validate

from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.kinds import Choice, Day, Instant, Prose, Whole
from mtnet_contracts.vocabulary.shapes import Shape, code

# Of a day in Taipei: 0 to 8, 8 to 16, 16 to 24 o'clock.
SHIFTS = ("night", "morning", "evening")
ROSTER_DAYS = 7
MOST_ON_SHIFT = 10
MOST_HANDOVERS = 30
LONGEST_HANDOVER = 4_000
LARGEST_POSITION = 2**31 - 1


class RosterRequest(Shape):
    """Seven days from `begins` on; None: from today on."""

    begins = Day(load_default=None, allow_none=True)


class OnShift(Shape):
    """`may_leave`: the caller may take this person off."""

    day = fields.Date(required=True)
    shift = Choice(*SHIFTS, required=True)
    account_id = fields.UUID(required=True)
    name = fields.String(required=True)
    mine = fields.Boolean(required=True)
    may_leave = fields.Boolean(required=True)


class Colleague(Shape):
    account_id = fields.UUID(required=True)
    name = fields.String(required=True)


class RosterReply(Shape):
    """`today`, `now`: the shift that is on, until `ends_at`. `colleagues`: whom a lead may put down."""

    begins = fields.Date(required=True)
    today = fields.Date(required=True)
    now = Choice(*SHIFTS, required=True)
    ends_at = Instant(required=True)
    on_now = fields.List(fields.Nested(OnShift), required=True)
    items = fields.List(fields.Nested(OnShift), required=True)
    colleagues = fields.List(fields.Nested(Colleague), required=True)
    may_put_down = fields.Boolean(required=True)


ROSTER = Call(service="helpdesk", name="roster", request=RosterRequest, reply=RosterReply)


class ShiftRequest(Shape):
    """`account_id` None: the caller."""

    day = Day(required=True)
    shift = Choice(*SHIFTS, required=True)
    account_id = fields.UUID(load_default=None, allow_none=True)


TAKE_SHIFT = Call(
    service="helpdesk",
    name="take_shift",
    request=ShiftRequest,
    reply=ShiftRequest,
    refusals=("SHIFT_OVER", "SHIFT_TOO_FAR", "SHIFT_OF_ANOTHER", "SHIFT_FULL", "NOT_AN_AGENT"),
    writes=True,
    repeat="harmless",
)
LEAVE_SHIFT = Call(
    service="helpdesk",
    name="leave_shift",
    request=ShiftRequest,
    reply=ShiftRequest,
    refusals=("SHIFT_OVER", "SHIFT_OF_ANOTHER"),
    writes=True,
    repeat="harmless",
)


class HandoverTicket(Shape):
    number = fields.String(required=True)
    subject = fields.String(required=True)


class HandoverFault(Shape):
    number = fields.String(required=True)
    title_zh = fields.String(required=True)
    title_en = fields.String(required=True)


class Situation(Shape):
    """How the desk stands. `promised`: due before the next shift ends. Of each kind the first twenty are named."""

    open = fields.Integer(required=True)
    waiting = fields.Integer(required=True)
    overdue = fields.Integer(required=True)
    promised = fields.Integer(required=True)
    overdue_tickets = fields.List(fields.Nested(HandoverTicket), required=True)
    promised_tickets = fields.List(fields.Nested(HandoverTicket), required=True)
    faults = fields.List(fields.Nested(HandoverFault), required=True)


class SituationRequest(Shape):
    """As it is now."""


SITUATION = Call(service="helpdesk", name="situation", request=SituationRequest, reply=Situation)


class Handover(Shape):
    """`may_acknowledge`: somebody else wrote it, and nobody has taken over yet."""

    position = fields.Integer(required=True)
    day = fields.Date(required=True)
    shift = Choice(*SHIFTS, required=True)
    written_at = Instant(required=True)
    written_by = fields.String(required=True)
    text = fields.String(required=True)
    situation = fields.Nested(Situation, required=True)
    acknowledged_at = Instant(required=True, allow_none=True)
    acknowledged_by = fields.String(required=True, allow_none=True)
    may_acknowledge = fields.Boolean(required=True)


class HandoversRequest(Shape):
    """Newest first. `before`: the position that the last answer ended with."""

    before = Whole(least=1, most=LARGEST_POSITION, load_default=None, allow_none=True)
    limit = Whole(least=1, most=MOST_HANDOVERS, load_default=5)


class HandoversReply(Shape):
    items = fields.List(fields.Nested(Handover), required=True)
    next_before = fields.Integer(required=True, allow_none=True)


HANDOVERS = Call(service="helpdesk", name="handovers", request=HandoversRequest, reply=HandoversReply)


class WriteHandoverRequest(Shape):
    """What the next shift has to know; how the desk stands is added to it."""

    text = Prose(longest=LONGEST_HANDOVER, required=True, validate=[code("REQUIRED", validate.Length(min=1))])


WRITE_HANDOVER = Call(
    service="helpdesk", name="write_handover", request=WriteHandoverRequest, reply=Handover, writes=True
)


class AcknowledgeHandoverRequest(Shape):
    position = Whole(least=1, most=LARGEST_POSITION, required=True)


ACKNOWLEDGE_HANDOVER = Call(
    service="helpdesk",
    name="acknowledge_handover",
    request=AcknowledgeHandoverRequest,
    reply=Handover,
    refusals=("HANDOVER_NOT_FOUND", "OWN_HANDOVER", "ACKNOWLEDGED_ALREADY"),
    writes=True,
)
