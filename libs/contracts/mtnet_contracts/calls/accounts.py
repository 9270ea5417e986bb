"""The endpoints of the accounts service: applying, following a case, activating, logging in.

An applicant has no account yet: an `application_token` proves the right to one application.
"""

from typing import Any

from marshmallow import fields, validate

from mtnet_contracts.calls.call import FROM_GATEWAY, Call, Empty, Shape, code
from mtnet_contracts.calls.kinds import (
    Answers,
    Choice,
    Choices,
    EmailAddress,
    Filename,
    Instant,
    Line,
    Prose,
    Secret,
    Source,
    Text,
    Token,
    Versions,
    Whole,
)

IDENTITY_TYPES = ("company", "public_body", "individual", "bureau")
SECTIONS = ("registration", "identity", "company", "applicant")
CONTACTS = ("company_mobile", "company_email", "applicant_mobile", "applicant_email")
LOCALES = ("zh-Hant", "en")
STATUSES = ("draft", "submitted", "in_review", "returned", "approved", "rejected", "withdrawn")
SYSTEMS = ("mtnet", "carriers", "port_affairs", "vessels", "crew", "examinations")
ROLES = (
    "member",
    "organisation_manager",
    "reviewer",
    "helpdesk_agent",
    "editor",
    "operator",
    "administrator",
)

# Counties and cities as the Ministry of the Interior lists them; review maps them to maritime centres.
CITIES = (
    "taipei",
    "new_taipei",
    "keelung",
    "taoyuan",
    "hsinchu_city",
    "hsinchu_county",
    "miaoli",
    "taichung",
    "changhua",
    "nantou",
    "yunlin",
    "chiayi_city",
    "chiayi_county",
    "tainan",
    "kaohsiung",
    "pingtung",
    "yilan",
    "hualien",
    "taitung",
    "penghu",
    "kinmen",
    "lienchiang",
)

TOKEN_REFUSALS = ("APPLICATION_TOKEN_INVALID",)


class AccountName(Text):
    """8 to 20 letters and digits; capitals make no other name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            longest=40,
            validate=[
                code("ACCOUNT_LENGTH", validate.Length(min=8, max=20)),
                code("ACCOUNT_CHARACTERS", validate.Regexp(r"^[A-Za-z0-9]*\Z")),
            ],
            **options,
        )


# What the applicant fills in, section by section. Shapes only: checksums and rules are accounts' own.


class RegistrationAnswers(Shape):
    """註冊方式 and 個資告知書: how to register, and which version of the notice was agreed to.

    `email` is the applicant's, until the section of that name has one: proved first, it is the way back to the draft.
    """

    method = Choice("email", required=True)
    notice_version = Text(longest=20, required=True)
    agreed = fields.Boolean(required=True, validate=[code("NOTICE_NOT_AGREED", validate.Equal(True))])
    email = EmailAddress(load_default=None, allow_none=True)


class IdentityAnswers(Shape):
    """身分證字號 (national ID, new or old resident number) and the account name wanted."""

    id_number = Text(longest=20, required=True)
    account_name = AccountName(required=True)


class CompanyAnswers(Shape):
    """公司／機關基本資料. `number_as_registered`: the number stands so on the registration."""

    unified_business_number = Text(longest=20, required=True)
    name_zh = Line(longest=100, required=True)
    name_en = Text(longest=200, load_default=None, allow_none=True)
    person_in_charge = Line(longest=50, required=True)
    city = Choice(*CITIES, required=True)
    district = Line(longest=20, load_default=None, allow_none=True)
    postal_code = Text(
        longest=6,
        load_default=None,
        allow_none=True,
        validate=[code("POSTAL_CODE_INVALID", validate.Regexp(r"^(\d{3}|\d{5}|\d{6})?\Z"))],
    )
    address = Line(longest=200, required=True)
    phone = Text(longest=30, required=True)
    fax = Text(longest=30, load_default=None, allow_none=True)
    email = EmailAddress(required=True)
    mobile = Text(longest=30, required=True)
    number_as_registered = fields.Boolean(load_default=False)


class ApplicantAnswers(Shape):
    """申請者基本資料."""

    name = Line(longest=50, required=True)
    department = Line(longest=50, load_default=None, allow_none=True)
    title = Line(longest=50, load_default=None, allow_none=True)
    phone = Text(longest=30, required=True)
    fax = Text(longest=30, load_default=None, allow_none=True)
    email = EmailAddress(required=True)
    mobile = Text(longest=30, required=True)
    systems = Choices(*SYSTEMS, at_least_one="SYSTEMS_REQUIRED", required=True)
    reason = Prose(longest=500, required=True)


ANSWERS: dict[str, type[Shape]] = {
    "registration": RegistrationAnswers,
    "identity": IdentityAnswers,
    "company": CompanyAnswers,
    "applicant": ApplicantAnswers,
}


# What the applicant sees.


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
    versions = fields.Dict(keys=fields.String(), values=fields.String())
    unprintable = fields.List(fields.Nested(UnprintableView), load_default=list)


class ApplicationToken(Shape):
    application_token = Token(required=True)


class PrivacyNotice(Shape):
    """個資告知書 in force (PDPA Art. 8)."""

    version = fields.String(required=True)
    title = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    body = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    effective_on = fields.Date(required=True)


class FromDevice(Shape):
    """`device_token` is what an earlier reply left on this device: strangers' mischief does not count against it."""

    device_token = Token(load_default=None, allow_none=True)


