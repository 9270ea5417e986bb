"""Read and write well-formed payloads without asking marshmallow about every field.

Thousands of events a second go through here. What is not exactly of the expected kind raises NotPlain, and the caller
asks marshmallow, which knows every lenient form and words every error; both give the same event (tests compare them).
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

Reader = Callable[[Any], Any]
Writer = Callable[[Any], Any]


class NotPlain(Exception):
    """The payload is not in its plainest form; it may still be valid."""


def travels(attribute: Field[Any]) -> bool:
    """Whether an attribute is part of an event; fields of an application may be kept out (vocabulary.questions)."""
    found: bool = attribute.metadata.get("in_event", True)
    return found


def reader_of(cls: type, skip: frozenset[str] = frozenset()) -> Callable[[Any], dict[str, Any]]:
    """A function that turns a JSON object into the keyword arguments of `cls`. It raises NotPlain."""
    hints = typing.get_type_hints(cls)
    wanted = [
        (f.name, _reader(hints[f.name]), f.default is MISSING and f.default_factory is MISSING)
        for f in fields(cls)
        if f.name not in skip and travels(f)
    ]

    def read(payload: Any) -> dict[str, Any]:
        if type(payload) is not dict:
            raise NotPlain
        values = {}
        for name, reader, required in wanted:
            if name in payload:
                values[name] = reader(payload[name])
            elif required:
                raise NotPlain
        return values

    return read


def writer_of(
    cls: type, skip: frozenset[str] = frozenset(), *, texts: bool = True
) -> Callable[[Any], dict[str, Any]]:
    """A function that turns an object of `cls` into a JSON object; what is None is left out.

    Without `texts` ids, times and days stay what they are, for an encoder that writes them as text by itself.
    """
    hints = typing.get_type_hints(cls)
    wanted = [
        (f.name, _writer(hints[f.name], texts)) for f in fields(cls) if f.name not in skip and travels(f)
    ]

    def write(event: Any) -> dict[str, Any]:
        payload = {}
        for name, writer in wanted:
            value = getattr(event, name)
            if value is not None:
                payload[name] = value if writer is None else writer(value)
        return payload

    return write


def _optional(hint: Any) -> tuple[Any, bool]:
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        (inner,) = (a for a in typing.get_args(hint) if a is not type(None))
        return inner, True
    return hint, False


def _reader(hint: Any) -> Reader:
    inner, optional = _optional(hint)
    reader = _plain_reader(inner)
    if not optional:
        return reader
    return lambda value: None if value is None else reader(value)


def _plain_reader(hint: Any) -> Reader:
    if typing.get_origin(hint) is tuple:
        one = _reader(typing.get_args(hint)[0])

        def read_list(value: Any) -> Any:
            if type(value) is not list:
                raise NotPlain
            return tuple(map(one, value))

        return read_list
    if is_dataclass(hint):
        build = typing.cast(type, hint)
        read = reader_of(build)
        return lambda value: build(**read(value))
    return _SCALAR_READERS[hint]


def _exactly(kind: type) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise NotPlain
        return value

    return read


def _uuid(value: Any) -> UUID:
    try:
        return UUID(value)
    except (ValueError, AttributeError, TypeError) as problem:
        raise NotPlain from problem


def _instant(value: Any) -> datetime:
    try:
        found = datetime.fromisoformat(value)
    except (ValueError, TypeError) as problem:
        raise NotPlain from problem
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _day(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (ValueError, TypeError) as problem:
        raise NotPlain from problem


_SCALAR_READERS: dict[Any, Reader] = {
    str: _exactly(str),
    int: _exactly(int),
    bool: _exactly(bool),
    UUID: _uuid,
    datetime: _instant,
    date: _day,
}


def _writer(hint: Any, texts: bool) -> Writer | None:
    """None where the value is JSON already."""
    inner, _ = _optional(hint)
    if typing.get_origin(inner) is tuple:
        one = _writer(typing.get_args(inner)[0], texts)
        return list if one is None else lambda value: [one(part) for part in value]
    if is_dataclass(inner):
        return writer_of(typing.cast(type, inner), texts=texts)
    if not texts:
        return None
    if inner is UUID:
        return str
    if inner in (datetime, date):
        return lambda value: value.isoformat()
    return None
