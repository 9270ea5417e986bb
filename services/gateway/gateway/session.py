"""Who is here: the session of a browser or a program, and the device it is proved to be."""

from __future__ import annotations

import contextlib
import time
from functools import partial
from typing import Any

from flask import Response, abort, after_this_request, current_app, g, request
from mtnet_contracts.calls.accounts import sessions as calls
from mtnet_contracts.calls.call import NOT_SIGNED_IN

from gateway.cache.sessions import fingerprint
from gateway.cookies import cookie, set_cookie
from gateway.extensions import recent_sessions, rpc, seal
from gateway.formatting import seconds_until
from gateway.rpc.client import Refused, ServiceUnavailable
from gateway.rpc.time_budget import at_most, seconds_left, spend

# Pages for everybody wait no longer to learn whose name to put into their header, and not again for a while after it
# took longer: while accounts is slow they are as fast as ever.
HEADER_SECONDS = 0.5
HEADER_PAUSE_SECONDS = 5.0
DEVICE_SECONDS = 180 * 24 * 3600


class ConsentRequired(Exception):
    """Whoever is here has to agree to a new privacy notice first; no page need expect it."""


def device_token() -> str | None:
    """What accounts knows this browser's owner by. None for what the gateway did not hand out."""
    return seal().opened(request.cookies.get(cookie("device")))


def keep_device(token: str | None) -> None:
    """Keep the browser's new secret, longer than the session. It opens nothing: it lets its owner log in while others
    enter wrong passwords."""
    if token:

        @after_this_request
        def remember(response: Response) -> Response:
            set_cookie(response, "device", seal().sealed(token), seconds=DEVICE_SECONDS)
            return response


def keep_session(entered: dict[str, Any]) -> str:
    """Keep the session's new token in the browser, and know whoever it is from now on. Returns the cookie's value."""
    begin_session(entered)
    sid = seal().sealed(entered["session_token"])

    @after_this_request
    def remember(response: Response) -> Response:
        set_cookie(response, "sid", sid, seconds=seconds_until(entered["latest_at"]))
        return response

    return sid


def session() -> dict[str, Any] | None:
    """Who is here: accounts is asked when the first page or call wants to know, once a request.

    Nobody while accounts is away; then `g.session_unknown` is set.
    """
    if "session" not in g:
        _load_session()
    found: dict[str, Any] | None = g.session
    return found


def recent_session() -> dict[str, Any] | None:
    """Who is here, if that is known without asking."""
    if "session" in g:
        return session()
    token = session_token()
    return recent_sessions().of(token, request.remote_addr) if token else None


def begin_session(entered: dict[str, Any]) -> None:
    """Somebody has just logged in, and is here from now on."""
    g.session, g.session_unknown = entered, False


def session_token() -> str | None:
    """The session's token, where it is one that this portal handed out."""
    return seal().opened(bearer_text() if for_programs() else request.cookies.get(cookie("sid")))


def session_changed(token: str) -> None:
    """It has ended or was extended: every gateway forgets what it remembers of it."""
    name = fingerprint(token)
    recent_sessions().end(name)
    rpc().broadcast({"session_changed": name})


def _load_session() -> None:
    g.session, g.session_unknown = None, False
    token = session_token()
    if token is None:
        g.drop_session = not for_programs() and cookie("sid") in request.cookies
        return
    only_reads = request.method in ("GET", "HEAD")
    touch = not looks_by_itself()
    if only_reads and (recent := recent_sessions().of(token, request.remote_addr)):
        g.session = recent
        return
    for_header = only_reads and request.blueprint == "public"
    slow = current_app.extensions.setdefault("slow_accounts", {"until": 0.0})
    if for_header and time.monotonic() < slow["until"]:
        g.session_unknown = True
        return
    try:
        with at_most(HEADER_SECONDS) if for_header else contextlib.nullcontext():
            g.session = _asked_together(token, touch) if only_reads else _asked(token)
    except Refused:
        g.drop_session = not for_programs()
    except ServiceUnavailable:
        g.session_unknown = True
        if for_header:
            slow["until"] = time.monotonic() + HEADER_PAUSE_SECONDS


def looks_by_itself() -> bool:
    """Whether the browser asks, not the person before it: a page that waits for news keeps no session alive."""
    return request.headers.get("X-Look") == "1" or request.headers.get("Accept") == "text/event-stream"


def _asked(token: str, touch: bool = True) -> dict[str, Any]:
    """What accounts says of it. Raises Refused, ServiceUnavailable."""
    asked_at = time.monotonic()
    asked = {"session_token": token, "ip": request.remote_addr}
    found = rpc().call(calls.RESUME_SESSION, asked if touch else asked | {"touch": False})
    recent_sessions().keep(token, request.remote_addr, found, asked_at=asked_at)
    return found


def _asked_together(token: str, touch: bool) -> dict[str, Any]:
    """The same, for all pages of a session that want to know it at the same time."""
    began = time.monotonic()
    try:
        return recent_sessions().asked_once(
            token, request.remote_addr, partial(_asked, token, touch), seconds_left()
        )
    except TimeoutError as problem:
        spend(time.monotonic() - began)
        raise ServiceUnavailable("accounts", "another request waits for its answer") from problem


def for_programs() -> bool:
    """Whether this is the JSON API, where cookies count for nothing."""
    return request.path.startswith("/api/v1/")


def bearer_text() -> str | None:
    """What stands after `Authorization: Bearer`."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if kind.lower() == "bearer" else None


def require_role(*roles: str, before_consent: bool = False) -> None:
    """Raises Refused(NOT_SIGNED_IN), which shows the login page; ends with 403 where the role is missing.

    Raises ConsentRequired, which shows a new privacy notice, but on pages that can be used `before_consent`.
    """
    here = session()
    if g.session_unknown:
        raise ServiceUnavailable("accounts", "session not known")
    if here is None:
        raise Refused(NOT_SIGNED_IN)
    if roles and not set(roles) & set(here["account"]["roles"]):
        abort(403)
    if here.get("needs_consent") and not before_consent:
        raise ConsentRequired
