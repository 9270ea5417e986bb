"""What a form or an address holds, and how it comes back into the page."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextvars import Context
from functools import partial
from io import BytesIO
from typing import Any, Literal, TypeVar, cast
from urllib.parse import unquote, urlencode, urlsplit

from flask import Flask, Response, current_app, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError, fields
from mtnet_contracts.vocabulary.kinds import Text, Whole
from mtnet_contracts.vocabulary.unseen import without_unseen
from werkzeug.datastructures import MultiDict

from gateway.extensions import settings
from gateway.locale import SWITCHED, switched

LAST_PAGE = 100_000
# Parts of a form that are not its content, or that a page must not hold.
NOT_CONTENT = {"csrf_token", "key", "next", "password", "current_password", "again", "username", "code"}


def is_blank(text: str) -> bool:
    """Whether it holds no visible character, so that no service need be asked."""
    return not without_unseen(text).strip()


def show_again(
    target: str,
    wanted: dict[str, str],
    *,
    form: list[tuple[str, str]] | None = None,
    cookies: dict[str, str] | None = None,
) -> Response:
    """The page at `target` in another language or size, or after a confirmation, its form holding what was typed.

    `form` is what was typed, if it is not the form that was sent; `cookies` are new since the request came.

    The page is asked for as by a GET that brings the form along, in a context of its own: nothing is saved. What
    a page must not hold (passwords, codes) does not come back, nor do files.
    """
    parts = urlsplit(target)
    body = urlencode(list(request.form.items(multi=True)) if form is None else form).encode()
    environ = {k: v for k, v in request.environ.items() if not k.startswith(("werkzeug.", "flask."))}
    environ |= {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": unquote(parts.path).encode().decode("latin-1"),
        "QUERY_STRING": parts.query,
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
        SWITCHED: wanted,
    }
    if cookies:
        kept = {**request.cookies, **cookies}
        environ["HTTP_COOKIE"] = "; ".join(f"{name}={value}" for name, value in kept.items())
    # The application itself: what stands in front of it has cleaned and counted this request already.
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    shown = Context().run(Response.from_app, partial(Flask.wsgi_app, app), environ, True)
    return cast(Response, shown)


def typed_or(name: str, value: Any) -> Any:
    """What a field shows: what was typed, where a page is shown again in the middle of typing; else `value`."""
    if not switched() or name in NOT_CONTENT or name not in request.form:
        return value
    return request.form[name]


def ticked(name: str, values: Any) -> Any:
    """The boxes of a name that are ticked: a box that is not ticked is not in a form at all."""
    return request.form.getlist(name) if switched() and request.form else values


def asked(name: str, kind: fields.Field[Any], fallback: Any = None) -> Any:
    """A parameter of the address, as a call takes it; the fallback where it is missing or not valid."""
    try:
        return kind.deserialize(request.args[name]) if name in request.args else fallback
    except ValidationError:
        return fallback


def asked_page() -> int:
    """Which page of a list, from 1."""
    page: int = asked("page", Whole(least=1, most=LAST_PAGE), 1)
    return page


def one_line(typed: str, longest: int, kind: type[Text] = Text) -> str:
    """What was typed to be looked up, or a `kind=Line`: without characters that nobody sees, cut to its limit."""
    text = " ".join(kind.cleaned(typed).split())
    return "".join(c for c in text if c.isprintable())[:longest]


def new_key() -> str:
    """For the hidden field of a form: sending it twice does it once."""
    return secrets.token_urlsafe(16)


def typed() -> list[tuple[str, str]]:
    """What the form that was sent holds, by field."""
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in NOT_CONTENT and not name.startswith("kept-")
    ]


def typed_before() -> MultiDict[str, str]:
    """What was typed before a login, or a code, came between."""
    return MultiDict(
        (name.removeprefix("kept-"), value)
        for name, value in request.form.items(multi=True)
        if name.startswith("kept-")
    )


Between = Literal["login", "code"]
Show = TypeVar("Show", bound=Callable[..., Any])
_SHOWN_AGAIN: dict[tuple[Between, str], Callable[..., Any]] = {}


def shows_again(endpoint: str, *, after: Between) -> Callable[[Show], Show]:
    """Mark what shows the page of an endpoint with what was typed into it before a login, or a code, came between.

    It is called with the parts of the page's address, but for the case number, and with the form as `typed`.
    """

    def register(show: Show) -> Show:
        _SHOWN_AGAIN[after, endpoint] = show
        return show

    return register


def can_be_shown_again(endpoint: str, *, after: Between) -> bool:
    """Whether something was typed before, into a page that can be shown with it."""
    return (after, endpoint) in _SHOWN_AGAIN and bool(typed_before())


def show_with_typed_before(endpoint: str, parts: dict[str, Any], *, after: Between) -> ResponseReturnValue:
    """The page; nothing is saved, the person sends the form once more."""
    shown: ResponseReturnValue = _SHOWN_AGAIN[after, endpoint](**parts, typed=typed_before())
    return shown


def from_own_page() -> bool:
    """Whether a page of the portal sent this form, also through a proxy that writes another Host.

    A browser says so in headers that no page of another site can write.
    """
    if request.headers.get("Sec-Fetch-Site") == "same-origin":
        return True
    try:
        sent_from = urlsplit(request.headers.get("Origin") or request.headers.get("Referer", ""))
    except ValueError:  # not an address
        return False
    return sent_from.netloc != "" and sent_from.netloc in (
        request.host,
        urlsplit(settings().portal_url).netloc,
    )
