"""Pages for everybody: home, news, questions, services, site map, notices, and how the portal is shown."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Blueprint, Response, abort, jsonify, render_template, request, url_for
from mtnet_contracts.calls import accounts, content, review
from mtnet_contracts.catalogue import asyncapi
from mtnet_contracts.described import DescribedEvent, described
from mtnet_contracts.history import versions
from mtnet_contracts.vocabulary.kinds import Choice
from mtnet_contracts.vocabulary.texts import N_

from gateway.api import building
from gateway.cache.pages import for_everybody, not_the_same, shows
from gateway.calls import call
from gateway.extensions import published
from gateway.forms import asked, asked_page, one_line, show_again
from gateway.locale import locale
from gateway.navigation import own_path, place_of, see_other
from gateway.problems import refusal_text
from gateway.review.labels import TABS
from gateway.rpc.client import Refused, ServiceUnavailable
from gateway.rpc.time_budget import at_most
from gateway.session import session
from gateway.tracking import cases

pages = Blueprint("public", __name__)

SYSTEMS_ABOUT = {
    "mtnet": N_("Single sign-on, account applications, case progress and announcements."),
    "carriers": N_("Registration, licences and yearly returns of carriers."),
    "port_affairs": N_("Port clearance and applications for work in port."),
    "vessels": N_("Registration, measurement and certificates of vessels."),
    "crew": N_("Qualifications and licences of seafarers and pilots."),
    "examinations": N_("Examinations for seafarers, courses and results."),
}
KINDS = {"announcements": "announcement", "news": "news", "questions": "faq"}
ON_HOME = 4
# What a reviewer sees of the queue on the home page, and how long each part of one's own may keep the page waiting.
QUEUE_NUMBERS = ("unclaimed", "mine", "overdue", "all")
OWN_SECONDS = 1.0
# A list is kept as far as this; people do not read on, but programs may.
MOST_KEPT_PAGES = 50


def is_page_number(value: str) -> bool:
    """As our own links write it."""
    return value.isdecimal() and value == str(int(value)) and 1 <= int(value) <= MOST_KEPT_PAGES


def is_category(value: str) -> bool:
    return value in content.pages.FAQ_CATEGORIES


def _latest(kind: str, count: int) -> list[dict[str, Any]] | None:
    """None when the content service is away: the page says so and goes on."""
    try:
        copy = published().get(content.pages.PUBLISHED, kind=kind, category=None, page=1, page_size=count)
    except ServiceUnavailable:
        not_the_same()
        return None
    found: list[dict[str, Any]] = shows(copy)["items"]
    return found


@pages.get("/")
@for_everybody()
def home() -> str:
    here = session()
    published = {
        "announcements": _latest("announcement", ON_HOME),
        "news_items": _latest("news", ON_HOME),
    }
    if here is None:
        return render_template("public/home.html", **published)
    not_the_same()
    reviews = "reviewer" in here["account"]["roles"] and not here.get("needs_consent")
    counts = _queue_counts() if reviews else None
    return render_template(
        "public/own_home.html", counts=counts, tabs=TABS, opened=_opened_here(), **published
    )


def _queue_counts() -> list[tuple[str, int]] | None:
    """The unit's queue in numbers, by tab; None when review does not answer."""
    try:
        with at_most(OWN_SECONDS):
            found = call(review.cases.QUEUE, tab="all", page=1, page_size=1)
    except (Refused, ServiceUnavailable):
        return None
    counts = {row["tab"]: row["count"] for row in found["counts"]}
    return [(tab, counts[tab]) for tab in QUEUE_NUMBERS if tab in counts]


def _opened_here() -> list[dict[str, Any]] | None:
    """The cases this browser can open; None when accounts does not answer."""
    try:
        with at_most(OWN_SECONDS):
            return cases.opened()
    except (Refused, ServiceUnavailable):
        return None