class StartApplicationRequest(FromDevice):
    identity_type = Choice(*IDENTITY_TYPES, required=True)
    locale = Choice(*LOCALES, load_default="zh-Hant")
    ip = Source()


class StartApplicationReply(Shape):
    application_token = fields.String(required=True)
    application = fields.Nested(ApplicationView, required=True)
    device_token = fields.String(load_default=None, allow_none=True)


class SaveSectionRequest(ApplicationToken):
    """`version` is that of the section as it was shown, empty for one never filled in; None saves over anything."""

    section = Choice(*SECTIONS, required=True)
    answers = Answers(required=True)
    ip = Source()
    version = Text(longest=100, load_default=None, allow_none=True)


class ContactRequest(ApplicationToken, FromDevice):
    contact = Choice(*CONTACTS, required=True)


class CodeSent(Shape):
    """A code is on its way. The recipient is masked (`a•••@example.com`, `+886 9•• ••• 678`)."""

    challenge_id = fields.UUID(required=True)
    channel = Choice("email", "sms", required=True)
    recipient = fields.String(required=True)
    expires_at = Instant(required=True)
    resend_at = Instant(required=True)


class VerifyContactRequest(ContactRequest):
    code = Text(longest=20, required=True)


class FileView(Shape):
    """Where the gateway finds the bytes: a key in the object store both share."""

    key = fields.String(required=True)
    filename = fields.String(required=True)
    media_type = fields.String(required=True)
    size_bytes = fields.Integer(required=True)


class AttachFormRequest(ApplicationToken):
    """`upload_key` is where the gateway put the raw bytes (`uploads/…`); accounts removes them.

    `sha256` (hex) tells one file from another: the key is a new one for each request.
    """

    upload_key = Text(longest=200, required=True, metadata=FROM_GATEWAY)
    sha256 = Text(
        longest=64,
        load_default=None,
        allow_none=True,
        validate=[code("NOT_VALID", validate.Regexp(r"^[0-9a-f]{64}\Z"))],
    )
    filename = Filename(longest=200, required=True)
    ip = Source()


class GenerateFormRequest(ApplicationToken):
    """`ip`: whose drawings are counted together."""

    ip = Source()


class SubmitRequest(ApplicationToken):
    """`versions` are those of the answers that were shown and declared true. With `must_change` a resubmission in
    which nothing was changed is refused (NOTHING_CHANGED), so that it can be asked about.
    """

    must_change = fields.Boolean(load_default=False)

    versions = Versions(*SECTIONS, "form", load_default=None, allow_none=True)
    truthful = fields.Boolean(required=True, validate=[code("DECLARATION_REQUIRED", validate.Equal(True))])


