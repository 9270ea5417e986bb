"""The endpoints of the review service: the work queue, the case page and the decisions."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from mtnet_contracts.calls.call import Call, Shape, code
from mtnet_contracts.calls.kinds import Choice, Instant, PageReply, PageRequest, Prose, Several, Text, Whole

UNITS = ("north", "central", "south", "east", "operations", "personnel")
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
# Why a case goes back, by what it is bound to; the words are the gateway's.
RETURN_CODES = (
    "WRONG",
    "UNREADABLE",
    "INCOMPLETE",
    "MISMATCH",
    "NOT_STAMPED",
    "MISSING",
    "EXPIRED",
    "DUPLICATE",
)
MARKABLE_FIELDS = (
    "identity.id_number",
    "identity.account_name",
    "company.unified_business_number",
    "company.name_zh",
    "company.name_en",
    "company.person_in_charge",
    "company.city",
    "company.district",
    "company.postal_code",
    "company.address",
    "company.phone",
    "company.fax",
    "company.email",
    "company.mobile",
    "applicant.name",
    "applicant.department",
    "applicant.title",
    "applicant.phone",
    "applicant.fax",
    "applicant.email",
    "applicant.mobile",
    "applicant.systems",
    "applicant.reason",
    "form",
)

# Which reasons fit which kind of field: a telephone cannot lack a stamp. Only the form is a picture that may be
# unreadable or unstamped; a number may belong to a certificate that ran out.
_GIVEN = ("WRONG", "INCOMPLETE", "MISMATCH", "MISSING")
REASONS_OF_KIND = {
    "number": (*_GIVEN, "EXPIRED", "DUPLICATE"),
    "account": ("WRONG", "MISMATCH", "DUPLICATE"),
    "company name": (*_GIVEN, "DUPLICATE"),
    "contact": (*_GIVEN, "DUPLICATE"),
    "text": _GIVEN,
    "choice": ("WRONG", "MISMATCH", "MISSING"),
    "form": ("WRONG", "UNREADABLE", "INCOMPLETE", "MISMATCH", "NOT_STAMPED", "MISSING", "EXPIRED"),
}
_KIND_BY_NAME = {
    "id_number": "number",
    "unified_business_number": "number",
    "account_name": "account",
    "name_zh": "company name",
    "name_en": "company name",
    "phone": "contact",
    "fax": "contact",
    "email": "contact",
    "mobile": "contact",
    "city": "choice",
    "district": "choice",
    "form": "form",
}
REASONS_THAT_FIT = {
    field: REASONS_OF_KIND[_KIND_BY_NAME.get(field.rpartition(".")[2], "text")] for field in MARKABLE_FIELDS
}

# Two at each field.
MOST_REASONS = 2 * len(MARKABLE_FIELDS)

REVIEWERS = frozenset({"reviewer"})
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


class CaseRequest(Shape):
    application_id = fields.UUID(required=True)


class VersionedCaseRequest(CaseRequest):
    """`version` is the case's version as the reviewer saw it; an older one is refused."""

    version = Whole(required=True)


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


class RejectCaseRequest(VersionedCaseRequest):
    reasons = Several(fields.Nested(Reason), most=MOST_REASONS, load_default=list)
    note = Prose(longest=1000, required=True)


class ForwardCaseRequest(VersionedCaseRequest):
    note = Prose(longest=1000, load_default="")


QUEUE = Call(
    service="review", name="queue", request=QueueRequest, reply=QueueReply, actor="required", roles=REVIEWERS
)
CASE = Call(
    service="review",
    name="case",
    request=CaseRequest,
    reply=CaseView,
    refusals=("CASE_NOT_FOUND",),
    actor="required",
    roles=REVIEWERS,
)


def _decision(name: str, request: type[Shape], *more: str) -> Call:
    return Call(
        service="review",
        name=name,
        request=request,
        reply=CaseView,
        refusals=(*DECISION_REFUSALS, *more),
        actor="required",
        roles=REVIEWERS,
        writes=True,
    )


CLAIM_CASE = _decision("claim_case", CaseRequest)
RELEASE_CASE = _decision("release_case", CaseRequest)
FORWARD_CASE = _decision("forward_case", ForwardCaseRequest, "LAST_STAGE")
APPROVE_CASE = _decision("approve_case", ForwardCaseRequest, "NOT_LAST_STAGE")
RETURN_CASE = _decision("return_case", ReturnCaseRequest)
REJECT_CASE = _decision("reject_case", RejectCaseRequest)
