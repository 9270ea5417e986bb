"""Addresses of the portal: where a page is, where to go next."""

from __future__ import annotations

from contextlib import suppress
from functools import cache, lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from flask import Response, current_app, g, redirect, request, url_for
from mtnet_contracts.vocabulary.desk import DESK, DESK_LEADS
from mtnet_contracts.vocabulary.editing import EDITORS
from mtnet_contracts.vocabulary.texts import N_
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

# Endpoint and text of each entry of the menu.
MENU = (
    ("public.home", N_("Home")),
    ("public.questions", N_("FAQ")),
    ("public.services", N_("Services")),
    ("public.news", N_("News")),
    ("public.affairs", N_("Maritime services")),
    ("applying.start", N_("Apply for an account")),
    ("tracking.ask", N_("Check case progress")),
)
OPERATOR_ENTRY = ("operations.overview", N_("Operations"))
REVIEWER_ENTRY = ("review.queue", N_("Review applications"))
DESK_ENTRY = ("helpdesk.queue", N_("Helpdesk"))
EDITOR_ENTRY = ("faq_drafts.drafts", N_("Proposed questions"))
MEMBER_ENTRY = ("profile.overview", N_("My account"))
# Of some hundred bytes each.
MOST_ADDRESSES = 4000


class Section(NamedTuple):
    """A section of an area, as its side navigation and the card on its overview show it.

    `endpoint` is its first page; all pages below that address belong to it. `about` says what can be done there.
    """

    endpoint: str
    title: str
    about: str


# "My account": whoever adds a section adds it here, and its pages extend shared/account.html.
ACCOUNT_SECTIONS: tuple[Section, ...] = (
    Section(
        "profile.profile", N_("My details"), N_("Telephone, department and title, and the language of mails")
    ),
    Section(
        "profile.contacts",
        N_("E-mail and mobile"),
        N_("Where codes and notices go, and a second way to reach you"),
    ),
    Section(
        "message_centre.messages",
        N_("Messages"),
        N_("What the portal has told you, and where it was sent"),
    ),
    Section(
        "message_centre.notifications",
        N_("How you are told"),
        N_("By e-mail, LINE or fax: choose for each kind of message"),
    ),
    Section("line.line", N_("Notices by LINE"), N_("Get results and reminders in LINE, too")),
    Section("passwords.password", N_("Change password"), N_("Set another password for your account.")),
    Section(
        "second_factors.security",
        N_("Login protection"),
        N_("Two-step verification, passkeys and recovery codes"),
    ),
    Section(
        "sessions.own_sessions",
        N_("Where you are logged in"),
        N_("See the devices on which you are logged in, and log out of them."),
    ),
    Section(
        "profile.history",
        N_("What happened to my account"),
        N_("Logins, changes, and who looked at your data"),
    ),
    Section(
        "privacy_rights.rights",
        N_("My personal data"),
        N_("A copy of your data, and requests to correct, stop or delete"),
    ),
    Section("lifecycle.ask_to_close_own", N_("Close my account"), N_("For good, when you no longer need it")),
)
# "Operations": whoever adds a tool adds it here, and its pages extend shared/operations.html.
OPERATIONS_SECTIONS: tuple[Section, ...] = (
    Section(
        "lifecycle.preview",
        N_("Unused accounts"),
        N_("Which accounts are due to be reminded, frozen or disabled, and what past runs did"),
    ),
    Section(
        "privacy_rights.desk",
        N_("Requests for personal data"),
        N_("What people ask for under the Personal Data Protection Act, and by when it is answered"),
    ),
    Section(
        "broadcasts.broadcasts",
        N_("Messages to many"),
        N_(
            "Write to everybody, to managers, to a system's holders or to a list; pause it, and see who was reached"
        ),
    ),
    Section(
        "suppressions.suppressions",
        N_("Addresses that nothing is sent to"),
        N_("Where mail came back, and what operators added; add an address or take one off"),
    ),
    Section(
        "deliveries.search",
        N_("Messages sent"),
        N_("Find what was sent by case, account or address, see each attempt, and send it again"),
    ),
    Section(
        "providers.overview",
        N_("Providers of messages"),
        N_("Whether each takes messages, and how much was sent and failed by day"),
    ),
    Section(
        "message_templates.texts",
        N_("Texts of messages"),
        N_("What mails, text messages, LINE and faxes say, and who changed it when and why"),
    ),
    Section(
        "subscribers.subscribers",
        N_("Downstream systems"),
        N_("Who subscribes to the portal's events: grants, secrets, queues"),
    ),
    Section("audit.search", N_("Audit log"), N_("Who looked at what, who changed what, and every login")),
    Section("lifecycle.ask_to_close", N_("Close an account"), N_("For good, at the owner's written request")),
)
# "Helpdesk": whoever adds a part of the desk adds it here, and its pages extend shared/desk.html.
DESK_SECTIONS: tuple[Section, ...] = (
    Section(
        "helpdesk.phone", N_("Log a call"), N_("The number, what it was about, save: while you are speaking")
    ),
    Section(
        "helpdesk.canned", N_("Answers kept ready"), N_("Texts to begin an answer with, in both languages")
    ),
    Section(
        "helpdesk.figures",
        N_("Figures"),
        N_("How much came in, how soon it was answered, and what people thought of it"),
    ),
    Section(
        "helpdesk.held",
        N_("Held messages"),
        N_("More of one sender than a person writes: let it in, or discard it"),
    ),
    Section(
        "quick_answers.answers",
        N_("Quick answers"),
        N_("What is often asked, found while you type; write, review, and see what is missing"),
    ),
    Section("faults.incidents", N_("Incidents"), N_("Tickets that read alike, and faults that many report")),
    Section(
        "faults.faults",
        N_("Faults"),
        N_("What does not work: recorded, announced, solved, and its reporters told"),
    ),
    Section("shifts.shifts", N_("Shifts"), N_("Who is on now, the roster, and handing over")),
    Section(
        "desk_reactivations.reactivations",
        N_("Reactivations"),
        N_("Evidence for frozen and disabled accounts: one checks, another decides"),
    ),
)