class CaseAccessRequest(FromDevice):
    """A case number or an ID number, whichever the applicant knows.

    A draft has a case number only. By ID number every proved address with cases under it gets a code of its own.
    """

    query = Text(longest=40, required=True)
    locale = Choice(*LOCALES, load_default="zh-Hant")
    ip = Source()


class CaseAccessReply(Shape):
    """The same for known and unknown cases."""

    challenge_id = fields.UUID(required=True)
    expires_at = Instant(required=True)
    resend_at = Instant(required=True)
    sent_at = Instant(load_default=None, allow_none=True)


class OpenCaseRequest(FromDevice):
    challenge_id = fields.UUID(required=True)
    code = Text(longest=20, required=True)


class OpenedCase(Shape):
    application_token = fields.String(required=True)
    application_id = fields.UUID(required=True)
    case_number = fields.String(required=True)
    identity_type = fields.String(required=True)
    status = fields.String(required=True)
    started_at = Instant(required=True)
    submitted_at = Instant(required=True, allow_none=True)
    updated_at = Instant(required=True)


class OpenCaseReply(Shape):
    """The case asked for, then the person's others of the address whose code it was, newest first; a token for each."""

    cases = fields.List(fields.Nested(OpenedCase), required=True)
    device_token = fields.String(load_default=None, allow_none=True)


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


class ActivationRequest(Shape):
    activation_token = Token(required=True)


class ActivationView(Shape):
    """`name_taken` is the account name applied for, where another account had got it: another may be chosen."""

    account_name = fields.String(required=True)
    name = fields.String(required=True)
    expires_at = Instant(required=True)
    name_taken = fields.String(load_default=None, allow_none=True)


class ActivateRequest(ActivationRequest):
    """`account_name` counts where the one applied for was taken (`name_taken`)."""

    account_name = AccountName(load_default=None, allow_none=True)
    password = Secret(required=True)


class LogInRequest(FromDevice):
    """The session of `former_session_token`, which the browser or program had until now, ends when it succeeds."""

    account_name = Text(longest=40, required=True)
    password = Secret(required=True)
    ip = Source()
    user_agent = Text(longest=500, load_default=None, allow_none=True, metadata=FROM_GATEWAY)
    former_session_token = Token(load_default=None, allow_none=True, metadata=FROM_GATEWAY)


class DeviceCodeRequest(Shape):
    """Ask for a code to the mailbox of an account, to make this device one of its owner's."""

    account_name = Text(longest=40, required=True)
    locale = Choice(*LOCALES, load_default="zh-Hant")
    ip = Source()


class ConfirmDeviceRequest(OpenCaseRequest):
    """`challenge_id` is that of the reply to the question for a code."""


class ConfirmDeviceReply(Shape):
    """`device_token` replaces the one that was sent; with it one logs in, whatever strangers tried meanwhile."""

    device_token = fields.String(required=True)


class AccountView(Shape):
    account_id = fields.UUID(required=True)
    account_name = fields.String(required=True)
    name = fields.String(required=True)
    identity_type = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    unit = fields.String(required=True, allow_none=True)
    organisation_name = fields.String(required=True, allow_none=True)
    systems = fields.List(fields.String(), required=True)
    previous_login_at = Instant(required=True, allow_none=True)


class SessionView(Shape):
    """`actor` is the signed token that every other endpoint wants; it lives two minutes, so ask again."""

    actor = fields.String(required=True)
    account = fields.Nested(AccountView, required=True)
    expires_at = Instant(required=True)
    latest_at = Instant(required=True)


class LogInReply(SessionView):
    """`device_token` replaces the one that was sent: keep it on this device, as secret as a password."""

    session_token = fields.String(required=True)
    device_token = fields.String(load_default=None, allow_none=True)


class SessionRequest(Shape):
    session_token = Token(required=True)
    ip = Source()


class ResumeSessionRequest(SessionRequest):
    """`touch` False looks without prolonging (a countdown must not keep a session alive)."""

    touch = fields.Boolean(load_default=True)


class RevealIdNumberRequest(Shape):
    application_id = fields.UUID(required=True)
    reason = Line(longest=200, required=True)


