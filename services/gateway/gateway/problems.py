"""How errors are shown: in words, at the field they belong to, or as a page of their own."""

from __future__ import annotations

from flask import request

from gateway.formatting import field_name
from gateway.locale import locale, t
from gateway.rpc.client import Refused
from gateway.words import LOCALES, WORDS


def fault_text(code: str, path: str) -> str:
    """What is wrong with a field, in words."""
    key = f"error.{code}"
    return with_field(key if key in WORDS else "error.NOT_VALID", field_name(path))


def missing_text(name: str) -> str:
    """That a field is empty; `name` is what the page calls it."""
    return with_field("error.REQUIRED", name)


def with_field(key: str, name: str) -> str:
    """Words that may name a field: inside an English sentence its name begins small, unless it is ID or QR."""
    words = WORDS[key][LOCALES.index(locale())]
    if "{field}" not in words:
        return t(key)
    inside = not words.startswith("{field}") and name[:1].isascii() and not name[:2].isupper()
    return t(key, field=name[:1].lower() + name[1:] if inside else name)


def faults_of(refused: Refused, section: str = "") -> dict[str, str]:
    """Words by field, for a page whose fields are those of one section.

    What was left empty is asked for by its name, whatever rule noticed it: "enter the account name", not "8 to 20".
    """
    prefix = f"{section}." if section else ""
    found = {}
    for name, codes in refused.fields.items():
        empty = name in request.form and not any(value.strip() for value in request.form.getlist(name))
        chosen = codes[0] in ("NOT_A_CHOICE", "CHOOSE")
        code = codes[0] if not empty else "CHOOSE" if chosen else "REQUIRED"
        found[name] = fault_text(code, f"{prefix}{name}")
    return found


def refusal_text(refused: Refused) -> str:
    key = f"error.{refused.code}"
    return t(key) if key in WORDS else t("page.400.text")