# What only those see who lead the desk.
FOR_LEADS = frozenset({"helpdesk.figures", "helpdesk.held"})
AGENTS_SECTIONS = tuple(section for section in DESK_SECTIONS if section.endpoint not in FOR_LEADS)


def desk_sections(here: dict[str, Any] | None) -> tuple[Section, ...]:
    """The parts of the desk for whoever is here."""
    leads = here is not None and not set(DESK_LEADS).isdisjoint(here["account"]["roles"])
    return DESK_SECTIONS if leads else AGENTS_SECTIONS


def entries(visitor: str) -> list[tuple[str, str]]:
    """The menu of a `member`, a `reviewer`, an `operator`, somebody of the `desk`, an `editor`, or anybody else."""
    own = {
        "reviewer": [REVIEWER_ENTRY],
        "operator": [OPERATOR_ENTRY, MEMBER_ENTRY],
        "desk": [DESK_ENTRY, MEMBER_ENTRY],
        "editor": [EDITOR_ENTRY, MEMBER_ENTRY],
        "member": [MEMBER_ENTRY],
    }
    return [*MENU, *own.get(visitor, [])]


def menu(here: dict[str, Any] | None) -> list[tuple[str, str]]:
    """The entries for whoever is here."""
    return entries("" if here is None else kind_of(here))


def kind_of(here: dict[str, Any]) -> str:
    """Whose menu somebody who is logged in gets."""
    roles = here["account"]["roles"]
    others = "desk" if set(DESK) & set(roles) else "editor" if set(EDITORS) & set(roles) else "member"
    return next((role for role in ("reviewer", "operator") if role in roles), others)


def home_of(here: dict[str, Any]) -> str:
    """Where somebody's work is: what a login leads to where no page was asked for."""
    return address_of(entries(kind_of(here))[len(MENU)][0])


@cache
def _fixed_address(endpoint: str) -> str | None:
    """The address of a page whose address has no parts: it never changes."""
    rules = list(current_app.url_map.iter_rules(endpoint))
    return url_for(endpoint) if len(rules) == 1 and not rules[0].arguments else None


@lru_cache(MOST_ADDRESSES, typed=True)
def _known_address(endpoint: str, **values: Any) -> str:
    return url_for(endpoint, **values)


def address_of(endpoint: str, **values: Any) -> str:
    """`url_for` of templates, where most addresses are always the same: tabs, filters, the lines of a list.

    On the page of a case an address depends on the case, too.
    """
    if not values and (fixed := _fixed_address(endpoint)):
        return fixed
    if not g.get("case_number") and not any(name.startswith("_") for name in values):
        with suppress(TypeError):  # a list as a value cannot be looked up
            return _known_address(endpoint, **values)
    return url_for(endpoint, **values)


def section_of(sections: tuple[Section, ...], path: str) -> Section | None:
    """The section that a page at this path belongs to; None for the area's overview."""
    for section in sections:
        above = address_of(section.endpoint)
        if path == above or path.startswith(f"{above}/"):
            return section
    return None


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


def see_other(location: str) -> Response:
    """After a post: another page, by GET."""
    return redirect(location, 303)  # type: ignore[return-value]


def own_path(target: str | None, fallback: str) -> str:
    """A path of this portal, never another host."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return fallback
    parts = urlsplit(target)
    return fallback if parts.scheme or parts.netloc or "\\" in target or "\n" in target else target
