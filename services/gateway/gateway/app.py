"""Build the web application: pages, JSON API, errors, headers."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, request
from flask_limiter import Limiter
from mtnet_chassis.data.files import Files
from werkzeug.middleware.proxy_fix import ProxyFix

from gateway import areas, frame, health, problems, rendering, topics
from gateway.api import building
from gateway.api.clients import tell_count
from gateway.cache.pages import KeptPages
from gateway.cache.published import Published
from gateway.cache.sessions import RecentSessions, fingerprint
from gateway.consents import pages as consents
from gateway.cookies import drop_cookie
from gateway.environment import Environment
from gateway.extensions import settings
from gateway.helpdesk.live import DESK_TOPIC, tell_of_changes
from gateway.http import incoming, rate_limits
from gateway.http.client_limits import ClientLimits
from gateway.http.form_protection import FormProtection
from gateway.http.streams import Streams
from gateway.line import webhook as line_webhook
from gateway.locale import remember_switches
from gateway.rpc import time_budget
from gateway.rpc.client import Rpc
from gateway.seal import Seal
from gateway.second_factors import pages as second_factors
from gateway.sessions import pages as sessions
from gateway.settings import Settings
from gateway.tracking import cases
from gateway.tracking import pages as tracking

log = structlog.get_logger()


def create_app(settings: Settings, rpc: Rpc) -> Flask:
    app = Flask(__name__)
    app.request_class = incoming.Request
    app.jinja_environment = Environment
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
    app.extensions["client_seal"] = Seal(settings.secret_key, b"access token")
    app.extensions["form_seal"] = Seal(settings.secret_key, b"contact form")
    app.extensions["confirmation_seal"] = Seal(settings.secret_key, b"confirmation")
    app.extensions["recent_sessions"] = recent = RecentSessions()
    rpc.on_message("session_changed", recent.end)
    app.extensions["files"] = Files(settings.files_url)
    app.extensions["streams"] = streams = Streams()
    for event in ("TicketOpened", "TicketChanged", "TicketReopened"):
        rpc.on_event("helpdesk", event, partial(streams.wake, DESK_TOPIC))
    rpc.on_message("desk_changed", lambda _: streams.wake(DESK_TOPIC))
    app.url_map.converters["case_number"] = cases.CaseNumber
    app.url_map.converters["int"] = incoming.Number
    app.url_value_preprocessor(_take_case_number)
    app.url_defaults(_give_case_number)
    # Flask calls the first one registered last, so after the limiter.
    app.after_request(_wait_only_when_told)
    app.after_request(tell_count)
    limiter = Limiter(
        lambda: incoming.source_of(request.remote_addr),
        app=app,
        storage_uri=f"{rate_limits.SCHEME}://",
        storage_options={"rpc": rpc},
        headers_enabled=True,
    )
    limiter.request_filter(_only_reads)
    app.extensions["rate_counts"] = limiter.storage if settings.rate_limits else None
    app.extensions["client_limits"] = ClientLimits(limiter.limiter if settings.rate_limits else None)
    csrf = FormProtection(app, settings.own_hosts)  # after the limits: a form without its token counts, too
    csrf.exempt(line_webhook.webhook)  # signed, and without a session
    building.register(app, topics.OPERATIONS, csrf, limiter)
    for blueprint in topics.PAGES:
        app.register_blueprint(blueprint)
    csrf.exempt(app.blueprints["unsubscribing"])
    csrf.exempt(app.blueprints["receipts"])  # no browser posts there
    csrf.exempt(app.blueprints["oauth"])
    app.register_blueprint(health.pages)
    for topic, posts in rate_limits.POSTS_A_MINUTE.items():
        limiter.limit(f"{posts} per minute", methods=["POST"])(app.blueprints[topic])
    for topic, posts in rate_limits.POSTS_A_MINUTE_OF_A_CASE.items():
        limiter.limit(
            f"{posts} per minute",
            key_func=_source_and_case,
            methods=["POST"],
            exempt_when=cases.none_is_shown,
        )(app.blueprints[topic])
    app.before_request(_begin)
    app.after_request(tell_of_changes)
    app.after_request(_finish)
    app.teardown_request(lambda _: time_budget.end_page())
    rendering.register(app)
    areas.register(app)
    frame.register(app)
    problems.register(
        app,
        ask_to_log_in=sessions.ask_to_log_in,
        ask_to_confirm=second_factors.ask_to_confirm,
        ask_for_consent=consents.ask_for_consent,
        ask_for_proof=tracking.ask_for_proof,
    )
    return app


def _take_case_number(endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.case_number = (values or {}).pop("case_number", None)


def _give_case_number(endpoint: str, values: dict[str, Any]) -> None:
    """Links on a page of a case lead to pages of the same case."""
    if g.get("case_number") and current_app.url_map.is_endpoint_expecting(endpoint, "case_number"):
        values.setdefault("case_number", g.case_number)


def _begin() -> None:
    g.started = time.perf_counter()
    time_budget.begin_page()


def _only_reads() -> bool:
    """All limits are for what writes or tries a secret, so other requests need not be looked up among them."""
    return request.method in ("GET", "HEAD")


def _source_and_case() -> str:
    """Who is counted: this case, from this address. Counts go over the broker, where its key does not belong."""
    return f"{incoming.source_of(request.remote_addr)} {fingerprint(cases.token())}"


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
