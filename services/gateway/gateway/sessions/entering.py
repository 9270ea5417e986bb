"""What a login leads to: a session in the browser, and the page one wanted."""

from __future__ import annotations

from typing import Any

from flask import (
    Response,
    after_this_request,
    current_app,
    g,
    make_response,
    render_template,
    request,
    url_for,
)

from gateway.cookies import cookie, drop_cookie, set_cookie
from gateway.errors.refusals import ERRORS
from gateway.extensions import seal
from gateway.forms import can_be_shown_again, show_again, show_with_typed_before, typed_before
from gateway.locale import gettext
from gateway.navigation import home_of, own_path, place_of, see_other
from gateway.session import keep_device, keep_session, session_changed, session_token

LOGIN_SECONDS = 15 * 60


def enter(entered: dict[str, Any], following: str) -> Response:
    """Keep the session that a login opened; to the page that was asked for, with what had been typed there."""
    if former := session_token():
        session_changed(former)
    sid = keep_session(entered)
    keep_device(entered.get("device_token"))
    if entered.get("needs_consent"):
        return ask_for_consent(following)
    return go_on(entered, following, sid=sid)


def go_on(here: dict[str, Any], following: str, *, sid: str | None = None) -> Response:
    """To the page that was asked for before the login, with what had been typed there.

    `sid` is the session's cookie, where the browser does not have it yet.
    """
    reviewer = "reviewer" in here["account"]["roles"]
    endpoint, parts = place_of(following)
    if reviewer and can_be_shown_again(endpoint, after="login"):
        g.page_address = following
        return make_response(show_with_typed_before(endpoint, parts, after="login"))
    if typed_before() and endpoint:
        form = list(typed_before().items(multi=True))
        return show_again(
            following, {"after": "login"}, form=form, cookies={cookie("sid"): sid} if sid else None
        )
    return see_other(own_path(following, home_of(here)))


def ask_for_consent(following: str) -> Response:
    """The new privacy notice; what had been typed before the login goes along."""
    address = url_for("consents.own_consents", next=following or None)
    if not typed_before():
        return see_other(address)
    g.page_address = address
    shown: Response = make_response(current_app.view_functions["consents.own_consents"]())
    return shown


def ask_for_second_step(login_token: str, following: str) -> Response:
    """The page of the second step; what had been typed before the login goes along."""
    keep_login(login_token)
    if not typed_before():
        return see_other(url_for("second_factors.second_step", next=following or None))
    g.login_token = login_token
    g.page_address = url_for("second_factors.second_step", next=following or None)
    shown: Response = make_response(current_app.view_functions["second_factors.second_step"]())
    return shown


def keep_login(login_token: str) -> None:
    """Keep in the browser, for a quarter of an hour, that the password was right."""

    @after_this_request
    def remember(response: Response) -> Response:
        set_cookie(response, "login", seal().sealed(login_token), seconds=LOGIN_SECONDS)
        return response


def login_token() -> str | None:
    """Of a login whose second step is missing; None for what the gateway did not hand out."""
    found: str | None = g.get("login_token") or seal().opened(request.cookies.get(cookie("login")))
    return found


def forget_login() -> None:
    @after_this_request
    def forget(response: Response) -> Response:
        drop_cookie(response, "login")
        return response


def login_expired(following: str) -> tuple[str, int]:
    """The login page once more; what had been typed before goes along."""
    forget_login()
    words = gettext(ERRORS["LOGIN_EXPIRED"])
    return render_template("sessions/login.html", values={}, notice=words, next=following), 401
