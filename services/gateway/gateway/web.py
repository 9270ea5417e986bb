"""What pages share: language, words, times, the session, calls to services, and the way errors are shown."""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import time
from contextvars import Context
from datetime import UTC, date, datetime
from functools import partial
from io import BytesIO
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit
from zoneinfo import ZoneInfo

from flask import (
    Flask,
    Response,
    after_this_request,
    current_app,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from marshmallow import ValidationError, fields
from mtnet_chassis.data.files import Files
from mtnet_contracts.calls import Call
from mtnet_contracts.calls.accounts import sessions as calls
from mtnet_contracts.calls.call import NOT_SIGNED_IN
from mtnet_contracts.vocabulary.kinds import Text, Whole
from mtnet_contracts.vocabulary.unseen import without_unseen
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from gateway.cache.pages import TEXT_SIZES, locale_of
from gateway.cache.published import Published
from gateway.cache.sessions import RecentSessions, fingerprint
from gateway.rpc import fresh_cases
from gateway.rpc.client import Refused, Rpc, ServiceUnavailable
from gateway.rpc.neighbours import at_most
from gateway.seal import Seal
from gateway.settings import Settings
from gateway.words import LOCALES, WORDS, text

TAIPEI = ZoneInfo("Asia/Taipei")
LAST_PAGE = 100_000
YEAR_SECONDS = 365 * 24 * 3600
# Pages for everybody wait no longer to learn whose name to put into their header.
HEADER_SECONDS = 1.0
SOON_MINUTES = 5
DEVICE_SECONDS = 180 * 24 * 3600
# In the WSGI environment of a page that is shown again; nobody outside can put it there.
SWITCHED = "portal.switched"
# Parts of a form that are not its content, or that a page must not hold.
NOT_CONTENT = {"csrf_token", "key", "next", "password", "again", "code"}


def settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


def rpc() -> Rpc:
    found: Rpc = current_app.extensions["rpc"]
    return found


def published() -> Published:
    found: Published = current_app.extensions["published"]
    return found


def seal() -> Seal:
    found: Seal = current_app.extensions["seal"]
    return found


def recent_sessions() -> RecentSessions:
    found: RecentSessions = current_app.extensions["recent_sessions"]
    return found


def files() -> Files:
    found: Files = current_app.extensions["files"]
    return found


def cookie(name: str) -> str:
    """`__Host-` binds a cookie to this host and to HTTPS; on plain HTTP browsers would not send it back."""
    return f"__Host-{name}" if settings().secure else name


def set_cookie(response: Response, name: str, value: str, *, seconds: int | None = None) -> None:
    response.set_cookie(
        cookie(name),
        value,
        max_age=seconds,
        httponly=True,
        secure=settings().secure,
        samesite="Lax",
        path="/",
    )


def drop_cookie(response: Response, name: str) -> None:
    response.delete_cookie(cookie(name), path="/", secure=settings().secure, httponly=True, samesite="Lax")


# The device


def device_token() -> str | None:
    """What tells accounts whose browser this was proved to be; None for what the gateway did not give."""
    return seal().opened(request.cookies.get(cookie("device")))


def keep_device(token: str | None) -> None:
    """Keep the browser's new secret, beyond the session: it opens nothing, and spares its owner strangers' mischief."""
    if token:

        @after_this_request
        def remember(response: Response) -> Response:
            set_cookie(response, "device", seal().sealed(token), seconds=DEVICE_SECONDS)
            return response


def is_blank(text: str) -> bool:
    """Whether nothing can be seen of it: asking a service would only tell that."""
    return not without_unseen(text).strip()


# Language and words


def locale() -> str:
    """Of the address (?lang=), else of the cookie, else of the browser; Chinese when nobody says."""
    if "locale" not in g:
        wanted = switched().get("lang") or request.args.get("lang") or request.cookies.get(cookie("lang"))
        g.locale = locale_of(wanted, request.headers.get("Accept-Language", ""))
    found: str = g.locale
    return found


def text_size() -> str:
    """Of the address (?size=), else of the cookie: s, m or l."""
    wanted = switched().get("size") or request.args.get("size") or request.cookies.get(cookie("size"))
    return wanted if wanted in TEXT_SIZES else "m"


def remember_switches(response: Response) -> None:
    """Language and size that an address asks for are kept in cookies."""
    if request.args.get("lang") in LOCALES:
        set_cookie(response, "lang", request.args["lang"], seconds=YEAR_SECONDS)
    if request.args.get("size") in TEXT_SIZES:
        set_cookie(response, "size", request.args["size"], seconds=YEAR_SECONDS)


def switched() -> dict[str, str]:
    """The new language or size, while a page is shown again with what is being typed; else nothing."""
    found: dict[str, str] = request.environ.get(SWITCHED, {})
    return found


def show_again(target: str, wanted: dict[str, str]) -> Response:
    """The page at `target` in another language or size, its form holding what was typed.

    The page is asked for as by a GET that brings the form along, in a context of its own: nothing is saved. What
    a page must not hold (passwords, codes) does not come back, nor do files.
    """
    parts = urlsplit(target)
    body = urlencode(list(request.form.items(multi=True))).encode()
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
    # The application itself: what stands in front of it has cleaned and counted this request already.
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    return Context().run(Response.from_app, partial(Flask.wsgi_app, app), environ, True)


def typed_or(name: str, value: Any) -> Any:
    """What a field shows: what was typed, where a page is shown again in the middle of typing; else `value`."""
    if not switched() or name in NOT_CONTENT or name not in request.form:
        return value
    return request.form[name]


def ticked(name: str, values: Any) -> Any:
    """The boxes of a name that are ticked: a box that is not ticked is not in a form at all."""
    return request.form.getlist(name) if switched() and request.form else values


def t(key: str, **values: object) -> str:
    return text(key, locale(), **values)


def field_name(path: str) -> str:
    """The words of a field such as `company.phone`, else its name."""
    key = f"field.{path}"
    return t(key) if key in WORDS else path


def fault_text(code: str, path: str) -> str:
    """What is wrong with a field, in words."""
    key = f"error.{code}"
    return with_field(key if key in WORDS else "error.NOT_VALID", field_name(path))


def missing_text(name: str) -> str:
    """That a field is empty; `name` is what the page calls it."""
    return with_field("error.REQUIRED", name)


def with_field(key: str, name: str) -> str:
    """Words that may name a field: inside an English sentence its name begins small, unless it is ID or QR."""
    words = WORDS[key][LOCALES.index(locale())]
    if "{field}" not in words:
        return t(key)
    inside = not words.startswith("{field}") and name[:1].isascii() and not name[:2].isupper()
    return t(key, field=name[:1].lower() + name[1:] if inside else name)


def when(value: str | None, seconds: bool = True) -> str:
    """An instant in Taipei: 114-02-19 17:25:24 in Chinese, 2025-02-19 17:25:24 in English."""
    if not value:
        return ""
    local = datetime.fromisoformat(value).astimezone(TAIPEI)
    clock = f"{local:%H:%M:%S}" if seconds else f"{local:%H:%M}"
    return f"{_year(local.date())}-{local:%m-%d} {clock}"


def clock(value: str | None) -> str:
    """The time of day in Taipei, for what lasts minutes: 17:25:24."""
    return f"{datetime.fromisoformat(value).astimezone(TAIPEI):%H:%M:%S}" if value else ""


def day(value: str | None) -> str:
    """A day: 114-02-19 in Chinese, 2025-02-19 in English."""
    if not value:
        return ""
    given = date.fromisoformat(value[:10])
    return f"{_year(given)}-{given:%m-%d}"


def _year(given: date) -> str:
    return f"{given.year - 1911:03d}" if locale() == "zh-Hant" else f"{given.year}"


def size(count: int) -> str:
    return f"{count / 1024 / 1024:.1f} MB" if count >= 1024 * 1024 else f"{max(1, round(count / 1024))} KB"


def waited(since: str) -> str:
    """How long ago, in days and hours."""
    minutes = max(0, int((datetime.now(UTC) - datetime.fromisoformat(since)).total_seconds() // 60))
    if minutes < 60:
        return t("waiting.minutes", minutes=minutes)
    if minutes < 24 * 60:
        return t("waiting.hours", hours=minutes // 60)
    return t("waiting.days", days=minutes // 1440, hours=minutes % 1440 // 60)


def seconds_until(instant: str) -> int:
    """Whole seconds by the server's clock, none when it is past."""
    return max(0, int((datetime.fromisoformat(instant) - datetime.now(UTC)).total_seconds()))


def minutes_until(instant: str) -> int:
    return seconds_until(instant) // 60


def countdown(expires_at: str) -> str:
    """3小時58分鐘."""
    minutes = minutes_until(expires_at)
    if minutes < 60:
        return t("session.minutes", minutes=minutes)
    return t("session.hours_minutes", hours=minutes // 60, minutes=minutes % 60)


# What is asked for in an address


def asked(name: str, kind: fields.Field[Any], fallback: Any = None) -> Any:
    """A parameter of the address, as a call takes it; the fallback where it is missing or can be nothing."""
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


# Calls


def call(wanted: Call, **values: Any) -> dict[str, Any]:
    """Call a service for whoever is here. Raises Refused, ServiceUnavailable, NotHeardYet."""
    actor = None
    if wanted.actor != "none":
        here = session()
        if g.session_unknown:
            raise ServiceUnavailable("accounts", "session not known")
        if here is None and wanted.actor == "required":
            raise Refused(NOT_SIGNED_IN)
        actor = here["actor"] if here else None
    key = _idempotency_key(wanted)
    try:
        return rpc().call(wanted, values, actor=actor, key=key)
    except Refused as refused:
        if refused.code != "CASE_NOT_FOUND" or wanted not in fresh_cases.OF_A_CASE:
            raise
    again = partial(rpc().call, wanted, values, actor=actor, key=key)
    answer: dict[str, Any] = fresh_cases.ask(rpc(), values, actor, again)
    return answer


def _idempotency_key(wanted: Call) -> str | None:
    """The key of the form, or of the program's header, one for each call it leads to; a look by GET has none."""
    if not wanted.takes_key or request.method in ("GET", "HEAD"):
        return None
    key = request.headers.get("Idempotency-Key") if for_programs() else request.form.get("key")
    if not key:
        return None
    return hashlib.sha256(f"{key}:{wanted.service}.{wanted.name}".encode()).hexdigest()


def new_key() -> str:
    """For the hidden field of a form: sending it twice does it once."""
    return secrets.token_urlsafe(16)


# The session


def session() -> dict[str, Any] | None:
    """Who is here: accounts is asked when the first page or call wants to know, once a request.

    With accounts away the visitor is a stranger, and `g.session_unknown` says why.
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
    """It has ended, or has another end now: no gateway goes on with what it remembers."""
    name = fingerprint(token)
    recent_sessions().end(name)
    rpc().tell_gateways({"session_changed": name})


def _load_session() -> None:
    g.session, g.session_unknown = None, False
    token = session_token()
    if token is None:
        g.drop_session = not for_programs() and cookie("sid") in request.cookies
        return
    only_reads = request.method in ("GET", "HEAD")
    if only_reads and (recent := recent_sessions().of(token, request.remote_addr)):
        g.session = recent
        return
    asked_at = time.monotonic()
    for_header = only_reads and request.blueprint == "public"
    try:
        with at_most(HEADER_SECONDS) if for_header else contextlib.nullcontext():
            found = rpc().call(calls.RESUME_SESSION, {"session_token": token, "ip": request.remote_addr})
    except Refused:
        g.drop_session = not for_programs()
    except ServiceUnavailable:
        g.session_unknown = True
    else:
        recent_sessions().keep(token, request.remote_addr, found, asked_at=asked_at)
        g.session = found


def for_programs() -> bool:
    """Whether this is the JSON API, where cookies count for nothing."""
    return request.path.startswith("/api/v1/")


def bearer_text() -> str | None:
    """What stands after `Authorization: Bearer`."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if kind.lower() == "bearer" else None


def ask_to_log_in() -> Response | tuple[str, int]:
    """The login page, and back to where one was; what had been typed goes along inside the page."""
    if request.method in ("GET", "HEAD") and not switched():
        return see_other(url_for("sessions.login", next=page_address()))
    writing = request.blueprint == "review" and "account_name" not in request.form
    g.carried = typed() if writing else list(kept().items(multi=True))
    words = t("login.ended_kept") if g.carried else t("login.ended")
    return render_template("sessions/login.html", values={}, notice=words, next=page_address()), 401


def require_role(*roles: str) -> Response | tuple[str, int] | None:
    """The login page where nobody is logged in; 403 where the role is missing."""
    from flask import abort

    here = session()
    if g.session_unknown:
        raise ServiceUnavailable("accounts", "session not known")
    if here is None:
        return ask_to_log_in()
    if roles and not set(roles) & set(here["account"]["roles"]):
        abort(403)
    return None


def typed() -> list[tuple[str, str]]:
    """What the form that was sent holds, by field."""
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in NOT_CONTENT and not name.startswith("kept-")
    ]


def kept() -> MultiDict[str, str]:
    """What was typed before a login, or a code, came between."""
    return MultiDict(
        (name.removeprefix("kept-"), value)
        for name, value in request.form.items(multi=True)
        if name.startswith("kept-")
    )


def place_of(path: str | None) -> tuple[str, dict[str, Any]]:
    """The endpoint and the parts of an address that can be shown, or an empty endpoint."""
    try:
        adapter = current_app.create_url_adapter(request)
        if adapter is None or own_path(path, "") == "":
            return "", {}
        endpoint, parts = adapter.match(urlsplit(str(path)).path, method="GET")
    except HTTPException:
        return "", {}
    return str(endpoint), dict(parts)


def page_address() -> str:
    """Where the page that is shown can be had again by GET: after a POST, itself or the nearest page above it."""
    if "page_address" in g:
        found: str = g.page_address
        return found
    path = request.path if request.method in ("GET", "HEAD") else page_above(request.path)
    kept = [(k, v) for k, v in request.args.items(multi=True) if k not in ("lang", "size")]
    return f"{path}?{urlencode(kept)}" if kept and path == request.path else path


def page_above(address: str) -> str:
    """The nearest page that can be had by GET: this path itself, or what is left without its last parts."""
    adapter = current_app.create_url_adapter(request)
    parts = address.rstrip("/").split("/")
    while adapter is not None and len(parts) > 1:
        path = "/".join(parts)
        try:
            adapter.match(path, method="GET")
        except RequestRedirect:
            return f"{path}/"
        except HTTPException:
            parts.pop()
            continue
        return path
    return "/"


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


def see_other(location: str) -> Response:
    """After a post: another page, by GET."""
    return redirect(location, 303)  # type: ignore[return-value]


def own_path(target: str | None, fallback: str) -> str:
    """A path of this portal, never another host."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return fallback
    parts = urlsplit(target)
    return fallback if parts.scheme or parts.netloc or "\\" in target or "\n" in target else target


def faults_of(refused: Refused, section: str = "") -> dict[str, str]:
    """Words by field, for a page whose fields are those of one section.

    What was left empty is asked for by its name, whatever rule noticed it: "enter the account name", not "8 to 20".
    """
    prefix = f"{section}." if section else ""
    found = {}
    for name, codes in refused.fields.items():
        empty = name in request.form and not any(value.strip() for value in request.form.getlist(name))
        chosen = codes[0] in ("NOT_A_CHOICE", "CHOOSE")
        code = codes[0] if not empty else "CHOOSE" if chosen else "REQUIRED"
        found[name] = fault_text(code, f"{prefix}{name}")
    return found


def refusal_text(refused: Refused) -> str:
    key = f"error.{refused.code}"
    return t(key) if key in WORDS else t("page.400.text")
