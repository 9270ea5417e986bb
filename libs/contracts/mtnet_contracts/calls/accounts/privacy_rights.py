"""Rights under the Personal Data Protection Act, Art. 3: a copy at once, requests with a clock, a desk for staff."""

from marshmallow import fields

from mtnet_contracts.calls.accounts.documents import FileView
from mtnet_contracts.calls.call import Call
from mtnet_contracts.calls.paging import PageReply, PageRequest
from mtnet_contracts.vocabulary.choices import LOCALES
from mtnet_contracts.vocabulary.kinds import Choice, Instant, Line, Prose, Whole
from mtnet_contracts.vocabulary.shapes import Empty, Shape

KINDS = ("view", "copy", "correct", "stop", "delete")
STATES = ("open", "done", "refused", "withdrawn")
MOST_OWN_REQUESTS = 50


class OwnDataReply(Shape):
    """All that accounts holds of a person, by topic, for programs to read."""

    data = fields.Dict(keys=fields.String(), values=fields.Raw(), required=True)


# What is copied is recorded, each time.
COPY_OF_OWN_DATA = Call(
    service="accounts",
    name="copy_of_own_data",
    request=Empty,
    reply=OwnDataReply,
    refusals=("TOO_MANY_DOCUMENTS",),
    writes=True,
    repeat="anew",
)


class OwnDataDocumentRequest(Shape):
    locale = Choice(*LOCALES, load_default="zh-Hant")


DOCUMENT_OF_OWN_DATA = Call(
    service="accounts",
    name="document_of_own_data",
    request=OwnDataDocumentRequest,
    reply=FileView,
    refusals=("TOO_MANY_DOCUMENTS", "BUSY"),
    writes=True,
    repeat="anew",
)


class PrivacyStep(Shape):
    """What happened to a request. `what` is received, extended, done, refused or withdrawn."""

    at = Instant(required=True)
    what = fields.String(required=True)
    note = fields.String(required=True)


class OwnPrivacyRequest(Shape):
    """A request as the person sees it. `due_on` is the Taipei day by which it has to be answered (Art. 13)."""

    request_id = fields.UUID(required=True)
    request_number = fields.String(required=True)
    kind = Choice(*KINDS, required=True)
    state = Choice(*STATES, required=True)
    words = fields.String(required=True)
    received_at = Instant(required=True)
    due_on = fields.Date(required=True)
    extended = fields.Boolean(required=True)
    closed_at = Instant(required=True, allow_none=True)
    steps = fields.List(fields.Nested(PrivacyStep), required=True)


class OwnPrivacyRequests(Shape):
    """The latest fifty, newest first."""

    requests = fields.List(fields.Nested(OwnPrivacyRequest), required=True)


OWN_PRIVACY_REQUESTS = Call(
    service="accounts", name="own_privacy_requests", request=Empty, reply=OwnPrivacyRequests
)


class AskRequest(Shape):
    """`words` say what is wanted; for a correction, what is wrong and what is right."""

    kind = Choice(*KINDS, required=True)
    words = Prose(longest=1000, required=True)


ASK_FOR_PRIVACY_RIGHT = Call(
    service="accounts",
    name="ask_for_privacy_right",
    request=AskRequest,
    reply=OwnPrivacyRequest,
    refusals=("REQUEST_OPEN", "TOO_MANY_REQUESTS"),
    writes=True,
)


class PrivacyRequestId(Shape):
    request_id = fields.UUID(required=True)


WITHDRAW_PRIVACY_REQUEST = Call(
    service="accounts",
    name="withdraw_privacy_request",
    request=PrivacyRequestId,
    reply=OwnPrivacyRequest,
    refusals=("REQUEST_NOT_FOUND", "REQUEST_CLOSED"),
    writes=True,
)


# The desk


class PrivacyDeskRequest(PageRequest):
    """Those that are late come first, then by the day they are due. `overdue` shows those only."""

    state = Choice(*STATES, load_default="open", allow_none=True)
    kind = Choice(*KINDS, load_default=None, allow_none=True)
    overdue = fields.Boolean(load_default=False)


class PrivacyDeskItem(Shape):
    request_id = fields.UUID(required=True)
    request_number = fields.String(required=True)
    kind = Choice(*KINDS, required=True)
    state = Choice(*STATES, required=True)
    account_name = fields.String(required=True)
    received_at = Instant(required=True)
    due_on = fields.Date(required=True)
    days_left = fields.Integer(required=True)
    extended = fields.Boolean(required=True)


class PrivacyDeskReply(PageReply):
    overdue = fields.Integer(required=True)
    requests = fields.List(fields.Nested(PrivacyDeskItem), required=True)


PRIVACY_DESK = Call(
    service="accounts", name="privacy_desk", request=PrivacyDeskRequest, reply=PrivacyDeskReply
)


class PrivacyCaseView(PrivacyDeskItem):
    """A request with what is needed to answer it. `may_extend` until it was extended once; `may_carry_out`: for a
    correction, a stop and a deletion the portal does by itself what was asked.
    """

    name = fields.String(required=True)
    identity_type = fields.String(required=True)
    account_state = fields.String(required=True)
    email = fields.String(required=True)
    words = fields.String(required=True)
    version = fields.Integer(required=True)
    may_extend = fields.Boolean(required=True)
    extended_until = fields.Date(required=True)
    may_carry_out = fields.Boolean(required=True)
    own = fields.Boolean(required=True)
    steps = fields.List(fields.Nested(PrivacyStep), required=True)


# Each look is recorded.
PRIVACY_CASE = Call(
    service="accounts",
    name="privacy_case",
    request=PrivacyRequestId,
    reply=PrivacyCaseView,
    refusals=("REQUEST_NOT_FOUND",),
    writes=True,
    repeat="anew",
)
DESK_REFUSALS = ("REQUEST_NOT_FOUND", "REQUEST_CLOSED", "STALE_VERSION", "OWN_CASE")


class AnswerPrivacyRequest(PrivacyRequestId):
    """`note` is sent to the person: the answer, or the reason (Art. 10, 11 and 13 want it in writing)."""

    version = Whole(required=True)
    note = Prose(longest=1000, required=True)


def _decision(name: str, request: type[Shape], *more: str) -> Call:
    return Call(
        service="accounts",
        name=name,
        request=request,
        reply=PrivacyCaseView,
        refusals=(*DESK_REFUSALS, *more),
        writes=True,
    )


ANSWER_PRIVACY_REQUEST = _decision("answer_privacy_request", AnswerPrivacyRequest)
REFUSE_PRIVACY_REQUEST = _decision("refuse_privacy_request", AnswerPrivacyRequest)
EXTEND_PRIVACY_REQUEST = _decision("extend_privacy_request", AnswerPrivacyRequest, "EXTENDED_ALREADY")


class CarryOutRequest(AnswerPrivacyRequest):
    """`name`: for a correction, the name as it is right; empty where something else was corrected."""

    name = Line(longest=50, load_default=None, allow_none=True)


CARRY_OUT_PRIVACY_REQUEST = _decision("carry_out_privacy_request", CarryOutRequest, "NOT_CARRIED_OUT")
