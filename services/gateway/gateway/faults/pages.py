"""The desk's pages of faults: record, gather who reported it, tell everybody, solve; and what may be an incident."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, g, render_template, request, url_for
from mtnet_contracts.calls import Call
from mtnet_contracts.calls.helpdesk import faults as calls
from mtnet_contracts.vocabulary.choices import SYSTEMS
from mtnet_contracts.vocabulary.dates import TAIPEI
from mtnet_contracts.vocabulary.desk import DESK
from mtnet_contracts.vocabulary.kinds import Choice, Line, Whole
from mtnet_contracts.vocabulary.ticket_numbers import typed_ticket_number

from gateway.calls import call
from gateway.faults import labels
from gateway.forms import asked, one_line
from gateway.locale import gettext
from gateway.navigation import see_other
from gateway.problems import faults_called, refusal_text
from gateway.rpc.client import Refused
from gateway.session import require_role

pages = Blueprint("faults", __name__)

WRITTEN = (
    "title_zh", "title_en", "affected_system", "severity", "started_at", "workaround_zh", "workaround_en", "cause",
)  # fmt: skip
# What a page says at its top; it is shown again with what was typed.
AT_THE_TOP = frozenset({"FAULT_CHANGED", "FAULT_RESOLVED", "TOO_MANY_REPORTS"})
# Between the ticket numbers that somebody types, in both ways of writing.
BETWEEN = re.compile(r"[\s,;、，；]+")


@pages.get("/desk/faults")
def faults() -> str:
    require_role(*DESK)
    tab = asked("tab", Choice(*calls.TABS), "open")
    found = call(calls.FAULTS, tab=tab, before=asked("before", Whole(least=1)))
    return render_template("faults/list.html", found=found, tab=tab, words=labels)


@pages.get("/desk/incidents")
def incidents() -> str:
    require_role(*DESK)
    return render_template("faults/incidents.html", found=call(calls.INCIDENTS), words=labels)


@pages.get("/desk/faults/new")
def ask_to_record() -> str:
    """From a group of similar tickets: with their subject, and with those that are ticked."""
    require_role(*DESK)
    subject = one_line(request.args.get("subject", ""), 100, Line)
    now = datetime.now(TAIPEI).strftime("%Y-%m-%dT%H:%M")
    values = {"title_zh": subject, "severity": "normal", "started_at": now}
    return _form(values, {}, _ticked(request.args.getlist("ticket_ids")))


@pages.post("/desk/faults/new")
def record() -> Response | tuple[str, int]:
    require_role(*DESK)
    values, ticket_ids = _typed(), _ticked(request.form.getlist("ticket_ids"))
    try:
        done = call(calls.RECORD_FAULT, **_sent(values), ticket_ids=ticket_ids)
    except Refused as refused:
        return _form(values, _faults(refused), ticket_ids), 422
    return see_other(url_for("faults.fault", number=done["number"]))


def _ticked(ids: list[str]) -> list[str]:
    """Those that are ids."""
    found = []
    for each in ids[: calls.MOST_ADDED]:
        try:
            found.append(str(UUID(each)))
        except ValueError:
            continue
    return found


def _typed() -> dict[str, str]:
    return {name: request.form.get(name, "").strip() for name in WRITTEN}


def _sent(values: dict[str, str]) -> dict[str, Any]:
    """With the moment as a UTC instant; what is no moment of Taipei is left as it was typed."""
    try:
        local = datetime.fromisoformat(values["started_at"])
    except ValueError:
        return dict(values)
    if local.tzinfo is None:
        local = local.replace(tzinfo=TAIPEI)
    return values | {"started_at": local.astimezone(UTC).isoformat()}


def _form(
    values: dict[str, str], errors: dict[str, str], ticket_ids: list[str], fault: dict[str, Any] | None = None
) -> str:
    return render_template(
        "faults/form.html",
        values=values,
        errors=errors,
        ticket_ids=ticket_ids,
        fault=fault,
        systems=SYSTEMS,
        severities=[(code, gettext(text), "") for code, text in labels.SEVERITIES.items()],
    )


@pages.get("/desk/faults/<number>")
def fault(number: str) -> str:
    require_role(*DESK)
    return _fault_page(number, {}, {})


@pages.get("/desk/faults/<number>/change")
def ask_to_change(number: str) -> str:
    require_role(*DESK)
    found = _found(number)
    local = datetime.fromisoformat(found["started_at"]).astimezone(TAIPEI).strftime("%Y-%m-%dT%H:%M")
    return _form({name: found[name] for name in WRITTEN} | {"started_at": local}, {}, [], found)


@pages.post("/desk/faults/<number>/change")
def change(number: str) -> Response | tuple[str, int]:
    require_role(*DESK)
    values = _typed()
    try:
        call(calls.CHANGE_FAULT, number=number, version=request.form.get("version", ""), **_sent(values))
    except Refused as refused:
        g.another_key = True
        return _form(values, _faults(refused), [], _found(number)), 422
    return see_other(url_for("faults.fault", number=number))


@pages.post("/desk/faults/<number>/reports")
def add_reports(number: str) -> Response | tuple[str, int]:
    """Those that are ticked, all that read alike, or those whose numbers were typed."""
    require_role(*DESK)
    tell = {"tell": "tell" in request.form}
    if "every_alike" in request.form:
        return _done(calls.ADD_REPORTS, number, {"ticket_ids": [], "every_alike": True} | tell)
    if "numbers" in request.form:
        return _add_numbered(number, request.form["numbers"].strip(), tell)
    ticket_ids = _ticked(request.form.getlist("ticket_ids"))
    if not ticket_ids:
        g.another_key = True
        return _fault_page(number, {}, {"ticket_ids": gettext("Tick the tickets first")}), 422
    return _done(calls.ADD_REPORTS, number, {"ticket_ids": ticket_ids} | tell)


def _add_numbered(number: str, typed: str, tell: dict[str, bool]) -> Response | tuple[str, int]:
    numbers = [typed_ticket_number(each) for each in BETWEEN.split(typed)]
    if None in numbers:
        g.another_key = True
        words = gettext("Enter a ticket number, for example HD2026-000123")
        return _fault_page(number, {"numbers": typed}, {"numbers": words}), 422
    return _done(calls.ADD_REPORTS, number, {"ticket_ids": [], "numbers": numbers} | tell)


@pages.post("/desk/faults/<number>/reports/<uuid:ticket_id>/remove")
def remove_report(number: str, ticket_id: UUID) -> Response | tuple[str, int]:
    return _done(calls.REMOVE_REPORT, number, {"ticket_id": str(ticket_id)})


@pages.post("/desk/faults/<number>/announce")
def announce(number: str) -> Response | tuple[str, int]:
    values = {name: request.form.get(name, "").strip() for name in ("text_zh", "text_en", "version")}
    return _done(calls.ANNOUNCE_FAULT, number, values | {"tell": "tell" in request.form})


@pages.post("/desk/faults/<number>/resolve")
def resolve(number: str) -> Response | tuple[str, int]:
    names = ("solution_zh", "solution_en", "cause", "version")
    return _done(calls.RESOLVE_FAULT, number, {name: request.form.get(name, "").strip() for name in names})


def _done(wanted: Call, number: str, values: dict[str, Any]) -> Response | tuple[str, int]:
    """Back to the fault, which says what became of its reporters."""
    require_role(*DESK)
    try:
        done = call(wanted, number=number, **values)
    except Refused as refused:
        if refused.code == "FAULT_NOT_FOUND":
            abort(404)
        g.another_key = True
        status = 409 if refused.code in AT_THE_TOP else 422
        return _fault_page(number, values | _typed_numbers(), _faults(refused)), status
    told = done.get("tickets")
    left_out = ",".join(done.get("left_out", [])[:20]) or None
    return see_other(url_for("faults.fault", number=number, told=told, left_out=left_out))


def _typed_numbers() -> dict[str, str]:
    return {"numbers": request.form.get("numbers", "")}


def _found(number: str) -> dict[str, Any]:
    try:
        return call(calls.FAULT, number=number)
    except Refused as refused:
        if refused.code in ("FAULT_NOT_FOUND", "INVALID"):
            abort(404)
        raise


def _fault_page(number: str, values: dict[str, Any], errors: dict[str, str]) -> str:
    left_out = [each for each in request.args.get("left_out", "").split(",")[:20] if each[:2] == "HD"]
    return render_template(
        "faults/fault.html",
        fault=_found(number),
        values=values,
        errors=errors,
        words=labels,
        told=asked("told", Whole(most=calls.MOST_REPORTS)),
        left_out=[one_line(each, 20) for each in left_out],
    )


def _faults(refused: Refused) -> dict[str, str]:
    """Words at the fields, or at the top of the page. Raises what belongs to neither."""
    if refused.fields:
        return faults_called(refused, labels.FIELDS)
    if refused.code == "TICKET_NOT_FOUND":
        return {"numbers": refusal_text(refused)}
    if refused.code in AT_THE_TOP:
        return {"": refusal_text(refused)}
    raise refused
