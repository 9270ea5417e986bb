"""Make routes and their description of the table of operations."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from threading import Lock
from typing import Any

from flask import Flask, current_app, request
from flask_limiter import Limiter
from flask_smorest import Blueprint  # type: ignore[import-untyped]
from flask_smorest.fields import Upload  # type: ignore[import-untyped]
from flask_wtf import CSRFProtect
from marshmallow import Schema, ValidationError, fields, validate
from mtnet_contracts.vocabulary.answers import ANSWERS
from mtnet_contracts.vocabulary.kinds import TOKEN_CHARACTERS
from mtnet_contracts.vocabulary.scopes import SCOPES
from mtnet_contracts.vocabulary.shapes import Shape
from werkzeug.exceptions import NotFound

from gateway.api import describing
from gateway.api.clients import client_pass, with_etag
from gateway.api.document import DescribedApi
from gateway.api.operation import SIGNED, Operation
from gateway.api.reading import Parser, idempotency_key, read_json
from gateway.api.reference import Reference, reference
from gateway.calls import call, call_for_case
from gateway.extensions import rpc, seal
from gateway.files.downloads import send_file
from gateway.files.uploads import put_upload
from gateway.http.rate_limits import API_WRITES_A_MINUTE
from gateway.rpc.client import Refused
from gateway.session import session_changed, session_token

TOKEN_HEADER = "X-Application-Token"  # noqa: S105 - the header's name
PREFIX = "/api/v1"
ABOUT = """What people do on the portal's pages, for programs: apply, confirm contacts, submit, check progress, correct,
review, activate, log in.

**Authentication.** Starting an application, or opening a case with a code, gives a token for that application; send it
as `X-Application-Token`. `POST /sessions` gives a session token; send it as `Authorization: Bearer …`. Cookies give
no rights here. A token that is not valid is answered with 401. What is dangerous needs a login of the last ten
minutes: it is refused with `CONFIRMATION_REQUIRED` until `POST /sessions/current/confirm` gives a new token.
After a new privacy notice most calls of an account are refused with `CONSENT_REQUIRED` from its next login on, until
`POST /account/consents` says that its owner agrees.

**Errors carry codes, never sentences**: `{"code": 422, "status": "Unprocessable Entity", "errors": {"json":
{"account_name": ["ACCOUNT_LENGTH"]}}}`. Under `errors`, `json`, `query`, `files` and `headers` list codes by field
(`reasons.0.code`); `refusal` is about the request as a whole, with facts in `detail`.

**Writes take an `Idempotency-Key` header** where it is listed: the same request with the same key is carried out
once and gets the first answer again, for seven days; another request with that key is refused
(`IDEMPOTENCY_KEY_REUSED`). A key belongs to your token or account; without either, to your address and the request,
for ten minutes.
`POST /applications` answers a repetition with the same draft and a new token; the former token no longer works.

