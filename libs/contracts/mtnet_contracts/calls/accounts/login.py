"""The second step of a login, and proving once more who one is before what is dangerous."""

from marshmallow import fields

from mtnet_contracts.calls.accounts.applications import FromDevice
from mtnet_contracts.calls.accounts.sessions import LogInReply, SessionRequest
from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.kinds import Credential, Instant, Secret, Source, Text, Token
from mtnet_contracts.vocabulary.shapes import FROM_GATEWAY, Empty, Shape


class SecondStepRequest(Shape):
    """`login_token` came with the refusal SECOND_FACTOR_REQUIRED of a login whose password was right."""

    login_token = Token(required=True)


class SecondStepView(Shape):
    """How the second step can be done.

    `methods`: passkey, totp, recovery; none where a second factor has to be set up first. Then `secret` is for an
    authenticator app, to be typed, and `uri` the same for a QR code. `passkey_question` is JSON, what
    `navigator.credentials.get` is asked (WebAuthn).
    """

    account_name = fields.String(required=True)
    methods = fields.List(fields.String(), required=True)
    expires_at = Instant(required=True)
    secret = fields.String(required=True, allow_none=True)
    uri = fields.String(required=True, allow_none=True)
    passkey_question = fields.String(required=True, allow_none=True)


SECOND_STEP = Call(
    service="accounts",
    name="second_step",
    request=SecondStepRequest,
    reply=SecondStepView,
    refusals=("LOGIN_EXPIRED",),
    writes=True,
    repeat="anew",
)


class ProofRequest(FromDevice):
    """The second factor: a `code` of the app or a recovery code, or what a `passkey` signed (the browser's JSON)."""

    code = Text(longest=20, load_default=None, allow_none=True)
    passkey = Credential(load_default=None, allow_none=True)
    ip = Source()


class TakeSecondStepRequest(SecondStepRequest, ProofRequest):
    user_agent = Text(longest=500, load_default=None, allow_none=True, metadata=FROM_GATEWAY)
    former_session_token = Token(load_default=None, allow_none=True, metadata=FROM_GATEWAY)


class SecondStepReply(LogInReply):
    """`recovery_codes` are shown once, to somebody who has just set up a second factor."""

    recovery_codes = fields.List(fields.String(), required=True)


TAKE_SECOND_STEP = Call(
    service="accounts",
    name="take_second_step",
    request=TakeSecondStepRequest,
    reply=SecondStepReply,
    refusals=("LOGIN_EXPIRED", "SECOND_FACTOR_WRONG"),
    writes=True,
    repeat="anew",
)


class ConfirmationView(Shape):
    """What is asked beside the password: by one of `methods`, if there are any."""

    methods = fields.List(fields.String(), required=True)
    passkey_question = fields.String(required=True, allow_none=True)


CONFIRMATION = Call(
    service="accounts",
    name="confirmation",
    request=Empty,
    reply=ConfirmationView,
    writes=True,
    repeat="anew",
)


class ConfirmIdentityRequest(SessionRequest, ProofRequest):
    """For a call that was refused with CONFIRMATION_REQUIRED: what it does needs a login, or this, of late.

    An account with a second factor needs it, too.
    """

    password = Secret(required=True)


CONFIRM_IDENTITY = Call(
    service="accounts",
    name="confirm_identity",
    request=ConfirmIdentityRequest,
    reply=LogInReply,
    refusals=("SESSION_ENDED", "CONFIRMATION_FAILED", "SECOND_FACTOR_WRONG"),
    writes=True,
    repeat="anew",
)
