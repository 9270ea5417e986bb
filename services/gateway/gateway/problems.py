"""How errors are shown: in words, at the field they belong to, or as a page of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import structlog
from flask import Flask, g, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from mtnet_contracts.calls.call import CONFIRMATION_REQUIRED, CONSENT_REQUIRED
from mtnet_contracts.vocabulary import labels
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from gateway.api import errors
from gateway.cache.pages import not_the_same
from gateway.calls import ConfirmationRequired
from gateway.errors.pages import PAGES, TYPED
from gateway.errors.refusals import ERRORS, LIMITS, TOO_LONG_FOR
from gateway.field_names import NAMES, OTHER
from gateway.formatting import (
    field_name,
    in_words,
)
from gateway.forms import from_own_page, typed
from gateway.http import incoming
from gateway.http.statuses import STATUS_OF_REFUSAL, retry_after
from gateway.locale import gettext
from gateway.navigation import page_above, page_address, see_other
from gateway.rpc.client import Refused, ServiceUnavailable
from gateway.rpc.fresh_cases import NotHeardYet
from gateway.session import ConsentRequired, for_programs

log = structlog.get_logger()

# A page with its status.
Page = Callable[[], Any]


def register(
    app: Flask, *, ask_to_log_in: Page, ask_to_confirm: Page, ask_for_consent: Page, ask_for_proof: Page
) -> None:
    """Show every error as a page, or to a program as codes. Four refusals lead to pages that belong to topics."""
    refused = partial(_refused, ask_to_log_in=ask_to_log_in, ask_for_proof=ask_for_proof)
    app.register_error_handler(Refused, refused)
    app.register_error_handler(ConfirmationRequired, lambda _: _not_confirmed(ask_to_confirm))
    app.register_error_handler(ConsentRequired, lambda _: _not_agreed(ask_for_consent))
    app.register_error_handler(ServiceUnavailable, _unavailable)
    app.register_error_handler(NotHeardYet, _not_heard_yet)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def fault_text(code: str, path: str) -> str:
    """What is wrong with a field, in words."""
    return with_field(ERRORS.get(code, ERRORS["NOT_VALID"]), field_name(path))


def missing_text(name: str) -> str:
    """That a field is empty; `name` is what the page calls it."""
    return with_field(ERRORS["REQUIRED"], name)


def with_field(text: str, name: str, **facts: str) -> str:
    """A text that may name a field, and `facts`.

    Inside an English sentence the field's name begins small, unless it is ID or QR.
    """
    said = gettext(text)
    if "%(field)s" not in said:
        return said % LIMITS
    inside = not said.startswith("%(field)s") and name[:1].isascii() and not name[:2].isupper()
    return said % {"field": name[:1].lower() + name[1:] if inside else name, **facts}


def faults_of(refused: Refused, section: str = "", names: Mapping[str, str] | None = None) -> dict[str, str]:
    """Words by field, for a page whose fields are those of one section; `names`: what the page calls others.

    What was left empty is asked for by its name, whatever rule noticed it: "enter the account name", not "8 to 20".
    """
    prefix = f"{section}." if section else ""
    found = {}
    for name, codes in refused.fields.items():
        empty = name in request.form and not any(value.strip() for value in request.form.getlist(name))
        chosen = codes[0] in ("NOT_A_CHOICE", "CHOOSE")
        code = codes[0] if not empty else "CHOOSE" if chosen else "REQUIRED"
        path = f"{prefix}{name}"
        called = field_name(path) if path in labels.FIELDS else _called(name, names or {})
        found[name] = _at_field(refused, name, code, called)
    return found


def faults_called(refused: Refused, names: dict[str, str]) -> dict[str, str]:
    """Words by field, for a form whose fields are no part of an application; `names` are what the page calls them."""
    return {
        field: _at_field(refused, field, codes[0], _called(field, names))
        for field, codes in refused.fields.items()
    }


def _at_field(refused: Refused, name: str, code: str, called: str) -> str:
    if code == "TOO_LONG" and name in refused.limits:
        return with_field(TOO_LONG_FOR, called, most=f"{refused.limits[name]:,}")
    return with_field(ERRORS.get(code, ERRORS["NOT_VALID"]), called)


def _called(name: str, names: Mapping[str, str]) -> str:
    """Never the raw name, which is no word of anybody's."""
    return gettext(names.get(name) or NAMES.get(name.rpartition(".")[2], OTHER))


def refusal_text(refused: Refused) -> str:
    return gettext(ERRORS.get(refused.code, PAGES[400][1]), **LIMITS)


def page_error(
    status: int, *, words: str | None = None, way_on: str | None = None, known: int | str | None = None
) -> tuple[str, int]:
    """`known` names the page's words where the status alone does not."""
    not_the_same()
    if known is None:
        known = status if status in PAGES else 500 if status >= 500 else 400
    if status == 413 and not incoming.takes_a_file(request.path):
        known = "413_text"
    title, text = PAGES[known]
    page = render_template(
        "shared/error.html",
        title=gettext(title),
        text=gettext(text, **LIMITS),
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
        if section and path in labels.FIELDS:
            found.append((field_name(path), in_words(path, value if value[1:] else value[0])))
        elif name in TYPED:
            found.append((gettext(TYPED[name]), value[0]))
    return [(label, value) for label, value in found if value.strip()]


def _refused(refused: Refused, *, ask_to_log_in: Page, ask_for_proof: Page) -> Any:
    """A refusal that no page expected."""
    if for_programs():
        return errors.refusal_reply(refused)
    if refused.code in ("NOT_SIGNED_IN", "SESSION_ENDED"):
        return ask_to_log_in()
    if refused.code == "APPLICATION_TOKEN_INVALID" and g.case_number:
        return ask_for_proof()
    status = STATUS_OF_REFUSAL.get(refused.code, 400)
    way_on = url_for("tracking.case") if g.case_number and refused.code == "NOT_EDITABLE" else None
    return *page_error(status, words=refusal_text(refused), way_on=way_on), retry_after(refused.code)


def _not_confirmed(ask_to_confirm: Page) -> Any:
    return errors.refusal_reply(Refused(CONFIRMATION_REQUIRED)) if for_programs() else ask_to_confirm()


def _not_agreed(ask_for_consent: Page) -> Any:
    return errors.refusal_reply(Refused(CONSENT_REQUIRED)) if for_programs() else ask_for_consent()


def _unavailable(problem: ServiceUnavailable) -> Any:
    if for_programs():
        return errors.unavailable_reply(problem)
    text, status = page_error(503)
    return text, status, {"Retry-After": "30"}


def _not_heard_yet(problem: NotHeardYet) -> Any:
    """In a moment it is there: a page asks again by itself."""
    headers = {"Retry-After": "2"}
    if for_programs():
        return errors.in_a_moment_reply(), 503, headers
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
        return errors.http_reply(problem)
    if isinstance(problem, MethodNotAllowed) and request.method in ("GET", "HEAD"):
        return see_other(page_above(request.path))
    return page_error(status)


def _unexpected(problem: Exception) -> Any:
    log.error("page failed", rule=request.url_rule.rule if request.url_rule else "-", exc_info=problem)
    if for_programs():
        return errors.failed_reply()
    return page_error(500)
