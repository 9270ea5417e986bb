"""Read what an OAuth client sends: form fields, each once, and its id and secret by HTTP Basic or in the form."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from urllib.parse import unquote_plus

from flask import Request

LARGEST_BODY_BYTES = 8 * 1024
FORM = "application/x-www-form-urlencoded"
ONCE_AT_MOST = ("grant_type", "scope", "client_id", "client_secret", "token", "token_type_hint")


class OAuthError(Exception):
    """An error of RFC 6749, 5.2; `description` is for the developer."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error)
        self.error, self.description, self.status = error, description, status


@dataclass(frozen=True)
class Credentials:
    client_id: str
    client_secret: str


def form_of(request: Request) -> dict[str, str]:
    """The fields; an empty one is as if it were not there (RFC 6749, 3.2). Raises OAuthError."""
    if (request.content_length or 0) > LARGEST_BODY_BYTES:
        raise OAuthError("invalid_request", f"The body has more than {LARGEST_BODY_BYTES} bytes.", 413)
    if request.mimetype != FORM:
        raise OAuthError("invalid_request", f"Send a form: Content-Type: {FORM}.")
    if request.args:
        raise OAuthError("invalid_request", "Nothing belongs into the address: it is written into logs.")
    for name in ONCE_AT_MOST:
        if len(request.form.getlist(name)) > 1:
            raise OAuthError("invalid_request", f"{name} was sent more than once.")
    return {name: value for name in ONCE_AT_MOST if (value := request.form.get(name, ""))}


def credentials_of(request: Request, form: dict[str, str]) -> Credentials:
    """Raises OAuthError."""
    by_header = _basic(request)
    if by_header is None:
        client_id, secret = form.get("client_id"), form.get("client_secret")
        if not client_id or not secret:
            raise OAuthError(
                "invalid_client", "Send the client id and secret, by HTTP Basic or in the form.", 401
            )
        return Credentials(client_id, secret)
    if "client_secret" in form or form.get("client_id", by_header.client_id) != by_header.client_id:
        raise OAuthError(
            "invalid_request", "Send the client id and secret in one way: by HTTP Basic or in the form."
        )
    return by_header


def _basic(request: Request) -> Credentials | None:
    """Raises OAuthError."""
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    if not kind:
        return None
    try:
        if kind.lower() != "basic":
            raise ValueError(kind)
        name, colon, secret = base64.b64decode(given.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        name, colon, secret = "", "", ""
    # Both parts are encoded as in a form (RFC 6749, 2.3.1).
    found = Credentials(unquote_plus(name), unquote_plus(secret))
    if not colon or not found.client_id or not found.client_secret:
        raise OAuthError(
            "invalid_client", "The header Authorization is not HTTP Basic with client id and secret.", 401
        )
    return found
