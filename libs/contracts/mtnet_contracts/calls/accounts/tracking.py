"""Open a case again by a one-time code, and prove to other services that it is open."""

from marshmallow import fields

from mtnet_contracts.calls.accounts.applications import ApplicationToken, FromDevice
from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.choices import LOCALES
from mtnet_contracts.vocabulary.kinds import Choice, Instant, Source, Text
from mtnet_contracts.vocabulary.shapes import Shape


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


REQUEST_CASE_ACCESS = Call(
    service="accounts",
    name="request_case_access",
    request=CaseAccessRequest,
    reply=CaseAccessReply,
    refusals=("TOO_MANY_CODES",),
    writes=True,
)


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


OPEN_CASE = Call(
    service="accounts",
    name="open_case",
    request=OpenCaseRequest,
    reply=OpenCaseReply,
    refusals=("CODE_WRONG",),
    writes=True,
    repeat="anew",
)


class ApplicationPassReply(Shape):
    """`signed_pass` shows every service, until `expires_at`, who holds the application."""

    application_id = fields.UUID(required=True)
    signed_pass = fields.String(required=True)
    expires_at = Instant(required=True)


APPLICATION_PASS = Call(
    service="accounts",
    name="application_pass",
    request=ApplicationToken,
    reply=ApplicationPassReply,
    refusals=("APPLICATION_TOKEN_INVALID",),
)
