"""Make routes and their description of the table of operations."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

from flask import Flask, current_app, request
from flask_limiter import Limiter
from flask_smorest import Api, Blueprint  # type: ignore[import-untyped]
from flask_smorest.fields import Upload  # type: ignore[import-untyped]
from flask_wtf import CSRFProtect
from marshmallow import Schema, fields, validate
from mtnet_contracts.calls import Shape, accounts
from werkzeug.exceptions import HTTPException

from gateway import web
from gateway.api.operations import OPERATIONS, Operation
from gateway.api.statuses import STATUS_OF_REFUSAL
from gateway.clients import Refused
from gateway.downloads import send_file
from gateway.uploads import put_upload

TOKEN_HEADER = "X-Application-Token"  # noqa: S105 - the header's name
PREFIX = "/api/v1"
ABOUT = """The journey of the portal for programs: apply, prove contacts, submit, follow, correct, review,
activate, log in.

Errors carry codes, never sentences: `{"code": 422, "status": "Unprocessable Entity", "errors": {"json":
{"account_name": ["ACCOUNT_LENGTH"]}}}`; a refusal that is not about a field stands under `errors.refusal`, with
facts in `detail`. Writes take an `Idempotency-Key` header: the same key does the same thing once. Times are ISO 8601
in UTC.
"""
TAGS = {
    "privacy-notice": "The notice an applicant agrees to",
    "applications": "Applying for an account, with the token that starting or opening a case gave; "
    "two hours after submitting it opens nothing any more",
    "cases": "Back to one's cases by a one-time code",
    "activations": "From approval to password",
    "sessions": "Logging in",
    "pages": "What is published",
    "reviews": "The reviewer's work",
}


class Problem(Schema):
    """Every error: the status, and codes by what they are about."""

    code = fields.Integer(required=True)
    status = fields.String(required=True)
    errors = fields.Dict(keys=fields.String(), values=fields.Raw(), required=True)
    detail = fields.Dict(keys=fields.String(), values=fields.Raw())


def register(app: Flask, csrf: CSRFProtect, limiter: Limiter) -> None:
    app.config.update(
        API_TITLE="MTNet",
        API_VERSION="1.0.0",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
    )
    api = Api()
    api.ERROR_SCHEMA = Problem
    api.init_app(app, spec_kwargs={"info": {"description": ABOUT}})
    api.ma_plugin.converter.add_attribute_function(_plain_pattern)
    api.spec.components.security_scheme(
        "application",
        {"type": "apiKey", "in": "header", "name": TOKEN_HEADER, "description": "One application's token"},
    )
    api.spec.components.security_scheme(
        "session", {"type": "http", "scheme": "bearer", "description": "From POST /sessions"}
    )
    for tag, about in TAGS.items():
        blueprint = Blueprint(tag, __name__, url_prefix=PREFIX, description=about)
        for operation in OPERATIONS:
            if operation.tag == tag:
                _add(blueprint, operation)
        csrf.exempt(blueprint)
        limiter.limit("240 per minute", methods=["POST", "PUT", "DELETE"])(blueprint)
        api.register_blueprint(blueprint)
    app.extensions["api"] = api
    app.jinja_env.globals["api_operations"] = lambda: OPERATIONS


def specification() -> dict[str, Any]:
    """The OpenAPI document."""
    found: dict[str, Any] = current_app.extensions["api"].spec.to_dict()
    return found


def _plain_pattern(_converter: Any, field: fields.Field[Any], **_: Any) -> dict[str, str]:
    """Python's end-of-text anchor as other languages write it."""
    for validator in field.validators:
        if isinstance(validator, validate.Regexp):
            return {"pattern": str(validator.regex.pattern).replace(r"\Z", "$")}
    return {}


def _add(blueprint: Blueprint, operation: Operation) -> None:
    def view(sent: dict[str, Any] | None = None, **in_path: Any) -> Any:
        return _answer(operation, {**(sent or {}), **in_path})

    view.__name__ = operation.name
    view.__doc__ = f"{operation.summary}\n\n{_refusals(operation)}"
    body = _sent(operation)
    documented: Any = view
    if body is not None:
        location = "files" if operation.upload else "query" if operation.method == "GET" else "json"
        documented = blueprint.arguments(body, location=location, required=location != "query")(documented)
    if operation.answer == "json":
        documented = blueprint.alt_response(operation.status, schema=operation.call.reply, success=True)(
            documented
        )
    elif operation.answer == "nothing":
        documented = blueprint.alt_response(operation.status, description="Done", success=True)(documented)
    else:
        documented = blueprint.alt_response(
            200,
            schema={"type": "string", "contentMediaType": "application/octet-stream"},
            content_type="application/octet-stream",
            description="The file, as a download",
            success=True,
        )(documented)
    extra: dict[str, Any] = {"operationId": operation.name}
    if operation.proof != "none":
        extra["security"] = [{"application" if operation.proof == "application" else "session": []}]
    documented = blueprint.doc(**extra)(documented)
    blueprint.route(operation.path, methods=[operation.method])(documented)


