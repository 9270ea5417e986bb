"""The desk's quick answers: search and list, one with its history, write, decide; and what the box in a ticket asks."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, jsonify, render_template, request, url_for
from mtnet_contracts.calls.helpdesk import quick_answers as calls
from mtnet_contracts.vocabulary.choices import LOCALES
from mtnet_contracts.vocabulary.desk import DESK, DESK_LEADS, TICKET_CATEGORIES
from mtnet_contracts.vocabulary.kinds import Choice, Whole

from gateway.calls import call
from gateway.forms import asked, one_line
from gateway.locale import gettext
from gateway.navigation import see_other
from gateway.problems import faults_of, refusal_text
from gateway.quick_answers import labels
from gateway.rpc.client import Refused
from gateway.session import require_role, session

pages = Blueprint("quick_answers", __name__, url_prefix="/desk/answers")

FIELDS = ("category", "question_zh", "question_en", "answer_zh", "answer_en", "review_on", "note")
# Of a decision: the day and the reason.
DECIDED = ("review_on", "note")


@pages.get("")
def answers() -> str:
    """What the search finds, or the list."""
    require_role(*DESK)
    text = one_line(request.args.get("q", ""), calls.LONGEST_SEARCH)
    wanted = {
        "state": asked("state", Choice(*calls.QUICK_ANSWER_STATES)),
        "category": asked("category", Choice(*TICKET_CATEGORIES)),
        "due": "due" in request.args,
    }
    found, problem = _search(text) if text else (None, "")
    listed = call(calls.QUICK_ANSWERS, **wanted, before=asked("before", Whole(least=1)))
    return render_template(
        "quick_answers/list.html",
        text=text,
        found=found,
        problem=problem,
        wanted=wanted,
        listed=listed,
        names=labels,
        notice=_notice(),
    )


def _search(text: str) -> tuple[list[dict[str, Any]] | None, str]:
    """All states; and what to say where the search is not ready. What agents find nothing for is counted."""
    try:
        found = call(calls.SEARCH_QUICK_ANSWERS, text=text, drafts=True, limit=calls.MOST_FOUND)["items"]
        if not any(not hit["near"] for hit in found):
            call(calls.NOTE_MISSING_ANSWER, text=text)
    except Refused as refused:
        if refused.code != "SEARCH_NOT_READY":
            raise
        return None, refusal_text(refused)
    return found, ""


@pages.get("/missing")
def missing() -> str:
    require_role(*DESK)
    return render_template(
        "quick_answers/missing.html", items=call(calls.MISSING_ANSWERS, limit=100)["items"]
    )


@pages.get("/suggestions")
def suggestions() -> Response:
    """For the box in a ticket, while somebody types."""
    require_role(*DESK)
    text = one_line(request.args.get("q", ""), calls.LONGEST_SEARCH)
    found = call(calls.SEARCH_QUICK_ANSWERS, text=text)["items"] if text else []
    response = jsonify({"items": found})
    response.headers["Cache-Control"] = "no-store"
    return response


@pages.post("/missing")
def note_missing() -> Response:
    """The box in a ticket was left without a result."""
    require_role(*DESK)
    return jsonify(
        call(calls.NOTE_MISSING_ANSWER, text=one_line(request.form.get("q", ""), calls.LONGEST_SEARCH))
    )


@pages.post("/<uuid:answer_id>/use")
def use(answer_id: UUID) -> Response:
    """The text that goes into an answer, in the language of whoever reads it."""
    require_role(*DESK)
    locale = request.form.get("locale", "")
    locale = locale if locale in LOCALES else LOCALES[0]
    return jsonify(call(calls.USE_QUICK_ANSWERS, answer_ids=[str(answer_id)], locale=locale))


@pages.get("/<uuid:answer_id>")
def answer(answer_id: UUID) -> str:
    return _answer_page(answer_id, {})


@pages.post("/<uuid:answer_id>")
def decide(answer_id: UUID) -> Response | tuple[str, int]:
    require_role(*DESK_LEADS)
    values = {name: request.form[name] for name in DECIDED if request.form.get(name)}
    try:
        call(
            calls.DECIDE_QUICK_ANSWER,
            answer_id=str(answer_id),
            version=request.form.get("version", 1, type=int),
            decision=request.form.get("decision", ""),
            **values,
        )
    except Refused as refused:
        g.another_key = True
        return _answer_page(answer_id, _faults(refused)), 422 if refused.code == "INVALID" else 409
    return see_other(url_for("quick_answers.answer", answer_id=answer_id, done="decided"))


def _answer_page(answer_id: UUID, errors: dict[str, str]) -> str:
    require_role(*DESK)
    history = call(
        calls.QUICK_ANSWER_HISTORY, answer_id=str(answer_id), before=asked("before", Whole(least=1))
    )
    return render_template(
        "quick_answers/answer.html",
        answer=call(calls.QUICK_ANSWER, answer_id=str(answer_id)),
        history=history,
        errors=errors,
        names=labels,
        notice=_notice(),
    )


@pages.get("/new")
def ask_to_propose() -> str:
    require_role(*DESK)
    return _form(None, {"question_zh": one_line(request.args.get("q", ""), calls.LONGEST_QUESTION)}, {})


@pages.post("/new")
def propose() -> Response | tuple[str, int]:
    return _save(None)


@pages.get("/<uuid:answer_id>/edit")
def ask_to_edit(answer_id: UUID) -> str:
    known = _known(answer_id)
    return _form(known, _values_of(known), {})


@pages.post("/<uuid:answer_id>/edit")
def edit(answer_id: UUID) -> Response | tuple[str, int]:
    return _save(_known(answer_id))


def _known(answer_id: UUID) -> dict[str, Any]:
    require_role(*DESK)
    return call(calls.QUICK_ANSWER, answer_id=str(answer_id))


def _values_of(known: dict[str, Any]) -> dict[str, Any]:
    texts = {
        f"{name}_{'zh' if locale == 'zh-Hant' else locale}": known[name][locale]
        for name in ("question", "answer")
        for locale in LOCALES
    }
    return texts | {
        "category": known["category"],
        "review_on": known["review_on"],
        "version": known["version"],
    }


def _save(known: dict[str, Any] | None) -> Response | tuple[str, int]:
    require_role(*DESK)
    values: dict[str, Any] = {name: request.form.get(name, "").strip() for name in FIELDS}
    seen = {"answer_id": known and known["answer_id"], "version": request.form.get("version", 0, type=int)}
    try:
        saved = call(calls.SAVE_QUICK_ANSWER, **values, **seen)
    except Refused as refused:
        g.another_key = True
        status = 422 if refused.code == "INVALID" else 409
        return _form(known, values | {"version": seen["version"]}, _faults(refused)), status
    here = session()
    lead = here is not None and bool(set(DESK_LEADS) & set(here["account"]["roles"]))
    done = "saved" if lead else "proposed"
    return see_other(url_for("quick_answers.answer", answer_id=saved["answer_id"], done=done))


def _form(known: dict[str, Any] | None, values: dict[str, Any], errors: dict[str, str]) -> str:
    return render_template("quick_answers/form.html", known=known, values=values, errors=errors)


def _faults(refused: Refused) -> dict[str, str]:
    """Words at the fields, or above the form. Raises what belongs on no form."""
    if refused.code == "INVALID":
        return faults_of(refused)
    if refused.code not in (*calls.SAVE_QUICK_ANSWER.refusals, *calls.DECIDE_QUICK_ANSWER.refusals):
        raise refused
    if refused.code == "QUICK_ANSWER_NOT_FOUND":
        raise refused
    return {"": refusal_text(refused)}


def _notice() -> str:
    done = request.args.get("done", "")
    return gettext(labels.DONE[done]) if done in labels.DONE else ""
