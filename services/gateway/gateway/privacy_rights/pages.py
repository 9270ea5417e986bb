"""One's rights to personal data, and the operators' desk for requests."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, g, render_template, request, url_for
from marshmallow import fields
from mtnet_contracts.calls.accounts import privacy_rights as calls
from mtnet_contracts.vocabulary.kinds import Choice
from mtnet_contracts.vocabulary.texts import N_
from werkzeug.datastructures import MultiDict

from gateway.calls import call
from gateway.errors.refusals import ERRORS
from gateway.files.downloads import send_file
from gateway.forms import asked, asked_page, is_blank, shows_again
from gateway.locale import gettext, locale
from gateway.navigation import see_other
from gateway.privacy_rights.labels import ABOUT, DECISIONS, KINDS, STATES, STEPS
from gateway.problems import refusal_text, with_field
from gateway.rpc.client import Refused
from gateway.session import require_role

pages = Blueprint("privacy_rights", __name__)

CALL_OF = {
    "carry_out": calls.CARRY_OUT_PRIVACY_REQUEST,
    "answer": calls.ANSWER_PRIVACY_REQUEST,
    "extend": calls.EXTEND_PRIVACY_REQUEST,
    "refuse": calls.REFUSE_PRIVACY_REQUEST,
}
SAVED = {
    "asked": N_("Your request has been received. You will get mail when it is answered."),
    "withdrawn": N_("Your request has been withdrawn."),
    "decided": N_("Recorded. The person has been told."),
}


def _saved() -> str:
    return gettext(SAVED[request.args["saved"]]) if request.args.get("saved") in SAVED else ""


# The person


@pages.get("/account/privacy")
def rights() -> str:
    require_role(before_consent=True)
    found = call(calls.OWN_PRIVACY_REQUESTS)["requests"]
    return render_template(
        "privacy_rights/rights.html", requests=found, kinds=KINDS, states=STATES, notice=_saved()
    )


@pages.get("/account/privacy/copy.pdf")
def copy_on_paper() -> Response:
    require_role(before_consent=True)
    return send_file(call(calls.DOCUMENT_OF_OWN_DATA, locale=locale()))


@pages.get("/account/privacy/copy.json")
def copy_for_programs() -> Response:
    require_role(before_consent=True)
    data = call(calls.COPY_OF_OWN_DATA)["data"]
    response = Response(json.dumps(data, ensure_ascii=False, indent=2), content_type="application/json")
    response.headers.set("Content-Disposition", "attachment", filename="personal-data.json")
    response.headers["Cache-Control"] = "no-store"
    return response


@pages.get("/account/privacy/ask")
def ask() -> str:
    require_role(before_consent=True)
    return _ask_page(MultiDict({"kind": request.args.get("kind", "")}), {})


@shows_again("privacy_rights.ask", after="login")
def ask_again(typed: MultiDict[str, str]) -> str:
    """The form with what was written before somebody had to say who they are."""
    g.another_key = True
    return _ask_page(typed, {})


def _ask_page(values: MultiDict[str, str], errors: dict[str, str]) -> str:
    options = [(code, gettext(KINDS[code]), gettext(ABOUT[code])) for code in calls.KINDS]
    return render_template("privacy_rights/ask.html", options=options, values=values, errors=errors)


@pages.post("/account/privacy/ask")
def send_request() -> Response | tuple[str, int]:
    require_role(before_consent=True)
    kind, words = request.form.get("kind", ""), request.form.get("words", "")
    errors = {}
    if kind not in calls.KINDS:
        errors["kind"] = gettext("Choose what you ask for")
    if is_blank(words):
        errors["words"] = gettext("Say what you ask for")
    if not errors:
        try:
            call(calls.ASK_FOR_PRIVACY_RIGHT, kind=kind, words=words)
        except Refused as refused:
            if refused.code in ("REQUEST_OPEN", "TOO_MANY_REQUESTS"):
                errors = {"kind": refusal_text(refused)}
            elif "words" in refused.fields:
                errors = {"words": _fault(refused, "words", gettext("Your request"))}
            else:
                raise
        else:
            return see_other(url_for("privacy_rights.rights", saved="asked"))
    return _ask_page(request.form, errors), 422


def _fault(refused: Refused, name: str, words: str) -> str:
    return with_field(ERRORS.get(refused.fields[name][0], ERRORS["NOT_VALID"]), words)


@pages.get("/account/privacy/<uuid:request_id>")
def own_request(request_id: UUID) -> str:
    require_role(before_consent=True)
    return _own_page(request_id, {})


def _own_page(request_id: UUID, errors: dict[str, str]) -> str:
    for found in call(calls.OWN_PRIVACY_REQUESTS)["requests"]:
        if found["request_id"] == str(request_id):
            return render_template(
                "privacy_rights/own_request.html",
                found=found,
                kinds=KINDS,
                states=STATES,
                steps=STEPS,
                errors=errors,
                notice=_saved(),
            )
    abort(404)


@pages.post("/account/privacy/<uuid:request_id>/withdraw")
def withdraw(request_id: UUID) -> Response | tuple[str, int]:
    require_role(before_consent=True)
    try:
        call(calls.WITHDRAW_PRIVACY_REQUEST, request_id=str(request_id))
    except Refused as refused:
        if refused.code != "REQUEST_CLOSED":
            raise
        return _own_page(request_id, {"": refusal_text(refused)}), 409
    return see_other(url_for("privacy_rights.rights", saved="withdrawn"))


# The desk


@pages.get("/operations/privacy-requests")
def desk() -> str:
    require_role("operator")
    wanted: dict[str, Any] = {
        "state": asked("state", Choice(*calls.STATES), "open"),
        "kind": asked("kind", Choice(*calls.KINDS)),
        "overdue": asked("overdue", fields.Boolean(), False),
    }
    if request.args.get("state") == "all":
        wanted["state"] = None
    found = call(calls.PRIVACY_DESK, **wanted, page=asked_page())
    return render_template(
        "privacy_rights/desk.html", found=found, wanted=wanted, kinds=KINDS, states=STATES, notice=_saved()
    )


@pages.get("/operations/privacy-requests/<uuid:request_id>")
def case(request_id: UUID) -> str:
    require_role("operator")
    return _case_page(request_id, MultiDict(), {})


@shows_again("privacy_rights.case", after="login")
def case_again(request_id: UUID, typed: MultiDict[str, str]) -> str:
    g.another_key = True
    return _case_page(request_id, typed, {})


def _case_page(request_id: UUID, values: MultiDict[str, str], errors: dict[str, str]) -> str:
    found = call(calls.PRIVACY_CASE, request_id=str(request_id))
    allowed = {
        "carry_out": found["may_carry_out"],
        "answer": True,
        "extend": found["may_extend"],
        "refuse": True,
    }
    decisions = [
        (code, gettext(words), gettext(about)) for code, (words, about) in DECISIONS.items() if allowed[code]
    ]
    return render_template(
        "privacy_rights/case.html",
        found=found,
        kinds=KINDS,
        states=STATES,
        steps=STEPS,
        decisions=decisions,
        values=values,
        errors=errors,
    )


@pages.post("/operations/privacy-requests/<uuid:request_id>")
def decide(request_id: UUID) -> Response | tuple[str, int]:
    require_role("operator")
    values = request.form
    errors = {}
    if values.get("decision") not in CALL_OF:
        errors["decision"] = gettext("Choose a decision")
    if is_blank(values.get("note", "")):
        errors["note"] = gettext("Write what the person is told")
    if errors:
        return _case_page(request_id, values, errors), 422
    more = {"name": values.get("name") or None} if values["decision"] == "carry_out" else {}
    try:
        call(
            CALL_OF[values["decision"]],
            request_id=str(request_id),
            version=values.get("version", -1, type=int),
            note=values["note"],
            **more,
        )
    except Refused as refused:
        if refused.code in (
            "STALE_VERSION",
            "REQUEST_CLOSED",
            "OWN_CASE",
            "EXTENDED_ALREADY",
            "NOT_CARRIED_OUT",
        ):
            g.another_key = True
            return _case_page(request_id, values, {"": refusal_text(refused)}), 409
        if not set(refused.fields) & {"note", "name"}:
            raise
        names = {"note": gettext("What the person is told"), "name": gettext("Name as it is right")}
        faults = {name: _fault(refused, name, names[name]) for name in refused.fields if name in names}
        return _case_page(request_id, values, faults), 422
    return see_other(url_for("privacy_rights.desk", saved="decided"))