def _refusals(operation: Operation) -> str:
    codes = [
        *operation.call.refusals,
        *(["NOT_SIGNED_IN", "NOT_ALLOWED"] if operation.proof == "reviewer" else []),
    ]
    return (
        "Refusals: " + ", ".join(f"`{code}` ({STATUS_OF_REFUSAL[code]})" for code in codes) if codes else ""
    )


def _sent(operation: Operation) -> type[Schema] | None:
    """The shape of what the caller sends: the call's, without what the path, the token or the gateway gives."""
    if operation.upload:
        return type("FormUpload", (Schema,), {"file": Upload(required=True)})
    section = dict(operation.fixed).get("section")
    if section:
        return accounts.ANSWERS[section]
    given = {
        "application_token",
        "session_token",
        "ip",
        "user_agent",
        "former_session_token",
        *re.findall(r"<(?:\w+:)?(\w+)>", operation.path),
    }
    wanted = {name for name in operation.call.request().fields if name not in given}
    if not wanted:
        return None
    meta = type("Meta", (Shape.Meta,), {"exclude": tuple(given & set(operation.call.request().fields))})
    title = "".join(part.title() for part in operation.name.split("_"))
    return type(f"{title}Request", (operation.call.request,), {"Meta": meta})


def _answer(operation: Operation, values: dict[str, Any]) -> Any:
    if operation.upload:
        proved = _proofs(operation)
        with put_upload(values.get("file")) as uploaded:
            return _reply(operation, web.call(operation.call, **uploaded, **proved))
    if operation.fixed:
        values = {"answers": request.get_json(), **dict(operation.fixed)}
    return _reply(operation, web.call(operation.call, **values, **_proofs(operation)))


def _proofs(operation: Operation) -> dict[str, Any]:
    """What the caller proves by headers, and what the gateway knows of it. Raises Refused."""
    known = operation.call.request().fields
    found: dict[str, Any] = {}
    if "application_token" in known:
        found["application_token"] = request.headers.get(TOKEN_HEADER)
        if not found["application_token"]:
            raise Refused("APPLICATION_TOKEN_INVALID")
    if "session_token" in known:
        found["session_token"] = web.session_token()
        if not found["session_token"]:
            raise Refused("NOT_SIGNED_IN")
    if "ip" in known:
        found["ip"] = request.remote_addr
    if "user_agent" in known:
        found["user_agent"] = request.user_agent.string[:500]
    if "former_session_token" in known:
        found["former_session_token"] = web.session_token()
    return found


def _reply(operation: Operation, reply: dict[str, Any]) -> Any:
    ended = web.session_token() if operation.call.writes else None
    if ended and {"session_token", "former_session_token"} & set(operation.call.request().fields):
        web.session_changed(ended)
    if "session_token" in reply:
        reply = reply | {"session_token": web.seal().sealed(reply["session_token"])}
    if operation.answer == "file":
        return send_file(reply)
    if operation.answer == "nothing":
        return "", operation.status
    return {name: value for name, value in reply.items() if name != "actor"}, operation.status


def refusal_reply(refused: Refused) -> tuple[dict[str, Any], int, dict[str, str]]:
    status = STATUS_OF_REFUSAL.get(refused.code, 400)
    errors: dict[str, Any] = {"json": refused.fields} if refused.fields else {"refusal": [refused.code]}
    reply: dict[str, Any] = {"code": status, "status": HTTPStatus(status).phrase, "errors": errors}
    if refused.detail:
        reply["detail"] = refused.detail
    headers = {"Retry-After": "60"} if status == HTTPStatus.TOO_MANY_REQUESTS else {}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return reply, status, headers


def http_reply(problem: HTTPException) -> tuple[dict[str, Any], int]:
    """Werkzeug's own errors, and what does not fit a shape."""
    status = problem.code or 500
    found = getattr(problem, "data", None) or {}
    return {"code": status, "status": problem.name, "errors": found.get("messages", {})}, status
