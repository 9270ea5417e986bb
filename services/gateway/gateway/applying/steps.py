"""What is still missing of an application, and which page asks for it."""

from __future__ import annotations

from typing import Any

from flask import request, url_for

from gateway.formatting import answers_of


def step_order(application: dict[str, Any]) -> list[str]:
    """What is missing, each contact right after its section: company, its codes, applicant, its codes, form."""
    rank = {"registration": 0, "identity": 1, "company": 2, "applicant": 4}

    # An e-mail that was given at the start is proved first: it is the way back to the draft.
    first = answers_of(application).applicant is None

    def place(missing: str) -> float:
        kind, _, name = missing.partition(":")
        if missing == "contact:applicant_email" and first and email_given(application):
            return 0.5
        if kind == "section":
            return rank[name]
        return {"company": 3, "applicant": 5}[name.split("_")[0]] if kind == "contact" else 6

    return sorted(application["missing"], key=place)


def email_given(application: dict[str, Any]) -> bool:
    registration = answers_of(application).registration
    return bool(registration and registration.email)


def first_marked(application: dict[str, Any]) -> str:
    """Where the first thing that a reviewer wants changed can be changed; from there it goes on to the check."""
    for mark in application["marks"]:
        section, _, name = mark["field"].partition(".")
        if section in application["sections"]:
            return url_for("applying.section", name=section, then="check", _anchor=name)
        if section == "form":
            return url_for("applying.form")
    return url_for("applying.check")


def after(application: dict[str, Any]) -> str:
    """Where to go after a step: what is missing next; from a change on the check page, back there."""
    if request.args.get("then") == "check" and not application["missing"]:
        return url_for("applying.check")
    for missing in step_order(application):
        return page_of(missing)
    return url_for("applying.check")


def page_of(missing: str) -> str:
    kind, _, name = missing.partition(":")
    if kind == "section":
        return url_for("applying.section", name=name)
    if kind == "contact":
        return url_for("applying.code", contact=name)
    return url_for("applying.form")
