"""Values to fill a text with before anybody has written one: samples of its placeholders, and every case of them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

from notify.templates.declared import placeholders_of
from notify.templates.placeholders import Form
from notify.templates.rules import Kind


def samples_of(kind: Kind, portal_url: str, chosen: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A value for each placeholder; `chosen` says which choices are made. Those without a value are left out."""
    known = placeholders_of(kind)
    values = {each.name: each.sample for each in known.values()}
    for name, choice in (chosen or {}).items():
        if name in known and choice in known[name].choices:
            values[name] = choice
    return {
        name: f"{portal_url}{value}" if known[name].form is Form.LINK else value
        for name, value in values.items()
        if known[name].has_value(values)
    }


def every_sample_of(kind: Kind, portal_url: str) -> list[dict[str, Any]]:
    """Values for every case that there can be: each choice with each other, and all that may be empty empty or not."""
    known = placeholders_of(kind)
    deciding = [each for each in known.values() if each.choices]
    found: list[dict[str, Any]] = []
    for choices in product(*(each.choices for each in deciding)):
        chosen = dict(zip((each.name for each in deciding), choices, strict=True))
        values = samples_of(kind, portal_url, chosen)
        nothing = {
            name: None if known[name].form is Form.WORDS else type(value)()
            for name, value in values.items()
            if known[name].may_be_empty
        }
        found += [values, values | nothing] if nothing else [values]
    return found
