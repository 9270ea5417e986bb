"""Activate an account, log in, stay logged in, make a device known, log out."""

from marshmallow import fields

from mtnet_contracts.calls.accounts.applications import TOKEN_REFUSALS, ApplicationToken, FromDevice
from mtnet_contracts.calls.accounts.tracking import CaseAccessReply, OpenCaseRequest
from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.choices import LOCALES
from mtnet_contracts.vocabulary.kinds import AccountName, Choice, Instant, Secret, Source, Text, Token
from mtnet_contracts.vocabulary.shapes import FROM_GATEWAY, Empty, Shape

REISSUE_ACTIVATION = Call(
    service="accounts",
    name="reissue_activation",
    request=ApplicationToken,
    reply=Empty,
    refusals=(*TOKEN_REFUSALS, "NOT_AWAITING_ACTIVATION", "TOO_SOON"),
    writes=True,
)


class ActivationRequest(Shape):
    activation_token = Token(required=True)


class ActivationView(Shape):
    """`name_taken` is the account name applied for, where another account had got it: another may be chosen."""

    account_name = fields.String(required=True)
    name = fields.String(required=True)
    expires_at = Instant(required=True)
    name_taken = fields.String(load_default=None, allow_none=True)


ACTIVATION = Call(
    service="accounts",
    name="activation",
    request=ActivationRequest,
    reply=ActivationView,
    refusals=("ACTIVATION_LINK_INVALID", "ACTIVATION_LINK_USED"),
)


class ActivateRequest(ActivationRequest):
    """`account_name` counts where the one applied for was taken (`name_taken`)."""

    account_name = AccountName(load_default=None, allow_none=True)
    password = Secret(required=True)


ACTIVATE_ACCOUNT = Call(
    service="accounts",
    name="activate_account",
    request=ActivateRequest,
    reply=ActivationView,
    refusals=("ACTIVATION_LINK_INVALID",),
    writes=True,
    repeat="harmless",
)


class AccountView(Shape):
    """`password_expires_at` is said from two weeks before on; None while there is time, or no end."""

    account_id = fields.UUID(required=True)
    account_name = fields.String(required=True)
    name = fields.String(required=True)
    identity_type = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    unit = fields.String(required=True, allow_none=True)
    organisation_name = fields.String(required=True, allow_none=True)
    systems = fields.List(fields.String(), required=True)
    previous_login_at = Instant(required=True, allow_none=True)
    password_expires_at = Instant(load_default=None, allow_none=True)


class SessionView(Shape):
    """`actor` is the signed token that every other endpoint wants; it lives two minutes, so ask again.

    `needs_consent`: there is a new privacy notice. Until its owner agrees (AGREE_TO_NOTICE), calls are refused with
    CONSENT_REQUIRED, but for those about the notice, one's rights to personal data, and leaving.
    """

    actor = fields.String(required=True)
    account = fields.Nested(AccountView, required=True)
    expires_at = Instant(required=True)
    latest_at = Instant(required=True)
    needs_consent = fields.Boolean(load_default=False)


class LogInRequest(FromDevice):
    """The session of `former_session_token`, which the browser or program had until now, ends when it succeeds.

    SECOND_FACTOR_REQUIRED comes after the right password only. Its detail holds `login_token`, good for the second step
    until `expires_at`; `enrol` says that a second factor has to be set up with it.
    """

    account_name = Text(longest=40, required=True)
    password = Secret(required=True)
    ip = Source()
    user_agent = Text(longest=500, load_default=None, allow_none=True, metadata=FROM_GATEWAY)
    former_session_token = Token(load_default=None, allow_none=True, metadata=FROM_GATEWAY)


class LogInReply(SessionView):
    """`device_token` replaces the one that was sent: keep it on this device, as secret as a password."""

    session_token = fields.String(required=True)
    device_token = fields.String(load_default=None, allow_none=True)


LOG_IN = Call(
    service="accounts",
    name="log_in",
    request=LogInRequest,
    reply=LogInReply,
    refusals=(
        "LOGIN_FAILED",
        "ACCOUNT_FROZEN",
        "ACCOUNT_DISABLED",
        "NEW_PASSWORD_REQUIRED",
        "PASSWORD_EXPIRED",
        "SECOND_FACTOR_REQUIRED",
    ),
    writes=True,
    repeat="anew",
)


class DeviceCodeRequest(Shape):
    """Ask for a code to the mailbox of an account, to make this device one of its owner's."""

    account_name = Text(longest=40, required=True)
    locale = Choice(*LOCALES, load_default="zh-Hant")
    ip = Source()


REQUEST_DEVICE_CODE = Call(
    service="accounts",
    name="request_device_code",
    request=DeviceCodeRequest,
    reply=CaseAccessReply,
    refusals=("TOO_MANY_CODES",),
    writes=True,
)


class ConfirmDeviceRequest(OpenCaseRequest):
    """`challenge_id` is that of the reply to the question for a code."""


class ConfirmDeviceReply(Shape):
    """`device_token` replaces the one that was sent; with it one logs in, whatever strangers tried meanwhile."""

    device_token = fields.String(required=True)


CONFIRM_DEVICE = Call(
    service="accounts",
    name="confirm_device",
    request=ConfirmDeviceRequest,
    reply=ConfirmDeviceReply,
    refusals=("CODE_WRONG",),
    writes=True,
    repeat="anew",
)


class SessionRequest(Shape):
    session_token = Token(required=True)
    ip = Source()


class ResumeSessionRequest(SessionRequest):
    """`touch` False looks without prolonging (a countdown must not keep a session alive)."""

    touch = fields.Boolean(load_default=True)


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


class OwnSession(Shape):
    """One of the owner's open sessions. `browser` and `system` are what the device said of itself, or empty; `ip` is
    where it logged in from.
    """

    session_id = fields.UUID(required=True)
    browser = fields.String(required=True)
    system = fields.String(required=True)
    ip = fields.String(required=True, allow_none=True)
    started_at = Instant(required=True)
    used_at = Instant(required=True)
    expires_at = Instant(required=True)
    is_current = fields.Boolean(required=True)


class OwnSessions(Shape):
    """The newest, at most 50, the one that asks first; `total` counts all that are open."""

    sessions = fields.List(fields.Nested(OwnSession), required=True)
    total = fields.Integer(required=True)


SESSIONS = Call(
    service="accounts", name="sessions", request=Empty, reply=OwnSessions, refusals=("SESSION_ENDED",)
)


class EndSessionRequest(Shape):
    session_id = fields.UUID(required=True)


END_SESSION = Call(
    service="accounts",
    name="end_session",
    request=EndSessionRequest,
    reply=Empty,
    refusals=("SESSION_ENDED", "SESSION_NOT_FOUND"),
    writes=True,
    repeat="harmless",
)


class EndedSessions(Shape):
    ended = fields.Integer(required=True)


END_OTHER_SESSIONS = Call(
    service="accounts",
    name="end_other_sessions",
    request=Empty,
    reply=EndedSessions,
    refusals=("SESSION_ENDED",),
    writes=True,
    repeat="harmless",
)
LOG_OUT = Call(
    service="accounts", name="log_out", request=SessionRequest, reply=Empty, writes=True, repeat="harmless"
)
