"""Prove once more who one is, before what is dangerous."""

from __future__ import annotations

from flask import Blueprint, Response, g, render_template, request, url_for
from mtnet_contracts.calls.accounts import login as calls

from gateway.calls import call
from gateway.cookies import cookie
from gateway.forms import show_again, typed, typed_before
from gateway.locale import gettext, switched
from gateway.navigation import own_path, page_address, see_other
from gateway.problems import missing_text, refusal_text
from gateway.rpc.client import Refused
from gateway.session import device_token, keep_session, require_role, session_changed, session_token

pages = Blueprint("second_factors", __name__)

# Refusals that a page about who one is shows at its field.
WRONG = {"CONFIRMATION_FAILED": "password"}


@pages.get("/account/confirm")
def confirm() -> str:
    require_role()
    return _confirm_page(request.args.get("next", ""))


@pages.post("/account/confirm")
def confirm_identity() -> str | Response | tuple[str, int]:
    """Back to what was to be done; what was typed there stands in its form again, and has not been sent."""
    require_role()
    following = request.form.get("next", "")
    g.page_address = url_for("second_factors.confirm", next=following or None)
    password = request.form.get("password", "")
    if not password:
        return _confirm_page(following, {"password": missing_text(gettext("Password"))}), 422
    former = session_token() or ""
    try:
        confirmed = call(
            calls.CONFIRM_IDENTITY,
            session_token=former,
            password=password,
            ip=request.remote_addr,
            device_token=device_token(),
        )
    except Refused as refused:
        if refused.code not in WRONG:
            raise
        return _confirm_page(following, {WRONG[refused.code]: refusal_text(refused)}), 422
    session_changed(former)
    target = own_path(following, url_for("profile.overview"))
    sid = keep_session(confirmed)
    if typed_before():
        return show_again(
            target,
            {"after": "confirmation"},
            form=list(typed_before().items(multi=True)),
            cookies={cookie("sid"): sid},
        )
    return see_other(target)


def ask_to_confirm() -> Response | tuple[str, int]:
    """Ask who it is, and go back to where one was; what had been typed goes along inside the page."""
    if request.method in ("GET", "HEAD") and not switched():
        return see_other(url_for("second_factors.confirm", next=page_address()))
    g.carried = typed()
    return _confirm_page(page_address()), 403


def _confirm_page(following: str, errors: dict[str, str] | None = None) -> str:
    return render_template("second_factors/confirm.html", next=following, errors=errors or {})
