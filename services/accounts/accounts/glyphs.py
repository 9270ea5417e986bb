"""Which answers the application form cannot print: told before it is printed."""

from __future__ import annotations

from typing import Any

from mtnet_chassis.glyphs import code_point, unprintable
from mtnet_contracts.vocabulary.answers import SHOWN_FIELDS, Answers


def unprintable_answers(answers: Answers) -> list[dict[str, Any]]:
    """Field and code points of what the application form cannot print, for the fields that stand on it."""
    found = []
    for section, names in SHOWN_FIELDS.items():
        given = answers.section(section)
        for name in names:
            value = getattr(given, name, None)
            characters = unprintable(value) if isinstance(value, str) else []
            if characters:
                field = f"{section}.{name}"
                found.append({"field": field, "characters": [code_point(c) for c in characters]})
    return found
