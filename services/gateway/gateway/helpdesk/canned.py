"""Answers that are kept ready: read by everybody at the desk, kept by team leads and administrators."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, abort, render_template, request, url_for
from mtnet_contracts.calls.helpdesk import canned_answers as calls
from mtnet_contracts.vocabulary.desk import DESK_LEADS
from werkzeug.datastructures import MultiDict

from gateway.calls import call
from gateway.helpdesk.pages import pages
from gateway.locale import gettext, switched
from gateway.navigation import see_other
from gateway.problems import faults_of, refusal_text
from gateway.rpc.client import Refused
from gateway.session import require_role, session

FIELDS = ("title", "body_zh", "body_en")


@pages.get("/canned")
def canned() -> str:
    notice = gettext("Kept.") if "done" in request.args else ""
    return _list(notice=notice)


@pages.get("/canned/new")
def new_canned() -> str:
    require_role(*DESK_LEADS)
    return _form(None, {}, request.form if switched() else MultiDict())


@pages.get("/canned/<uuid:canned_answer_id>")
def edit_canned(canned_answer_id: UUID) -> str:
    require_role(*DESK_LEADS)
    return _form(_one(canned_answer_id), {}, request.form if switched() else MultiDict())


@pages.post("/canned/new")
def add_canned() -> str | Response | tuple[str, int]:
    return _save(None)


@pages.post("/canned/<uuid:canned_answer_id>")
def save_canned(canned_answer_id: UUID) -> str | Response | tuple[str, int]:
    return _save(_one(canned_answer_id))


@pages.post("/canned/<uuid:canned_answer_id>/retire")
def retire_canned(canned_answer_id: UUID) -> Response:
    require_role(*DESK_LEADS)
    call(calls.RETIRE_CANNED_ANSWER, canned_answer_id=str(canned_answer_id))
    return see_other(url_for("helpdesk.canned", done=1))


def _save(found: dict[str, Any] | None) -> Response | tuple[str, int]:
    require_role(*DESK_LEADS)
    values = request.form
    asked: dict[str, Any] = {name: values.get(name, "") for name in FIELDS}
    asked["category"] = values.get("category") or None
    if found is not None:
        asked |= {
            "canned_answer_id": found["canned_answer_id"],
            "version": values.get("version", -1, type=int),
        }
    try:
        call(calls.SAVE_CANNED_ANSWER, **asked)
    except Refused as refused:
        if refused.code == "INVALID":
            return _form(found, faults_of(refused), values), 422
        if refused.code not in calls.SAVE_CANNED_ANSWER.refusals:
            raise
        return _form(found, {"": refusal_text(refused)}, values), 409
    return see_other(url_for("helpdesk.canned", done=1))


def _one(canned_answer_id: UUID) -> dict[str, Any]:
    every: list[dict[str, Any]] = call(calls.CANNED_ANSWERS)["items"]
    found = next((each for each in every if each["canned_answer_id"] == str(canned_answer_id)), None)
    if found is None:
        abort(404)
    return found


def _list(*, notice: str) -> str:
    here = session()
    return render_template(
        "helpdesk/canned.html",
        items=call(calls.CANNED_ANSWERS)["items"],
        may_keep=here is not None and bool(set(DESK_LEADS) & set(here["account"]["roles"])),
        notice=notice,
    )


def _form(found: dict[str, Any] | None, errors: dict[str, str], values: MultiDict[str, str]) -> str:
    return render_template(
        "helpdesk/canned_form.html", found=found, errors=errors, values=values, placeholders=calls.FIELDS
    )
