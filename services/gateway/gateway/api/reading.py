"""Read what a program sends. Whatever is wrong with it is answered with codes, at the field where one is known."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from flask import Request, request
from flask_smorest import abort  # type: ignore[import-untyped]
from marshmallow import ValidationError, missing
from mtnet_contracts.vocabulary.limits import LONGEST_KEY
from mtnet_contracts.vocabulary.shapes import flat
from mtnet_contracts.vocabulary.unseen import has_half_of_a_pair
from webargs.flaskparser import FlaskParser

# Nothing that a program sends is deeper: a case's reasons are a list of objects in an object.
DEEPEST = 8
# More digits than any number here; reading thousands of them would take long, or fail.
MOST_DIGITS = 40
# Of a name in an answer: any field's is shorter.
LONGEST_SHOWN = 40


class Parser(FlaskParser):
    """webargs for this API: bad JSON, bad characters and bad shapes all end as codes."""

    def load_json(self, req: Request, schema: Any) -> Any:
        if not req.is_json:
            if req.get_data(cache=True):
                refuse(415, "NOT_JSON")
            return missing
        return read_json(req.get_data(cache=True))

    def handle_error(
        self, error: ValidationError, req: Any, schema: Any, *, error_status_code: Any, error_headers: Any
    ) -> NoReturn:
        # {"json": {"reasons": {0: {"code": [...]}}}} → {"json": {"reasons.0.code": [...]}}
        by_place = {place: _by_field(found) for place, found in error.messages_dict.items()}
        abort(422, messages=by_place)
        raise AssertionError("abort raises")


def refuse(status: int, code: str, *, place: str | None = None, field: str = "_schema") -> NoReturn:
    """Answer with a code, at a field (`place` is json, query, headers) or about the whole request."""
    messages: dict[str, Any] = {place: {field: [code]}} if place else {"refusal": [code]}
    abort(status, messages=messages)
    raise AssertionError("abort raises")


def read_json(body: bytes) -> Any:
    """The document in a body. Ends the request with 400 where there is none, with 422 where it is deeper than any
    request, says something twice (RFC 8259, 4: which one counts, nobody knows), or holds half of a surrogate pair.
    """
    try:
        document = json.loads(
            body, parse_int=_whole, parse_constant=_no_constant, object_pairs_hook=_each_name_once
        )
    except RecursionError:
        refuse(422, "TOO_DEEP", place="json")
    except NameTwice as problem:
        refuse(422, "NAMED_TWICE", place="json", field=str(problem))
    except ValueError:  # neither JSON nor UTF-8
        refuse(400, "NOT_JSON")
    _require_characters(document)
    return document


def idempotency_key() -> str | None:
    """The header, as sent. Ends the request with 422 where it is empty or too long."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 0 < len(key) <= LONGEST_KEY:
        refuse(422, "TOO_LONG" if key else "REQUIRED", place="headers", field="Idempotency-Key")
    return key


def _require_characters(document: Any) -> None:
    """Looks at every text and name, without recursion: the document may be deep."""
    faults: dict[str, list[str]] = {}
    left: list[tuple[str, Any, int]] = [("", document, 0)]
    while left:
        path, value, depth = left.pop()
        if depth > DEEPEST:
            refuse(422, "TOO_DEEP", place="json")
        if isinstance(value, str):
            if has_half_of_a_pair(value):
                faults[path or "_schema"] = ["NOT_VALID"]
        elif isinstance(value, list):
            left += [(f"{path}.{n}".strip("."), one, depth + 1) for n, one in enumerate(value)]
        elif isinstance(value, dict):
            if any(has_half_of_a_pair(name) for name in value):
                faults[path or "_schema"] = ["NOT_VALID"]
                continue
            left += [(f"{path}.{name}".strip("."), one, depth + 1) for name, one in value.items()]
    if faults:
        abort(422, messages={"json": faults})


def _by_field(found: Any) -> dict[str, list[str]]:
    return flat(found) if isinstance(found, dict) else {"_schema": [str(code) for code in found]}


class NameTwice(Exception):
    """An object has two members of one name."""


def _each_name_once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in members:
        if name in found:
            raise NameTwice("_schema" if has_half_of_a_pair(name) else name[:LONGEST_SHOWN])
        found[name] = value
    return found


def _whole(digits: str) -> int:
    return int(digits[:MOST_DIGITS])


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
