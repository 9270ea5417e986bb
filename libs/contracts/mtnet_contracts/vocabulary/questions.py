"""How a field of an application is declared, and what is made of the declaration.

A section of the application is a frozen dataclass, an attribute for each field:

    name_zh: str = field(metadata=question(Line, longest=100, marked="company name"))
    name_en: str | None = field(default=None, metadata=question(Text, longest=200, required=False))

`shape_of` makes the marshmallow shape that judges what is sent; `read` and `stored` go from and to JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from functools import partial
from typing import Any, Literal, TypeVar

from marshmallow import fields as shapes

from mtnet_contracts.vocabulary.shapes import Shape

S = TypeVar("S")

# What a reviewer may say is wrong with a field goes by its mark; the reasons of each are in reasons.py.
Mark = Literal["number", "account", "company name", "contact", "text", "choice", "form"]


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is known about one field besides its name and type.

    `make` makes the marshmallow field. `required`: the applicant has to answer. `marked`: a reviewer may mark the
    field, with the reasons of that kind; None: nobody marks it. `shown`: it stands on the printed form, and on the
    pages that show the answers. `apart`: it is stored apart, encrypted, and only its owner gets it back. `in_event`:
    it travels in the events that carry its section.
    """

    make: Callable[..., shapes.Field[Any]]
    required: bool
    marked: Mark | None
    shown: bool
    apart: bool
    in_event: bool


def question(
    kind: Callable[..., shapes.Field[Any]],
    *arguments: Any,
    required: bool = True,
    marked: Mark | None = None,
    shown: bool = True,
    apart: bool = False,
    in_event: bool = True,
    **options: Any,
) -> dict[str, Any]:
    """The metadata of an attribute that the applicant fills in; `arguments` and `options` are those of its kind."""
    asked = Question(
        make=partial(kind, *arguments, **options),
        required=required,
        marked=marked,
        shown=shown,
        apart=apart,
        in_event=in_event and not apart,
    )
    return {"question": asked, "in_event": asked.in_event}


def not_asked() -> dict[str, Any]:
    """The metadata of an attribute that accounts works out; no shape and no form has it."""
    return {"question": None, "in_event": False}


def section(made: type[S]) -> type[S]:
    """Check a section when it is imported. Raises TypeError for an attribute that is declared by half."""
    for one in _fields(made):
        name = f"{made.__name__}.{one.name}"
        if "question" not in one.metadata:
            raise TypeError(f"{name} says nothing about itself: metadata=question(…) or not_asked()")
        asked: Question | None = one.metadata["question"]
        if _default(one) is MISSING and (asked is None or not asked.required or asked.apart):
            raise TypeError(f"{name} may be absent, so it needs a default")
    return made


def questions_of(made: type[Any]) -> dict[str, Question]:
    """What the section asks, by name, in the order of its page."""
    return {one.name: one.metadata["question"] for one in _fields(made) if one.metadata.get("question")}


def shape_of(made: type[Any], name: str) -> type[Shape]:
    """The shape that judges a section as it is sent; what is not required may be absent or null."""
    members: dict[str, shapes.Field[Any]] = {}
    for one in _fields(made):
        asked: Question | None = one.metadata["question"]
        if asked is None:
            continue
        if asked.required:
            members[one.name] = asked.make(required=True)
        elif isinstance(_default(one), bool):
            members[one.name] = asked.make(load_default=_default(one))
        else:
            members[one.name] = asked.make(load_default=None, allow_none=True)
    return type(name, (Shape,), {"__doc__": made.__doc__, "__module__": made.__module__, **members})


def read(made: type[S], values: Mapping[str, Any]) -> S:
    """A section from JSON; names that it does not know are passed over, None is absent.

    Raises TypeError when an attribute without a default is missing.
    """
    names = {one.name for one in _fields(made)}
    return made(
        **{
            name: tuple(value) if isinstance(value, list) else value
            for name, value in values.items()
            if name in names and value is not None
        }
    )


def stored(given: Any) -> dict[str, Any]:
    """A section as JSON, without what is stored apart and without what equals its default."""
    found = {}
    for one in _fields(type(given)):
        value = getattr(given, one.name)
        asked: Question | None = one.metadata["question"]
        if value != _default(one) and not (asked and asked.apart):
            found[one.name] = list(value) if isinstance(value, tuple) else value
    return found


def _fields(made: type[Any]) -> tuple[Field[Any], ...]:
    return fields(made)


def _default(one: Field[Any]) -> Any:
    return one.default