Text is UTF-8 and is cleaned of characters that cannot be seen. Fields that are not listed are ignored. Times are
ISO 8601 in UTC.
"""
TAGS = {
    "privacy-notice": "The notice an applicant agrees to",
    "applications": "Applying for an account, with the token of the application; "
    "two hours after submitting, it no longer works",
    "cases": "Opening your cases with a one-time code",
    "activations": "From approval to password",
    "reactivations": "A frozen account, and its way back",
    "account": "The account of whoever is logged in",
    "operations": "The work of operators",
    "sessions": "Logging in",
    "passwords": "Changing a password, and replacing a forgotten one",
    "second-factors": "What protects an account beside its password",
    "devices": "Confirming a device, so that wrong passwords typed by others do not lock it out",
    "pages": "What is published",
    "reviews": "The reviewer's work",
    "desk": "The work of the helpdesk",
    "editing": "Questions that the helpdesk proposes, for editors",
    "systems": "Accounts as a downstream system is told of its own",
    "snapshots": "All there is at a moment, for downstream systems to go on from",
    "contact": "A ticket of one's own, with its secret link",
}


class FormUpload(Shape):
    """What every operation that takes a file is sent."""

    file = Upload(required=True)


def register(app: Flask, operations: Sequence[Operation], csrf: CSRFProtect, limiter: Limiter) -> None:
    app.config.update(
        API_TITLE="MTNet",
        API_VERSION="1.0.0",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
    )
    api = DescribedApi()
    api.ERROR_SCHEMA = describing.Problem
    server = app.extensions["settings"].portal_url
    api.init_app(app, spec_kwargs={"info": {"description": ABOUT}, "servers": [{"url": server}]})
    api.ma_plugin.converter.add_attribute_function(_plain_pattern)
    api.spec.components.security_scheme(
        "application",
        {"type": "apiKey", "in": "header", "name": TOKEN_HEADER, "description": "One application's token"},
    )
    api.spec.components.security_scheme(
        "session", {"type": "http", "scheme": "bearer", "description": "From POST /sessions"}
    )
    flow = {"tokenUrl": f"{server}/oauth/token", "scopes": SCOPES}
    api.spec.components.security_scheme(
        "client",
        {
            "type": "oauth2",
            "description": "An access token of a downstream system, as `Authorization: Bearer …`",
            "flows": {"clientCredentials": flow},
        },
    )
    blueprint = Blueprint("api", __name__, url_prefix=PREFIX)
    blueprint.ARGUMENTS_PARSER = Parser()
    for tag, about in TAGS.items():
        api.spec.tag({"name": tag, "description": about})
        for operation in operations:
            if operation.tag == tag:
                _add(blueprint, operation)
    csrf.exempt(blueprint)
    limiter.limit(f"{API_WRITES_A_MINUTE} per minute", methods=["POST", "PUT", "DELETE"])(blueprint)
    # Not api.register_blueprint, which would list the blueprint among the tags.
    app.register_blueprint(blueprint)
    _describe_when_asked(
        api.spec,
        partial(blueprint.register_views_in_doc, api, app, api.spec, name=blueprint.name, parameters=None),
    )
    app.extensions["api"] = api
    # What the pages, too, may call only for somebody who is signed in.
    app.extensions["signed_calls"] = frozenset(
        f"{o.call.service}.{o.call.name}" for o in operations if o.proof in SIGNED
    )


def _describe_when_asked(spec: Any, describe: Callable[[], None]) -> None:
    """To describe all operations takes as long as all else that a process does before it answers, and most processes
    are never asked for the document.
    """
    lock, waiting, whole = Lock(), [describe], spec.to_dict

    def to_dict() -> dict[str, Any]:
        with lock:
            if waiting:
                waiting[0]()
                waiting.clear()
        found: dict[str, Any] = whole()
        return found

    spec.to_dict = to_dict


def specification() -> dict[str, Any]:
    """The OpenAPI document."""
    found: dict[str, Any] = current_app.extensions["api"].spec.to_dict()
    return found


def described() -> Reference:
    """The OpenAPI document as its page shows it; it never changes while the portal runs."""
    if "api_reference" not in current_app.extensions:
        current_app.extensions["api_reference"] = reference(specification())
    found: Reference = current_app.extensions["api_reference"]
    return found


def _plain_pattern(_converter: Any, field: fields.Field[Any], **_: Any) -> dict[str, str]:
    """Python's end-of-text anchor as other languages write it."""
    for validator in field.validators:
        if isinstance(validator, validate.Regexp):
            return {"pattern": str(validator.regex.pattern).replace(r"\Z", "$")}
    return {}


def _add(blueprint: Blueprint, operation: Operation) -> None:
    def view(sent: dict[str, Any] | None = None, **in_path: Any) -> Any:
        return _answer(operation, sent or {}, in_path)

    view.__name__ = operation.name
    view.__doc__ = f"{operation.summary}\n\n{_refusals(operation)}"
    body = _sent(operation)
    documented: Any = view
    if body is not None:
        location = "files" if operation.upload else "query" if operation.method == "GET" else "json"
        documented = blueprint.arguments(
            body,
            location=location,
            required=location != "query",
            example=operation.example if location == "json" else None,
        )(documented)
    answers = describing.answers_of(operation, sends=body is not None)
    extra: dict[str, Any] = {
        "operationId": operation.name,
        "responses": {operation.status: describing.good_answer(operation), **answers},
    }
    if operation.proof == "client":
        extra["security"] = [{"client": [operation.scope]}]
    elif operation.proof != "none":
        extra["security"] = [{"application" if operation.proof == "application" else "session": []}]
    if describing.takes_key(operation):
        extra["parameters"] = [describing.key_parameter()]
    documented = blueprint.doc(**extra)(documented)
    blueprint.route(operation.path, methods=[operation.method], tags=[operation.tag])(documented)


