"""A new password as a form holds it: typed twice, and what is wrong with it, a sentence for each broken rule."""

from __future__ import annotations

from flask import request

from gateway.errors.refusals import ERRORS
from gateway.locale import gettext, locale
from gateway.problems import fault_text, faults_of, missing_text
from gateway.rpc.client import Refused


def new_password(called: str | None = None) -> tuple[str, dict[str, str]]:
    """What was typed, and words for what is missing or does not agree. `called` is what the page calls the field."""
    password, again = request.form.get("password", ""), request.form.get("again", "")
    errors = missing_fields(
        ("password", called or gettext("New password"), password),
        ("again", gettext("Password again"), again),
    )
    if not errors and password != again:
        errors = {"again": gettext(ERRORS["PASSWORDS_DIFFER"])}
    return password, errors


def missing_fields(*fields: tuple[str, str, str]) -> dict[str, str]:
    """Words for each field that is empty; a field is its name, what the page calls it, and what was typed."""
    return {name: missing_text(words) for name, words, typed in fields if not typed}


def password_faults(refused: Refused) -> dict[str, str]:
    """Words by field. Of a new password every broken rule is told, a sentence on a line each."""
    found = faults_of(refused)
    if "password" in refused.fields:
        end = "。" if locale() == "zh-Hant" else "."
        codes = dict.fromkeys(refused.fields["password"])
        words = [
            missing_text(gettext("New password")) if code == "REQUIRED" else fault_text(code, "password")
            for code in codes
        ]
        found["password"] = "\n".join(words if len(words) == 1 else [f"{each}{end}" for each in words])
    return found
