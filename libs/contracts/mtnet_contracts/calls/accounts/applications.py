"""Begin an application, fill it in, hand it in, take it back.

An applicant has no account yet: an `application_token` proves the right to one application.
"""

from marshmallow import fields, validate

from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.answers import SECTIONS
from mtnet_contracts.vocabulary.choices import CONTACTS, IDENTITY_TYPES, LOCALES, STATUSES
from mtnet_contracts.vocabulary.kinds import Choice, Instant, Line, RawAnswers, Source, Text, Token, Versions
from mtnet_contracts.vocabulary.shapes import Empty, Shape, code

TOKEN_REFUSALS = ("APPLICATION_TOKEN_INVALID",)


class ApplicationToken(Shape):
    application_token = Token(required=True)


class FromDevice(Shape):
    """`device_token` is what an earlier reply left on this device: strangers' mischief does not count against it."""

    device_token = Token(load_default=None, allow_none=True)


class ContactView(Shape):
    """One contact that needs a code; `value` as it will be written to, None until it was filled in.

    While a code that was sent is good: when it was sent, until when it is good, and from when another may be sent.
    """

    contact = Choice(*CONTACTS, required=True)
    channel = Choice("email", "sms", required=True)
    value = fields.String(required=True, allow_none=True)
    verified_at = Instant(required=True, allow_none=True)
    sent_at = Instant(load_default=None, allow_none=True)
    code_expires_at = Instant(load_default=None, allow_none=True)
    resend_at = Instant(load_default=None, allow_none=True)


class FormView(Shape):
    """The stamped form that was uploaded; `outdated` when answers changed since it was generated.

    `recognised` is false where the code on the sheet could not be read: it is taken, a better scan would help.
    """

    file_id = fields.UUID(required=True)
    filename = fields.String(required=True)
    media_type = fields.String(required=True)
    size_bytes = fields.Integer(required=True)
    pages = fields.Integer(required=True)
    uploaded_at = Instant(required=True)
    outdated = fields.Boolean(required=True)
    recognised = fields.Boolean(load_default=None, allow_none=True)


class MarkView(Shape):
    """What a reviewer wants changed: a coded reason at a field such as `applicant.phone` or `form`."""

    code = fields.String(required=True)
    field = fields.String(required=True)


class UnprintableView(Shape):
    """Characters of a field such as `company.name_zh` that no font prints, as `U+E000`: kept, and printed as codes."""

    field = fields.String(required=True)
    characters = fields.List(fields.String(), required=True)


class StepView(Shape):
    """One line of the case's progress. `unit` is a unit's code, never a person."""

    at = Instant(required=True)
    status = fields.String(required=True)
    unit = fields.String(required=True, allow_none=True)
    stage = fields.Integer(required=True, allow_none=True)
    stages = fields.Integer(required=True, allow_none=True)
    submission = fields.Integer(required=True)
    marks = fields.List(fields.Nested(MarkView), required=True)
    note = fields.String(required=True)


class ApplicationView(Shape):
    """An application as its owner sees it.

    `answers` holds per section what was last accepted, exactly as normalised; `missing` lists what
    stands between now and submitting, as codes like `section:company`, `contact:applicant_email`,
    `form`, `form_outdated`. `changed` lists fields changed since the last submission. `versions` names, for
    each section and for `form`, what is stored now: sent back with a change, it is refused
    (ANSWERS_CHANGED) where somebody else has changed it meanwhile. `unprintable` names what the application form
    shows as code points, since no font has it; it hinders nothing.
    """

    application_id = fields.UUID(required=True)
    case_number = fields.String(required=True)
    identity_type = Choice(*IDENTITY_TYPES, required=True)
    status = Choice(*STATUSES, required=True)
    submission = fields.Integer(required=True)
    locale = Choice(*LOCALES, required=True)
    answers = fields.Dict(keys=fields.String(), values=fields.Dict(allow_none=True), required=True)
    sections = fields.List(fields.String(), required=True)
    contacts = fields.List(fields.Nested(ContactView), required=True)
    needs_form = fields.Boolean(required=True)
    form = fields.Nested(FormView, required=True, allow_none=True)
    missing = fields.List(fields.String(), required=True)
    marks = fields.List(fields.Nested(MarkView), required=True)
    note = fields.String(required=True)
    resubmit_by = fields.Date(required=True, allow_none=True)
    changed = fields.List(fields.String(), required=True)
    editable = fields.Boolean(required=True)
    submitted_at = Instant(required=True, allow_none=True)
    started_at = Instant(required=True)
    expires_at = Instant(required=True, allow_none=True)
    unit = fields.String(required=True, allow_none=True)
    stage = fields.Integer(required=True, allow_none=True)
    stages = fields.Integer(required=True, allow_none=True)
    # Of the stage at hand, and of the whole route: the second is what the applicant waits for.
    due_on = fields.Date(required=True, allow_none=True)
    expected_on = fields.Date(load_default=None, allow_none=True)
    steps = fields.List(fields.Nested(StepView), required=True)
    account_state = fields.String(required=True, allow_none=True)
    versions = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)
    unprintable = fields.List(fields.Nested(UnprintableView), load_default=list)


