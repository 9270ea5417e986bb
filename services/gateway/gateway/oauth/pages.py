"""Where downstream systems get an access token and give it back. For programs alone: no session, no cookie, no page."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import structlog
from flask import Blueprint, Response, g, jsonify, request
from mtnet_contracts.calls.accounts import api_clients as calls
from mtnet_contracts.calls.accounts.system_accounts import STATEMENT_KEYS
from mtnet_contracts.vocabulary.kinds import TOKEN_CHARACTERS
from mtnet_contracts.vocabulary.scopes import SCOPES
from werkzeug.exceptions import HTTPException

from gateway.cache.sessions import fingerprint
from gateway.calls import call
from gateway.extensions import client_limits, client_seal, rpc, settings
from gateway.http.client_limits import GUESSES, TOKENS, Counted
from gateway.http.incoming import source_of
from gateway.oauth.credentials import Credentials, OAuthError, credentials_of, form_of
from gateway.rpc.client import Refused, ServiceUnavailable

log = structlog.get_logger()

pages = Blueprint("oauth", __name__)

GRANT_TYPE = "client_credentials"
BASIC = 'Basic realm="MTNet", charset="UTF-8"'
DESCRIPTION_SECONDS = 3600
AGAIN_AFTER_SECONDS = 5
NOT_PROVED = OAuthError(
    "invalid_client",
    "There is no such client, or its secret is wrong or has ended. An operator of the portal issues a new one.",
    401,
)
SUSPENDED = OAuthError("unauthorized_client", "The system is suspended. Ask the operators of the portal.")
NO_SCOPE = OAuthError(
    "invalid_scope", "The system was not granted this scope, or the grant has ended. Ask the operators."
)


class TooMany(Exception):
    def __init__(self, counted: Counted) -> None:
        super().__init__(counted.policy.name)
        self.counted = counted


@pages.post("/oauth/token")
def token() -> Any:
    """RFC 6749, 4.4: an access token for the client's own credentials."""
    form = form_of(request)
    client = credentials_of(request, form)
    if "grant_type" not in form:
        raise OAuthError("invalid_request", f"grant_type is missing: {GRANT_TYPE}.")
    if form["grant_type"] != GRANT_TYPE:
        raise OAuthError("unsupported_grant_type", f"There is one grant_type here: {GRANT_TYPE}.")
    wanted = form.get("scope", "").split()
    if not set(wanted) <= set(SCOPES):
        raise OAuthError("invalid_scope", f"There are these scopes: {' '.join(SCOPES)}.")
    given = _asked(calls.ISSUE_CLIENT_TOKEN, client, scopes=list(dict.fromkeys(wanted)))
    expires_in = datetime.fromisoformat(given["expires_at"]) - datetime.now(UTC)
    return _answer(
        {
            "access_token": client_seal().sealed(given["access_token"]),
            "token_type": "Bearer",
            "expires_in": max(0, int(expires_in.total_seconds())),
            "scope": " ".join(given["scopes"]),
        }
    )


@pages.post("/oauth/revoke")
def revoke() -> Any:
    """RFC 7009: done, also where there was nothing to revoke."""
    form = form_of(request)
    client = credentials_of(request, form)
    if "token" not in form:
        raise OAuthError("invalid_request", "token is missing.")
    # What the portal did not issue is asked for all the same: the client has to prove itself first.
    opened = client_seal().opened(form["token"]) or "-" * TOKEN_CHARACTERS[0]
    _asked(calls.REVOKE_CLIENT_TOKEN, client, access_token=opened)
    return _answer({})


@pages.get("/.well-known/oauth-authorization-server")
def description() -> Response:
    """RFC 8414."""
    issuer = settings().portal_url
    methods = ["client_secret_basic", "client_secret_post"]
    response = jsonify(
        issuer=issuer,
        token_endpoint=f"{issuer}/oauth/token",
        token_endpoint_auth_methods_supported=methods,
        revocation_endpoint=f"{issuer}/oauth/revoke",
        revocation_endpoint_auth_methods_supported=methods,
        grant_types_supported=[GRANT_TYPE],
        response_types_supported=[],
        scopes_supported=list(SCOPES),
        jwks_uri=f"{issuer}/.well-known/jwks.json",
        service_documentation=f"{issuer}/api/docs",
    )
    response.headers["Cache-Control"] = f"public, max-age={DESCRIPTION_SECONDS}"
    return response


@pages.get("/.well-known/jwks.json")
def keys() -> Any:
    """The keys of signed statements (RFC 7517); the next one is among them long before it signs."""
    response = jsonify(keys=rpc().call(STATEMENT_KEYS, {})["keys"])
    response.headers["Cache-Control"] = f"public, max-age={DESCRIPTION_SECONDS}"
    response.content_type = "application/jwk-set+json"
    response.add_etag(weak=True)
    return response.make_conditional(request)


def _asked(wanted: Any, client: Credentials, **values: Any) -> dict[str, Any]:
    """Ask accounts. Raises OAuthError, TooMany, ServiceUnavailable.

    Counted by id and secret together, so that a stranger uses up nothing of the client's.
    """
    g.client_count = client_limits().count(TOKENS, fingerprint(f"{client.client_id} {client.client_secret}"))
    if not g.client_count.admitted:
        raise TooMany(g.client_count)
    try:
        return call(
            wanted,
            client_id=client.client_id,
            client_secret=client.client_secret,
            ip=request.remote_addr,
            **values,
        )
    except Refused as refused:
        if refused.code == "CLIENT_SUSPENDED":
            raise SUSPENDED from refused
        if refused.code == "SCOPE_NOT_GRANTED":
            raise NO_SCOPE from refused
        guessing = fingerprint(f"{client.client_id} {source_of(request.remote_addr)}")
        counted = client_limits().count(GUESSES, guessing)
        log.info("client not let in", code=refused.code)
        if not counted.admitted:
            raise TooMany(counted) from refused
        raise NOT_PROVED from refused


def _answer(values: dict[str, Any], status: int = 200, **headers: str) -> Response:
    response = jsonify(values)
    response.status_code = status
    response.headers.update({"Cache-Control": "no-store", "Pragma": "no-cache", **headers})
    return response


@pages.errorhandler(OAuthError)
def _refused(problem: OAuthError) -> Response:
    headers = {"WWW-Authenticate": BASIC} if problem.status == HTTPStatus.UNAUTHORIZED else {}
    said = {"error": problem.error, "error_description": problem.description}
    return _answer(said, problem.status, **headers)


@pages.errorhandler(TooMany)
def _too_many(problem: TooMany) -> Response:
    said = {"error": "temporarily_unavailable", "error_description": "Too many requests: wait a little."}
    return _answer(said, HTTPStatus.TOO_MANY_REQUESTS, **problem.counted.headers())


@pages.errorhandler(ServiceUnavailable)
def _away(problem: ServiceUnavailable) -> Response:
    said = {"error": "temporarily_unavailable", "error_description": "Try again in a moment."}
    return _answer(said, HTTPStatus.SERVICE_UNAVAILABLE, **{"Retry-After": str(AGAIN_AFTER_SECONDS)})


@pages.errorhandler(HTTPException)
def _http(problem: HTTPException) -> Response:
    """Errors of HTTP itself, such as a form that cannot be read, or too many requests from one source."""
    status = problem.code or 500
    busy = status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
    error = "temporarily_unavailable" if busy else "invalid_request"
    return _answer({"error": error, "error_description": f"{HTTPStatus(status).phrase}."}, status)
