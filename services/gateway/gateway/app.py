"""Build the web application: pages, JSON API, errors, headers."""

from __future__ import annotations

import hashlib
import time
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import structlog
from flask import Flask, Response, current_app, g, render_template, request, url_for
from flask_limiter import Limiter
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError, generate_csrf
from markupsafe import Markup
from mtnet_chassis.data.files import Files
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.middleware.proxy_fix import ProxyFix

from gateway import api, formatting
from gateway.api import STATUS_OF_REFUSAL, retry_after
from gateway.applying import pages as applying
from gateway.cache.pages import KeptPages, is_same_for_everybody, not_the_same
from gateway.cache.published import Published
from gateway.cache.sessions import RecentSessions
from gateway.extensions import settings
from gateway.formatting import (
    SOON_MINUTES,
    clock,
    countdown,
    day,
    field_name,
    minutes_until,
    seconds_until,
    size,
    waited,
    when,
)
from gateway.forms import from_own_page, new_key, ticked, typed, typed_before, typed_or
from gateway.http import health, incoming, rate_limits
from gateway.http.cookies import drop_cookie
from gateway.locale import locale, remember_switches, switched, t, text_size
from gateway.markdown import html_of
from gateway.navigation import address_of, page_above, page_address, see_other
from gateway.problems import refusal_text
from gateway.public import pages as public
from gateway.review import pages as review
from gateway.rpc import neighbours
from gateway.rpc.client import Refused, Rpc, ServiceUnavailable
from gateway.rpc.fresh_cases import NotHeardYet
from gateway.seal import Seal
from gateway.session import for_programs, recent_session, session, session_token
from gateway.sessions import pages as sessions
from gateway.sessions.pages import ask_to_log_in
from gateway.settings import Settings
from gateway.tracking import cases
from gateway.tracking import pages as tracking
from gateway.words import WORDS, for_templates

log = structlog.get_logger()

NAVIGATION = (
    ("public.home", "menu.home"),
    ("public.questions", "menu.faq"),
    ("public.services", "menu.services"),
    ("public.news", "menu.news"),
    ("public.affairs", "menu.affairs"),
    ("applying.start", "menu.apply"),
    ("tracking.ask", "menu.case"),
)
REVIEWER_NAVIGATION = ("review.queue", "menu.review")
MEMBER_NAVIGATION = ("sessions.account", "menu.account")


def create_app(settings: Settings, rpc: Rpc) -> Flask:
    app = Flask(__name__)
    app.request_class = incoming.Request
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="__Host-form" if settings.secure else "form",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure,
        WTF_CSRF_TIME_LIMIT=12 * 3600,
        WTF_CSRF_SSL_STRICT=False,
        RATELIMIT_ENABLED=settings.rate_limits,
    )
    app.extensions["published"] = published = Published(
        lambda call, asked: app.extensions["rpc"].call(call, asked)
    )
    app.extensions["kept"] = kept = KeptPages(
        app, settings.secure, lambda: app.extensions["published"].generation
    )
    rpc.on_event("content", "ContentPublished", published.drop)
    cleaned = incoming.Incoming(kept, settings)
    app.wsgi_app = ProxyFix(cleaned, x_for=settings.proxies, x_proto=0)  # type: ignore[method-assign]
    app.extensions["settings"] = settings
    app.extensions["rpc"] = rpc
    app.extensions["seal"] = Seal(settings.secret_key)
    app.extensions["recent_sessions"] = recent = RecentSessions()
    rpc.on_told("session_changed", recent.end)
    app.extensions["files"] = Files(settings.files_url)
    app.url_map.converters["case_number"] = cases.CaseNumber
    app.url_map.converters["int"] = incoming.Number
    app.url_value_preprocessor(_take_case_number)
    app.url_defaults(_give_case_number)
    # Flask calls the first one registered last, so after the limiter.
    app.after_request(_wait_only_when_told)
    limiter = Limiter(
        lambda: incoming.source_of(request.remote_addr),
        app=app,
        storage_uri=f"{rate_limits.SCHEME}://",
        storage_options={"rpc": rpc},
        headers_enabled=True,
    )
    csrf = CSRFProtect(app)  # after the limits: a form without its token counts, too
    api.register(app, csrf, limiter)
    for blueprint in (public.pages, applying.pages, tracking.pages, sessions.pages, review.pages):
        app.register_blueprint(blueprint)
    app.register_blueprint(health.pages)
    limiter.limit("60 per minute", methods=["POST"])(applying.pages)
    limiter.limit("30 per minute", methods=["POST"])(tracking.pages)
    limiter.limit("30 per minute", methods=["POST"])(sessions.pages)
    app.before_request(_begin)
    app.after_request(_finish)
    app.teardown_request(lambda _: neighbours.end_page())
    app.context_processor(_for_templates)
    app.jinja_env.globals.update(url_for=address_of, in_words=formatting.in_words, html_of=html_of)
    app.jinja_env.filters.update(when=when, clock=clock, day=day, size=size, waited=waited)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(ServiceUnavailable, _unavailable)
    app.register_error_handler(NotHeardYet, _not_heard_yet)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)
    return app


