"""The editors' pages of proposed questions: the list, one to change, to publish or to decline."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, render_template, request, url_for
from mtnet_contracts.calls.content import faq_drafts as calls
from mtnet_contracts.calls.content.pages import FAQ_CATEGORIES
from mtnet_contracts.vocabulary.choices import LOCALES
from mtnet_contracts.vocabulary.editing import EDITORS
from mtnet_contracts.vocabulary.kinds import Choice, Whole

from gateway.calls import call
from gateway.faq_drafts import labels
from gateway.forms import asked
from gateway.locale import gettext, switched
from gateway.navigation import see_other
from gateway.problems import faults_of, refusal_text
from gateway.rpc.client import Refused
from gateway.session import require_role

pages = Blueprint("faq_drafts", __name__, url_prefix="/editing/questions")

TEXTS = ("category", "question_zh", "question_en", "answer_zh", "answer_en")


@pages.get("")
def drafts() -> str:
    require_role(*EDITORS)
    state = asked("state", Choice(*calls.FAQ_DRAFT_STATES, "all")) or "proposed"
    found = call(
        calls.FAQ_DRAFTS, state=None if state == "all" else state, before=asked("before", Whole(least=1))
    )
    return render_template("faq_drafts/list.html", found=found, state=state, names=labels)


@pages.get("/<uuid:draft_id>")
def draft(draft_id: UUID) -> str:
    found = _known(draft_id)
    return _page(found, request.form if switched() else _values_of(found), {})


@pages.post("/<uuid:draft_id>")
def save(draft_id: UUID) -> Response | tuple[str, int]:
    """Keep what was changed; by the other buttons of the form, publish it as it stands there, or decline it."""
    found = _known(draft_id)
    version = request.form.get("version", 0, type=int)
    try:
        if "decline" not in request.form:
            found = _saved(found, version)
            version = found["version"]
        for button, decision in (("publish", "publish"), ("decline", "decline")):
            if button in request.form:
                reason = request.form.get("reason", "")
                asked_for = {"draft_id": str(draft_id), "version": version, "decision": decision}
                found = call(
                    calls.DECIDE_FAQ_DRAFT, **asked_for, reason=reason if decision == "decline" else ""
                )
    except Refused as refused:
        return _again(draft_id, refused, version)
    done = {"published": "published", "declined": "declined"}.get(found["state"], "saved")
    return see_other(url_for("faq_drafts.draft", draft_id=draft_id, done=done))


def _saved(found: dict[str, Any], version: int) -> dict[str, Any]:
    """The draft with what the form holds; itself where nothing differs."""
    wanted = {name: request.form.get(name, "").strip() for name in TEXTS}
    if version == found["version"] and wanted == {name: _values_of(found)[name] for name in TEXTS}:
        return found
    return call(calls.SAVE_FAQ_DRAFT, draft_id=found["draft_id"], version=version, **wanted)


def _again(draft_id: UUID, refused: Refused, version: int) -> tuple[str, int]:
    """With what was typed, and why nothing was decided."""
    g.another_key = True
    values = {**request.form, "version": version}
    if refused.code == "INVALID":
        errors, status = faults_of(refused), 422
    elif refused.code in ("FAQ_DRAFT_CHANGED", "FAQ_DRAFT_DECIDED"):
        errors, status = {"": refusal_text(refused)}, 409
    else:
        raise refused
    return _page(_known(draft_id), values, errors), status


def _known(draft_id: UUID) -> dict[str, Any]:
    require_role(*EDITORS)
    return call(calls.FAQ_DRAFT, draft_id=str(draft_id))


def _values_of(found: dict[str, Any]) -> dict[str, Any]:
    texts = {
        f"{name}_{'zh' if locale == 'zh-Hant' else locale}": found[name][locale]
        for name in ("question", "answer")
        for locale in LOCALES
    }
    return texts | {"category": found["category"], "version": found["version"]}


def _page(found: dict[str, Any], values: Any, errors: dict[str, str]) -> str:
    done = request.args.get("done", "")
    return render_template(
        "faq_drafts/draft.html",
        draft=found,
        values=values,
        errors=errors,
        names=labels,
        categories=FAQ_CATEGORIES,
        notice=gettext(labels.DONE[done]) if done in labels.DONE else "",
    )