class RevealIdNumberReply(Shape):
    id_number = fields.String(required=True)


class CaseFormRequest(Shape):
    """A reviewer's look at a stamped form; every look is recorded."""

    application_id = fields.UUID(required=True)
    file_id = fields.UUID(required=True)


class CaseFormPageRequest(CaseFormRequest):
    """One page of it as a picture, from 1; every look is recorded."""

    page = Whole(least=1, most=20, required=True)


PRIVACY_NOTICE = Call(service="accounts", name="privacy_notice", request=Empty, reply=PrivacyNotice)

START_APPLICATION = Call(
    service="accounts",
    name="start_application",
    request=StartApplicationRequest,
    reply=StartApplicationReply,
    refusals=("TOO_MANY_APPLICATIONS",),
    writes=True,
    repeat="renew",
)
APPLICATION = Call(
    service="accounts",
    name="application",
    request=ApplicationToken,
    reply=ApplicationView,
    refusals=TOKEN_REFUSALS,
)
SAVE_SECTION = Call(
    service="accounts",
    name="save_section",
    request=SaveSectionRequest,
    reply=ApplicationView,
    refusals=(*TOKEN_REFUSALS, "NOT_EDITABLE", "SECTION_NOT_ASKED", "ANSWERS_CHANGED"),
    writes=True,
)
REQUEST_CONTACT_CODE = Call(
    service="accounts",
    name="request_contact_code",
    request=ContactRequest,
    reply=CodeSent,
    refusals=(
        *TOKEN_REFUSALS,
        "NOT_EDITABLE",
        "CONTACT_MISSING",
        "ALREADY_VERIFIED",
        "TOO_SOON",
        "TOO_MANY_CODES",
    ),
    writes=True,
)
VERIFY_CONTACT = Call(
    service="accounts",
    name="verify_contact",
    request=VerifyContactRequest,
    reply=ApplicationView,
    refusals=(*TOKEN_REFUSALS, "NOT_EDITABLE", "CODE_WRONG", "CODE_EXPIRED", "CODE_VOID", "TOO_MANY_GUESSES"),
    writes=True,
)
GENERATE_FORM = Call(
    service="accounts",
    name="generate_form",
    request=GenerateFormRequest,
    reply=FileView,
    refusals=(*TOKEN_REFUSALS, "INCOMPLETE", "CONTACT_NOT_VERIFIED", "BUSY", "TOO_MANY_DOCUMENTS"),
    writes=True,
    repeat="harmless",
)
ATTACH_FORM = Call(
    service="accounts",
    name="attach_form",
    request=AttachFormRequest,
    reply=ApplicationView,
    refusals=(
        *TOKEN_REFUSALS,
        "NOT_EDITABLE",
        "INCOMPLETE",
        "FILE_MISSING",
        "FILE_EMPTY",
        "FILE_TOO_LARGE",
        "FILE_TYPE",
        "FILE_UNREADABLE",
        "FILE_ENCRYPTED",
        "FILE_TOO_MANY_PAGES",
        "FILE_TOO_MANY_PIXELS",
        "FILE_BLANK",
        "FORM_OF_ANOTHER_CASE",
        "FORM_OUTDATED",
        "CONTACT_NOT_VERIFIED",
        "BUSY",
        "TOO_MANY_DOCUMENTS",
    ),
    writes=True,
)
REMOVE_FORM = Call(
    service="accounts",
    name="remove_form",
    request=ApplicationToken,
    reply=ApplicationView,
    refusals=(*TOKEN_REFUSALS, "NOT_EDITABLE"),
    writes=True,
)
OWN_FORM = Call(
    service="accounts",
    name="own_form",
    request=ApplicationToken,
    reply=FileView,
    refusals=(*TOKEN_REFUSALS, "FILE_MISSING"),
)
OWN_FORM_PREVIEW = Call(
    service="accounts",
    name="own_form_preview",
    request=ApplicationToken,
    reply=FileView,
    refusals=(*TOKEN_REFUSALS, "FILE_MISSING"),
)
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
RECEIPT = Call(
    service="accounts",
    name="receipt",
    request=ApplicationToken,
    reply=FileView,
    refusals=(*TOKEN_REFUSALS, "NOT_SUBMITTED", "BUSY"),
    writes=True,
    repeat="harmless",
)
OPENED_APPLICATIONS = Call(
    service="accounts",
    name="opened_applications",
    request=OpenedApplicationsRequest,
    reply=OpenedApplicationsReply,
)
REQUEST_CASE_ACCESS = Call(
    service="accounts",
    name="request_case_access",
    request=CaseAccessRequest,
    reply=CaseAccessReply,
    refusals=("TOO_MANY_CODES",),
    writes=True,
)
OPEN_CASE = Call(
    service="accounts",
    name="open_case",
    request=OpenCaseRequest,
    reply=OpenCaseReply,
    refusals=("CODE_WRONG",),
    writes=True,
    repeat="anew",
)
REISSUE_ACTIVATION = Call(
    service="accounts",
    name="reissue_activation",
    request=ApplicationToken,
    reply=Empty,
    refusals=(*TOKEN_REFUSALS, "NOT_AWAITING_ACTIVATION", "TOO_SOON"),
    writes=True,
)
ACTIVATION = Call(
    service="accounts",
    name="activation",
    request=ActivationRequest,
    reply=ActivationView,
    refusals=("ACTIVATION_LINK_INVALID", "ACTIVATION_LINK_USED"),
)
ACTIVATE_ACCOUNT = Call(
    service="accounts",
    name="activate_account",
    request=ActivateRequest,
    reply=ActivationView,
    refusals=("ACTIVATION_LINK_INVALID",),
    writes=True,
    repeat="harmless",
)
LOG_IN = Call(
    service="accounts",
    name="log_in",
    request=LogInRequest,
    reply=LogInReply,
    refusals=("LOGIN_FAILED", "ACCOUNT_FROZEN", "ACCOUNT_DISABLED"),
    writes=True,
    repeat="anew",
)
REQUEST_DEVICE_CODE = Call(
    service="accounts",
    name="request_device_code",
    request=DeviceCodeRequest,
    reply=CaseAccessReply,
    refusals=("TOO_MANY_CODES",),
    writes=True,
)
CONFIRM_DEVICE = Call(
    service="accounts",
    name="confirm_device",
    request=ConfirmDeviceRequest,
    reply=ConfirmDeviceReply,
    refusals=("CODE_WRONG",),
    writes=True,
    repeat="anew",
)
RESUME_SESSION = Call(
    service="accounts",
    name="resume_session",
    request=ResumeSessionRequest,
    reply=SessionView,
    refusals=("SESSION_ENDED",),
)
EXTEND_SESSION = Call(
    service="accounts",
    name="extend_session",
    request=SessionRequest,
    reply=SessionView,
    refusals=("SESSION_ENDED",),
    writes=True,
    repeat="anew",
)
LOG_OUT = Call(
    service="accounts", name="log_out", request=SessionRequest, reply=Empty, writes=True, repeat="harmless"
)
REVEAL_ID_NUMBER = Call(
    service="accounts",
    name="reveal_id_number",
    request=RevealIdNumberRequest,
    reply=RevealIdNumberReply,
    refusals=("CASE_NOT_FOUND",),
    actor="required",
    roles=frozenset({"reviewer"}),
    writes=True,
    repeat="anew",
)
CASE_FORM = Call(
    service="accounts",
    name="case_form",
    request=CaseFormRequest,
    reply=FileView,
    refusals=("CASE_NOT_FOUND", "FILE_MISSING"),
    actor="required",
    roles=frozenset({"reviewer"}),
    writes=True,
    repeat="anew",
)
CASE_FORM_PAGE = Call(
    service="accounts",
    name="case_form_page",
    request=CaseFormPageRequest,
    reply=FileView,
    refusals=("CASE_NOT_FOUND", "FILE_MISSING", "FILE_UNREADABLE", "BUSY"),
    actor="required",
    roles=frozenset({"reviewer"}),
    writes=True,
    repeat="anew",
)
