"""The reviewer's pages (BS08-01-01): the work queue, a case, and the decision."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, g, render_template, request, url_for
from mtnet_contracts.calls import accounts
from mtnet_contracts.calls import review as calls
from mtnet_contracts.calls.kinds import Choice, Line
from werkzeug.datastructures import MultiDict

from gateway import web
from gateway.clients import Refused
from gateway.downloads import send_file, send_picture
from gateway.fresh_cases import NotHeardYet

pages = Blueprint("reviewing", __name__, url_prefix="/review")

TABS = ("all", "mine", "unclaimed", "returned", "overdue", "decided")
SORTS = ("oldest", "newest", "due", "case_number")
DECISIONS = {
    "forward": calls.FORWARD_CASE,
    "approve": calls.APPROVE_CASE,
    "return": calls.RETURN_CASE,
    "reject": calls.REJECT_CASE,
}
ACTION_WORDS = {"forward": "forwarded", "approve": "approved", "return": "returned", "reject": "rejected"}


@pages.before_request
def reviewers_only() -> Response | tuple[str, int] | None:
    return web.require_role("reviewer")


@pages.get("/")
def queue() -> str:
    wanted = {
        "tab": request.args.get("tab") if request.args.get("tab") in TABS else "all",
        "sort": request.args.get("sort") if request.args.get("sort") in SORTS else "oldest",
        "identity_type": web.asked("identity_type", Choice(*accounts.IDENTITY_TYPES)),
        "search": web.one_line(request.args.get("search", ""), 60) or None,
        "page": web.asked_page(),
    }
    found = web.call(calls.QUEUE, **wanted)
    counts = {row["tab"]: row["count"] for row in found["counts"]}
    notice = ""
    if request.args.get("done") in ACTION_WORDS:
        notice = web.t(
            "decide.done",
            action=web.t(f"action.{ACTION_WORDS[request.args['done']]}"),
            number=request.args.get("number", "")[:20],
        )
    return render_template(
        "review_queue.html",
        found=found,
        counts=counts,
        wanted=wanted,
        tabs=TABS,
        sorts=SORTS,
        types=accounts.IDENTITY_TYPES,
        notice=notice,
    )


@pages.get("/<uuid:application_id>")
def case(application_id: UUID) -> str:
    return _case_page(_load(application_id), {}, request.form if web.switched() else MultiDict())


def case_again(application_id: UUID, typed: MultiDict[str, str]) -> str:
    """The case with what was being written when the session ended."""
    g.another_key = True
    return _case_page(_load(application_id), {}, typed, notice=web.t("kept.back"))


def _load(application_id: UUID) -> dict[str, Any]:
    return web.call(calls.CASE, application_id=str(application_id))


def _case_page(
    found: dict[str, Any],
    errors: dict[str, str],
    values: MultiDict[str, str],
    *,
    id_number: str = "",
    notice: str = "",
) -> str:
    markable = [
        f for f in calls.MARKABLE_FIELDS if f.split(".")[0] in found["answers"] or f.startswith("identity.")
    ]
    if found["form"]:
        markable.append("form")
    return render_template(
        "review_case.html",
        found=found,
        errors=errors,
        values=values,
        markable=list(dict.fromkeys(f for f in markable if f != "form" or found["form"])),
        codes=calls.RETURN_CODES,
        ticked_fields=values.getlist("field"),
        id_number=id_number,
        notice=notice,
    )


@pages.post("/<uuid:application_id>/claim")
def claim(application_id: UUID) -> str | Response | tuple[str, int]:
    """Claim, or prolong one's own claim; a decision that is being written stays in its form."""
    try:
        claimed = web.call(calls.CLAIM_CASE, application_id=str(application_id))
    except Refused as refused:
        return _conflict(application_id, refused, request.form)
    if "version" in request.form:
        g.another_key = True
        until = web.when(claimed["claim_expires_at"], seconds=False)
        return _case_page(claimed, {}, request.form, notice=web.t("dossier.prolonged", until=until))
    return web.see_other(url_for("reviewing.case", application_id=application_id))