def _listing(name: str) -> str:
    page = asked_page()
    category = asked("category", Choice(*content.pages.FAQ_CATEGORIES))
    copy = published().get(
        content.pages.PUBLISHED,
        keep=page <= MOST_KEPT_PAGES,
        kind=KINDS[name],
        category=category,
        page=page,
        page_size=50 if name == "questions" else 10,
    )
    found = shows(copy)
    if not found["items"]:
        not_the_same()
    return render_template(
        "public/published_list.html", name=name, found=found, categories=content.pages.FAQ_CATEGORIES
    )


@pages.get("/announcements")
@for_everybody(page=is_page_number)
def announcements() -> str:
    return _listing("announcements")


@pages.get("/news")
@for_everybody(page=is_page_number)
def news() -> str:
    return _listing("news")


@pages.get("/questions")
@for_everybody(page=is_page_number, category=is_category)
def questions() -> str:
    text = one_line(request.args.get("q", ""), content.searching.LONGEST_SEARCH)
    return _searched(text) if text else _listing("questions")


def _searched(text: str) -> str:
    """Questions that fit; the list of all is a press away."""
    not_the_same()
    found, problem = [], ""
    try:
        asked_for = {"text": text, "locale": locale(), "limit": content.searching.MOST_FOUND}
        found = call(content.searching.SEARCH_PAGES, **asked_for)["items"]
    except Refused as refused:
        if refused.code != "SEARCH_NOT_READY":
            raise
        problem = refusal_text(refused)
    return render_template("public/questions_found.html", text=text, found=found, problem=problem)


@pages.get("/<any(announcements, news, questions):name>/<slug>")
@for_everybody()
def published_page(name: str, slug: str) -> str:
    try:
        found = shows(published().get(content.pages.PUBLISHED_PAGE, kind=KINDS[name], slug=slug))
    except Refused:
        abort(404)
    return render_template("public/published_page.html", name=name, found=found)


@pages.get("/services")
@for_everybody()
def services() -> str:
    return render_template("public/services.html")


@pages.get("/affairs")
@for_everybody()
def affairs() -> str:
    return render_template("public/affairs.html", about=SYSTEMS_ABOUT)


@pages.get("/sitemap")
@for_everybody()
def sitemap() -> str:
    return render_template("public/sitemap.html")


@pages.get("/accessibility")
@for_everybody()
def accessibility() -> str:
    return render_template("public/accessibility.html")


@pages.get("/privacy")
@for_everybody()
def privacy() -> str:
    return render_template(
        "public/privacy.html", privacy=shows(published().get(accounts.consents.PRIVACY_NOTICE))
    )


@pages.get("/api/docs")
@for_everybody()
def api_reference() -> str:
    return render_template("public/api_reference.html", api=building.described())


@pages.get("/api/docs/<name>")
@for_everybody()
def api_group(name: str) -> str:
    group = next((group for group in building.described().groups if group.name == name), None)
    if group is None:
        abort(404)
    return render_template("public/api_group.html", group=group)


@pages.get("/api/events")
@for_everybody()
def events_reference() -> str:
    return render_template("public/events_reference.html", sources=by_source(), versions=versions())


@pages.get("/api/events/asyncapi.json")
def asyncapi_document() -> Response:
    response = jsonify(asyncapi())
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@pages.get("/api/events/<source>")
@for_everybody()
def events_of(source: str) -> str:
    events = by_source().get(source)
    if events is None:
        abort(404)
    return render_template("public/events_of.html", source=source, events=events)


@cache
def by_source() -> dict[str, list[DescribedEvent]]:
    """The events that a downstream system may be granted, by the service that announces them."""
    found: dict[str, list[DescribedEvent]] = {}
    for event in described():
        if event.holds != "secrets":
            found.setdefault(event.source, []).append(event)
    return found


@pages.route("/preferences", methods=["GET", "POST"])
def preferences() -> Response:
    """Language and text size, kept in cookies; back to where one was.

    From a page with a form its content comes along, and the page is shown with it.
    """
    target = own_path(request.args.get("next"), url_for("public.home"))
    if request.method != "POST" or not place_of(target)[0]:
        return see_other(target)
    wanted = {name: request.args[name] for name in ("lang", "size") if name in request.args}
    return show_again(target, wanted)
