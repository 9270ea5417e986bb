"""Make JSON values of what an endpoint returns: the same as `Schema.dump`, with the shape read once.

A page of the work queue has 320 values. marshmallow works out for each of them how to find it and how to write it;
nearly all are strings, numbers and truth values in a dataclass or a dict. Those are taken as they are here, and
whatever is not so plain is left to marshmallow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from marshmallow import Schema, fields, missing
from marshmallow.decorators import POST_DUMP, PRE_DUMP

Dump = Callable[[Any], Any]

# By the method with which a field writes: the types of values that it leaves as they are.
LEFT_AS_THEY_ARE: Mapping[Any, frozenset[type]] = {
    fields.String._serialize: frozenset({type(None), str}),
    fields.Integer._serialize: frozenset({type(None), int}),
    fields.Field._serialize: frozenset({type(None), bool, int, float, str}),
}


class _Step(NamedTuple):
    """One field: what is of a type in `as_it_is` needs no writing."""

    key: str
    name: str
    as_it_is: frozenset[type]
    write: Callable[[Any, str, Any], Any]
    field: fields.Field[Any]


def dumper(schema: Schema) -> Dump:
    """What `schema.dump` does, faster."""
    if not _is_plain(schema):
        return schema.dump
    steps = [_step(name, field) for name, field in schema.dump_fields.items()]

    def dump(thing: Any) -> Any:
        if type(thing) is dict:
            find: Callable[..., Any] = dict.get
        elif hasattr(thing, "__getitem__"):
            return schema.dump(thing)
        else:
            find = getattr
        found = {}
        for key, name, as_it_is, write, field in steps:
            value = find(thing, name, missing)
            if type(value) in as_it_is:
                found[key] = value
            elif value is not missing:
                found[key] = write(value, name, thing)
            elif (value := field.serialize(name, thing, accessor=schema.get_attribute)) is not missing:
                found[key] = value
        return found

    return dump


def _is_plain(schema: Schema) -> bool:
    """Whether it is a dict of its fields, each found by its own name, and nothing else is done to it."""
    return (
        not schema.many
        and schema.dict_class is dict
        and type(schema).get_attribute is Schema.get_attribute
        and not schema._hooks[PRE_DUMP]
        and not schema._hooks[POST_DUMP]
        and all(
            type(field).serialize is fields.Field.serialize
            and type(field).get_value is fields.Field.get_value
            and field._CHECK_ATTRIBUTE
            and field.attribute is None
            for field in schema.dump_fields.values()
        )
    )


def _step(name: str, field: fields.Field[Any]) -> _Step:
    as_it_is = LEFT_AS_THEY_ARE.get(type(field)._serialize, frozenset[type]())
    if isinstance(field, fields.Number) and field.as_string:
        as_it_is = frozenset()
    key = field.data_key if field.data_key is not None else name
    return _Step(key, name, as_it_is, _writer(field), field)


def _writer(field: fields.Field[Any]) -> Callable[[Any, str, Any], Any]:
    if type(field) is fields.List:
        inner = field.inner
        if type(inner) is fields.Nested and not (inner.many or inner.schema.many):
            dump_each = dumper(inner.schema)
            return lambda value, *_: (
                None if value is None else [None if each is None else dump_each(each) for each in value]
            )
    if type(field) is fields.Nested and not (field.many or field.schema.many):
        dump = dumper(field.schema)
        return lambda value, *_: None if value is None else dump(value)
    return field._serialize