APPLICATION = Call(
    service="accounts",
    name="application",
    request=ApplicationToken,
    reply=ApplicationView,
    refusals=TOKEN_REFUSALS,
)


class StartApplicationRequest(FromDevice):
    identity_type = Choice(*IDENTITY_TYPES, required=True)
    locale = Choice(*LOCALES, load_default="zh-Hant")
    ip = Source()


class StartApplicationReply(Shape):
    application_token = fields.String(required=True)
    application = fields.Nested(ApplicationView, required=True)
    device_token = fields.String(load_default=None, allow_none=True)


START_APPLICATION = Call(
    service="accounts",
    name="start_application",
    request=StartApplicationRequest,
    reply=StartApplicationReply,
    refusals=("TOO_MANY_APPLICATIONS",),
    writes=True,
    repeat="renew",
)
MOST_TOKENS = 20


class OpenedApplicationsRequest(Shape):
    application_tokens = fields.List(
        Token(), required=True, validate=code("TOO_LONG", validate.Length(max=MOST_TOKENS))
    )


class OpenedApplication(Shape):
    """An application in a list of one's own. `position` is that of its token in the request, from 0."""

    position = fields.Integer(required=True)
    application_id = fields.UUID(required=True)
    case_number = fields.String(required=True)
    identity_type = Choice(*IDENTITY_TYPES, required=True)
    status = Choice(*STATUSES, required=True)
    editable = fields.Boolean(required=True)
    started_at = Instant(required=True)


class OpenedApplicationsReply(Shape):
    """In the order of the tokens; a token that opens nothing is left out."""

    applications = fields.List(fields.Nested(OpenedApplication), required=True)


OPENED_APPLICATIONS = Call(
    service="accounts",
    name="opened_applications",
    request=OpenedApplicationsRequest,
    reply=OpenedApplicationsReply,
)


class SaveSectionRequest(ApplicationToken):
    """`version` is that of the section as it was shown, empty for one never filled in; None saves over anything."""

    section = Choice(*SECTIONS, required=True)
    answers = RawAnswers(required=True)
    ip = Source()
    version = Text(longest=100, load_default=None, allow_none=True)


SAVE_SECTION = Call(
    service="accounts",
    name="save_section",
    request=SaveSectionRequest,
    reply=ApplicationView,
    refusals=(*TOKEN_REFUSALS, "NOT_EDITABLE", "SECTION_NOT_ASKED", "ANSWERS_CHANGED"),
    writes=True,
)


class SubmitRequest(ApplicationToken):
    """`versions` are those of the answers that were shown and declared true. With `must_change` a resubmission in
    which nothing was changed is refused (NOTHING_CHANGED), so that it can be asked about.
    """

    must_change = fields.Boolean(load_default=False)

    versions = Versions(*SECTIONS, "form", load_default=None, allow_none=True)
    truthful = fields.Boolean(required=True, validate=[code("DECLARATION_REQUIRED", validate.Equal(True))])


SUBMIT_APPLICATION = Call(
    service="accounts",
    name="submit_application",
    request=SubmitRequest,
    reply=ApplicationView,
    refusals=(
        *TOKEN_REFUSALS,
        "NOT_EDITABLE",
        "INCOMPLETE",
        "ACCOUNT_NAME_TAKEN",
        "ANSWERS_CHANGED",
        "NOTHING_CHANGED",
    ),
    writes=True,
)
WITHDRAW_APPLICATION = Call(
    service="accounts",
    name="withdraw_application",
    request=ApplicationToken,
    reply=ApplicationView,
    refusals=(*TOKEN_REFUSALS, "NOT_WITHDRAWABLE"),
    writes=True,
)
LEAVE_APPLICATION = Call(
    service="accounts",
    name="leave_application",
    request=ApplicationToken,
    reply=Empty,
    writes=True,
    repeat="harmless",
)


class RevealIdNumberRequest(Shape):
    application_id = fields.UUID(required=True)
    reason = Line(longest=200, required=True)


class RevealIdNumberReply(Shape):
    id_number = fields.String(required=True)


REVEAL_ID_NUMBER = Call(
    service="accounts",
    name="reveal_id_number",
    request=RevealIdNumberRequest,
    reply=RevealIdNumberReply,
    refusals=("CASE_NOT_FOUND",),
    writes=True,
    repeat="anew",
)
