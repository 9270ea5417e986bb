"""The owner of a frozen account makes it active again: a code to a verified contact, and a new password."""

from marshmallow import fields

from mtnet_contracts.calls.accounts.tracking import CaseAccessReply
from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.choices import CODE_CHANNELS
from mtnet_contracts.vocabulary.kinds import Choice, Secret, Source, Text
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
