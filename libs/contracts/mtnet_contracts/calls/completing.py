"""Complete an answer of a service of an earlier release, which lacks what came later.

Services are deployed one by one, so a caller may know a field before the service does. Such a field of a reply is not
`required` and says with `load_default` what an answer without it means; here it is filled in. So whoever reads an
answer finds every field in it, and needs no `if` for releases.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marshmallow import Schema, fields, missing

# Changes an answer in place, and returns the required fields that are missing.
Complete = Callable[[Any], set[str]]


def completer(schema: Schema) -> Complete:
    """A function that fills in, in place, the optional fields that a reply of this shape lacks. It returns the names of
    the required ones that are missing: nothing can stand in for them.
    """
    return _completer(type(schema), {})


def _completer(shape: type[Schema], known: dict[type[Schema], Complete]) -> Complete:
    if shape in known:
        return known[shape]
    members = {field.data_key or name: field for name, field in shape().fields.items()}
    required = frozenset(name for name, field in members.items() if field.required)
    defaults = {name: field.load_default for name, field in members.items() if _has_default(field)}
    inside: dict[str, Complete] = {}

    def complete(answer: Any) -> set[str]:
        if not isinstance(answer, dict):
            return set()
        lacking = set(required - answer.keys())
        for name, default in defaults.items():
            if name not in answer:
                answer[name] = default() if callable(default) else default
        for name, complete_inside in inside.items():
            value = answer.get(name)
            for each in value if isinstance(value, list) else (value,):
                lacking |= complete_inside(each)
        return lacking

    known[shape] = complete
    for name, field in members.items():
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, fields.Nested):
            inside[name] = _completer(type(inner.schema), known)
    return complete


def _has_default(field: fields.Field[Any]) -> bool:
    return not field.required and field.load_default is not missing
