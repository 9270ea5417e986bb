"""Pages for everybody: home, news, questions, services, site map, notices, and how the portal is shown."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from mtnet_contracts.calls import accounts, content

from gateway import web
from gateway.clients import Refused, ServiceUnavailable
from gateway.words import LOCALES

pages = Blueprint("public", __name__)

KINDS = {"announcements": "announcement", "news": "news", "questions": "faq"}
ON_HOME = 4


def _latest(kind: str, count: int) -> list[dict[str, Any]] | None:
    """None when the content service is away: the page says so and goes on."""
    try:
        found: list[dict[str, Any]] = web.call(content.PUBLISHED, kind=kind, page=1, page_size=count)["items"]
    except ServiceUnavailable:
        return None
    return found


@pages.get("/")
def home() -> str:
    return render_template(
        "home.html", announcements=_latest("announcement", ON_HOME), news_items=_latest("news", ON_HOME)
    )


def _listing(name: str) -> str:
    page = request.args.get("page", 1, type=int)
    found = web.call(
        content.PUBLISHED,
        kind=KINDS[name],
        page=max(1, page),
        page_size=50 if name == "questions" else 10,
        category=request.args.get("category") or None,
    )
    return render_template("published.html", name=name, found=found, categories=content.FAQ_CATEGORIES)


@pages.get("/announcements")
def announcements() -> str:
    return _listing("announcements")


@pages.get("/news")
def news() -> str:
    return _listing("news")


@pages.get("/questions")
def questions() -> str:
    return _listing("questions")


@pages.get("/<any(announcements, news, questions):name>/<slug>")
def published_page(name: str, slug: str) -> str:
    try:
        found = web.call(content.PUBLISHED_PAGE, kind=KINDS[name], slug=slug)
    except Refused:
        abort(404)
    return render_template("published_page.html", name=name, found=found)


@pages.get("/services")
def services() -> str:
    return render_template("services.html")


@pages.get("/affairs")
def affairs() -> str:
    return render_template("affairs.html", systems=accounts.SYSTEMS)


@pages.get("/contact")
def contact() -> str:
    return render_template("contact.html")


@pages.get("/sitemap")
def sitemap() -> str:
    return render_template("sitemap.html")


@pages.get("/accessibility")
def accessibility() -> str:
    return render_template("accessibility.html")


@pages.get("/privacy")
def privacy() -> str:
    return render_template("privacy.html", privacy=web.call(accounts.PRIVACY_NOTICE))


@pages.get("/api/docs")
def api_reference() -> str:
    return render_template("api_reference.html")


@pages.get("/preferences")
def preferences() -> Response:
    """Language and text size, kept in cookies; back to where one was."""
    response = web.see_other(web.own_path(request.args.get("next"), url_for("public.home")))
    if request.args.get("lang") in LOCALES:
        web.set_cookie(response, "lang", request.args["lang"], seconds=web.YEAR_SECONDS)
    if request.args.get("size") in web.TEXT_SIZES:
        web.set_cookie(response, "size", request.args["size"], seconds=web.YEAR_SECONDS)
    return response
