"""The second step of a login, and confirming once more who one is before what is dangerous."""

from __future__ import annotations

from flask import Blueprint, Response, g, render_template, request, url_for
from mtnet_contracts.calls.accounts import login as calls

from gateway.calls import call
from gateway.cookies import cookie
from gateway.errors.refusals import ERRORS
from gateway.forms import is_blank, show_again, typed, typed_before
from gateway.locale import gettext, switched
from gateway.navigation import own_path, page_address, see_other
from gateway.problems import missing_text, refusal_text
from gateway.rpc.client import Refused
from gateway.second_factors.forms import proof_typed, qr_code, recovery_codes_page
from gateway.session import device_token, keep_session, require_role, session_changed, session_token
from gateway.sessions import entering

pages = Blueprint("second_factors", __name__)

# Refusals that a page about who one is shows at its field.
WRONG = {"CONFIRMATION_FAILED": "password", "SECOND_FACTOR_WRONG": "code"}


@pages.get("/login/second-step")
def second_step() -> str | Response | tuple[str, int]:
    """After the right password: a code or a passkey, or a second factor is set up where the role requires one."""
    token = entering.login_token()
    if token is None:
        return see_other(url_for("sessions.login"))
    try:
        return _second_step_page(token)
    except Refused as refused:
        if refused.code != "LOGIN_EXPIRED":
            raise
        return _login_expired()


@pages.post("/login/second-step")
def take_second_step() -> str | Response | tuple[str, int]:
    token = entering.login_token()
    following = request.form.get("next", "")
    g.page_address = url_for("second_factors.second_step", next=following or None)
    if token is None:
        return _login_expired()
    code, passkey = proof_typed()
    try:
        if is_blank(code) and not passkey:
            return _second_step_page(token, {"code": gettext(ERRORS["CODE_REQUIRED"])}), 422
        entered = call(
            calls.TAKE_SECOND_STEP,
            login_token=token,
            code=code or None,
            passkey=passkey,
            ip=request.remote_addr,
            user_agent=(request.user_agent.string or "")[:500],
            device_token=device_token(),
            former_session_token=session_token(),
        )
    except Refused as refused:
        if refused.code == "LOGIN_EXPIRED":
            return _login_expired()
        if refused.code not in ("SECOND_FACTOR_WRONG", "INVALID"):
            raise
        return _second_step_page(token, {"code": gettext(ERRORS["SECOND_FACTOR_WRONG"])}), 422
    entering.forget_login()
    on = entering.enter(entered, following)
    if not entered["recovery_codes"]:
        return on
    return recovery_codes_page(entered["recovery_codes"], way_on=on.headers.get("Location", following))


def _second_step_page(token: str, errors: dict[str, str] | None = None) -> str:
    step = call(calls.SECOND_STEP, login_token=token)
    following = request.form.get("next") or request.args.get("next", "")
    return render_template(
        "second_factors/second_step.html",
        step=step,
        picture=qr_code(step["uri"]) if step["uri"] else None,
        next=following,
        errors=errors or {},
    )


def _login_expired() -> tuple[str, int]:
    """The password once more; what had been typed before goes along."""
    return entering.login_expired(request.form.get("next") or request.args.get("next", ""))


@pages.get("/account/confirm")
def confirm() -> str:
    require_role(before_consent=True)
    return _confirm_page(request.args.get("next", ""))


@pages.post("/account/confirm")
def confirm_identity() -> str | Response | tuple[str, int]:
    """Back to what was to be done; what was typed there stands in its form again, and has not been sent."""
    require_role(before_consent=True)
    following = request.form.get("next", "")
    g.page_address = url_for("second_factors.confirm", next=following or None)
    password = request.form.get("password", "")
    code, passkey = proof_typed()
    if not password:
        return _confirm_page(following, {"password": missing_text(gettext("Password"))}), 422
    former = session_token() or ""
    try:
        confirmed = call(
            calls.CONFIRM_IDENTITY,
            session_token=former,
            password=password,
            code=code or None,
            passkey=passkey,
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
    asked = call(calls.CONFIRMATION)
    return render_template("second_factors/confirm.html", asked=asked, next=following, errors=errors or {})
