"""Errors as programs read them: codes by what they are about, never sentences."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from gateway.http.statuses import STATUS_OF_REFUSAL, retry_after
from gateway.rpc.client import Refused, ServiceUnavailable

# What a client's token is refused with, in the words of RFC 6750.
OF_CLIENTS = {"CLIENT_TOKEN_INVALID": "invalid_token", "SCOPE_MISSING": "insufficient_scope"}


def refusal_reply(refused: Refused) -> tuple[dict[str, Any], int, dict[str, str]]:
    status = STATUS_OF_REFUSAL.get(refused.code, 400)
    errors: dict[str, Any] = {"json": refused.fields} if refused.fields else {"refusal": [refused.code]}
    reply: dict[str, Any] = {"code": status, "status": HTTPStatus(status).phrase, "errors": errors}
    if refused.detail:
        reply["detail"] = refused.detail
    headers = retry_after(refused.code)
    if refused.code in OF_CLIENTS:
        headers["WWW-Authenticate"] = _challenge(refused)
    elif status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return reply, status, headers


def _challenge(refused: Refused) -> str:
    """As RFC 6750, 3, says it: without an error where no token was sent."""
    challenge = 'Bearer realm="MTNet"'
    if "Authorization" in request.headers:
        challenge += f', error="{OF_CLIENTS[refused.code]}"'
    if scope := refused.detail.get("scope"):
        challenge += f', scope="{scope}"'
    return challenge


def http_reply(problem: HTTPException) -> tuple[dict[str, Any], int, dict[str, str]]:
    """What does not fit a shape, and errors of HTTP itself: with a code, not a sentence."""
    status = problem.code or 500
    found = getattr(problem, "data", None) or {}
    errors = found.get("messages") or {"refusal": [HTTPStatus(status).name]}
    headers = {}
    if isinstance(problem, MethodNotAllowed) and problem.valid_methods:
        headers["Allow"] = ", ".join(sorted(problem.valid_methods))
    return {"code": status, "status": HTTPStatus(status).phrase, "errors": errors}, status, headers


def unavailable_reply(problem: ServiceUnavailable) -> tuple[dict[str, Any], int, dict[str, str]]:
    status = HTTPStatus.SERVICE_UNAVAILABLE
    reply = {"code": status, "status": status.phrase, "errors": {"service": [problem.service]}}
    return reply, status, {"Retry-After": "30"}


def failed_reply() -> tuple[dict[str, Any], int]:
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    return {"code": status, "status": status.phrase, "errors": {"refusal": [status.name]}}, status


def in_a_moment_reply() -> dict[str, Any]:
    """What the gateway already shows and a service has not heard of yet."""
    status = HTTPStatus.SERVICE_UNAVAILABLE
    return {"code": status, "status": status.phrase, "errors": {"refusal": ["IN_A_MOMENT"]}}
