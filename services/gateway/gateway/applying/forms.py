"""The forms of an application's sections."""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import MultiDict

from gateway.forms import NOT_CONTENT

# Fields of a section's form that are not answers of one value.
NOT_ANSWERS = NOT_CONTENT | {"systems", "agreed", "number_as_registered", "then", "version"}


def answers_in(name: str, form: MultiDict[str, str]) -> dict[str, Any]:
    """A section's answers as the form holds them."""
    found: dict[str, Any] = {field: value for field, value in form.items() if field not in NOT_ANSWERS}
    if name == "applicant":
        found["systems"] = form.getlist("systems")
    if name == "company" and form.get("number_as_registered") == "yes":
        found["number_as_registered"] = True
    if name == "registration":
        found["agreed"] = form.get("agreed") == "yes"
    return found