def _take_case_number(endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.case_number = (values or {}).pop("case_number", None)


def _give_case_number(endpoint: str, values: dict[str, Any]) -> None:
    """Links on a page of a case lead to pages of the same case."""
    if g.get("case_number") and current_app.url_map.is_endpoint_expecting(endpoint, "case_number"):
        values.setdefault("case_number", g.case_number)


def _begin() -> None:
    g.started = time.perf_counter()
    neighbours.begin_page()


def _wait_only_when_told(response: Response) -> Response:
    """The limiter says on each answer when the count begins anew; only a refused program has to wait for it."""
    if response.status_code not in (429, 503):
        response.headers.pop("Retry-After", None)
    return response


def _finish(response: Response) -> Response:
    if g.get("drop_session"):
        drop_cookie(response, "sid")
    remember_switches(response)
    headers = response.headers
    if "Location" in headers:
        # A path of our own: whatever host the request named is not repeated.
        path = headers["Location"].removeprefix(request.host_url.rstrip("/"))
        headers["Location"] = f"/{path.lstrip('/')}" if path.startswith("//") else path or "/"
    headers.setdefault(
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    )
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if settings().secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    current_app.extensions["kept"].keep(response)
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    if request.endpoint not in ("health.alive", "health.ready", "static"):
        took = round((time.perf_counter() - g.started) * 1000) if "started" in g else None
        # The rule, not the path: an activation link's path is a secret.
        rule = request.url_rule.rule if request.url_rule else "-"
        log.info("answered", method=request.method, rule=rule, status=response.status_code, milliseconds=took)
    return response


def _for_templates() -> dict[str, Any]:
    # An address that leads nowhere shows who is here only where that costs nothing.
    asked = request.url_rule is not None or "session" in g
    here = session() if asked else recent_session()
    unknown = here is None and (g.session_unknown if asked else session_token() is not None)
    navigation = list(NAVIGATION)
    if here:
        roles = here["account"]["roles"]
        navigation.append(REVIEWER_NAVIGATION if "reviewer" in roles else MEMBER_NAVIGATION)
    minutes = minutes_until(here["expires_at"]) if here else None
    return {
        "t": for_templates(locale()),
        "locale": locale(),
        "text_size": text_size(),
        "switched": switched(),
        "typed_or": typed_or,
        "ticked": ticked,
        "in_page_order": in_page_order,
        "session_view": here,
        "session_unknown": unknown,
        "accounts_away": asked and g.session_unknown,
        "navigation": navigation,
        "countdown": countdown,
        "remaining": seconds_until(here["expires_at"]) if here else 0,
        "page_address": page_address(),
        "ends_soon": minutes is not None and minutes < SOON_MINUTES,
        "field_name": field_name,
        "csrf": csrf,
        "key": lambda: Markup('<input type="hidden" name="key" value="{}">').format(
            new_key() if g.get("another_key") else request.form.get("key") or new_key()
        ),
        "carried": carried,
        "asset": asset,
        "here_with": here_with,
        "errors": {},
        "notice": "",
    }


def csrf() -> Markup:
    """The form's token; on a page that is kept, the place where each visitor's own will stand."""
    token = current_app.extensions["kept"].placeholder if is_same_for_everybody() else generate_csrf()
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(token)


def carried() -> Markup:
    """What was typed, inside a form that comes between: a login, a code."""
    pairs = g.carried if "carried" in g else list(typed_before().items(multi=True))
    field = Markup('<input type="hidden" name="kept-{}" value="{}">')
    return Markup("").join(field.format(name, value) for name, value in pairs)


def in_page_order(errors: dict[str, str], content: str) -> list[tuple[str, str]]:
    """Field and words, as the fields follow one another in the page; what is bound to no field comes first."""
    return sorted(errors.items(), key=lambda error: content.find(f'id="{error[0]}"') if error[0] else -1)


def here_with(**changes: object) -> str:
    """This address with other parameters. What a stranger put into the address stays a parameter."""
    path = url_for(str(request.endpoint), **(request.view_args or {}))
    shown = {name: value for name, value in request.args.items() if name not in ("lang", "size")}
    return f"{path}?{urlencode({**shown, **changes})}"


@cache
def _fingerprint(name: str) -> str:
    path = Path(__file__).parent / "static" / name
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.exists() else "0"


@cache
def asset(name: str) -> str:
    """A static file's address with its fingerprint, so that a new version is fetched at once."""
    return url_for("static", filename=name, v=_fingerprint(name))


def page_error(
    status: int, *, words: str | None = None, way_on: str | None = None, known: int | str | None = None
) -> tuple[str, int]:
    """`known` names the page's words where the status alone does not."""
    not_the_same()
    if known is None:
        known = status if f"page.{status}.title" in WORDS else 500 if status >= 500 else 400
    if status == 413 and not incoming.takes_a_file(request.path):
        known = "413_text"
    page = render_template(
        "shared/error.html",
        status=known,
        words=words,
        way_on=way_on,
        way_back=page_address() if request.method == "POST" else None,
        typed=_typed_in_words(),
    )
    return page, status


def _typed_in_words() -> list[tuple[str, str]]:
    """What a person wrote into a form of ours that could not be taken, to be read and copied."""
    if request.method != "POST" or not from_own_page():
        return []
    section = (request.view_args or {}).get("name", "") if request.endpoint == "applying.save" else ""
    found = []
    for name in dict.fromkeys(name for name, _ in typed()):
        path, value = f"{section}.{name}", request.form.getlist(name)
        if section and f"field.{path}" in WORDS:
            found.append((field_name(path), formatting.in_words(path, value if value[1:] else value[0])))
        elif f"typed.{name}" in WORDS:
            found.append((t(f"typed.{name}"), value[0]))
    return [(label, value) for label, value in found if value.strip()]


def _refused(refused: Refused) -> Any:
    """A refusal that no page expected."""
    if for_programs():
        return api.refusal_reply(refused)
    if refused.code in ("NOT_SIGNED_IN", "SESSION_ENDED"):
        return ask_to_log_in()
    if refused.code == "APPLICATION_TOKEN_INVALID" and g.case_number:
        return tracking.ask_for_proof()
    status = STATUS_OF_REFUSAL.get(refused.code, 400)
    way_on = url_for("tracking.case") if g.case_number and refused.code == "NOT_EDITABLE" else None
    return *page_error(status, words=refusal_text(refused), way_on=way_on), retry_after(refused.code)


def _unavailable(problem: ServiceUnavailable) -> Any:
    if for_programs():
        return api.unavailable_reply(problem)
    text, status = page_error(503)
    return text, status, {"Retry-After": "30"}


def _not_heard_yet(problem: NotHeardYet) -> Any:
    """In a moment it is there: a page asks again by itself."""
    headers = {"Retry-After": "2"}
    if for_programs():
        errors = {"refusal": ["IN_A_MOMENT"]}
        return {"code": 503, "status": "Service Unavailable", "errors": errors}, 503, headers
    if request.method == "GET":
        headers["Refresh"] = "2"
    text, status = page_error(503, known="in_a_moment")
    return text, status, headers


def _csrf(problem: CSRFError) -> Any:
    return page_error(400)


def _http(problem: HTTPException) -> Any:
    status = problem.code or 500
    if problem.response is not None:
        return problem
    if for_programs():
        return api.http_reply(problem)
    if isinstance(problem, MethodNotAllowed) and request.method in ("GET", "HEAD"):
        return see_other(page_above(request.path))
    return page_error(status)


def _unexpected(problem: Exception) -> Any:
    log.error("page failed", rule=request.url_rule.rule if request.url_rule else "-", exc_info=problem)
    if for_programs():
        return api.failed_reply()
    return page_error(500)
