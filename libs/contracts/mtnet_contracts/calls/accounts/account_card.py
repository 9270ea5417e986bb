"""What the helpdesk sees of the account of somebody who wrote: how it stands, its cases. No contacts."""

from marshmallow import fields

from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.choices import IDENTITY_TYPES, STATUSES
from mtnet_contracts.vocabulary.kinds import Choice, Instant
from mtnet_contracts.vocabulary.shapes import Shape

ACCOUNT_STATES = ("approved", "active", "frozen", "disabled", "closed")


class AccountCardRequest(Shape):
    account_id = fields.UUID(required=True)


class CardCase(Shape):
    case_number = fields.String(required=True)
    status = Choice(*STATUSES, required=True)
    submitted_at = Instant(required=True)


class AccountCard(Shape):
    """`cases`: those of the account's owner, newest first, at most ten."""

    account_id = fields.UUID(required=True)
    account_name = fields.String(required=True)
    state = Choice(*ACCOUNT_STATES, required=True)
    identity_type = Choice(*IDENTITY_TYPES, required=True)
    organisation = fields.String(required=True, allow_none=True)
    systems = fields.List(fields.String(), required=True)
    last_login_at = Instant(required=True, allow_none=True)
    cases = fields.List(fields.Nested(CardCase), required=True)


ACCOUNT_CARD = Call(
    service="accounts",
    name="account_card",
    request=AccountCardRequest,
    reply=AccountCard,
    refusals=("ACCOUNT_NOT_FOUND",),
)
