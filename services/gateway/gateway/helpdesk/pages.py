"""The list of tickets: filters in the address, views that are kept, one change for many, and what tells of news."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, render_template, request, url_for
from mtnet_contracts.calls.helpdesk import canned_answers, ticket_list
from mtnet_contracts.calls.helpdesk import tickets as calls
from mtnet_contracts.vocabulary import labels
from mtnet_contracts.vocabulary.desk import DESK
from mtnet_contracts.vocabulary.ticket_numbers import typed_ticket_number

from gateway.calls import call
from gateway.errors.refusals import ERRORS
from gateway.forms import is_blank, one_line
from gateway.helpdesk.forms import (
    FILTERS,
    MOST_ROWS,
    asked_of_the_desk,
    changes_of_choice,
    filters,
    in_address,
    is_address,
    own_id,
)
from gateway.helpdesk.labels import BULK_STATES, SORTS, VIEWS
from gateway.helpdesk.live import stream_for
from gateway.locale import gettext
from gateway.navigation import own_path, see_other
from gateway.problems import faults_of, refusal_text
from gateway.rpc.client import Refused
from gateway.session import require_role

pages = Blueprint("helpdesk", __name__, url_prefix="/desk")


@pages.before_request
def desk_only() -> None:
    require_role(*DESK)


@pages.get("/")
def queue() -> str | Response | tuple[str, int]:
    typed = one_line(request.args.get("number", ""), 20)
    if typed:
        number = typed_ticket_number(typed)
        if number:
            return see_other(url_for("helpdesk.ticket", number=number))
        return _queue({"number": gettext("Enter a ticket number, for example HD2026-000123")}), 404
    return _queue({})


@pages.post("/search")
def search() -> str | Response:
    """What was typed into the search goes into the address; an address of somebody stays out of it."""
    text = one_line(request.form.get("q", ""), ticket_list.LONGEST_SEARCH)
    if not is_address(text):
        return see_other(f"{url_for('helpdesk.queue')}?{in_address(filters() | {'q': text})}")
    g.page_address = url_for("helpdesk.queue")
    return _queue({}, typed=text)


@pages.post("/")
def change_many() -> str | tuple[str, int]:
    """One change for every ticket that is ticked; each is judged by itself, and says what became of it."""
    ticked = request.form.getlist("ticket_id")
    changes = changes_of_choice(request.form.get("change", ""))
    errors = {}
    if changes is None:
        errors["change"] = gettext("Choose what to do with them")
    if not ticked:
        errors["tickets"] = gettext("Tick the tickets first")
    if errors or changes is None:
        return _queue(errors), 422
    try:
        done = call(calls.CHANGE_TICKETS, ticket_ids=ticked, changes=changes)
    except Refused as refused:
        if refused.code not in ("INVALID", *calls.CHANGE_TICKETS.refusals):
            raise
        return _queue({"change": refusal_text(refused)}), 422
    return _queue({}, results=done["results"])


@pages.post("/views")
def save_view() -> Response | tuple[str, int]:
    """Keep the filters that are shown under a name of one's own."""
    name, query = request.form.get("name", ""), in_address(filters())
    if is_blank(name):
        return _queue({"name": gettext("Enter a name for this view")}), 422
    try:
        call(canned_answers.SAVE_VIEW, name=name, query=query or "view=live")
    except Refused as refused:
        if refused.code == "INVALID":
            return _queue(faults_of(refused)), 422
        if refused.code not in canned_answers.SAVE_VIEW.refusals:
            raise
        return _queue({"name": refusal_text(refused)}), 409
    return see_other(f"{url_for('helpdesk.queue')}?{query}")


@pages.post("/views/<uuid:view_id>/remove")
def remove_view(view_id: UUID) -> Response:
    call(canned_answers.REMOVE_VIEW, view_id=str(view_id))
    return see_other(own_path(request.form.get("next"), url_for("helpdesk.queue")))


@pages.get("/live")
def live() -> Response:
    """A stream that says when something at the desk changed, and nothing of what."""
    return stream_for(own_id())


def _queue(
    errors: dict[str, str], *, results: list[dict[str, Any]] | None = None, typed: str | None = None
) -> str:
    """`typed`: what is looked for, and is not to stand in any address of the page."""
    wanted = filters()
    asked = asked_of_the_desk(wanted)
    if typed is not None:
        asked |= {"text": typed, "after": None, "limit": ticket_list.MOST_TICKETS}
    found, ready = _found(asked)
    counts = {each["view"]: each for each in call(ticket_list.COUNT_TICKETS)["counts"]}
    return render_template(
        "helpdesk/queue.html",
        found=found,
        ready=ready,
        typed=wanted["q"] if typed is None else typed,
        in_no_address=typed is not None,
        counts=counts,
        views=VIEWS,
        saved=call(canned_answers.SAVED_VIEWS)["items"],
        people=call(ticket_list.DESK_PEOPLE)["people"],
        wanted=wanted,
        filtered=any(wanted[name] for name in FILTERS),
        address=in_address(wanted),
        most_in_a_file=f"{MOST_ROWS:,}",
        in_address=in_address,
        first_page=asked["after"] is None,
        sorts=SORTS,
        bulk_states=BULK_STATES,
        me=own_id(),
        errors=errors,
        results=results,
        result_words=_result_words,
        fresh=fresh_of(found["items"], counts),
        ticked=request.form.getlist("ticket_id") if errors else [],
    )


def _found(asked: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """The list, and whether it is what the text finds: while the search is made ready, the list without it."""
    try:
        return call(ticket_list.LIST_TICKETS, **asked), True
    except Refused as refused:
        if refused.code != "SEARCH_NOT_READY":
            raise
        return call(ticket_list.LIST_TICKETS, **asked | {"text": "", "after": None}), False


def fresh_of(*shown: Any) -> str:
    """What a page compares to know whether something is new."""
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def _result_words(result: dict[str, Any]) -> str:
    refusal = result["refusal"]
    return gettext("Done") if refusal is None else gettext(ERRORS.get(refusal, ERRORS["NOT_VALID"]))


def category_words(code: str | None) -> str:
    return gettext(labels.TICKET_CATEGORIES[code]) if code else gettext("Not sorted yet")