def _refusals(operation: Operation) -> str:
    codes = describing.refusals_of(operation)
    return "Refusals: " + ", ".join(f"`{code}` ({status})" for code, status in codes.items()) if codes else ""


def _sent(operation: Operation) -> type[Schema] | None:
    """The shape of what the caller sends: the call's, without what the path, the token or the gateway gives."""
    if operation.upload:
        return FormUpload
    section = dict(operation.fixed).get("section")
    if section:
        return ANSWERS[section]
    given = {
        "application_token",
        "session_token",
        "ip",
        "user_agent",
        "former_session_token",
        *re.findall(r"<(?:[^:<>]+:)?(\w+)>", operation.path),
    }
    wanted = {name for name in operation.call.request().fields if name not in given}
    if not wanted:
        return None
    meta = type("Meta", (Shape.Meta,), {"exclude": tuple(given & set(operation.call.request().fields))})
    title = "".join(part.title() for part in operation.name.split("_"))
    return type(f"{title}Request", (operation.call.request,), {"Meta": meta})


def _answer(operation: Operation, sent: dict[str, Any], in_path: dict[str, Any]) -> Any:
    if describing.takes_key(operation):
        idempotency_key()
    proved = _proofs(operation)
    if operation.upload:
        with put_upload(sent.get("file")) as uploaded:
            taken = {"uploads": [uploaded]} if "uploads" in operation.call.request().fields else uploaded
            return _reply(operation, call(operation.call, **taken, **_known(operation, in_path), **proved))
    if operation.fixed:
        sent = {"answers": _as_sent(operation), **dict(operation.fixed)}
    values = {**sent, **_known(operation, in_path), **proved}
    if operation.proof == "client":
        signed_pass = client_pass(operation.scope)
        return _reply(operation, rpc().call(operation.call, values, signed_pass=signed_pass))
    if operation.needs_pass:
        return _reply(operation, call_for_case(operation.call, application_token(), **values))
    return _reply(operation, call(operation.call, **values))


def _as_sent(operation: Operation) -> dict[str, Any]:
    """A section's answers as they came, without what the section does not ask for: accounts judges them once more."""
    asked = ANSWERS[dict(operation.fixed)["section"]]().fields
    return {name: value for name, value in read_json(request.get_data()).items() if name in asked}


def _known(operation: Operation, in_path: dict[str, Any]) -> dict[str, Any]:
    """What stands in the address. Raises NotFound for what nothing can be found under."""
    shape = operation.call.request().fields
    try:
        for name, value in in_path.items():
            shape[name].deserialize(value if isinstance(value, str | int) else str(value))
    except ValidationError as problem:
        raise NotFound from problem
    return in_path


def _proofs(operation: Operation) -> dict[str, Any]:
    """What the caller proves by headers, and what the gateway knows of it. Raises Refused."""
    known = operation.call.request().fields
    found: dict[str, Any] = {}
    if "application_token" in known:
        found["application_token"] = application_token()
    if "session_token" in known:
        found["session_token"] = session_token()
        if not found["session_token"]:
            raise Refused("NOT_SIGNED_IN")
    if "ip" in known:
        found["ip"] = request.remote_addr
    if "user_agent" in known:
        found["user_agent"] = request.user_agent.string[:500]
    if "former_session_token" in known:
        found["former_session_token"] = session_token()
    return found


def application_token() -> str:
    """The header. Raises Refused for what cannot be a token."""
    token: str = request.headers.get(TOKEN_HEADER, "")
    least, most = TOKEN_CHARACTERS
    if not (least <= len(token) <= most and token.isascii() and token.isprintable() and " " not in token):
        raise Refused("APPLICATION_TOKEN_INVALID")
    return token


def _reply(operation: Operation, reply: dict[str, Any]) -> Any:
    ended = session_token() if operation.call.writes else None
    of_session = {"session_token", "former_session_token"} & set(operation.call.request().fields)
    if ended and (of_session or operation.changes_session):
        session_changed(ended)
    if "session_token" in reply:
        reply = reply | {"session_token": seal().sealed(reply["session_token"])}
    if operation.answer == "file":
        return send_file(reply)
    if operation.answer == "nothing":
        return "", operation.status
    if operation.has_etag:
        return with_etag(reply)
    return {name: value for name, value in reply.items() if name not in describing.INSIDE}, operation.status
