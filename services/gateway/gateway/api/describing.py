"""What the OpenAPI document says beyond the shapes: every answer of an operation, its headers, and examples."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from typing import Any

from marshmallow import Schema, fields
from mtnet_contracts.vocabulary.limits import LARGEST_FILE_MEGABYTES, LONGEST_KEY
from mtnet_contracts.vocabulary.shapes import Shape

from gateway.api.operation import SIGNED, Operation
from gateway.http.incoming import LARGEST_TEXT_KIBIBYTES
from gateway.http.statuses import STATUS_OF_REFUSAL

ALWAYS = {
    500: "An error on our side",
    503: "A part of the portal is not available: try again after `Retry-After` seconds",
}
COUNTED = {
    "X-RateLimit-Limit": "Requests allowed in the present minute",
    "X-RateLimit-Remaining": "How many are left",
    "X-RateLimit-Reset": "When counting starts again, in seconds since 1970",
}
# Of an answer to a client (draft-ietf-httpapi-ratelimit-headers).
CLIENT_COUNTED = {
    "RateLimit-Policy": "What is allowed: `q` requests in `w` seconds",
    "RateLimit": "What is left: `r` requests, until the count begins anew in `t` seconds",
}
RETRY = {"Retry-After": "Seconds to wait"}


# The signed proof of who calls is between services.
INSIDE = frozenset({"actor"})


class Errors(Schema):
    """Codes by what they are about: a field of the body, of the query, of the form with the file, or a header."""

    refusal = fields.List(fields.String(), metadata={"description": "About the request as a whole"})
    json = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    query = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    files = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    headers = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    service = fields.List(fields.String(), metadata={"description": "Which part is not available"})


class Problem(Schema):
    """Every error: the status, and codes by what they are about."""

    code = fields.Integer(required=True, metadata={"description": "The HTTP status once more"})
    status = fields.String(required=True, metadata={"description": "Its name"})
    errors = fields.Nested(Errors, required=True)
    detail = fields.Dict(
        keys=fields.String(), values=fields.Raw(), metadata={"description": "Facts about a refusal"}
    )


def refusals_of(operation: Operation) -> dict[str, int]:
    """The codes an operation may answer with besides those at fields, and their status."""
    codes = list(operation.call.refusals)
    if operation.proof == "application":
        codes += ["APPLICATION_TOKEN_INVALID"]
    if operation.proof in SIGNED:
        codes += ["NOT_SIGNED_IN", "NOT_ALLOWED", "CONSENT_REQUIRED"]
    if operation.proof == "session":
        codes += ["NOT_SIGNED_IN"]
    if operation.proof == "client":
        codes += ["CLIENT_TOKEN_INVALID", "SCOPE_MISSING"]
    if takes_key(operation):
        codes += ["IDEMPOTENCY_KEY_REUSED"]
    return {code: STATUS_OF_REFUSAL[code] for code in codes}


def takes_key(operation: Operation) -> bool:
    return operation.call.takes_key and operation.method != "GET"


def answers_of(operation: Operation, *, sends: bool) -> dict[int, dict[str, Any]]:
    """Every answer but the good one, for the OpenAPI document. `sends` tells whether anything is sent along."""
    counted = _counted(operation)
    about: dict[int, str] = {}
    by_status: dict[int, list[str]] = {}
    for code, status in refusals_of(operation).items():
        by_status.setdefault(status, []).append(code)
    if operation.upload:
        about[413] = f"More than {LARGEST_FILE_MEGABYTES} MB"
    elif operation.method != "GET":
        about[413] = f"More than {LARGEST_TEXT_KIBIBYTES} KiB"
    if sends and operation.method != "GET" and not operation.upload:
        about |= {400: "Not JSON", 415: "The `Content-Type` is not that of JSON"}
    if sends or takes_key(operation):
        about[422] = "Codes at the fields that cannot be taken"
    if "<" in operation.path:
        about[404] = "There is nothing at this address"
    if operation.method != "GET":
        about |= {408: "The body arrived too slowly", 429: "Too many requests"}
    if operation.proof == "client":
        about[429] = "Too many requests of this client"
    about |= {status: "" for status in by_status if status not in about}
    about |= ALWAYS
    found = {
        status: _problem(status, words, by_status.get(status, []), counted)
        for status, words in sorted(about.items())
    }
    if operation.has_etag:
        found[304] = {
            "description": "What If-None-Match names holds still",
            "headers": described(_of(operation)),
        }
    return found


def _counted(operation: Operation) -> dict[str, str]:
    if operation.proof == "client":
        return CLIENT_COUNTED
    return COUNTED if operation.method != "GET" else {}


def _of(operation: Operation) -> dict[str, str]:
    """The headers of a good answer."""
    tag = {"ETag": "Send it as `If-None-Match`"} if operation.has_etag else {}
    return _counted(operation) | tag


def _problem(status: int, words: str, codes: list[str], counted: dict[str, str]) -> dict[str, Any]:
    named = ", ".join(f"`{code}`" for code in codes)
    headers = {**counted, **(RETRY if status in (429, 503) else {})}
    if status == 401 or (status == 403 and counted is CLIENT_COUNTED):
        headers["WWW-Authenticate"] = "How to authenticate"
    return {
        "description": ". ".join(part for part in (words, named) if part) or HTTPStatus(status).phrase,
        "content": {"application/json": {"schema": Problem}},
        "headers": described(headers),
    }


def described(headers: dict[str, str]) -> dict[str, Any]:
    return {
        name: {"description": words, "schema": {"type": "string"}, "required": False}
        for name, words in headers.items()
    }


def good_answer(operation: Operation) -> dict[str, Any]:
    counted = described(_of(operation))
    if operation.answer == "nothing":
        return {"description": "Done", "headers": counted}
    if operation.answer == "json":
        return {
            "description": HTTPStatus(operation.status).phrase,
            "content": {"application/json": {"schema": _shown(operation.call.reply)}},
            "headers": counted,
        }
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {
        "description": "The file, as a download",
        "content": dict.fromkeys(operation.media_types, binary),
        "headers": described({"Content-Disposition": "The name of the file (RFC 6266)"}),
    }


@cache
def _shown(reply: type[Schema]) -> type[Schema]:
    """The reply without what stays inside the portal (INSIDE)."""
    if INSIDE.isdisjoint(reply().fields):
        return reply
    meta = type("Meta", (Shape.Meta,), {"exclude": tuple(INSIDE)})
    return type(f"{reply.__name__.removesuffix('View').removesuffix('Reply')}Shown", (reply,), {"Meta": meta})


def key_parameter() -> dict[str, Any]:
    return {
        "in": "header",
        "name": "Idempotency-Key",
        "required": False,
        "description": "Of your choice, a UUID for instance; the same key does the same thing once",
        "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
    }
