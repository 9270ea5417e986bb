"""A telephone call, logged while it is made: the number, what it is about, the system, save."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template, request, url_for
from mtnet_contracts.calls.helpdesk import tickets as calls
from mtnet_contracts.vocabulary.texts import N_
from mtnet_contracts.vocabulary.ticket_numbers import typed_ticket_number
from werkzeug.datastructures import MultiDict

from gateway.calls import call
from gateway.forms import shows_again
from gateway.helpdesk.labels import DIRECTIONS
from gateway.helpdesk.pages import pages
from gateway.locale import gettext, switched
from gateway.navigation import see_other
from gateway.problems import faults_of, refusal_text
from gateway.rpc.client import Refused

FIELDS = ("phone", "text", "name", "email", "subject")
# What the page calls them.
NAMES = {
    "phone": N_("Number of the caller"),
    "text": N_("What it was about"),
    "name": N_("Name of the caller"),
}


@pages.get("/calls/new")
def phone() -> str:
    return _page(
        {}, request.form if switched() else MultiDict({"ticket": request.args.get("ticket", "")[:20]})
    )


@shows_again("helpdesk.phone", after="login")
def phone_again(typed: MultiDict[str, str]) -> str:
    return _page({}, typed)


@pages.post("/calls/new")
def log_call() -> str | Response | tuple[str, int]:
    values = request.form
    asked: dict[str, Any] = {name: values.get(name, "") for name in FIELDS}
    asked |= {
        "category": values.get("category") or None,
        "priority": values.get("priority") or "normal",
        "direction": values.get("direction") or "in",
        "solved": "solved" in values,
    }
    number, typed = None, values.get("ticket", "").strip()
    if typed:
        number = typed_ticket_number(typed)
        if number is None:
            words = gettext("Enter a ticket number, for example HD2026-000123")
            return _page({"ticket": words}, values), 422
    try:
        if number:
            asked["ticket_id"] = call(calls.TICKET, number=number)["ticket_id"]
        left = call(calls.LOG_CALL, **asked)
    except Refused as refused:
        if refused.code == "INVALID":
            return _page(faults_of(refused, names=NAMES), values), 422
        if refused.code in calls.LOG_CALL.refusals:
            return _page({"ticket": refusal_text(refused)}, values), 409
        raise
    return see_other(url_for("helpdesk.ticket", number=left["number"], done="logged"))


def _page(errors: dict[str, str], values: MultiDict[str, str]) -> str:
    return render_template("helpdesk/phone.html", errors=errors, values=values, directions=DIRECTIONS)
