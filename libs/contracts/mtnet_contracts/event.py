"""What every event carries, and how its payload becomes JSON and back. Nothing of a broker or a database."""

from __future__ import annotations

import os
import random
import time
import types
import typing
from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import UTC, date, datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from marshmallow import EXCLUDE, Schema, post_dump, post_load
from marshmallow import fields as shape

from mtnet_contracts.codec import NotPlain, reader_of, travels, writer_of
from mtnet_contracts.vocabulary.holds import Holds as Holds

# Seeded by the operating system, anew in a forked process. Ids have to be unique, nobody has to fail to guess them;
# asking the system for every one took longer than all the rest.
_random = random.Random()  # noqa: S311
os.register_at_fork(after_in_child=_random.seed)


def new_event_id() -> UUID:
    """A UUIDv7 (RFC 9562 §5.7): 48 bits of milliseconds, then random bits, so ids sort by time."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & ((1 << 48) - 1)) << 80 | _random.getrandbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


class UnknownEvent(LookupError):
    """No event of that name is in the catalogue of that source."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact that has happened, named in the past tense.

    A subclass names its `source` (the service that announces it), its `aggregate` (the kind of thing
    it is about) and `subject` (the field that holds that thing's id). Events of one aggregate keep
    their order; see docs/guarantees.md. Contracts only grow: a new field is optional, a changed
    meaning is a new event.
    """

    source: ClassVar[str]
    aggregate: ClassVar[str]
    subject: ClassVar[str]
    # False: announced for downstream systems; no service of the portal subscribes to it, and that is right.
    # An event without this that reaches nobody is an alarm (the queue `unrouted`).
    needs_subscriber: ClassVar[bool] = True
    holds: ClassVar[Holds] = Holds.PERSONAL_DATA

    event_id: UUID = field(default_factory=new_event_id)
    occurred_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __init_subclass__(cls, *, abstract: bool = False, **options: Any) -> None:
        super().__init_subclass__(**options)
        if not abstract:
            _CATALOGUE[cls.source, cls.__name__] = cls

    @classmethod
    def event_name(cls) -> str:
        """The name on the wire: routing key and CloudEvents type end in it."""
        return cls.__name__

    @property
    def aggregate_id(self) -> str:
        """Whose event this is: the id of the aggregate, as text."""
        return str(getattr(self, self.subject))

    def to_payload(self) -> dict[str, Any]:
        """The JSON object that travels; times are ISO 8601 in UTC, ids are text."""
        return _codec(type(self))[1](self)

    def to_values(self) -> dict[str, Any]:
        """The same with ids, times and days as they are, for a JSON encoder that writes them as text by itself."""
        return _codec(type(self))[2](self)

    @classmethod
    def from_payload(
        cls, payload: dict[str, Any], *, event_id: UUID | None = None, occurred_at: datetime | None = None
    ) -> Self:
        """Read a payload; fields that this version does not know are passed over.

        Raises marshmallow.ValidationError when a required field is missing or misshapen.
        """
        try:
            values = _codec(cls)[0](payload)
        except NotPlain:
            values = payload_schema(cls).load(payload, unknown=EXCLUDE)
        if event_id is not None:
            values["event_id"] = event_id
        if occurred_at is not None:
            values["occurred_at"] = occurred_at
        return cls(**values)


_CATALOGUE: dict[tuple[str, str], type[Event]] = {}


def event_class(source: str, name: str) -> type[Event]:
    """The class of an event on the wire. Raises UnknownEvent."""
    try:
        return _CATALOGUE[source, name]
    except KeyError:
        raise UnknownEvent(f"{source}.{name}") from None


def catalogue() -> list[type[Event]]:
    """Every event of the portal, by source, in the order of its file."""
    return [cls for (source, _), cls in _CATALOGUE.items() if source != "tests"]


Codec = tuple[
    Callable[[Any], dict[str, Any]], Callable[[Any], dict[str, Any]], Callable[[Any], dict[str, Any]]
]
_CODECS: dict[type[Event], Codec] = {}
_SCHEMAS: dict[type[Event], Schema] = {}


def _codec(cls: type[Event]) -> Codec:
    found = _CODECS.get(cls)
    if found is None:
        own = frozenset(f.name for f in fields(Event))
        found = _CODECS[cls] = (reader_of(cls, own), writer_of(cls, own), writer_of(cls, own, texts=False))
    return found


def payload_schema(cls: type[Event]) -> Schema:
    """The marshmallow shape of an event's payload, made of its own fields."""
    if cls not in _SCHEMAS:
        own = frozenset(f.name for f in fields(Event))
        _SCHEMAS[cls] = _schema_class(cls, skip=own)()
    return _SCHEMAS[cls]


def _schema_class(cls: type, skip: frozenset[str] = frozenset(), build: bool = False) -> type[Schema]:
    hints = typing.get_type_hints(cls)
    members: dict[str, Any] = {
        f.name: _field_for(hints[f.name], required=f.default is MISSING and f.default_factory is MISSING)
        for f in fields(cls)
        if f.name not in skip and travels(f)
    }
    members["_drop_absent"] = post_dump(
        lambda _self, values, **_: {name: value for name, value in values.items() if value is not None}
    )
    if build:
        # Nested shapes come back as their own class, so handlers never meet a bare dict.
        members["_build"] = post_load(lambda _self, values, **_: cls(**values))

    class Meta:
        unknown = EXCLUDE

    members["Meta"] = Meta
    return type(f"{cls.__name__}Schema", (Schema,), members)


_SCALARS: dict[Any, type[shape.Field[Any]]] = {
    str: shape.String,
    int: shape.Integer,
    bool: shape.Boolean,
    UUID: shape.UUID,
    datetime: shape.AwareDateTime,
    date: shape.Date,
}


def _field_for(hint: Any, *, required: bool) -> shape.Field[Any]:
    options: dict[str, Any] = {"required": required}
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        (hint,) = (a for a in arguments if a is not type(None))
        options["allow_none"] = True
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple:
        return _Tuple(_field_for(arguments[0], required=True), **options)
    if is_dataclass(hint):
        return shape.Nested(_schema_class(typing.cast(type, hint), build=True), **options)
    if hint is datetime:
        return shape.AwareDateTime(format="iso", default_timezone=UTC, **options)
    return _SCALARS[hint](**options)


class _Tuple(shape.List[Any]):
    """A list on the wire, a tuple in Python: events are immutable."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return tuple(super()._deserialize(value, attr, data, **kwargs))
