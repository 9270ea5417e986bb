"""The work queue, the case page and the decisions."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from mtnet_contracts.calls.call import Call
from mtnet_contracts.calls.paging import PageReply, PageRequest
from mtnet_contracts.vocabulary.choices import UNITS
from mtnet_contracts.vocabulary.kinds import Choice, Instant, Prose, Several, Text, Whole
from mtnet_contracts.vocabulary.reasons import MARKABLE_FIELDS, MOST_REASONS, REASONS_THAT_FIT, RETURN_CODES
from mtnet_contracts.vocabulary.shapes import Shape, code

CASE_STATES = ("open", "returned", "approved", "rejected", "withdrawn")
ACTIONS = (
    "submitted",
    "resubmitted",
    "claimed",
    "released",
    "forwarded",
    "returned",
    "approved",
    "rejected",
    "withdrawn",
)
MOST_UNIT_CASES = 5_000
DECISION_REFUSALS = (
    "CASE_NOT_FOUND",
    "STALE_VERSION",
    "NOT_CLAIMED",
    "CLAIMED_BY_ANOTHER",
    "CASE_NOT_OPEN",
    "OWN_CASE",
)


class QueueRequest(PageRequest):
    """`tab` is mine, unclaimed, all (of the unit), returned, overdue or decided; oldest first by default."""

    tab = Choice("all", "mine", "unclaimed", "returned", "overdue", "decided", load_default="all")
    identity_type = Text(longest=20, load_default=None, allow_none=True)
    search = Text(longest=60, load_default=None, allow_none=True)
    sort = Choice("oldest", "newest", "due", "case_number", load_default="oldest")


class QueueItem(Shape):
    application_id = fields.UUID(required=True)
    case_number = fields.String(required=True)
    identity_type = fields.String(required=True)
    company_name = fields.String(required=True, allow_none=True)
    applicant_name = fields.String(required=True)
    state = Choice(*CASE_STATES, required=True)
    unit = Choice(*UNITS, required=True)
    stage = fields.Integer(required=True)
    stages = fields.Integer(required=True)
    submission = fields.Integer(required=True)
    submitted_at = Instant(required=True)
    waiting_since = Instant(required=True)
    due_on = fields.Date(required=True)
    overdue = fields.Boolean(required=True)
    claimed_by = fields.String(required=True, allow_none=True)
    claimed_by_me = fields.Boolean(required=True)


class TabCount(Shape):
    """How many cases a tab holds. `decided` is counted on its own tab only: it grows for years."""

    tab = fields.String(required=True)
    count = fields.Integer(required=True)


class QueueReply(PageReply):
    items = fields.List(fields.Nested(QueueItem), required=True)
    counts = fields.List(fields.Nested(TabCount), required=True)


QUEUE = Call(service="review", name="queue", request=QueueRequest, reply=QueueReply)


class CaseRequest(Shape):
    application_id = fields.UUID(required=True)


class HistoryEntry(Shape):
    """審核歷程: one line. `actor_name` is None for what the applicant or the system did."""

    at = Instant(required=True)
    action = Choice(*ACTIONS, required=True)
    actor_name = fields.String(required=True, allow_none=True)
    unit = fields.String(required=True, allow_none=True)
    submission = fields.Integer(required=True)
    reasons = fields.List(fields.Dict(keys=fields.String(), values=fields.String()), required=True)
    note = fields.String(required=True)


class Difference(Shape):
    """A field that changed against the submission before; values as text, ID numbers masked."""

    field = fields.String(required=True)
    before = fields.String(required=True, allow_none=True)
    after = fields.String(required=True, allow_none=True)


class CaseView(QueueItem):
    """Everything a reviewer decides on. `answers` mirrors the sections of the application."""

    version = fields.Integer(required=True)
    account_name = fields.String(required=True)
    masked_id_number = fields.String(required=True)
    answers = fields.Dict(keys=fields.String(), values=fields.Dict(allow_none=True), required=True)
    form = fields.Dict(required=True, allow_none=True)
    duplicates = fields.List(fields.Dict(), required=True)
    differences = fields.List(fields.Nested(Difference), required=True)
    history = fields.List(fields.Nested(HistoryEntry), required=True)
    units = fields.List(fields.String(), required=True)
    claim_expires_at = Instant(required=True, allow_none=True)
    may_claim = fields.Boolean(required=True)
    may_decide = fields.Boolean(required=True)
    last_stage = fields.Boolean(required=True)
    decisions = fields.List(fields.String(), required=True)


CASE = Call(
    service="review",
    name="case",
    request=CaseRequest,
    reply=CaseView,
    refusals=("CASE_NOT_FOUND",),
)


class VersionedCaseRequest(CaseRequest):
    """`version` is the case's version as the reviewer saw it; an older one is refused."""

    version = Whole(required=True)


def _decision(name: str, request: type[Shape], *more: str) -> Call:
    return Call(
        service="review",
        name=name,
        request=request,
        reply=CaseView,
        refusals=(*DECISION_REFUSALS, *more),
        writes=True,
    )


CLAIM_CASE = _decision("claim_case", CaseRequest)
RELEASE_CASE = _decision("release_case", CaseRequest)


class ForwardCaseRequest(VersionedCaseRequest):
    note = Prose(longest=1000, load_default="")


FORWARD_CASE = _decision("forward_case", ForwardCaseRequest, "LAST_STAGE")
APPROVE_CASE = _decision("approve_case", ForwardCaseRequest, "NOT_LAST_STAGE")


class Reason(Shape):
    """Why a field must change. A reason that does not fit its field (REASONS_THAT_FIT) is refused at `code`."""

    code = Choice(
        *RETURN_CODES,
        required=True,
        metadata={"description": "One that fits the field; another is refused as REASON_DOES_NOT_FIT"},
    )
    field = Choice(*MARKABLE_FIELDS, required=True)

    @validates_schema
    def _fits(self, reason: dict[str, Any], **_: Any) -> None:
        if reason["code"] not in REASONS_THAT_FIT[reason["field"]]:
            raise ValidationError("REASON_DOES_NOT_FIT", field_name="code")


class ReturnCaseRequest(VersionedCaseRequest):
    """退回案件: at least one coded reason, and words for the applicant."""

    reasons = Several(
        fields.Nested(Reason),
        most=MOST_REASONS,
        required=True,
        validate=[code("REASONS_REQUIRED", validate.Length(min=1))],
    )
    note = Prose(longest=1000, required=True)


RETURN_CASE = _decision("return_case", ReturnCaseRequest)


class RejectCaseRequest(VersionedCaseRequest):
    reasons = Several(fields.Nested(Reason), most=MOST_REASONS, load_default=list)
    note = Prose(longest=1000, required=True)


REJECT_CASE = _decision("reject_case", RejectCaseRequest)


class UnitCasesRequest(Shape):
    """`after` is the `next_after` of the answer before."""

    unit = Choice(*UNITS, required=True)
    after = fields.UUID(load_default=None, allow_none=True)
    limit = Whole(least=1, most=MOST_UNIT_CASES, load_default=MOST_UNIT_CASES)


class UnitCasesReply(Shape):
    """Applications whose case is open or returned, in the order of the ids. `next_after` is None at the end."""

    application_ids = fields.List(fields.UUID(), required=True)
    next_after = fields.UUID(required=True, allow_none=True)


UNIT_CASES = Call(service="review", name="unit_cases", request=UnitCasesRequest, reply=UnitCasesReply)
