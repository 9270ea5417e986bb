"""Downstream systems as OAuth clients: access tokens by client credentials (RFC 6749, 4.4), and what they allow."""

from marshmallow import fields, validate

from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.kinds import Characters, Choice, Instant, Secret, Several, Source, Token
from mtnet_contracts.vocabulary.scopes import SCOPES
from mtnet_contracts.vocabulary.shapes import Empty, Shape, code

LONGEST_CLIENT_ID = 100


class ClientCredentials(Shape):
    # NUL is in no name, and no database takes it.
    client_id = Characters(
        longest=LONGEST_CLIENT_ID,
        validate=[code("NOT_VALID", validate.ContainsNoneOf("\0"))],
        required=True,
    )
    client_secret = Secret(required=True)


class IssueClientTokenRequest(ClientCredentials):
    """`scopes`: what is asked for; none: all that is granted."""

    scopes = Several(Choice(*SCOPES), most=len(SCOPES), load_default=list)
    ip = Source()


class IssuedClientToken(Shape):
    access_token = fields.String(required=True)
    expires_at = Instant(required=True)
    scopes = fields.List(fields.String(), required=True)


ISSUE_CLIENT_TOKEN = Call(
    service="accounts",
    name="issue_client_token",
    request=IssueClientTokenRequest,
    reply=IssuedClientToken,
    refusals=("CLIENT_NOT_PROVED", "CLIENT_SUSPENDED", "SCOPE_NOT_GRANTED"),
    writes=True,
    repeat="anew",
)


class RevokeClientTokenRequest(ClientCredentials):
    """A token that is not the client's, or none at all, is passed over (RFC 7009, 2.2)."""

    access_token = Token(required=True)
    ip = Source()


REVOKE_CLIENT_TOKEN = Call(
    service="accounts",
    name="revoke_client_token",
    request=RevokeClientTokenRequest,
    reply=Empty,
    refusals=("CLIENT_NOT_PROVED",),
    writes=True,
    repeat="anew",
)


class ClientPassRequest(Shape):
    """`scope`: what is about to be asked for with the token."""

    access_token = Token(required=True)
    scope = Choice(*SCOPES, required=True)
    ip = Source()


class ClientPass(Shape):
    """`signed_pass` says to every service who the client is and what it may ask, for two minutes."""

    signed_pass = fields.String(required=True)
    client_id = fields.String(required=True)


CLIENT_PASS = Call(
    service="accounts",
    name="client_pass",
    request=ClientPassRequest,
    reply=ClientPass,
    refusals=("CLIENT_TOKEN_INVALID", "SCOPE_MISSING"),
)
