"""障礙申告: faults on record, who reported them, what everybody is told, and how they were solved."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.choices import SYSTEMS
from mtnet_contracts.vocabulary.desk import DESK_CHANNELS, TICKET_STATES
from mtnet_contracts.vocabulary.kinds import Choice, Instant, Line, Moment, Prose, Several, Text, Whole
from mtnet_contracts.vocabulary.shapes import Shape, code
from mtnet_contracts.vocabulary.ticket_numbers import LONGEST_TICKET_NUMBER

SEVERITIES = ("low", "normal", "high", "critical")
TABS = ("open", "resolved")
UPDATES = ("announced", "update", "resolved")
MOST_FAULTS = 50
# One fault is reported by at most so many tickets.
MOST_REPORTS = 20_000
# So many of them are named.
MOST_NAMED = 200
# As many are added at once.
MOST_ADDED = 200
LARGEST_POSITION = 2**31 - 1
LONGEST_TOLD = 2_000
CHANGE_REFUSALS = ("FAULT_NOT_FOUND", "FAULT_CHANGED", "FAULT_RESOLVED")


class FaultsRequest(Shape):
    """Open: worst first; resolved: newest first. `before`: the position that the last answer ended with."""

    tab = Choice(*TABS, load_default="open")
    before = Whole(least=1, most=LARGEST_POSITION, load_default=None, allow_none=True)
    limit = Whole(least=1, most=MOST_FAULTS, load_default=25)


class FaultRow(Shape):
    """`announced_at`: since when everybody can read of it. `reports`: how many tickets are about it."""

    number = fields.String(required=True)
    title_zh = fields.String(required=True)
    title_en = fields.String(required=True)
    affected_system = Choice(*SYSTEMS, required=True)
    severity = Choice(*SEVERITIES, required=True)
    started_at = Instant(required=True)
    recorded_at = Instant(required=True)
    recorded_by = fields.String(required=True)
    announced_at = Instant(required=True, allow_none=True)
    resolved_at = Instant(required=True, allow_none=True)
    reports = fields.Integer(required=True)


class FaultsReply(Shape):
    items = fields.List(fields.Nested(FaultRow), required=True)
    next_before = fields.Integer(required=True, allow_none=True)


FAULTS = Call(service="helpdesk", name="faults", request=FaultsRequest, reply=FaultsReply)


class FaultRequest(Shape):
    number = Text(longest=20, required=True)


class FaultUpdate(Shape):
    """What everybody was told."""

    kind = Choice(*UPDATES, required=True)
    at = Instant(required=True)
    by = fields.String(required=True)
    text_zh = fields.String(required=True)
    text_en = fields.String(required=True)


class ReportedTicket(Shape):
    """A ticket about the fault, or one that may be. `told_at`: when the person was last written to about it.
    `unreachable`: they left no address, and have to be called.
    """

    ticket_id = fields.UUID(required=True)
    number = fields.String(required=True)
    subject = fields.String(required=True)
    channel = Choice(*DESK_CHANNELS, required=True)
    state = Choice(*TICKET_STATES, required=True)
    created_at = Instant(required=True)
    told_at = Instant(required=True, allow_none=True)
    unreachable = fields.Boolean(required=True)


class FaultView(FaultRow):
    """`tickets`: at most MOST_NAMED, those who cannot be written to first. `to_tell`: how many a text is still on its
    way to; `failing`: to how many of them something stands in its way, so that it is tried again.
    `similar`: open tickets that nobody has sorted, likest first; `alike`: how many there are of them. The newest
    `compared` of `unsorted` open tickets were looked at.
    """

    workaround_zh = fields.String(required=True)
    workaround_en = fields.String(required=True)
    cause = fields.String(required=True)
    solution_zh = fields.String(required=True)
    solution_en = fields.String(required=True)
    resolved_by = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)
    to_tell = fields.Integer(required=True)
    failing = fields.Integer(load_default=0)
    updates = fields.List(fields.Nested(FaultUpdate), required=True)
    tickets = fields.List(fields.Nested(ReportedTicket), required=True)
    similar = fields.List(fields.Nested(ReportedTicket), required=True)
    alike = fields.Integer(load_default=0)
    compared = fields.Integer(load_default=0)
    unsorted = fields.Integer(load_default=0)


FAULT = Call(
    service="helpdesk", name="fault", request=FaultRequest, reply=FaultView, refusals=("FAULT_NOT_FOUND",)
)


class FaultOfTicketRequest(Shape):
    ticket_id = fields.UUID(required=True)


class FaultOfTicket(Shape):
    """`fault`: what the ticket reports; None where nobody has said so."""

    fault = fields.Nested(FaultRow, required=True, allow_none=True)


FAULT_OF_TICKET = Call(
    service="helpdesk", name="fault_of_ticket", request=FaultOfTicketRequest, reply=FaultOfTicket
)


class FaultFields(Shape):
    """`cause` is for the desk; the workaround is told to people."""

    title_zh = Line(longest=100, required=True, validate=[code("REQUIRED", validate.Length(min=1))])
    title_en = Line(longest=100, required=True, validate=[code("REQUIRED", validate.Length(min=1))])
    affected_system = Choice(*SYSTEMS, required=True)
    severity = Choice(*SEVERITIES, required=True)
    started_at = Moment(required=True)
    workaround_zh = Prose(longest=LONGEST_TOLD, load_default="")
    workaround_en = Prose(longest=LONGEST_TOLD, load_default="")
    cause = Prose(longest=LONGEST_TOLD, load_default="")


class RecordFaultRequest(FaultFields):
    """`ticket_ids`: those who reported it."""

    ticket_ids = Several(fields.UUID(), most=MOST_ADDED, load_default=list)


class FaultReply(Shape):
    number = fields.String(required=True)
    version = fields.Integer(required=True)


class ReportsReply(FaultReply):
    """How many were added, told or resolved; `left_out`: numbers that could not be, because of what they are in."""

    tickets = fields.Integer(required=True)
    left_out = fields.List(fields.String(), required=True)


RECORD_FAULT = Call(
    service="helpdesk",
    name="record_fault",
    request=RecordFaultRequest,
    reply=ReportsReply,
    refusals=("STARTS_LATER", "TOO_MANY_REPORTS"),
    writes=True,
)


class ChangeFaultRequest(FaultFields):
    number = Text(longest=20, required=True)
    version = Whole(required=True)


CHANGE_FAULT = Call(
    service="helpdesk",
    name="change_fault",
    request=ChangeFaultRequest,
    reply=FaultReply,
    refusals=(*CHANGE_REFUSALS, "STARTS_LATER"),
    writes=True,
)


class AddReportsRequest(FaultRequest):
    """Tickets that are about it, by id or by number; a ticket is about one fault. `every_alike`: every open ticket that
    reads like it, too (`alike` of the fault). With `tell`, what was announced last is sent to all that are added.
    """

    ticket_ids = Several(fields.UUID(), most=MOST_ADDED, required=True)
    numbers = Several(Text(longest=LONGEST_TICKET_NUMBER), most=MOST_ADDED, load_default=list)
    every_alike = fields.Boolean(load_default=False)
    tell = fields.Boolean(load_default=False)

    @validates_schema
    def _some(self, data: dict[str, Any], **_: Any) -> None:
        if not (data["ticket_ids"] or data["numbers"] or data["every_alike"]):
            raise ValidationError("REQUIRED", "ticket_ids")


ADD_REPORTS = Call(
    service="helpdesk",
    name="add_reports",
    request=AddReportsRequest,
    reply=ReportsReply,
    refusals=("FAULT_NOT_FOUND", "FAULT_RESOLVED", "TOO_MANY_REPORTS", "TICKET_NOT_FOUND"),
    writes=True,
)


class RemoveReportRequest(FaultRequest):
    ticket_id = fields.UUID(required=True)


REMOVE_REPORT = Call(
    service="helpdesk",
    name="remove_report",
    request=RemoveReportRequest,
    reply=FaultReply,
    refusals=("FAULT_NOT_FOUND", "FAULT_RESOLVED"),
    writes=True,
    repeat="harmless",
)


class AnnounceFaultRequest(FaultRequest):
    """For everybody: the first time it is announced, later it is an update. With `tell`, reporters get it too."""

    version = Whole(required=True)
    text_zh = Prose(longest=LONGEST_TOLD, required=True, validate=[code("REQUIRED", validate.Length(min=1))])
    text_en = Prose(longest=LONGEST_TOLD, required=True, validate=[code("REQUIRED", validate.Length(min=1))])
    tell = fields.Boolean(load_default=True)


ANNOUNCE_FAULT = Call(
    service="helpdesk",
    name="announce_fault",
    request=AnnounceFaultRequest,
    reply=ReportsReply,
    refusals=CHANGE_REFUSALS,
    writes=True,
)


class ResolveFaultRequest(FaultRequest):
    """The solution is told to all reporters, whose tickets are solved with it; what was announced is taken down."""

    version = Whole(required=True)
    solution_zh = Prose(
        longest=LONGEST_TOLD, required=True, validate=[code("REQUIRED", validate.Length(min=1))]
    )
    solution_en = Prose(
        longest=LONGEST_TOLD, required=True, validate=[code("REQUIRED", validate.Length(min=1))]
    )
    cause = Prose(longest=LONGEST_TOLD, load_default="")


RESOLVE_FAULT = Call(
    service="helpdesk",
    name="resolve_fault",
    request=ResolveFaultRequest,
    reply=ReportsReply,
    refusals=CHANGE_REFUSALS,
    writes=True,
)


class IncidentsRequest(Shape):
    """What looks like one fault that many report."""


class SimilarTickets(Shape):
    """Open tickets of the last days that read alike, newest first."""

    tickets = fields.List(fields.Nested(ReportedTicket), required=True)


class IncidentsReply(Shape):
    """`running`: open faults that somebody reported or that are announced, worst first. `groups`: largest first.

    The newest `compared` of `unsorted` open tickets of the last days were compared.
    """

    running = fields.List(fields.Nested(FaultRow), required=True)
    groups = fields.List(fields.Nested(SimilarTickets), required=True)
    compared = fields.Integer(load_default=0)
    unsorted = fields.Integer(load_default=0)


INCIDENTS = Call(service="helpdesk", name="incidents", request=IncidentsRequest, reply=IncidentsReply)
