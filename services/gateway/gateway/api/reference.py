"""What the page about the API shows, read from the OpenAPI document, so that the two cannot disagree."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from mtnet_contracts.vocabulary.limits import LARGEST_FILE_MEGABYTES
from mtnet_contracts.vocabulary.texts import N_

from gateway.api.samples import SECTIONS, UUID
from gateway.http.incoming import LARGEST_TEXT_KIBIBYTES
from gateway.http.rate_limits import API_WRITES_A_MINUTE

METHODS = ("get", "post", "put", "delete")
CODE = re.compile(r"`([A-Z][A-Z0-9_]+)`")
TOKEN = "0yB4…"  # noqa: S105 - stands for a token in examples
# A reply may hold replies; deeper than this nobody reads.
DEEPEST = 7
INSTANT = "2026-11-23T01:25:24+00:00"
DAY = "2026-12-07"
# What the groups of operations and the statuses are called on the page.
TITLES = {
    "privacy-notice": N_("Privacy notice"),
    "applications": N_("Applications"),
    "cases": N_("Opening cases with a code"),
    "activations": N_("Activation"),
    "sessions": N_("Sessions"),
    "passwords": N_("Passwords"),
    "second-factors": N_("Two-step verification"),
    "devices": N_("Devices"),
    "reactivations": N_("Reactivation"),
    "account": N_("My account"),
    "operations": N_("Operations"),
    "pages": N_("Announcements, news and questions"),
    "reviews": N_("Reviews"),
    "desk": N_("Helpdesk"),
    "editing": N_("Proposed questions"),
    "contact": N_("Your own ticket"),
    "systems": N_("Who is who, for downstream systems"),
    "snapshots": N_("Snapshots, for downstream systems"),
}
MEANINGS = {
    200: N_("Done"),
    201: N_("Created"),
    204: N_("Done; there is no content"),
    304: N_("Nothing has changed"),
    400: N_("Not JSON"),
    401: N_("The token, or the name and password, is not valid"),
    403: N_("Not allowed"),
    404: N_("Not found"),
    408: N_("The body arrived too slowly"),
    409: N_("Not possible in the present state"),
    410: N_("Already used"),
    413: N_("Too large"),
    415: N_("The Content-Type is wrong"),
    422: N_("Some values are not valid; errors lists codes by field"),
    429: N_("Too many requests"),
    500: N_("An error on our side"),
    503: N_("A part of the portal is not available"),
}
# How a field is shown in an answer, by its name; one of another name is shown by its type.
NAMED: dict[str, Any] = {
    **{name: value for section in SECTIONS.values() for name, value in section.items()},
    "answers": SECTIONS,
    "case_number": "PTAPPLY936EC90162340",
    "applicant_name": "陳小華",
    "company_name": "範例航運股份有限公司",
    "organisation_name": "範例航運股份有限公司",
    "masked_id_number": "A123***",
    "application_token": TOKEN,
    "session_token": TOKEN,
    "device_token": TOKEN,
    "sections": list(SECTIONS),
    "missing": ["form"],
    "roles": ["member"],
    "system": "vessels",
    "unit": "north",
    "units": ["north", "operations"],
    "slug": "harbour-works",
    "tab": "all",
    "media_type": "application/pdf",
    "filename": "form.pdf",
    "size_bytes": 204800,
    "status": "submitted",
    "contact": "applicant_email",
    "value": "clerk@example.com",
    "version": 1,
    "stage": 1,
    "stages": 2,
    "title": {"zh-Hant": "公告", "en": "Announcement"},
    "body": {"zh-Hant": "內容", "en": "Text"},
    "field": "company.phone",
    "fields": ["company.phone"],
    "changed": ["company.phone"],
    "code": "WRONG",
    "note": "",
}

PROBLEM = {
    "code": 422,
    "status": "Unprocessable Entity",
    "errors": {"json": {"account_name": ["ACCOUNT_LENGTH"]}},
}


@dataclass(frozen=True)
class Parameter:
    """`place` is path, query, header or body; `kind` and `values` are as JSON Schema says them."""

    name: str
    place: str
    kind: str
    values: str
    required: bool


@dataclass(frozen=True)
class Answer:
    status: int
    codes: tuple[str, ...]
    media_types: tuple[str, ...]
    example: str

    @property
    def meaning(self) -> str:
        return MEANINGS[self.status]


@dataclass(frozen=True)
class Described:
    """An operation as a reader needs it. `proof` is application, session or nothing."""

    name: str
    method: str
    path: str
    summary: str
    proof: str
    parameters: tuple[Parameter, ...]
    request: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Group:
    name: str
    about: str
    operations: tuple[Described, ...]

    @property
    def title(self) -> str:
        return TITLES[self.name]


@dataclass(frozen=True)
class Reference:
    """`problem` is what every error looks like; `kibibytes` a request may have, `megabytes` a file."""

    server: str
    problem: str
    writes_a_minute: int
    kibibytes: int
    megabytes: int
    groups: tuple[Group, ...]


def reference(document: dict[str, Any]) -> Reference:
    """The whole page of an OpenAPI document."""
    server = document["servers"][0]["url"].rstrip("/")
    found: dict[str, list[Described]] = {tag["name"]: [] for tag in document["tags"]}
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                described = _described(document, server, path, method, item)
                found[item[method]["tags"][0]].append(described)
    return Reference(
        server,
        _json(PROBLEM),
        API_WRITES_A_MINUTE,
        LARGEST_TEXT_KIBIBYTES,
        LARGEST_FILE_MEGABYTES,
        tuple(Group(tag["name"], tag["description"], tuple(found[tag["name"]])) for tag in document["tags"]),
    )


def _described(
    document: dict[str, Any], server: str, path: str, method: str, item: dict[str, Any]
) -> Described:
    operation = item[method]
    given = [*item.get("parameters", []), *operation.get("parameters", [])]
    media_type, body = _body(operation)
    sent = [
        _parameter(document, name, "body", schema, name in _resolved(document, body).get("required", ()))
        for name, schema in _resolved(document, body).get("properties", {}).items()
    ]
    proof = next((name for option in operation.get("security", []) for name in option), "")
    return Described(
        operation["operationId"],
        method.upper(),
        path,
        operation["summary"],
        proof,
        tuple(
            _parameter(document, one["name"], one["in"], one["schema"], one.get("required", False))
            for one in given
        )
        + tuple(sent),
        _request(document, server, path, method, operation, given, media_type, proof),
        tuple(
            _answer(document, int(status), answer)
            for status, answer in sorted(operation["responses"].items())
            if status.isdecimal()
        ),
    )


def _body(operation: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Media type and schema of what is sent; nothing where nothing is sent."""
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        return media_type, content["schema"]
    return "", {}


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        found: dict[str, Any] = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        return found
    for option in schema.get("anyOf", ()):
        if option.get("type") != "null":
            return _resolved(document, option)
    return schema


