"""Apply for an account: start, sections, codes, the stamped form, check, receipt."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from mtnet_contracts.calls import accounts as calls

from gateway import web
from gateway.clients import Refused
from gateway.downloads import send_file
from gateway.uploads import put_upload

pages = Blueprint("applying", __name__, url_prefix="/apply")


def token() -> str:
    """The secret that opens this visitor's application. Raises Refused(APPLICATION_TOKEN_INVALID)."""
    found = request.cookies.get(web.cookie("application"))
    if not found:
        raise Refused("APPLICATION_TOKEN_INVALID")
    return found


def current() -> dict[str, Any]:
    return web.call(calls.APPLICATION, application_token=token())


def step_order(application: dict[str, Any]) -> list[str]:
    """What is missing, each contact right after its section: company, its codes, applicant, its codes, form."""
    rank = {"registration": 0, "identity": 1, "company": 2, "applicant": 4}

    def place(missing: str) -> int:
        kind, _, name = missing.partition(":")
        if kind == "section":
            return rank[name]
        return {"company": 3, "applicant": 5}[name.split("_")[0]] if kind == "contact" else 6

    return sorted(application["missing"], key=place)


@pages.get("/")
def start() -> str:
    unfinished = None
    if request.cookies.get(web.cookie("application")):
        try:
            unfinished = current()
        except Refused:
            unfinished = None
    return render_template("apply_start.html", unfinished=unfinished)


@pages.get("/identity-type")
def identity_type() -> str:
    return render_template("apply_identity_type.html", value="")


@pages.post("/identity-type")
def begin() -> str | Response | tuple[str, int]:
    chosen = request.form.get("identity_type", "")
    try:
        started = web.call(
            calls.START_APPLICATION, identity_type=chosen, locale=web.locale(), ip=request.remote_addr
        )
    except Refused as refused:
        if refused.code != "INVALID":
            raise
        errors = {"identity_type": web.t("error.NOT_A_CHOICE", field=web.t("case.type"))}
        return render_template("apply_identity_type.html", value=chosen, errors=errors), 422
    response = web.see_other(url_for("applying.tasks"))
    web.set_cookie(response, "application", started["application_token"], seconds=web.APPLICATION_SECONDS)
    return response


@pages.get("/steps")
def tasks() -> str | Response:
    application = current()
    if not application["editable"]:
        return web.see_other(url_for("following.case"))
    return render_template(
        "apply_tasks.html",
        application=application,
        missing=step_order(application),
        following=_after(application),
    )


@pages.get("/section/<any(registration, identity, company, applicant):name>")
def section(name: str) -> str | Response:
    application = current()
    if not application["editable"]:
        return web.see_other(url_for("following.case"))
    values = application["answers"].get(name, {})
    return _section_page(name, application, _as_typed(values), {})


@pages.post("/section/<any(registration, identity, company, applicant):name>")
def save(name: str) -> str | Response | tuple[str, int]:
    answers: dict[str, Any] = {
        field: value
        for field, value in request.form.items()
        if field not in ("csrf_token", "key", "systems", "agreed", "then")
    }
    if name == "applicant":
        answers["systems"] = request.form.getlist("systems")
    if name == "registration":
        answers["agreed"] = request.form.get("agreed") == "yes"
    try:
        application = web.call(
            calls.SAVE_SECTION,
            application_token=token(),
            section=name,
            answers=answers,
            ip=request.remote_addr,
        )
    except Refused as refused:
        if refused.code != "INVALID":
            raise
        errors = web.faults_of(refused, name)
        return _section_page(name, current(), answers, errors), 422
    return web.see_other(_after(application))


def _after(application: dict[str, Any]) -> str:
    """Where to go after a step: what is missing next; from a change on the check page, back there."""
    if request.args.get("then") == "check" and not application["missing"]:
        return url_for("applying.check")
    for missing in step_order(application):
        return _page_of(missing)
    return url_for("applying.check")


def _page_of(missing: str) -> str:
    kind, _, name = missing.partition(":")
    if kind == "section":
        return url_for("applying.section", name=name)
    if kind == "contact":
        return url_for("applying.code", contact=name)
    return url_for("applying.form")


def _section_page(
    name: str, application: dict[str, Any], values: dict[str, Any], errors: dict[str, str]
) -> str:
    return render_template(
        f"apply_{name}.html",
        application=application,
        values=values,
        errors=errors,
        marks=application["marks"],
        cities=[(code, web.t(f"city.{code}")) for code in calls.CITIES],
        systems=[(code, web.t(f"system.{code}")) for code in calls.SYSTEMS],
        privacy=web.call(calls.PRIVACY_NOTICE) if name == "registration" else None,
    )


def _as_typed(values: dict[str, Any]) -> dict[str, Any]:
    """Telephone numbers as people write them, not as machines do."""
    return {
        name: local_phone(value) if isinstance(value, str) and value.startswith("+886") else value
        for name, value in values.items()
    }


# Area codes longer than two digits; all others have two.
LONG_AREA_CODES = ("0836", "0826", "037", "049", "082", "089")


def local_phone(number: str) -> str:
    """+886233436767;ext=12 → 02-33436767#12, +886912345678 → 0912-345-678; anything else as it is."""
    plain, _, extension = number.partition(";ext=")
    if not plain.startswith("+886"):
        return number
    local = "0" + plain.removeprefix("+886")
    if local.startswith("09") and len(local) == 10:
        return f"{local[:4]}-{local[4:7]}-{local[7:]}"
    area = next((code for code in LONG_AREA_CODES if local.startswith(code)), local[:2])
    dashed = f"{area}-{local.removeprefix(area)}"
    return f"{dashed}#{extension}" if extension else dashed


