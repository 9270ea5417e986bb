"""What a downstream system learns of accounts: those of its own system, one of them, what accounts signs of it, and
all of them to begin from. No ID number, no contact.
"""

from marshmallow import fields

from mtnet_contracts.calls.accounts.account_card import ACCOUNT_STATES
from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.choices import IDENTITY_TYPES, SYSTEMS
from mtnet_contracts.vocabulary.kinds import Characters, Choice, Instant, Moment, Whole
from mtnet_contracts.vocabulary.shapes import Empty, Shape

MOST_AT_ONCE = 1000
USUAL_AT_ONCE = 200


class Paged(Shape):
    """`after` is the `next` of the page before."""

    after = fields.UUID(load_default=None, allow_none=True)
    limit = Whole(least=1, most=MOST_AT_ONCE, load_default=USUAL_AT_ONCE)


class OfASystem(Shape):
    """Not a choice: a system that there is not reads like one that is another's."""

    system = Characters(longest=40, required=True)


class AccountOrganisation(Shape):
    organisation_id = fields.UUID(required=True)
    unified_business_number = fields.String(required=True)
    name = fields.String(required=True)


class SystemAccount(Shape):
    """`account_name` and `name` are null once the account is closed. `roles`: what its owner is in the system:
    `member`, and `organisation_manager` who manages the organisation's accounts.
    """

    account_id = fields.UUID(required=True)
    state = Choice(*ACCOUNT_STATES, required=True)
    account_name = fields.String(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True)
    identity_type = Choice(*IDENTITY_TYPES, required=True)
    roles = fields.List(fields.String(), required=True)
    organisation = fields.Nested(AccountOrganisation, required=True, allow_none=True)
    changed_at = Instant(required=True)


class SystemAccountsRequest(OfASystem, Paged):
    """`since`: what changed at that moment or later; the `as_of` of the first page of the last time."""

    state = Choice(*ACCOUNT_STATES, load_default=None, allow_none=True)
    since = Moment(load_default=None, allow_none=True)


class SystemAccounts(Shape):
    """By account id. `next` is null on the last page. Everything that was changed before `as_of` is in it."""

    as_of = Instant(required=True)
    items = fields.List(fields.Nested(SystemAccount), required=True)
    next = fields.UUID(required=True, allow_none=True)


# What they answer is recorded each time, so they write and take no key.
SYSTEM_ACCOUNTS = Call(
    service="accounts",
    name="system_accounts",
    request=SystemAccountsRequest,
    reply=SystemAccounts,
    refusals=("SYSTEM_NOT_FOUND",),
    writes=True,
    repeat="anew",
)


class SystemAccountRequest(OfASystem):
    account_id = fields.UUID(required=True)


SYSTEM_ACCOUNT = Call(
    service="accounts",
    name="system_account",
    request=SystemAccountRequest,
    reply=SystemAccount,
    refusals=("SYSTEM_NOT_FOUND", "ACCOUNT_NOT_FOUND"),
    writes=True,
    repeat="anew",
)


class SignedStatement(Shape):
    """`statement` is a JWT (RFC 7519, EdDSA); its keys are at `/.well-known/jwks.json`."""

    statement = fields.String(required=True)
    expires_at = Instant(required=True)


SYSTEM_ACCOUNT_STATEMENT = Call(
    service="accounts",
    name="system_account_statement",
    request=SystemAccountRequest,
    reply=SignedStatement,
    refusals=("SYSTEM_NOT_FOUND", "ACCOUNT_NOT_FOUND", "ACCOUNT_NOT_ACTIVE"),
    writes=True,
    repeat="anew",
)


class StatementKey(Shape):
    """A public key as JWK (RFC 8037)."""

    kid = fields.String(required=True)
    kty = fields.String(required=True)
    crv = fields.String(required=True)
    x = fields.String(required=True)
    use = fields.String(required=True)
    alg = fields.String(required=True)


class StatementKeys(Shape):
    keys = fields.List(fields.Nested(StatementKey), required=True)


STATEMENT_KEYS = Call(
    service="accounts",
    name="statement_keys",
    request=Empty,
    reply=StatementKeys,
)


class SnapshotAccount(Shape):
    """`sequence`: the number of the last event of this account that its row knows of; zero where there is none. Events
    with a higher number come after it. `systems`: which of the portal's systems the account is for.
    """

    account_id = fields.UUID(required=True)
    state = Choice(*ACCOUNT_STATES, required=True)
    account_name = fields.String(required=True, allow_none=True)
    identity_type = Choice(*IDENTITY_TYPES, required=True)
    roles = fields.List(fields.String(), required=True)
    systems = fields.List(Choice(*SYSTEMS), required=True)
    organisation = fields.Nested(AccountOrganisation, required=True, allow_none=True)
    sequence = fields.Integer(required=True)


class AccountsSnapshot(Shape):
    """By account id. What is announced after the `as_of` of the first page is not lost: it comes as an event."""

    as_of = Instant(required=True)
    items = fields.List(fields.Nested(SnapshotAccount), required=True)
    next = fields.UUID(required=True, allow_none=True)


ACCOUNTS_SNAPSHOT = Call(
    service="accounts",
    name="accounts_snapshot",
    request=Paged,
    reply=AccountsSnapshot,
    writes=True,
    repeat="anew",
)
