"""How answers read: codes in words, telephone numbers as people write them, an ID number only as far as needed."""

from __future__ import annotations

from typing import Any

from mtnet_contracts.vocabulary.telephones import written

from gateway import web
from gateway.words import WORDS

# Answers that are codes, and where their words are.
CODED = {"company.city": "city", "applicant.systems": "system", "registration.method": "apply.method"}


def local_phone(number: str) -> str:
    """+886233436767#12 → 02-3343-6767 #12, +886912345678 → 0912-345-678; anything else as it is."""
    return written(number)


def as_typed(values: dict[str, Any]) -> dict[str, Any]:
    """Telephone numbers as people write them, not as machines do."""
    return {name: local_phone(value) if isinstance(value, str) else value for name, value in values.items()}


def in_words(path: str, value: Any) -> str:
    """The value of a field such as `company.city` as a person reads it; several codes may come as one text."""
    if value in (None, "", []):
        return ""
    if path in CODED:
        codes = value if isinstance(value, list) else str(value).split(", ")
        words = [web.t(key) if (key := f"{CODED[path]}.{code}") in WORDS else code for code in codes]
        return ("、" if web.locale() == "zh-Hant" else ", ").join(words)
    return local_phone(str(value))


def with_masked_number(answers: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """A123***: enough to know the case by, on a screen that others may see."""
    identity = dict(answers.get("identity", {}))
    if identity.get("id_number"):
        identity["id_number"] = f"{identity['id_number'][:4]}***"
    return {**answers, "identity": identity}
