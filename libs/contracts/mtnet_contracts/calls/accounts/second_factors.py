"""The second factors of whoever is logged in: an authenticator app, passkeys, recovery codes."""

from marshmallow import fields

from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.kinds import Credential, Instant, Line, Source, Text
from mtnet_contracts.vocabulary.shapes import Empty, Shape

LONGEST_LABEL = 40


class FromAddress(Shape):
    ip = Source()


class PasskeyView(Shape):
    passkey_id = fields.UUID(required=True)
    label = fields.String(required=True)
    created_at = Instant(required=True)
    last_used_at = Instant(required=True, allow_none=True)


class SecondFactorsView(Shape):
    """`required`: the role demands one, so that the last cannot be removed."""

    required = fields.Boolean(required=True)
    totp_since = Instant(required=True, allow_none=True)
    passkeys = fields.List(fields.Nested(PasskeyView), required=True)
    recovery_codes_left = fields.Integer(required=True)


SECOND_FACTORS = Call(service="accounts", name="second_factors", request=Empty, reply=SecondFactorsView)


class SharedSecretView(Shape):
    """`secret` is to be typed into an authenticator app; `uri` is the same, for a QR code."""

    secret = fields.String(required=True)
    uri = fields.String(required=True)


BEGIN_TOTP = Call(
    service="accounts",
    name="begin_totp",
    request=Empty,
    reply=SharedSecretView,
    writes=True,
    repeat="anew",
)


class ConfirmTotpRequest(FromAddress):
    code = Text(longest=20, required=True)


class RecoveryCodesView(Shape):
    """Shown once: only hashes are kept. None where earlier ones are still good."""

    recovery_codes = fields.List(fields.String(), required=True)


CONFIRM_TOTP = Call(
    service="accounts",
    name="confirm_totp",
    request=ConfirmTotpRequest,
    reply=RecoveryCodesView,
    refusals=("SECOND_FACTOR_WRONG", "NOTHING_BEGUN"),
    writes=True,
    repeat="anew",
)
REMOVE_TOTP = Call(
    service="accounts",
    name="remove_totp",
    request=FromAddress,
    reply=Empty,
    refusals=("SECOND_FACTOR_NEEDED",),
    writes=True,
    repeat="harmless",
)
RENEW_RECOVERY_CODES = Call(
    service="accounts",
    name="renew_recovery_codes",
    request=FromAddress,
    reply=RecoveryCodesView,
    refusals=("NO_SECOND_FACTOR",),
    writes=True,
    repeat="anew",
)


class PasskeyQuestion(Shape):
    """JSON: what `navigator.credentials.create` is asked (WebAuthn)."""

    question = fields.String(required=True)


BEGIN_PASSKEY = Call(
    service="accounts",
    name="begin_passkey",
    request=Empty,
    reply=PasskeyQuestion,
    refusals=("TOO_MANY_PASSKEYS",),
    writes=True,
    repeat="anew",
)


class AddPasskeyRequest(FromAddress):
    """`passkey` is what the browser answered, as JSON; `label` is how its owner calls it."""

    passkey = Credential(required=True)
    label = Line(longest=LONGEST_LABEL, required=True)


class AddPasskeyReply(RecoveryCodesView):
    passkey_id = fields.UUID(required=True)


ADD_PASSKEY = Call(
    service="accounts",
    name="add_passkey",
    request=AddPasskeyRequest,
    reply=AddPasskeyReply,
    refusals=("PASSKEY_REFUSED", "TOO_MANY_PASSKEYS"),
    writes=True,
    repeat="anew",
)


class OnePasskey(FromAddress):
    passkey_id = fields.UUID(required=True)


class RenamePasskeyRequest(OnePasskey):
    label = Line(longest=LONGEST_LABEL, required=True)


RENAME_PASSKEY = Call(
    service="accounts",
    name="rename_passkey",
    request=RenamePasskeyRequest,
    reply=Empty,
    refusals=("PASSKEY_NOT_FOUND",),
    writes=True,
    repeat="harmless",
)
REMOVE_PASSKEY = Call(
    service="accounts",
    name="remove_passkey",
    request=OnePasskey,
    reply=Empty,
    refusals=("PASSKEY_NOT_FOUND", "SECOND_FACTOR_NEEDED"),
    writes=True,
    repeat="anew",
)
