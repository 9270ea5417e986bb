"""Change one's password; ask for a link when it is forgotten, and set a new one with it."""

from __future__ import annotations

from flask import Blueprint, Response, g, render_template, request, url_for
from mtnet_contracts.calls.accounts import passwords as calls

from gateway.calls import call
from gateway.errors.refusals import ERRORS
from gateway.locale import gettext
from gateway.navigation import see_other
from gateway.passwords.forms import missing_fields, new_password, password_faults
from gateway.problems import faults_of, refusal_text
from gateway.rpc.client import Refused
from gateway.session import device_token, require_role

pages = Blueprint("passwords", __name__)


@pages.get("/account/password")
def password() -> str:
    require_role()
    return _change_page({})


@pages.post("/account/password")
def change() -> Response | tuple[str, int]:
    require_role()
    current = request.form.get("current_password", "")
    chosen, errors = new_password()
    errors = missing_fields(("current_password", gettext("Current password"), current)) | errors
    if errors:
        return _change_page(errors), 422
    try:
        call(
            calls.CHANGE_PASSWORD,
            current_password=current,
            password=chosen,
            ip=request.remote_addr,
            device_token=device_token(),
        )
    except Refused as refused:
        if refused.code == "TOO_MANY_PASSWORDS":
            return _change_page({"current_password": refusal_text(refused)}), 429
        if refused.code != "INVALID":
            raise
        return _change_page(password_faults(refused)), 422
    return see_other(url_for("passwords.password", changed=1))


def _change_page(errors: dict[str, str]) -> str:
    changed = not errors and bool(request.args.get("changed"))
    return render_template("passwords/change.html", errors=errors, changed=changed)


@pages.get("/forgot-password")
def forgotten() -> str:
    return _forgotten_page({}, {})


@pages.post("/forgot-password")
def ask_for_link() -> Response | tuple[str, int]:
    """The answer is the same whether or not name and address belong together."""
    values = {name: request.form.get(name, "").strip() for name in ("account_name", "email")}
    errors = missing_fields(
        ("account_name", gettext("Account name"), values["account_name"]),
        ("email", gettext("E-mail"), values["email"]),
    )
    if errors:
        return _forgotten_page(values, errors), 422
    try:
        call(calls.REQUEST_PASSWORD_RESET, **values, ip=request.remote_addr, device_token=device_token())
    except Refused as refused:
        if refused.code == "TOO_MANY_RESETS":
            return _forgotten_page(values, {"account_name": refusal_text(refused)}), 429
        if refused.code != "INVALID":
            raise
        return _forgotten_page(values, faults_of(refused)), 422
    return see_other(url_for("passwords.link_sent"))


def _forgotten_page(values: dict[str, str], errors: dict[str, str]) -> str:
    return render_template("passwords/forgotten.html", values=values, errors=errors)


@pages.get("/forgot-password/sent")
def link_sent() -> str:
    return render_template("passwords/link_sent.html")


@pages.get("/reset-password/<token>")
def reset(token: str) -> tuple[str, int]:
    return _reset_page(token, {})


@pages.post("/reset-password/<token>")
def set_new(token: str) -> Response | tuple[str, int]:
    """A form sent twice meets a used link; accounts knows whether it was this form."""
    g.page_address = url_for("passwords.reset", token=token)
    chosen, errors = new_password()
    if errors:
        return _reset_page(token, errors)
    try:
        call(calls.RESET_PASSWORD, reset_token=token, password=chosen, ip=request.remote_addr)
    except Refused as refused:
        return _reset_page(token, password_faults(refused) if refused.code == "INVALID" else {})
    return see_other(url_for("sessions.login", password=1))


def _reset_page(token: str, errors: dict[str, str]) -> tuple[str, int]:
    """The form for a new password; for a link that works no more, what to do instead."""
    try:
        found = call(calls.PASSWORD_RESET, reset_token=token)
    except Refused as refused:
        used = refused.code == "RESET_LINK_USED"
        text = gettext(ERRORS["RESET_LINK_USED" if used else "RESET_LINK_INVALID"])
        return render_template("passwords/link_old.html", used=used, text=text), 410 if used else 404
    page = render_template("passwords/reset.html", found=found, token=token, errors=errors)
    return page, 422 if errors else 200
