"""復用: evidence of whose a disabled account is, judged by two people of the desk."""

from marshmallow import fields, validate

from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.kinds import Choice, Choices, Day, Instant, Line, Prose, Text, Whole
from mtnet_contracts.vocabulary.shapes import FROM_GATEWAY, Shape, code

# How the evidence came.
EVIDENCE = ("letter", "fax", "upload", "call_back")
# What is checked, by how it came; both people tick all of it.
ON_PAPER = ("name_fits", "stamp_or_document", "wish_stated", "called_back")
CHECKS = {
    "letter": ON_PAPER,
    "fax": (*ON_PAPER, "legible"),
    "upload": (*ON_PAPER, "legible"),
    "call_back": ("number_on_file", "questions_answered", "wish_stated", "call_logged"),
}
ALL_CHECKS = tuple(dict.fromkeys(check for checks in CHECKS.values() for check in checks))
STATES = ("open", "checked", "approved", "refused")
REFUSAL_REASONS = ("not_recognised", "not_entitled", "incomplete", "no_answer")
TABS = ("waiting", "decided")
MOST_CASES = 50
LARGEST_POSITION = 2**31 - 1
CHANGE_REFUSALS = (
    "REACTIVATION_NOT_FOUND",
    "REACTIVATION_CHANGED",
    "REACTIVATION_DECIDED",
    "OWN_REACTIVATION",
)


class ReactivationsRequest(Shape):
    """Newest first. `before`: the position that the last answer ended with."""

    tab = Choice(*TABS, load_default="waiting")
    before = Whole(least=1, most=LARGEST_POSITION, load_default=None, allow_none=True)
    limit = Whole(least=1, most=MOST_CASES, load_default=25)


class ReactivationRow(Shape):
    """`mine`: the caller checked it, so that somebody else has to decide."""

    number = fields.String(required=True)
    account_name = fields.String(required=True)
    evidence = Choice(*EVIDENCE, required=True)
    state = Choice(*STATES, required=True)
    opened_by = fields.String(required=True)
    opened_at = Instant(required=True)
    checked_by = fields.String(required=True, allow_none=True)
    decided_at = Instant(required=True, allow_none=True)
    mine = fields.Boolean(required=True)


class ReactivationsReply(Shape):
    items = fields.List(fields.Nested(ReactivationRow), required=True)
    next_before = fields.Integer(required=True, allow_none=True)


REACTIVATIONS = Call(
    service="helpdesk", name="reactivations", request=ReactivationsRequest, reply=ReactivationsReply
)


class ReactivationRequest(Shape):
    number = Text(longest=20, required=True)


class ReactivationView(ReactivationRow):
    """`name` and `organisation_name`: the holder as accounts knows them. `can`: what the caller may do now.

    `checks`: all that has to be ticked, by whoever checks and by whoever approves.
    """

    name = fields.String(required=True)
    organisation_name = fields.String(required=True, allow_none=True)
    account_state = Choice("frozen", "disabled", required=True)
    reference = fields.String(required=True)
    received_on = fields.Date(required=True)
    checks = fields.List(Choice(*ALL_CHECKS), required=True)
    checked_at = Instant(required=True, allow_none=True)
    reason = fields.String(required=True)
    decided_by = fields.String(required=True, allow_none=True)
    refusal_reason = Choice(*REFUSAL_REASONS, required=True, allow_none=True)
    refusal_note = fields.String(required=True)
    version = fields.Integer(required=True)
    can = fields.List(Choice("check", "approve", "refuse"), required=True)


REACTIVATION = Call(
    service="helpdesk",
    name="reactivation",
    request=ReactivationRequest,
    reply=ReactivationView,
    refusals=("REACTIVATION_NOT_FOUND",),
)


class ReactivationsOfTicketRequest(Shape):
    ticket_id = fields.UUID(required=True)


class ReactivationsOfTicketReply(Shape):
    """Cases whose evidence lies in the ticket, or in one that was merged into it; newest first, at most 10."""

    items = fields.List(fields.Nested(ReactivationRow), required=True)


REACTIVATIONS_OF_TICKET = Call(
    service="helpdesk",
    name="reactivations_of_ticket",
    request=ReactivationsOfTicketRequest,
    reply=ReactivationsOfTicketReply,
)


class OpenReactivationRequest(Shape):
    """`statement`: what accounts said of this account, to the same caller (`account_for_reactivation`).

    `reference`: where the evidence is kept: the ticket that it came with, or the file number of a letter.
    """

    account_name = Text(longest=40, required=True)
    statement = Text(longest=4_000, load_default="", metadata=FROM_GATEWAY)
    evidence = Choice(*EVIDENCE, required=True)
    reference = Line(longest=100, required=True)
    received_on = Day(required=True)


OPEN_REACTIVATION = Call(
    service="helpdesk",
    name="open_reactivation",
    request=OpenReactivationRequest,
    reply=ReactivationView,
    refusals=(
        "STATEMENT_NOT_VALID",
        "OWN_REACTIVATION",
        "REACTIVATION_OPEN",
        "TICKET_NOT_FOUND",
        "DAY_TO_COME",
    ),
    writes=True,
)


class CheckReactivationRequest(ReactivationRequest):
    """All that is to be checked is ticked. `reason`: how the holder was recognised."""

    version = Whole(required=True)
    checks = Choices(*ALL_CHECKS, at_least_one="CHECKS_MISSING", required=True)
    reason = Prose(longest=500, required=True)


CHECK_REACTIVATION = Call(
    service="helpdesk",
    name="check_reactivation",
    request=CheckReactivationRequest,
    reply=ReactivationView,
    refusals=(*CHANGE_REFUSALS, "CHECKS_MISSING"),
    writes=True,
)


class ApproveReactivationRequest(ReactivationRequest):
    """By somebody else than who checked, who ticks everything once more."""

    version = Whole(required=True)
    checks = Choices(*ALL_CHECKS, at_least_one="CHECKS_MISSING", required=True)


APPROVE_REACTIVATION = Call(
    service="helpdesk",
    name="approve_reactivation",
    request=ApproveReactivationRequest,
    reply=ReactivationView,
    refusals=(*CHANGE_REFUSALS, "CHECKS_MISSING", "REACTIVATION_NOT_CHECKED", "SECOND_PERSON_NEEDED"),
    writes=True,
)


class RefuseReactivationRequest(ReactivationRequest):
    """`note` is told to the person."""

    version = Whole(required=True)
    refusal_reason = Choice(*REFUSAL_REASONS, required=True)
    note = Prose(longest=500, required=True, validate=[code("REQUIRED", validate.Length(min=1))])


REFUSE_REACTIVATION = Call(
    service="helpdesk",
    name="refuse_reactivation",
    request=RefuseReactivationRequest,
    reply=ReactivationView,
    refusals=CHANGE_REFUSALS,
    writes=True,
)
