"""What every template can use."""

from __future__ import annotations

import hashlib
import re
import time
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, current_app, g, request, url_for
from flask import session as cookie_session
from flask_wtf.csrf import generate_csrf
from jinja2.ext import Extension
from markupsafe import Markup
from mtnet_contracts.vocabulary import labels
from mtnet_contracts.vocabulary.answers import QUESTIONS, SHOWN_FIELDS

from gateway import formatting
from gateway.cache.pages import is_same_for_everybody
from gateway.extensions import rpc
from gateway.formatting import (
    SOON_MINUTES,
    clock,
    countdown,
    day,
    field_name,
    minutes_until,
    seconds_until,
    size,
    unbroken,
    waited,
    when,
)
from gateway.forms import new_key, ticked, typed_before, typed_or
from gateway.locale import locale, switched, text_size
from gateway.markdown import html_of
from gateway.navigation import (
    ACCOUNT_SECTIONS,
    OPERATIONS_SECTIONS,
    address_of,
    desk_sections,
    menu,
    page_address,
)
from gateway.session import recent_session, session, session_token
from gateway.texts import LANGUAGES, for_templates

MOST_TOKENS = 2000


class Unindented(Extension):
    """Templates are indented for those who edit them; a page is sent without that."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return re.sub(r"(?m)^ {2,}", " ", source)


def register(app: Flask) -> None:
    # A line that holds nothing but a statement leaves nothing behind.
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension(Unindented)
    app.context_processor(_for_templates)
    app.jinja_env.globals.update(
        url_for=address_of,
        labels=labels,
        shown_fields=SHOWN_FIELDS,
        questions=QUESTIONS,
        languages=LANGUAGES,
        in_words=formatting.in_words,
        account_sections=ACCOUNT_SECTIONS,
        operations_sections=OPERATIONS_SECTIONS,
        desk_sections=desk_sections,
        login_is_away=lambda: rpc().is_away("accounts"),
        html_of=html_of,
    )
    app.jinja_env.filters.update(
        when=lambda value, seconds=True: unbroken(when(value, seconds)),
        clock=clock,
        day=lambda value: unbroken(day(value)),
        size=size,
        waited=waited,
        whole=formatting.whole,
        by_words=formatting.by_words,
    )


def _for_templates() -> dict[str, Any]:
    # An address that leads nowhere shows who is here only where that costs nothing.
    asked = request.url_rule is not None or "session" in g
    here = session() if asked else recent_session()
    unknown = here is None and (g.session_unknown if asked else session_token() is not None)
    minutes = minutes_until(here["expires_at"]) if here else None
    return {
        **for_templates(locale()),
        "locale": locale(),
        "text_size": text_size(),
        "switched": switched(),
        "typed_or": typed_or,
        "ticked": ticked,
        "in_page_order": in_page_order,
        "session_view": here,
        "session_unknown": unknown,
        "accounts_away": asked and g.session_unknown,
        "navigation": menu(here),
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


def csrf_token() -> str:
    """On a page that is kept, the place where each visitor's own will stand."""
    if is_same_for_everybody():
        placeholder: str = current_app.extensions["kept"].placeholder
        return placeholder
    if secret := cookie_session.get(current_app.config["WTF_CSRF_FIELD_NAME"]):
        return _csrf_token(secret, int(time.time() // 60))
    return str(generate_csrf())


@lru_cache(MOST_TOKENS)
def _csrf_token(_secret: str, _minute: int) -> str:
    """A token tells when it was signed; the pages that somebody opens within a minute share one."""
    return str(generate_csrf())


def csrf() -> Markup:
    """The form's token."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(csrf_token())


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