def _type(schema: dict[str, Any]) -> str:
    kinds = schema.get("type", "object")
    return next(kind for kind in kinds if kind != "null") if isinstance(kinds, list) else str(kinds)


def _parameter(
    document: dict[str, Any], name: str, place: str, schema: dict[str, Any], required: bool
) -> Parameter:
    schema = _resolved(document, schema)
    kind, inner = _type(schema), schema
    if kind == "array":
        inner = _resolved(document, schema["items"])
        kind = f"array of {_type(inner)}"
    if "format" in inner:
        kind = f"{kind} ({inner['format']})"
    return Parameter(name, place, kind, "; ".join(_values(schema, inner)), required)


def _values(schema: dict[str, Any], inner: dict[str, Any]) -> list[str]:
    """What may stand there: choices, bounds, lengths."""
    said = []
    if "enum" in inner:
        said.append(" | ".join(str(choice) for choice in inner["enum"] if choice is not None))
    if "properties" in inner:
        said.append(", ".join(inner["properties"]))
    for least, most, unit in (
        ("minimum", "maximum", ""),
        ("minLength", "maxLength", " chars"),
        ("minItems", "maxItems", " items"),
    ):
        for one in (schema, inner) if inner is not schema else (schema,):
            if most in one:
                said.append(f"{one.get(least, 0)}–{one[most]}{unit}")
    return said


def _request(
    document: dict[str, Any],
    server: str,
    path: str,
    method: str,
    operation: dict[str, Any],
    given: list[dict[str, Any]],
    media_type: str,
    proof: str,
) -> str:
    """The request as curl makes it."""
    for one in given:
        if one["in"] == "path":
            value = sample(document, one["schema"], one["name"])
            path = path.replace(f"{{{one['name']}}}", quote(str(value)))
    parts = [f"curl -X {method.upper()} {server}{path}"]
    if proof:
        scheme = document["components"]["securitySchemes"][proof]
        header = f"{scheme['name']}: {TOKEN}" if "name" in scheme else f"Authorization: Bearer {TOKEN}"
        parts.append(f"-H '{header}'")
    if any(one["name"] == "Idempotency-Key" for one in given):
        parts.append(f"-H 'Idempotency-Key: {UUID}'")
    if media_type == "multipart/form-data":
        parts += [f"-F '{name}=@form.pdf'" for name in _resolved(document, _body(operation)[1])["properties"]]
    elif media_type:
        content = operation["requestBody"]["content"][media_type]
        shown = content["example"] if "example" in content else sample(document, content["schema"])
        text = _json(shown).replace("'", "'\\''")
        parts += [f"-H 'Content-Type: {media_type}'", f"-d '{text}'"]
    return " \\\n  ".join(parts)


def _answer(document: dict[str, Any], status: int, answer: dict[str, Any]) -> Answer:
    content = answer.get("content", {})
    codes = tuple(CODE.findall(answer["description"]))
    example = ""
    if status < 300 and "application/json" in content:
        example = _json(sample(document, content["application/json"]["schema"]))
    return Answer(status, codes, tuple(content), example)


def sample(document: dict[str, Any], schema: dict[str, Any], name: str = "", depth: int = 0) -> Any:
    """Something that fits the schema, to be read by people."""
    schema = _resolved(document, schema)
    kind = _type(schema)
    if "enum" in schema:
        return NAMED[name] if name in NAMED and NAMED[name] in schema["enum"] else schema["enum"][0]
    if name in NAMED and _fits(NAMED[name], kind, schema):
        return NAMED[name]
    if kind == "object":
        return {
            key: sample(document, inner, key, depth + 1)
            for key, inner in schema.get("properties", {}).items()
            if depth < DEEPEST
        }
    if kind == "array":
        return [sample(document, schema["items"], name, depth + 1)]
    if kind == "string":
        return {"uuid": UUID, "date-time": INSTANT, "date": DAY}.get(schema.get("format", ""), "…")
    return {"boolean": True, "integer": schema.get("minimum", 1), "number": 1}.get(kind)


def _fits(value: Any, kind: str, schema: dict[str, Any]) -> bool:
    python = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}.get(kind, object)
    return isinstance(value, python) and "properties" not in schema and "format" not in schema


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
