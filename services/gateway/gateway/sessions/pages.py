"""Activate an account, log in, stay, leave."""

from __future__ import annotations

import contextlib

from flask import Blueprint, Response, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from mtnet_contracts.calls.accounts import sessions as calls

from gateway import code_times
from gateway.calls import call
from gateway.confirmations import confirm, confirmed
from gateway.cookies import drop_cookie
from gateway.errors.refusals import ERRORS
from gateway.formatting import seconds_until
from gateway.forms import is_blank, typed, typed_before
from gateway.locale import gettext, locale, switched
from gateway.navigation import home_of, own_path, page_address, see_other
from gateway.passwords.forms import new_password, password_faults
from gateway.problems import faults_of, missing_text, refusal_text
from gateway.rpc.client import Refused, ServiceUnavailable
from gateway.session import (
    device_token,
    keep_device,
    require_role,
    session,
    session_changed,
    session_token,
)
from gateway.sessions import entering
from gateway.tracking import cases

pages = Blueprint("sessions", __name__)


@pages.get("/login")
def login() -> str | Response:
    if here := session():
        return see_other(own_path(request.args.get("next"), home_of(here)))
    notice = ""
    if request.args.get("left"):
        notice = (
            gettext("You are logged out, and the cases opened on this computer are closed.")
            if request.args["left"] == "cases"
            else gettext("You are logged out.")
        )
    elif request.args.get("password"):
        notice = gettext("Your new password is set, and you were logged out everywhere. Log in with it.")
    elif request.args.get("device"):
        notice = gettext("This device is confirmed. Log in with your password.")
    elif request.args.get("next"):
        notice = gettext("Log in to continue.")
    return render_template("sessions/login.html", values={}, notice=notice, next=request.args.get("next", ""))


@pages.post("/login")
def log_in() -> ResponseReturnValue:
    values = {"account_name": request.form.get("account_name", "")}
    following = request.form.get("next", "")
    g.page_address = url_for("sessions.login", next=following or None)
    password = request.form.get("password", "")
    missing = {
        name: missing_text(words)
        for name, words, given in (
            ("account_name", gettext("Account name"), values["account_name"].strip()),
            ("password", gettext("Password"), password),
        )
        if not given
    }
    if missing:
        return render_template("sessions/login.html", values=values, errors=missing, next=following), 422
    try:
        entered = call(
            calls.LOG_IN,
            **values,
            password=password,
            ip=request.remote_addr,
            user_agent=(request.user_agent.string or "")[:500],
            device_token=device_token(),
            former_session_token=session_token(),
        )
    except Refused as refused:
        if refused.code == "ACCOUNT_FROZEN":
            return _unavailable_page("frozen", values["account_name"]), 403
        if refused.code == "ACCOUNT_DISABLED":
            return _unavailable_page("disabled", values["account_name"]), 403
        if refused.code == "SECOND_FACTOR_REQUIRED":
            return entering.ask_for_second_step(refused.detail["login_token"], following)
        told = ("NEW_PASSWORD_REQUIRED", "PASSWORD_EXPIRED")
        known = refused.code if refused.code in told else "LOGIN_FAILED"
        errors = {"account_name": gettext(ERRORS[known])}
        return render_template("sessions/login.html", values=values, errors=errors, next=following), 422
    except ServiceUnavailable:
        # Here rather than on a page of its own: what the login page carries must not be lost.
        page = render_template("sessions/login.html", values=values, next=following, away=True)
        return page, 503, {"Retry-After": "30"}
    return entering.enter(entered, following)


def _unavailable_page(what: str, account_name: str) -> str:
    """Shown after the right password only: why there is no login, and the way back."""
    return render_template("sessions/account_unavailable.html", what=what, account_name=account_name)


@pages.get("/login/device")
def ask_device() -> str:
    """For whoever cannot log in because others tried: a code to the account's mailbox makes this device the owner's."""
    return _device_page({}, {})


@pages.post("/login/device")
def request_device_code() -> Response | tuple[str, int]:
    values = {"account_name": request.form.get("account_name", "").strip()}
    if is_blank(values["account_name"]):
        return _device_page(
            values, {"account_name": gettext(ERRORS["REQUIRED"], field=gettext("Account name"))}
        ), 422
    try:
        sent = call(calls.REQUEST_DEVICE_CODE, **values, locale=locale(), ip=request.remote_addr)
    except Refused as refused:
        status = 429 if refused.code == "TOO_MANY_CODES" else 422
        return _device_page(values, {"account_name": refusal_text(refused)}), status
    times = code_times.packed(sent)
    return see_other(url_for("sessions.enter_device_code", challenge=sent["challenge_id"], times=times))


def _device_page(values: dict[str, str], errors: dict[str, str]) -> str:
    return render_template("sessions/device.html", values=values, errors=errors)


@pages.get("/login/device/<uuid:challenge>")
def enter_device_code(challenge: object) -> str:
    return _device_code_page(challenge, {})


def _device_code_page(challenge: object, errors: dict[str, str]) -> str:
    times = code_times.asked()
    return render_template(
        "sessions/device_code.html",
        challenge=challenge,
        times=times,
        code=code_times.shown(times),
        errors=errors,
    )


