"""The way back for the owner of a frozen account: ask for a code, then choose a new password."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from mtnet_contracts.calls.accounts import reactivation as calls
from mtnet_contracts.vocabulary.choices import CODE_CHANNELS

from gateway import code_times
from gateway.calls import call
from gateway.confirmations import confirm, confirmed
from gateway.errors.refusals import ERRORS
from gateway.forms import is_blank
from gateway.locale import gettext
from gateway.navigation import see_other
from gateway.passwords.forms import new_password, password_faults
from gateway.problems import missing_text, refusal_text
from gateway.rpc.client import Refused

pages = Blueprint("own_reactivation", __name__)

# What may stand in the address, so that a password manager saves the new password under the right name.
NAME = re.compile(r"[A-Za-z0-9]{1,40}\Z")


@pages.get("/reactivate")
def ask() -> str:
    return _ask_page({"account_name": _name_in_address(), "channel": CODE_CHANNELS[0]})


@pages.post("/reactivate")
def send_code() -> Response | tuple[str, int]:
    """The page says the same whether there is such an account or not."""
    values = {
        "account_name": request.form.get("account_name", "").strip(),
        "channel": request.form.get("channel", CODE_CHANNELS[0]),
    }
    if is_blank(values["account_name"]):
        return _ask_page(values, {"account_name": missing_text(gettext("Account name"))}), 422
    try:
        sent = call(calls.REQUEST_REACTIVATION_CODE, **values, ip=request.remote_addr)
    except Refused as refused:
        status = 429 if refused.code == "TOO_MANY_CODES" else 422
        return _ask_page(values, {"account_name": refusal_text(refused)}), status
    return see_other(
        url_for(
            "own_reactivation.enter_code",
            challenge=sent["challenge_id"],
            times=code_times.packed(sent),
            name=values["account_name"] if NAME.match(values["account_name"]) else None,
        )
    )


def _ask_page(values: dict[str, str], errors: dict[str, str] | None = None) -> str:
    return render_template("own_reactivation/ask.html", values=values, errors=errors or {})


@pages.get("/reactivate/<uuid:challenge>")
def enter_code(challenge: object) -> str:
    return _code_page(challenge, "", {})


@pages.post("/reactivate/<uuid:challenge>")
def reactivate(challenge: object) -> Response | tuple[str, int]:
    """A form sent twice is answered twice; accounts knows whether it was this form."""
    code = request.form.get("code", "")
    password, errors = new_password()
    if is_blank(code):
        errors = {"code": gettext(ERRORS["CODE_REQUIRED"]), **errors}
    if errors:
        return _code_page(challenge, code, errors), 422
    try:
        found = call(
            calls.REACTIVATE_ACCOUNT,
            challenge_id=str(challenge),
            code=code,
            password=password,
            ip=request.remote_addr,
        )
    except Refused as refused:
        if refused.code == "CODE_WRONG" or "code" in refused.fields:
            return _code_page(challenge, "", {"code": gettext(ERRORS["CODE_WRONG"])}), 422
        if refused.code != "INVALID":
            raise
        return _code_page(challenge, code, password_faults(refused)), 422
    return confirm("own_reactivation.reactivated", found["account_name"])


@pages.get("/reactivated")
def reactivated() -> Response | str:
    name = confirmed()
    if name is None:
        return see_other(url_for("sessions.login"))
    return render_template("own_reactivation/done.html", account_name=name)


def _code_page(challenge: object, code: str, errors: dict[str, str]) -> str:
    times, name = code_times.asked(), _name_in_address()
    shown: Any = code_times.shown(times)
    return render_template(
        "own_reactivation/code.html",
        challenge=challenge,
        times=times,
        sent=shown,
        name=name,
        code=code,
        errors=errors,
    )


def _name_in_address() -> str:
    name = request.args.get("name", "")
    return name if NAME.match(name) else ""
