"""The fast way from what an endpoint returns to JSON values gives what marshmallow gives, for every reply there is."""

import importlib
import pkgutil
import random
from datetime import UTC, date, datetime
from enum import StrEnum
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from marshmallow import Schema, fields, post_dump
from mtnet_contracts import calls
from mtnet_contracts.calls.call import CALLS
from mtnet_contracts.calls.dumping import dumper
from mtnet_contracts.vocabulary.shapes import Shape

for found in pkgutil.walk_packages(calls.__path__, f"{calls.__name__}."):
    importlib.import_module(found.name)


class Colour(StrEnum):
    GREEN = "green"


def a_value(field: Any, chance: random.Random, depth: int = 0) -> Any:
    """Something that an endpoint may return in this field; now and then nothing."""
    if chance.random() < 0.1:
        return None
    match field:
        case fields.Nested():
            one = lambda: a_thing(field.schema, chance, depth + 1)  # noqa: E731
            return [one() for _ in range(chance.randrange(3))] if field.many else one()
        case fields.List():
            return [a_value(field.inner, chance, depth) for _ in range(chance.randrange(4))]
        case fields.Dict():
            return {"a": 1, "b": [None, "x"]} if not field.value_field else {"a": "x"}
        case fields.UUID():
            return UUID(int=chance.getrandbits(128))
        case fields.DateTime():
            return datetime(2026, 3, 4, 5, 6, 7, chance.choice((0, 123456)), UTC)
        case fields.Date():
            return date(2026, 3, chance.randrange(1, 28))
        case fields.Boolean():
            return chance.random() < 0.5
        case fields.Number():
            return chance.choice((0, 7, True, 12345678901, "12"))
        case _:
            return chance.choice(("", "航港", Colour.GREEN, b"bytes", 12))


def a_thing(schema: Schema, chance: random.Random, depth: int = 0) -> Any:
    """A dict or an object with most of the fields of a shape, and one that is none of them."""
    values = {
        name: a_value(field, chance, depth)
        for name, field in schema.dump_fields.items()
        if chance.random() > 0.1
    }
    values["unknown"] = "no part of the shape"
    return values if chance.random() < 0.5 else SimpleNamespace(**values)


def outcome(dump: Any, thing: Any) -> Any:
    try:
        return dump(thing)
    except Exception as problem:
        return type(problem)


@pytest.mark.parametrize("name", sorted(CALLS))
def test_a_reply_is_written_as_marshmallow_writes_it(name: str, examples: int) -> None:
    schema = CALLS[name].reply()
    dump, chance = dumper(schema), random.Random(name)
    for _ in range(4 * examples):
        thing = a_thing(schema, chance)
        expected = outcome(schema.dump, thing)
        assert outcome(dump, thing) == expected
        if isinstance(expected, dict):
            assert repr(dump(thing)) == repr(expected)  # the order, and 1 in place of True


def test_what_is_not_plain_is_left_to_marshmallow() -> None:
    class Odd(Shape):
        renamed = fields.Integer(data_key="other")
        elsewhere = fields.String(attribute="name")
        counted = fields.Integer(as_string=True)
        filled = fields.String(dump_default="-")
        made = fields.Function(lambda thing: "made")

    class Signed(Shape):
        name = fields.String()

        @post_dump
        def sign(self, shown: dict[str, Any], **_: Any) -> dict[str, Any]:
            return shown | {"signed": True}

    class Both(Shape):
        odd = fields.List(fields.Nested(Odd))
        signed = fields.Nested(Signed(many=True))

    thing = SimpleNamespace(
        odd=[{"renamed": 1, "name": "x", "counted": 3}, SimpleNamespace(renamed=2)], signed=[{"name": "y"}]
    )
    assert dumper(Both())(thing) == Both().dump(thing)
    assert dumper(Both())(thing)["signed"] == [{"name": "y", "signed": True}]