@pages.post("/login/device/<uuid:challenge>")
def confirm_device(challenge: object) -> Response | tuple[str, int]:
    typed = request.form.get("code", "")
    errors = {"code": gettext(ERRORS["CODE_REQUIRED"])}
    if not is_blank(typed):
        try:
            confirmed = call(
                calls.CONFIRM_DEVICE, challenge_id=str(challenge), code=typed, device_token=device_token()
            )
        except Refused as refused:
            if refused.code not in ("CODE_WRONG", "INVALID"):
                raise
            errors = {"code": gettext(ERRORS["CODE_WRONG"])}
        else:
            keep_device(confirmed["device_token"])
            return see_other(url_for("sessions.login", device=1))
    return _device_code_page(challenge, errors), 422


@pages.post("/logout")
def logout() -> Response:
    """Leave the account, and the cases that were opened here: the next person at this computer is another."""
    token = session_token()
    if token:
        call(calls.LOG_OUT, session_token=token)
        session_changed(token)
    left = list(cases.tokens())
    for number in left:
        with contextlib.suppress(ServiceUnavailable):
            cases.leave(number)
    response = see_other(url_for("sessions.login", left="cases" if left else "account"))
    drop_cookie(response, "sid")
    return response


@pages.post("/session")
def extend() -> Response | tuple[dict[str, str | int], int]:
    """By the button, back to the page; by portal.js, which must not lose what is being typed, the new end."""
    token = session_token()
    by_script = request.accept_mimetypes.best == "application/json"
    try:
        if token is None:
            raise Refused("SESSION_ENDED")
        extended = call(calls.EXTEND_SESSION, session_token=token, ip=request.remote_addr)
        session_changed(token)
    except Refused:
        return ({}, 401) if by_script else see_other(url_for("sessions.login"))
    if by_script:
        ends = {name: extended[name] for name in ("expires_at", "latest_at")}
        return ends | {"remaining": seconds_until(extended["expires_at"])}, 200
    return see_other(own_path(request.form.get("next"), url_for("profile.overview")))


@pages.get("/session/left")
def time_left() -> tuple[dict[str, int], int]:
    """For portal.js: the seconds until the session ends, by the server's clock. Looking prolongs nothing."""
    token = session_token()
    try:
        if token is None:
            raise Refused("SESSION_ENDED")
        found = call(calls.RESUME_SESSION, session_token=token, ip=request.remote_addr, touch=False)
    except Refused:
        return {}, 401
    return {"remaining": seconds_until(found["expires_at"])}, 200


@pages.get("/account/sessions")
def own_sessions() -> str:
    require_role()
    found = call(calls.SESSIONS)
    return render_template("sessions/own_sessions.html", found=found, ended=request.args.get("ended", ""))


@pages.post("/account/sessions/<uuid:session_id>/end")
def end_session(session_id: object) -> Response:
    """Twice is once. One's own is left by logging out."""
    require_role()
    with contextlib.suppress(Refused):
        call(calls.END_SESSION, session_id=str(session_id))
    return see_other(url_for("sessions.own_sessions", ended="one"))


@pages.post("/account/sessions/end-others")
def end_other_sessions() -> Response:
    require_role()
    call(calls.END_OTHER_SESSIONS)
    return see_other(url_for("sessions.own_sessions", ended="others"))


@pages.get("/activate/<token>")
def activation(token: str) -> tuple[str, int]:
    return _activation_page(token)


@pages.post("/activate/<token>")
def activate(token: str) -> Response | tuple[str, int]:
    """A form sent twice meets a used link; accounts knows whether it was this form."""
    password, errors = new_password(gettext("Password"))
    if errors:
        return _activation_page(token, errors)
    try:
        chosen = request.form.get("account_name") or None
        found = call(calls.ACTIVATE_ACCOUNT, activation_token=token, password=password, account_name=chosen)
    except Refused as refused:
        if refused.code != "INVALID":
            return _activation_page(token)
        faults = password_faults(refused) if "password" in refused.fields else faults_of(refused, "identity")
        return _activation_page(token, faults)
    return confirm("sessions.activated", found["account_name"])


@pages.get("/activated")
def activated() -> Response | str:
    name = confirmed()
    if name is None:
        return see_other(url_for("sessions.login"))
    return render_template("sessions/activated.html", account_name=name)


def _activation_page(token: str, errors: dict[str, str] | None = None) -> tuple[str, int]:
    """The form for a first password; for a link that did its work, where to log in."""
    try:
        found = call(calls.ACTIVATION, activation_token=token)
    except Refused as refused:
        used = refused.code == "ACTIVATION_LINK_USED"
        return render_template("sessions/activation_invalid.html", used=used), 410 if used else 404
    page = render_template("sessions/activate.html", found=found, token=token, errors=errors or {})
    return page, 422 if errors else 200


def ask_to_log_in() -> Response | tuple[str, int]:
    """The login page, and back to where one was; what had been typed goes along inside the page."""
    if request.method in ("GET", "HEAD") and not switched():
        return see_other(url_for("sessions.login", next=page_address()))
    # The login page itself, in the other language, brings along what it carries.
    at_login = {"account_name", "password"} <= request.form.keys()
    g.carried = list(typed_before().items(multi=True)) if at_login else typed()
    words = (
        gettext(
            "You were logged out, or your session ended. When you log in again, what you typed is "
            "still there."
        )
        if g.carried
        else gettext("You were logged out, or your session ended. Please log in again.")
    )
    return render_template("sessions/login.html", values={}, notice=words, next=page_address()), 401
