"""Apply for an account: start, sections, codes, check, receipt. The stamped form is in `documents.py`."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Blueprint, Response, g, render_template, request, url_for
from mtnet_contracts.calls import accounts as calls
from mtnet_contracts.vocabulary import labels
from werkzeug.datastructures import MultiDict

from gateway import formatting
from gateway.applying import documents
from gateway.applying.documents import CASE
from gateway.applying.forms import answers_in
from gateway.applying.steps import after, email_given, page_of, step_order
from gateway.calls import call
from gateway.errors.refusals import ERRORS
from gateway.formatting import field_name
from gateway.forms import is_blank, shows_again
from gateway.locale import gettext, locale
from gateway.navigation import page_address, see_other
from gateway.problems import faults_of, refusal_text, with_field
from gateway.rpc.client import Refused
from gateway.session import device_token, keep_device
from gateway.tracking import cases
from gateway.tracking.cases import current, token

pages = Blueprint("applying", __name__, url_prefix="/apply")
documents.add_to(pages)

# Somebody, or another window of the same person, was faster; or the form was sent before with other content.
OVERTAKEN = ("ANSWERS_CHANGED", "IDEMPOTENCY_KEY_REUSED")


@pages.get("/")
def start() -> str:
    return render_template("applying/start.html", unfinished=_unfinished())


def _unfinished() -> list[dict[str, Any]]:
    """Applications begun here and not handed in: starting another leaves them as they are."""
    return [application for application in cases.opened() if application["editable"]]


@pages.get("/identity-type")
def identity_type() -> str:
    return render_template("applying/identity_type.html", value="", unfinished=_unfinished())


@pages.post("/identity-type")
def begin() -> str | Response | tuple[str, int]:
    chosen = request.form.get("identity_type", "")
    try:
        started = call(
            calls.applications.START_APPLICATION,
            identity_type=chosen,
            locale=locale(),
            device_token=device_token(),
            ip=request.remote_addr,
        )
    except Refused as refused:
        if refused.code != "INVALID":
            raise
        errors = {"identity_type": with_field(ERRORS["CHOOSE"], gettext("Applicant type"))}
        page = render_template(
            "applying/identity_type.html", value=chosen, errors=errors, unfinished=_unfinished()
        )
        return page, 422
    keep_device(started.get("device_token"))
    number = started["application"]["case_number"]
    cases.keep(number, started["application_token"], "draft")
    return see_other(url_for("applying.tasks", case_number=number))


@pages.get(CASE + "/steps")
def tasks() -> str | Response:
    application = current()
    if not application["editable"]:
        return see_other(url_for("tracking.case"))
    return render_template(
        "applying/steps.html",
        application=application,
        missing=step_order(application),
        following=after(application),
    )


@pages.get(CASE + "/section/<any(registration, identity, company, applicant):name>")
def section(name: str) -> str | Response:
    application = current()
    if not application["editable"]:
        return see_other(url_for("tracking.case"))
    answers = formatting.answers_of(application)
    values = application["answers"].get(name, {})
    if name == "applicant" and answers.applicant is None and answers.registration is not None:
        values = {"email": answers.registration.email}
    return _section_page(name, application, formatting.as_typed(values), {})


@pages.post(CASE + "/section/<any(registration, identity, company, applicant):name>")
def save(name: str) -> str | Response | tuple[str, int]:
    given = answers_in(name, request.form)
    version = request.form.get("version")
    try:
        application = call(
            calls.applications.SAVE_SECTION,
            application_token=token(),
            section=name,
            answers=given,
            version=version,
            ip=request.remote_addr,
        )
    except Refused as refused:
        if refused.code in OVERTAKEN:
            return _overtaken(name, given)
        if refused.code != "INVALID":
            raise
        errors = faults_of(refused, name)
        return _section_page(name, current(), given, errors, version=version), 422
    return _go_on(application)


def _overtaken(name: str, given: dict[str, Any]) -> tuple[str, int]:
    """Nothing was saved: what was typed stands in the form, what another window saved stands beside it."""
    application = current()
    stored = application["answers"].get(name, {})
    both = [
        (f"{name}.{field}", formatting.in_words(f"{name}.{field}", stored.get(field)), value)
        for field, value in given.items()
        if name != "registration"
    ]
    differing = [
        (field_name(path), there) for path, there, here in both if there != formatting.in_words(path, here)
    ]
    g.another_key = True
    errors = {"": gettext(ERRORS["ANSWERS_CHANGED"])}
    return _section_page(name, application, given, errors, saved_elsewhere=differing), 409


@shows_again("applying.section", after="code")
def section_again(name: str, typed: MultiDict[str, str]) -> str | Response:
    """A section with what was typed before the person had to prove once more who they are."""
    application = current()
    if not application["editable"]:
        return see_other(url_for("tracking.case"))
    g.another_key = True
    given = answers_in(name, typed)
    then = parse_qs(urlsplit(page_address()).query).get("then", [None])[0]
    return _section_page(
        name,
        application,
        given,
        {},
        version=typed.get("version"),
        notice=gettext("What you typed is still there, but not saved yet. Check it, then press the button."),
        then=then,
    )


def _go_on(application: dict[str, Any]) -> Response:
    """To the next step; the browser keeps the key as long as the draft now lives."""
    cases.keep(application["case_number"], token(), application["status"])
    return see_other(after(application))


def _section_page(
    name: str,
    application: dict[str, Any],
    values: dict[str, Any],
    errors: dict[str, str],
    *,
    version: str | None = None,
    saved_elsewhere: list[tuple[str, str]] | None = None,
    notice: str = "",
    then: str | None = None,
) -> str:
    """`version` is what the person saw when beginning to type; without it, what is stored now."""
    versions = application.get("versions", {})
    return render_template(
        f"applying/{name}.html",
        application=application,
        values=values,
        errors=errors,
        marks=application["marks"],
        version=versions.get(name, "") if version is None else version,
        saved_elsewhere=saved_elsewhere,
        notice=notice,
        then=then or request.args.get("then"),
        cities=[(code, gettext(words)) for code, words in labels.CITIES.items()],
        systems=[(code, gettext(words)) for code, words in labels.SYSTEMS.items()],
        privacy=call(calls.consents.PRIVACY_NOTICE) if name == "registration" else None,
    )


@pages.get(CASE + "/code/<any(company_mobile, company_email, applicant_mobile, applicant_email):contact>")
def code(contact: str) -> str | Response:
    application = current()
    found = _contact(application, contact)
    if found["value"] is None:
        return see_other(url_for("applying.section", name=contact.split("_")[0]))
    if found["verified_at"]:
        return see_other(after(application))
    return _code_page(application, contact, {})


@pages.post(
    CASE + "/code/<any(company_mobile, company_email, applicant_mobile, applicant_email):contact>/send"
)
def send_code(contact: str) -> str | Response | tuple[str, int]:
    try:
        call(
            calls.verification.REQUEST_CONTACT_CODE,
            application_token=token(),
            contact=contact,
            device_token=device_token(),
        )
    except Refused as refused:
        if refused.code == "ALREADY_VERIFIED":
            return see_other(url_for("applying.tasks"))
        if refused.code not in ("TOO_SOON", "TOO_MANY_CODES", "CONTACT_MISSING"):
            raise
        return _code_page(current(), contact, {"": refusal_text(refused)}, sent=True), 429
    return see_other(url_for("applying.code", contact=contact, sent=1))


@pages.post(CASE + "/code/<any(company_mobile, company_email, applicant_mobile, applicant_email):contact>")
def verify(contact: str) -> str | Response | tuple[str, int]:
    typed = request.form.get("code", "")
    if is_blank(typed):
        return _code_page(current(), contact, {"code": gettext(ERRORS["CODE_REQUIRED"])}, sent=True), 422
    try:
        application = call(
            calls.verification.VERIFY_CONTACT,
            application_token=token(),
            contact=contact,
            code=typed,
            device_token=device_token(),
        )
    except Refused as refused:
        if refused.code not in ("INVALID", "CODE_WRONG", "CODE_EXPIRED", "CODE_VOID", "TOO_MANY_GUESSES"):
            raise
        word = "CODE_WRONG" if refused.code == "INVALID" else refused.code
        errors = {"code": gettext(ERRORS[word])}
        return _code_page(current(), contact, errors, sent=True, typed=typed), 422
    return _go_on(application)


def _contact(application: dict[str, Any], name: str) -> dict[str, Any]:
    for contact in application["contacts"]:
        if contact["contact"] == name:
            found: dict[str, Any] = contact
            return found
    raise Refused("SECTION_NOT_ASKED")


def _code_page(
    application: dict[str, Any], contact: str, errors: dict[str, str], *, sent: bool = False, typed: str = ""
) -> str:
    found = _contact(application, contact)
    value = found["value"]
    return render_template(
        "applying/code.html",
        application=application,
        contact=found,
        value=formatting.local_phone(value),
        sent=sent or bool(found.get("sent_at") or request.args.get("sent")),
        typed=typed,
        errors=errors,
        correct=_where_given(application, contact),
    )


def _where_given(application: dict[str, Any], contact: str) -> str:
    section = contact.split("_")[0]
    filled_in = formatting.answers_of(application).section(section) is not None
    return "registration" if not filled_in and email_given(application) else section


@pages.get(CASE + "/check")
def check() -> str | Response:
    application = current()
    if not application["editable"]:
        return see_other(url_for("tracking.case"))
    return _check_page(application, {})


def _check_page(application: dict[str, Any], errors: dict[str, str]) -> str:
    return render_template(
        "applying/check.html",
        application=application,
        missing=[(page_of(m), m) for m in step_order(application)],
        errors=errors,
    )


@pages.post(CASE + "/check")
def submit() -> str | Response | tuple[str, int]:
    shown = {
        name.removeprefix("version-"): value
        for name, value in request.form.items()
        if name.startswith("version-")
    }
    try:
        call(
            calls.applications.SUBMIT_APPLICATION,
            application_token=token(),
            versions=shown,
            truthful=request.form.get("truthful") == "yes",
            must_change=request.form.get("unchanged") != "yes",
        )
    except Refused as refused:
        if refused.code == "NOTHING_CHANGED":
            g.another_key = True
            return _check_page(current(), {"unchanged": gettext(ERRORS["NOTHING_CHANGED"])}), 409
        if refused.code == "INVALID":
            return _check_page(current(), {"truthful": gettext(ERRORS["DECLARATION_REQUIRED"])}), 422
        if refused.code == "NOT_EDITABLE":
            return see_other(url_for("applying.receipt"))
        if refused.code == "ACCOUNT_NAME_TAKEN":
            application = current()
            g.page_address = url_for("applying.section", name="identity", then="check")
            errors = {"account_name": gettext(ERRORS["ACCOUNT_NAME_TAKEN"])}
            values = application["answers"]["identity"]
            return _section_page("identity", application, values, errors, then="check"), 422
        if refused.code in OVERTAKEN:
            g.another_key = True
            return _check_page(current(), {"": gettext(ERRORS["ANSWERS_CHANGED"])}), 409
        if refused.code != "INCOMPLETE":
            raise
        return _check_page(current(), {"": refusal_text(refused)}), 422
    cases.keep(g.case_number, token(), "submitted")
    return see_other(url_for("applying.receipt"))


@pages.get(CASE + "/receipt")
def receipt() -> str | Response:
    application = current()
    if not application["submitted_at"]:
        return see_other(url_for("applying.tasks"))
    return render_template("applying/receipt.html", application=application)