@pages.get("/code/<any(company_mobile, company_email, applicant_mobile, applicant_email):contact>")
def code(contact: str) -> str | Response:
    application = current()
    found = _contact(application, contact)
    if found["value"] is None:
        return web.see_other(url_for("applying.section", name=contact.split("_")[0]))
    if found["verified_at"]:
        return web.see_other(_after(application))
    return _code_page(application, contact, {})


@pages.post("/code/<any(company_mobile, company_email, applicant_mobile, applicant_email):contact>/send")
def send_code(contact: str) -> str | Response | tuple[str, int]:
    try:
        web.call(calls.REQUEST_CONTACT_CODE, application_token=token(), contact=contact)
    except Refused as refused:
        if refused.code == "ALREADY_VERIFIED":
            return web.see_other(url_for("applying.tasks"))
        if refused.code not in ("TOO_SOON", "TOO_MANY_CODES", "CONTACT_MISSING"):
            raise
        return _code_page(current(), contact, {"": web.refusal_text(refused)}, sent=True), 429
    return web.see_other(url_for("applying.code", contact=contact, sent=1))


@pages.post("/code/<any(company_mobile, company_email, applicant_mobile, applicant_email):contact>")
def verify(contact: str) -> str | Response | tuple[str, int]:
    typed = request.form.get("code", "")
    try:
        application = web.call(calls.VERIFY_CONTACT, application_token=token(), contact=contact, code=typed)
    except Refused as refused:
        if refused.code not in ("INVALID", "CODE_WRONG", "CODE_EXPIRED", "CODE_VOID"):
            raise
        word = "CODE_WRONG" if refused.code == "INVALID" else refused.code
        errors = {"code": web.t(f"error.{word}")}
        return _code_page(current(), contact, errors, sent=True, typed=typed), 422
    return web.see_other(_after(application))


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
        "apply_code.html",
        application=application,
        contact=found,
        value=local_phone(value) if value.startswith("+886") else value,
        sent=sent or bool(request.args.get("sent")),
        typed=typed,
        errors=errors,
    )


@pages.get("/form")
def form() -> str | Response:
    application = current()
    if not application["needs_form"]:
        return web.see_other(url_for("applying.check"))
    return _form_page(application, {})


@pages.get("/form.pdf")
def form_pdf() -> Response:
    try:
        made = web.call(calls.GENERATE_FORM, application_token=token())
    except Refused as refused:
        if refused.code != "INCOMPLETE":
            raise
        return web.see_other(url_for("applying.tasks"))
    return send_file(made)


@pages.post("/form")
def upload() -> str | Response | tuple[str, int]:
    try:
        uploaded_file = put_upload(request.files.get("file"))
        application = web.call(calls.ATTACH_FORM, application_token=token(), **uploaded_file)
    except Refused as refused:
        if not refused.code.startswith(("FILE_", "FORM_", "INVALID")):
            raise
        return _form_page(current(), {"file": web.refusal_text(refused)}), 422
    return web.see_other(_after(application))


@pages.post("/form/remove")
def remove() -> Response:
    web.call(calls.REMOVE_FORM, application_token=token())
    return web.see_other(url_for("applying.form"))


def _form_page(application: dict[str, Any], errors: dict[str, str]) -> str:
    ready = not any(m.startswith("section:") for m in application["missing"])
    return render_template(
        "apply_form.html", application=application, ready=ready, errors=errors, marks=application["marks"]
    )


@pages.get("/check")
def check() -> str | Response:
    application = current()
    if not application["editable"]:
        return web.see_other(url_for("following.case"))
    return _check_page(application, {})


def _check_page(application: dict[str, Any], errors: dict[str, str]) -> str:
    return render_template(
        "apply_check.html",
        application=application,
        missing=[(_page_of(m), m) for m in step_order(application)],
        errors=errors,
        local_phone=local_phone,
    )


@pages.post("/check")
def submit() -> str | Response | tuple[str, int]:
    try:
        web.call(
            calls.SUBMIT_APPLICATION,
            application_token=token(),
            truthful=request.form.get("truthful") == "yes",
        )
    except Refused as refused:
        if refused.code == "INVALID":
            return _check_page(current(), {"truthful": web.t("error.DECLARATION_REQUIRED")}), 422
        if refused.code == "NOT_EDITABLE":
            return web.see_other(url_for("applying.receipt"))
        if refused.code == "ACCOUNT_NAME_TAKEN":
            application = current()
            errors = {"account_name": web.t("error.ACCOUNT_NAME_TAKEN")}
            values = application["answers"]["identity"]
            return _section_page("identity", application, values, errors), 422
        if refused.code != "INCOMPLETE":
            raise
        return _check_page(current(), {"": web.refusal_text(refused)}), 422
    return web.see_other(url_for("applying.receipt"))


@pages.get("/receipt")
def receipt() -> str | Response:
    application = current()
    if not application["submitted_at"]:
        return web.see_other(url_for("applying.tasks"))
    return render_template("apply_receipt.html", application=application)


@pages.get("/receipt.pdf")
def receipt_pdf() -> Response:
    return send_file(web.call(calls.RECEIPT, application_token=token()))


@pages.get("/uploaded")
def uploaded() -> Response:
    return send_file(web.call(calls.OWN_FORM, application_token=token()))
