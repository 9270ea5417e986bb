"""What the forms of broadcasts hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mtnet_contracts.vocabulary.dates import TAIPEI

from gateway.broadcasts.labels import FIELDS
from gateway.forms import is_blank
from gateway.locale import gettext
from gateway.problems import missing_text

TEXTS = ("title_zh", "body_zh", "title_en", "body_en", "category", "segment", "system", "unit", "names")
MOST_NAMES = 10_000
BETWEEN_NAMES = re.compile(r"[\s,;，；、]+")


def typed_text(form: Mapping[str, str]) -> dict[str, str]:
    return {name: form.get(name, "") for name in TEXTS}


def names_in(text: str) -> list[str]:
    """One after another: in lines, or apart by blanks and commas."""
    return [name for name in BETWEEN_NAMES.split(text) if name]


def missing_in(values: Mapping[str, str]) -> dict[str, str]:
    """What was left empty, by field; a list that is too long."""
    needed = ["title_zh", "body_zh", "title_en", "body_en", "category", "segment"]
    needed += {"system": ["system"], "unit_cases": ["unit"], "names": ["names"]}.get(values["segment"], [])
    errors = {name: missing_text(gettext(FIELDS[name])) for name in needed if is_blank(values[name])}
    if values["segment"] == "names" and len(names_in(values["names"])) > MOST_NAMES:
        errors["names"] = gettext("At most 10,000 account names fit in one broadcast; split the list")
    return errors


def request_of(values: Mapping[str, str]) -> dict[str, Any]:
    """As notify wants it."""
    of = {"system": values["system"], "unit_cases": values["unit"]}.get(values["segment"])
    fields = ("title_zh", "body_zh", "title_en", "body_en", "category", "segment")
    return {name: values[name] for name in fields} | {"segment_of": of}


def start_of(form: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """How many people, from when on, how fast; and what cannot be read, by field."""
    errors: dict[str, str] = {}
    people = form.get("people", "").strip().replace(",", "")
    if not people.isdecimal() or len(people) > 9:
        errors["people"] = gettext("Type the number of people it goes to, in digits")
    start_at = None
    if form.get("when") == "later":
        try:
            start_at = datetime.fromisoformat(form.get("start_at", "").strip().replace(" ", "T"))
            start_at = start_at.replace(tzinfo=TAIPEI) if start_at.tzinfo is None else start_at
        except ValueError:
            errors["start_at"] = gettext("Enter a day and a time in Taipei, for example 2027-03-01 09:30")
    pace = form.get("per_second", "").strip()
    if pace and (not pace.isdecimal() or not 1 <= int(pace[:9]) <= 10_000):
        errors["per_second"] = gettext("Enter a number from 1 to 10,000, or leave it empty")
    wanted = {
        "people": int(people) if "people" not in errors else 0,
        "start_at": start_at.isoformat() if start_at else None,
        "per_second": int(pace) if pace and "per_second" not in errors else None,
    }
    return wanted, errors
