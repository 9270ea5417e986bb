"""The frame of every page (header, menus, footer), made once for all pages that have it alike.

`shared/frame.html` is rendered once for all that `Facts` tell. What belongs to one page or one person is a hole in it
then, and filled for each page. So the frame, which is most of a page's texts, costs a page next to nothing; and nothing
of a person is kept, since the template cannot reach the request.
"""

from __future__ import annotations

import re
import secrets
from functools import lru_cache
from typing import Any, NamedTuple, NoReturn
from urllib.parse import quote_plus

from flask import Flask, current_app, request
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from gateway.formatting import SOON_MINUTES, countdown, seconds_until
from gateway.locale import locale, text_size
from gateway.navigation import address_of, entries, kind_of, page_address
from gateway.rendering import asset, csrf_token
from gateway.texts import for_templates

# Some hundreds are possible; a few dozen are seen.
MOST_KEPT = 500
# What each page, or each person, fills in.
HOLES = (
    "title",
    "before",
    "wide",
    "messages",
    "content",
    "page_address",
    "csrf_token",
    "visitor_name",
    "remaining",
    "time_left",
)
SENT_BY_GET = re.compile(r'id="page-form"\s+method="get"')
MARK = secrets.token_hex(8)  # nobody who writes into a page can know it
MARKED = re.compile(f"{MARK}-([a-z_]+)-{MARK}")


class Facts(NamedTuple):
    """All that the frame depends on: a few values each.

    `entry`: the entry of the menu that is shown. `visitor`: `member`, `reviewer`, `operator`, `desk`, `editor`,
    `unknown` (somebody, but it cannot be told just now who) or `stranger`; `unit`: a reviewer's. `form`: how the page's
    form is sent (`get`, `post`), if it has one.
    """

    locale: str
    text_size: str
    entry: str
    visitor: str
    unit: str | None
    form: str
    has_errors: bool
    has_before: bool
    ends_soon: bool
    may_extend: bool


class Hole(Markup):
    """Where a page's own value will stand; `quoted` in a parameter of an address."""

    quoted: str

    def __bool__(self) -> NoReturn:
        raise TypeError("The frame is kept for many pages: decide by the facts, not by a page's own value.")


class OutOfReach:
    """In place of what belongs to one request."""

    def __getattr__(self, name: str) -> NoReturn:
        raise TypeError("The frame is kept for many pages: it knows no request.")


def register(app: Flask) -> None:
    app.jinja_env.globals["framed"] = framed


@pass_context
def framed(context: Context, **own: str) -> Markup:
    """The whole page around what its template made: title, before, wide, messages and content."""
    here: dict[str, Any] | None = context["session_view"]
    facts = _facts(here, context, own)
    address = page_address()
    values = own | {
        "page_address": escape(address),
        # As werkzeug writes a parameter.
        "page_address_quoted": escape(quote_plus(address, safe="!$'()*,/:;?@")),
    }
    if here is not None:
        values |= {
            "csrf_token": csrf_token(),
            "visitor_name": escape(here["account"]["name"]),
            "remaining": str(seconds_until(here["expires_at"])),
            "time_left": escape(countdown(here["expires_at"])),
        }
    pieces, holes = _frame(facts)
    filled = [*pieces]
    for place, name in holes:
        filled[place] = values[name]
    return Markup("".join(filled))  # noqa: S704 - each piece is escaped


def _facts(here: dict[str, Any] | None, context: Context, own: dict[str, str]) -> Facts:
    content = own["content"]
    form = ""
    if 'id="page-form"' in content:
        form = "get" if SENT_BY_GET.search(content) else "post"
    nobody = "unknown" if context["session_unknown"] else "stranger"
    visitor = kind_of(here) if here is not None else nobody
    return Facts(
        locale=locale(),
        text_size=text_size(),
        entry=request.endpoint if request.endpoint in dict(entries(visitor)) else "",
        visitor=visitor,
        unit=here["account"]["unit"] if here else None,
        form=form,
        has_errors=bool(context["errors"]),
        has_before=bool(own["before"].strip()),
        ends_soon=context["ends_soon"],
        may_extend=here is not None and here["latest_at"] > here["expires_at"],
    )


@lru_cache(MOST_KEPT)
def _frame(facts: Facts) -> tuple[tuple[str, ...], tuple[tuple[int, str], ...]]:
    """The frame in pieces, and at which places of them which values come in."""
    whole = current_app.jinja_env.get_template("shared/frame.html").render(
        **facts._asdict(),
        **dict.fromkeys(("request", "session", "g", "config"), OutOfReach()),
        **{name: _hole(name) for name in HOLES},
        **for_templates(facts.locale),
        asset=asset,
        menu=entries(facts.visitor),
        soon_minutes=SOON_MINUTES,
        url_for=_address_in_frame,
    )
    pieces = MARKED.split(whole)
    return tuple(pieces), tuple((place, pieces[place]) for place in range(1, len(pieces), 2))


def _hole(name: str) -> Hole:
    hole = Hole(f"{MARK}-{name}-{MARK}")
    hole.quoted = f"{MARK}-{name}_quoted-{MARK}"
    return hole


def _address_in_frame(endpoint: str, **values: Any) -> str:
    return address_of(endpoint, **{n: v.quoted if isinstance(v, Hole) else v for n, v in values.items()})
