"""Pages that are the same for everybody, kept as they were answered.

A page is kept by its address, its language and its text size, which is all it may depend on. Whoever shows a session or
a key of a case, or parameters that the page does not know, is answered by the application. Where the page holds a form,
each visitor gets a token of their own put into it.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import urlencode

import structlog
from flask import Flask, Response, current_app, g, request, session
from flask_wtf.csrf import generate_csrf
from mtnet_contracts.vocabulary.choices import LOCALES
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header, parse_cookie

from gateway.cache.published import OLDEST_SECONDS, RENEW_SECONDS, Copy
from gateway.http.front import Answer, answered

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = structlog.get_logger()
View = TypeVar("View", bound=Callable[..., Any])

TEXT_SIZES = ("s", "m", "l")
MOST_BYTES = 32 * 1024 * 1024
LARGEST_PAGE_BYTES = 1024 * 1024
LONGEST_QUERY = 100
LONGEST_HEADER = 4096
# In the environ: under which name the answer may be kept; and that only a kept answer is wanted.
KEY = "mtnet.kept_key"
ONLY_KEPT = "mtnet.only_kept"
VARY = "Cookie, Accept-Language"


class Key(NamedTuple):
    """All that a kept page depends on."""

    path: str
    query: str
    locale: str
    size: str


class NotKept(Exception):
    """No fresh page is kept for this request."""


@dataclass(frozen=True)
class Page:
    """`asked_at` (monotonic) is when what it shows was surely current. `etag` is empty where it holds a form."""

    rule: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    etag: str
    asked_at: float
    generation: int


class KeptPages:
    """WSGI middleware around the Flask application; `generation` tells how often something was published.

    With `keeps` False every page is made anew.
    """

    keeps = True

    def __init__(self, app: Flask, secure: bool, generation: Callable[[], int]) -> None:
        self._flask = app
        self._app: WSGIApplication = app.wsgi_app
        self._generation = generation
        self._lock = threading.Lock()
        self._pages: OrderedDict[Key, Page] = OrderedDict()
        self._bytes = 0
        self._paths: set[str] = set()
        self._renewing: dict[Key, float] = {}
        prefix = "__Host-" if secure else ""
        self._lang, self._size, self._session, self._case = (
            f"{prefix}{name}" for name in ("lang", "size", "sid", "case-")
        )
        # Stands in a kept page where a visitor's token belongs; nobody who writes pages can know it.
        self.placeholder = secrets.token_hex(24)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        key = self.key_of(environ)
        page = self._fresh(key, renew=ONLY_KEPT not in environ) if key else None
        if page is None:
            if ONLY_KEPT in environ:
                raise NotKept
            environ[KEY] = key
            return self._app(environ, start_response)
        return self._answer(page, environ, start_response)

    def at_once(self, environ: WSGIEnvironment) -> Answer | None:
        """The page that lies ready for a request that is not cleaned yet; None when the application must answer."""
        if environ["PATH_INFO"] not in self._paths or self._session in environ.get("HTTP_COOKIE", ""):
            return None
        try:
            return answered(self._flask.wsgi_app, environ | {ONLY_KEPT: True})
        except NotKept:
            return None

    def key_of(self, environ: WSGIEnvironment) -> Key | None:
        """None for whoever must be answered by the application."""
        query, cookies = environ.get("QUERY_STRING", ""), environ.get("HTTP_COOKIE", "")
        languages = environ.get("HTTP_ACCEPT_LANGUAGE", "")
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or len(query) > LONGEST_QUERY:
            return None
        if len(cookies) > LONGEST_HEADER or len(languages) > LONGEST_HEADER:
            return None
        shown = parse_cookie(cookies) if cookies else {}
        if self._session in shown or (cookies and any(name.startswith(self._case) for name in shown)):
            return None
        size = shown.get(self._size, "m")
        return Key(
            environ["PATH_INFO"],
            query,
            locale_of(shown.get(self._lang), languages),
            size if size in TEXT_SIZES else "m",
        )

    def keep(self, response: Response) -> None:
        """After a view marked `same_for_everybody`: keep its answer, and tell browsers and proxies what it is."""
        key: Key | None = request.environ.get(KEY)
        if key is None or response.status_code != 200 or not is_same_for_everybody():
            return
        body = response.get_data()
        has_form = self.placeholder.encode() in body
        response.headers["Cache-Control"] = "private, no-store" if has_form else "public, no-cache"
        response.headers["Vary"] = VARY
        etag = "" if has_form else f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        if etag:
            response.headers["ETag"] = etag
        rule = request.url_rule.rule if request.url_rule else "-"
        headers = [(n, v) for n, v in response.headers.items() if n not in ("Content-Length", "Set-Cookie")]
        if etag:
            headers.append(("Content-Length", str(len(body))))
        page = Page(rule, tuple(headers), body, etag, g.asked_at, g.generation)
        if self.keeps and len(body) <= LARGEST_PAGE_BYTES and request.method == "GET":
            self._put(key, page)
        if has_form:
            response.set_data(self._with_token(body))

    def forget(self) -> None:
        """Every page is made anew."""
        with self._lock:
            self._pages.clear()
            self._renewing.clear()
            self._paths, self._bytes = set(), 0

    def _put(self, key: Key, page: Page) -> None:
        with self._lock:
            known = self._pages.pop(key, None)
            if known is not None:
                self._bytes -= len(known.body)
            self._pages[key] = page
            self._bytes += len(page.body)
            self._renewing.pop(key, None)
            self._paths.add(key.path)
            while self._bytes > MOST_BYTES:
                dropped, oldest = self._pages.popitem(last=False)
                self._bytes -= len(oldest.body)
                self._renewing.pop(dropped, None)
                self._paths = {known.path for known in self._pages}

    def _fresh(self, key: Key, *, renew: bool) -> Page | None:
        """A page less than OLDEST_SECONDS old. One of those who see it half as old gets none, and renews it."""
        page = self._pages.get(key)
        if page is None or page.generation != self._generation():
            return None
        age = time.monotonic() - page.asked_at
        if age < RENEW_SECONDS:
            return page
        if age >= OLDEST_SECONDS:
            return None
        with self._lock:
            if self._renewing.get(key) == page.asked_at:
                return page
            if renew:
                self._renewing[key] = page.asked_at
        return None

    def _answer(self, page: Page, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        status, headers, body = "200 OK", list(page.headers), page.body
        if not page.etag:
            body, cookies = self._for_visitor(body, environ)
            headers += [("Content-Length", str(len(body))), *cookies]
        elif page.etag in environ.get("HTTP_IF_NONE_MATCH", ""):
            status, body = "304 Not Modified", b""
            headers = [(n, v) for n, v in headers if n not in ("Content-Length", "Content-Type")]
        log.info(
            "answered", method=environ["REQUEST_METHOD"], rule=page.rule, status=int(status[:3]), kept=True
        )
        start_response(status, headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _for_visitor(self, body: bytes, environ: WSGIEnvironment) -> tuple[bytes, list[tuple[str, str]]]:
        """The page with a token for this visitor, and the cookie that belongs to it."""
        response = Response()
        with self._flask.request_context(environ):
            body = self._with_token(body)
            self._flask.session_interface.save_session(
                self._flask,
                session._get_current_object(),  # type: ignore[attr-defined]
                response,
            )
        return body, [("Set-Cookie", value) for value in response.headers.getlist("Set-Cookie")]

    def _with_token(self, body: bytes) -> bytes:
        return body.replace(self.placeholder.encode(), generate_csrf().encode())


def for_everybody(**known: Callable[[str], bool]) -> Callable[[View], View]:
    """A page that shows the same to everybody without a session; `known` are its parameters and their tests."""

    def decorate(view: View) -> View:
        @wraps(view)
        def marked(*values: Any, **named: Any) -> Any:
            key: Key | None = request.environ.get(KEY)
            given = list(request.args.items(multi=True))
            g.same_for_everybody = (
                key is not None
                and urlencode(given) == key.query
                and len(dict(given)) == len(given)
                and all(name in known and known[name](value) for name, value in given)
            )
            if key is not None and g.same_for_everybody:
                g.locale = key.locale
            g.asked_at, g.generation = time.monotonic(), current_app.extensions["published"].generation
            return view(*values, **named)

        return marked  # type: ignore[return-value]

    return decorate


def is_same_for_everybody() -> bool:
    return bool(g.get("same_for_everybody"))


def not_the_same() -> None:
    """What is shown now is an exception, and not to be kept."""
    g.same_for_everybody = False


def shows(copy: Copy) -> dict[str, Any]:
    """The page is no newer than this."""
    if "asked_at" in g:
        g.asked_at, g.generation = min(g.asked_at, copy.asked_at), min(g.generation, copy.generation)
    return copy.reply


def locale_of(wanted: str | None, accepted: str) -> str:
    """What somebody chose, else what the browser prefers (Accept-Language); Chinese when nobody says."""
    return wanted if wanted in LOCALES else _preferred(accepted)


@lru_cache(256)
def _preferred(accepted: str) -> str:
    known = parse_accept_header(accepted, LanguageAccept)
    best = known.best_match(["zh-Hant", "zh-TW", "zh", "en"], default="zh-Hant")
    return "en" if best == "en" else "zh-Hant"