@pages.post("/<uuid:application_id>/release")
def release(application_id: UUID) -> Response | tuple[str, int]:
    try:
        web.call(calls.RELEASE_CASE, application_id=str(application_id))
    except Refused as refused:
        return _conflict(application_id, refused)
    return web.see_other(url_for("reviewing.queue"))


@pages.post("/<uuid:application_id>/decide")
def decide(application_id: UUID) -> Response | tuple[str, int]:
    values = request.form
    chosen = values.get("decision", "")
    if chosen not in DECISIONS:
        found = _load(application_id)
        return _case_page(found, {"decision": web.t("decide.choose_error")}, values), 422
    asked: dict[str, Any] = {
        "application_id": str(application_id),
        "version": request.form.get("version", -1, type=int),
        "note": values.get("note", ""),
    }
    if chosen in ("return", "reject"):
        asked["reasons"] = [
            {"field": field, "code": values.get(f"code-{field}") or "WRONG"}
            for field in request.form.getlist("field")
        ]
    try:
        decided = web.call(DECISIONS[chosen], **asked)
    except Refused as refused:
        if refused.code != "INVALID":
            return _conflict(application_id, refused, values)
        errors = {}
        if any(name.startswith("reasons") for name in refused.fields):
            errors["field-reasons"] = web.t("error.REASONS_REQUIRED")
        if "note" in refused.fields:
            errors["note"] = web.t("error.REQUIRED", field=web.t("decide.note"))
        if not errors:
            errors[""] = web.t("error.INVALID")
        return _case_page(_load(application_id), errors, values), 422
    number = decided["case_number"]
    return web.see_other(url_for("reviewing.queue", done=chosen, number=number))


@pages.post("/<uuid:application_id>/id-number")
def reveal(application_id: UUID) -> str | tuple[str, int]:
    reason = web.one_line(request.form.get("reason", ""), 200, Line)
    found = _load(application_id)
    g.another_key = True
    if not reason:
        return _case_page(found, {"reason": web.t("error.REASON_REQUIRED")}, request.form), 422
    try:
        number = web.call(accounts.REVEAL_ID_NUMBER, application_id=str(application_id), reason=reason)
    except NotHeardYet:
        # What is being written, the decision's too, stays.
        return _case_page(found, {"reason": web.t("page.in_a_moment.text")}, request.form), 503
    return _case_page(found, {}, request.form, id_number=number["id_number"])


@pages.get("/<uuid:application_id>/form/<uuid:file_id>")
def form(application_id: UUID, file_id: UUID) -> Response:
    return send_file(web.call(accounts.CASE_FORM, application_id=str(application_id), file_id=str(file_id)))


@pages.get("/<uuid:application_id>/form/<uuid:file_id>/view")
def view_form(application_id: UUID, file_id: UUID) -> str:
    """The stamped form as pictures, beside what it must agree with: nothing in a picture can act."""
    found = _load(application_id)
    if not found["form"] or found["form"]["file_id"] != str(file_id):
        abort(404)
    return render_template("review_form.html", found=found, count=found["form"].get("pages", 1))


@pages.get("/<uuid:application_id>/form/<uuid:file_id>/page/<int:page>")
def form_page(application_id: UUID, file_id: UUID, page: int) -> Response:
    asked = {"application_id": str(application_id), "file_id": str(file_id), "page": page}
    return send_picture(web.call(accounts.CASE_FORM_PAGE, **asked))


def _conflict(
    application_id: UUID, refused: Refused, values: MultiDict[str, str] | None = None
) -> tuple[str, int]:
    """Somebody was faster: the page as it now stands, what was typed, and why nothing was done."""
    if refused.code in ("CASE_NOT_FOUND", "NOT_ALLOWED", "NOT_SIGNED_IN"):
        raise refused
    g.another_key = True
    errors = {"": web.refusal_text(refused)}
    return _case_page(_load(application_id), errors, MultiDict() if values is None else values), 409
