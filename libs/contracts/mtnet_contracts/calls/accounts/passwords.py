"""Change a password; replace a forgotten one by a link."""

from marshmallow import fields

from mtnet_contracts.calls.accounts.applications import FromDevice
from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.kinds import EmailAddress, Instant, Secret, Source, Text, Token
from mtnet_contracts.vocabulary.shapes import Empty, Shape


class ChangePasswordRequest(FromDevice):
    """The password in use proves once more who asks; a wrong one counts like a wrong login."""

    current_password = Secret(required=True)
    password = Secret(required=True)
    ip = Source()


CHANGE_PASSWORD = Call(
    service="accounts",
    name="change_password",
    request=ChangePasswordRequest,
    reply=Empty,
    refusals=("SESSION_ENDED", "TOO_MANY_PASSWORDS"),
    writes=True,
)


class PasswordResetRequest(FromDevice):
    """Account name and a mail address of its owner. Whether they fit each other is never told."""

    account_name = Text(longest=40, required=True)
    email = EmailAddress(required=True)
    ip = Source()


REQUEST_PASSWORD_RESET = Call(
    service="accounts",
    name="request_password_reset",
    request=PasswordResetRequest,
    reply=Empty,
    refusals=("TOO_MANY_RESETS",),
    writes=True,
)


class ResetLinkRequest(Shape):
    reset_token = Token(required=True)


class ResetLinkView(Shape):
    account_name = fields.String(required=True)
    expires_at = Instant(required=True)


PASSWORD_RESET = Call(
    service="accounts",
    name="password_reset",
    request=ResetLinkRequest,
    reply=ResetLinkView,
    refusals=("RESET_LINK_INVALID", "RESET_LINK_USED"),
)


class ResetPasswordRequest(ResetLinkRequest):
    password = Secret(required=True)
    ip = Source()


RESET_PASSWORD = Call(
    service="accounts",
    name="reset_password",
    request=ResetPasswordRequest,
    reply=ResetLinkView,
    refusals=("RESET_LINK_INVALID", "RESET_LINK_USED"),
    writes=True,
    repeat="harmless",
)
