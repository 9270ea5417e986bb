"""How an account becomes active again: by its owner with a code, and what the helpdesk asks about one with evidence."""

from marshmallow import fields

from mtnet_contracts.calls.accounts.tracking import CaseAccessReply
from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.choices import CODE_CHANNELS
from mtnet_contracts.vocabulary.kinds import Choice, Instant, Line, Secret, Source, Text
from mtnet_contracts.vocabulary.shapes import Shape


class ReactivationCodeRequest(Shape):
    """Ask for a code to the mailbox or the mobile telephone of a frozen account."""

    account_name = Text(longest=40, required=True)
    channel = Choice(*CODE_CHANNELS, load_default="email")
    ip = Source()


REQUEST_REACTIVATION_CODE = Call(
    service="accounts",
    name="request_reactivation_code",
    request=ReactivationCodeRequest,
    reply=CaseAccessReply,
    refusals=("TOO_MANY_CODES",),
    writes=True,
)


class ReactivateRequest(Shape):
    """`challenge_id` is that of the reply to the question for a code."""

    challenge_id = fields.UUID(required=True)
    code = Text(longest=20, required=True)
    password = Secret(required=True)
    ip = Source()


class ReactivateReply(Shape):
    """The account is active, and the new password opens it."""

    account_name = fields.String(required=True)


REACTIVATE_ACCOUNT = Call(
    service="accounts",
    name="reactivate_account",
    request=ReactivateRequest,
    reply=ReactivateReply,
    refusals=("CODE_WRONG",),
    writes=True,
    repeat="harmless",
)


class AccountForReactivationRequest(Shape):
    """`reason`: what has come in, or where it is kept; it stands in the audit log."""

    account_name = Text(longest=40, required=True)
    reason = Line(longest=200, required=True)


class AccountForReactivationReply(Shape):
    """`statement` tells the helpdesk what accounts said, until `expires_at`, when the same person shows it."""

    account_id = fields.UUID(required=True)
    account_name = fields.String(required=True)
    name = fields.String(required=True)
    organisation_name = fields.String(required=True, allow_none=True)
    state = Choice("frozen", "disabled", required=True)
    statement = fields.String(required=True)
    expires_at = Instant(required=True)


# Whose account it is that somebody hands in evidence for; a look that is recorded.
ACCOUNT_FOR_REACTIVATION = Call(
    service="accounts",
    name="account_for_reactivation",
    request=AccountForReactivationRequest,
    reply=AccountForReactivationReply,
    refusals=("ACCOUNT_NOT_FOUND", "NOTHING_TO_REACTIVATE", "OWN_REACTIVATION"),
    writes=True,
    repeat="anew",
)
