"""The desk's pages of reactivation cases: begin one on evidence, check, approve as a second person, refuse."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, abort, g, render_template, request, url_for
from mtnet_contracts.calls.accounts import reactivation as accounts
from mtnet_contracts.calls.helpdesk import reactivations as calls
from mtnet_contracts.vocabulary.dates import taipei_day
from mtnet_contracts.vocabulary.desk import DESK
from mtnet_contracts.vocabulary.kinds import Choice, Whole

from gateway.calls import call
from gateway.desk_reactivations import labels
from gateway.forms import asked, one_line
from gateway.locale import gettext
from gateway.navigation import see_other
from gateway.problems import faults_called, refusal_text
from gateway.rpc.client import Refused
from gateway.session import require_role

pages = Blueprint("desk_reactivations", __name__)

# What a page says at its top; the page is shown again with what was typed.
AT_THE_TOP = frozenset(
    {
        "REACTIVATION_CHANGED",
        "REACTIVATION_DECIDED",
        "REACTIVATION_NOT_CHECKED",
        "SECOND_PERSON_NEEDED",
        "CHECKS_MISSING",
        "OWN_REACTIVATION",
    }
)


@pages.get("/desk/reactivations")
def reactivations() -> str:
    require_role(*DESK)
    tab = asked("tab", Choice(*calls.TABS), "waiting")
    found = call(calls.REACTIVATIONS, tab=tab, before=asked("before", Whole(least=1)))
    return render_template("desk_reactivations/list.html", found=found, tab=tab, words=labels)


@pages.get("/desk/reactivations/new")
def ask_to_open() -> str:
    require_role(*DESK)
    reference = one_line(request.args.get("ticket", ""), 20)
    today = taipei_day(datetime.now(UTC)).isoformat()
    evidence = asked("evidence", Choice(*calls.EVIDENCE), "letter")
    return _form({"evidence": evidence, "reference": reference, "received_on": today}, {})


@pages.post("/desk/reactivations/new")
def open_case() -> Response | tuple[str, int]:
    """Accounts says whose the account is and signs it; with that the desk begins the case."""
    require_role(*DESK)
    names = ("account_name", "evidence", "reference", "received_on")
    values = {name: request.form.get(name, "").strip() for name in names}
    try:
        said = call(
            accounts.ACCOUNT_FOR_REACTIVATION,
            account_name=values["account_name"],
            reason=f"{values['evidence']}: {values['reference']}"[:200],
        )
        case = call(calls.OPEN_REACTIVATION, **values, statement=said["statement"])
    except Refused as refused:
        return _form(values, _faults(refused), _known_case(refused)), 422
    return see_other(url_for("desk_reactivations.case", number=case["number"]))


def _known_case(refused: Refused) -> str:
    """The number of the case that there is already."""
    return str(refused.detail.get("number", "")) if refused.code == "REACTIVATION_OPEN" else ""


def _form(values: dict[str, str], errors: dict[str, str], known: str = "") -> str:
    evidence = [(code, gettext(text), "") for code, text in labels.EVIDENCE.items()]
    return render_template(
        "desk_reactivations/open.html", values=values, errors=errors, evidence=evidence, known=known
    )


@pages.get("/desk/reactivations/<number>")
def case(number: str) -> str:
    require_role(*DESK)
    return _case_page(number, {}, {})


@pages.post("/desk/reactivations/<number>/check")
def check(number: str) -> Response | tuple[str, int]:
    values = _judged()
    values["reason"] = request.form.get("reason", "").strip()
    return _decide(calls.CHECK_REACTIVATION, number, values)


@pages.post("/desk/reactivations/<number>/approve")
def approve(number: str) -> Response | tuple[str, int]:
    return _decide(calls.APPROVE_REACTIVATION, number, _judged())


@pages.post("/desk/reactivations/<number>/refuse")
def refuse(number: str) -> Response | tuple[str, int]:
    wanted = {name: request.form.get(name, "").strip() for name in ("refusal_reason", "note", "version")}
    return _decide(calls.REFUSE_REACTIVATION, number, wanted)


def _judged() -> dict[str, Any]:
    return {"checks": request.form.getlist("checks"), "version": request.form.get("version", "")}


def _decide(wanted: Any, number: str, values: dict[str, Any]) -> Response | tuple[str, int]:
    require_role(*DESK)
    try:
        call(wanted, number=number, **values)
    except Refused as refused:
        if refused.code == "REACTIVATION_NOT_FOUND":
            abort(404)
        g.another_key = True
        return _case_page(number, values, _faults(refused)), 409 if refused.code in AT_THE_TOP else 422
    return see_other(url_for("desk_reactivations.case", number=number))


def _case_page(number: str, values: dict[str, Any], errors: dict[str, str]) -> str:
    try:
        found = call(calls.REACTIVATION, number=number)
    except Refused as refused:
        if refused.code in ("REACTIVATION_NOT_FOUND", "INVALID"):
            abort(404)
        raise
    checks = [(code, gettext(labels.CHECKS[code])) for code in calls.CHECKS[found["evidence"]]]
    return render_template(
        "desk_reactivations/case.html",
        case=found,
        checks=checks,
        refusals=[(code, gettext(text), "") for code, text in labels.REFUSAL_REASONS.items()],
        values=values,
        errors=errors,
        words=labels,
    )


def _faults(refused: Refused) -> dict[str, str]:
    """Words at the fields, or at the top of the page. Raises what belongs to neither."""
    if refused.fields:
        return faults_called(refused, labels.FIELDS | {"checks": labels.STATES["open"]})
    if refused.code == "TICKET_NOT_FOUND":
        return {"reference": refusal_text(refused)}
    if refused.code in AT_THE_TOP or refused.code == "STATEMENT_NOT_VALID":
        return {"": refusal_text(refused)}
    raise refused
