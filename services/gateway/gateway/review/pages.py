"""The reviewer's pages (BS08-01-01): the work queue, a case, and the decision."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, g, render_template, request, url_for
from mtnet_contracts.calls import accounts
from mtnet_contracts.calls.review import cases as calls
from mtnet_contracts.vocabulary import labels
from mtnet_contracts.vocabulary.choices import IDENTITY_TYPES
from mtnet_contracts.vocabulary.kinds import Choice, Line
from werkzeug.datastructures import MultiDict

from gateway.calls import call
from gateway.errors.pages import PAGES
from gateway.errors.refusals import ERRORS
from gateway.files.downloads import send_file, send_picture
from gateway.formatting import when
from gateway.forms import asked, asked_page, one_line, shows_again
from gateway.locale import gettext, switched
from gateway.navigation import see_other
from gateway.problems import refusal_text
from gateway.review.forms import (
    DECISIONS,
    WITH_REASONS,
    check_offered,
    faults_in,
    fitting,
    marks_in,
    read_by_service,
)
from gateway.review.labels import DECISIONS as DECISION_LABELS
from gateway.review.labels import SORTS, TABS
from gateway.review.listed import listed
from gateway.rpc.client import Refused
from gateway.rpc.fresh_cases import NotHeardYet
from gateway.session import require_role

pages = Blueprint("review", __name__, url_prefix="/review")

ACTION_WORDS = {"forward": "forwarded", "approve": "approved", "return": "returned", "reject": "rejected"}


@pages.before_request
def reviewers_only() -> None:
    require_role("reviewer")


@pages.get("/")
def queue() -> str:
    wanted = {
        "tab": request.args.get("tab") if request.args.get("tab") in TABS else "all",
        "sort": request.args.get("sort") if request.args.get("sort") in SORTS else "oldest",
        "identity_type": asked("identity_type", Choice(*IDENTITY_TYPES)),
        "search": one_line(request.args.get("search", ""), 60) or None,
        "page": asked_page(),
    }
    found = call(calls.QUEUE, **wanted)
    notice = ""
    if request.args.get("done") in ACTION_WORDS:
        notice = gettext(
            "Recorded: %(action)s (%(number)s).",
            action=gettext(labels.ACTIONS[ACTION_WORDS[request.args["done"]]]),
            number=request.args.get("number", "")[:20],
        )
    return render_template("review/queue.html", listed=listed(wanted, found), notice=notice)


@pages.get("/<uuid:application_id>")
def case(application_id: UUID) -> str:
    return _case_page(_load(application_id), {}, request.form if switched() else MultiDict())


@shows_again("review.case", after="login")
def case_again(application_id: UUID, typed: MultiDict[str, str]) -> str:
    """The case with what was being written when the session ended."""
    g.another_key = True
    return _case_page(
        _load(application_id),
        {},
        typed,
        notice=gettext("What you typed is still there, but not saved yet. Check it, then press the button."),
    )


def _load(application_id: UUID) -> dict[str, Any]:
    return call(calls.CASE, application_id=str(application_id))


def _case_page(
    found: dict[str, Any],
    errors: dict[str, str],
    values: MultiDict[str, str],
    *,
    id_number: str = "",
    notice: str = "",
) -> str:
    return render_template(
        "review/case.html",
        found=found,
        errors=errors,
        values=values,
        fitting=fitting(found),
        decisions=DECISION_LABELS,
        marks=marks_in(found, values),
        id_number=id_number,
        notice=notice,
    )


@pages.post("/<uuid:application_id>/claim")
def claim(application_id: UUID) -> str | Response | tuple[str, int]:
    """Claim, or prolong one's own claim; a decision that is being written stays in its form."""
    try:
        claimed = call(calls.CLAIM_CASE, application_id=str(application_id))
    except Refused as refused:
        return _conflict(application_id, refused, request.form)
    if "version" in request.form:
        g.another_key = True
        until = when(claimed["claim_expires_at"], seconds=False)
        return _case_page(claimed, {}, request.form, notice=gettext("Extended until %(until)s.", until=until))
    return see_other(url_for("review.case", application_id=application_id))


@pages.post("/<uuid:application_id>/release")
def release(application_id: UUID) -> Response | tuple[str, int]:
    try:
        call(calls.RELEASE_CASE, application_id=str(application_id))
    except Refused as refused:
        return _conflict(application_id, refused)
    return see_other(url_for("review.queue"))


@pages.post("/<uuid:application_id>/decide")
def decide(application_id: UUID) -> str | Response | tuple[str, int]:
    """Forward at once; what the applicant hears of is shown first, and done when it is confirmed."""
    values = request.form
    chosen = values.get("decision", "")
    if "back" in values:
        return _case_page(_load(application_id), {}, values)
    if chosen not in DECISIONS:
        return _case_page(_load(application_id), {"decision": gettext("Choose a decision")}, values), 422
    asked: dict[str, Any] = {
        "application_id": str(application_id),
        "version": values.get("version", -1, type=int),
        "note": values.get("note", ""),
    }
    try:
        if chosen != "forward":
            found = _load(application_id)
            marks = marks_in(found, values)
            if chosen in WITH_REASONS:
                asked["reasons"] = marks
            if values.get("confirmed") != chosen:
                check_offered(found, chosen, asked["version"])
                return _confirm_page(found, chosen, read_by_service(DECISIONS[chosen], asked), values)
        decided = call(DECISIONS[chosen], **asked)
    except Refused as refused:
        if refused.code != "INVALID":
            return _conflict(application_id, refused, values)
        return _case_page(_load(application_id), faults_in(refused, asked), values), 422
    number = decided["case_number"]
    return see_other(url_for("review.queue", done=chosen, number=number))


def _confirm_page(
    found: dict[str, Any], decision: str, read: dict[str, Any], values: MultiDict[str, str]
) -> str:
    """What will happen, as the service will read it; what was typed goes along, for the way on and the way back."""
    marks = marks_in(found, values)
    typed = [(name, values[name]) for name in ("decision", "note", "reason") if name in values]
    typed += [(f"mark-{mark['field']}", mark["code"]) for mark in marks]
    return render_template(
        "review/confirm.html",
        found=found,
        decision=decision,
        read=read,
        marks=marks,
        typed=typed,
    )


@pages.post("/<uuid:application_id>/id-number")
def reveal(application_id: UUID) -> str | tuple[str, int]:
    reason = one_line(request.form.get("reason", ""), 200, Line)
    found = _load(application_id)
    g.another_key = True
    if not reason:
        return _case_page(found, {"reason": gettext(ERRORS["REASON_REQUIRED"])}, request.form), 422
    try:
        number = call(
            accounts.applications.REVEAL_ID_NUMBER, application_id=str(application_id), reason=reason
        )
    except NotHeardYet:
        # What is being written, the decision's too, stays.
        return _case_page(found, {"reason": gettext(PAGES["in_a_moment"][1])}, request.form), 503
    return _case_page(found, {}, request.form, id_number=number["id_number"])


@pages.get("/<uuid:application_id>/form/<uuid:file_id>")
def form(application_id: UUID, file_id: UUID) -> Response:
    return send_file(
        call(accounts.documents.CASE_FORM, application_id=str(application_id), file_id=str(file_id))
    )


@pages.get("/<uuid:application_id>/form/<uuid:file_id>/view")
def view_form(application_id: UUID, file_id: UUID) -> str:
    """The stamped form as pictures, beside what it must agree with: nothing in a picture can act."""
    found = _load(application_id)
    if not found["form"] or found["form"]["file_id"] != str(file_id):
        abort(404)
    return render_template("review/stamped_form.html", found=found, count=found["form"].get("pages", 1))


@pages.get("/<uuid:application_id>/form/<uuid:file_id>/page/<int:page>")
def form_page(application_id: UUID, file_id: UUID, page: int) -> Response:
    asked = {"application_id": str(application_id), "file_id": str(file_id), "page": page}
    return send_picture(call(accounts.documents.CASE_FORM_PAGE, **asked))


def _conflict(
    application_id: UUID, refused: Refused, values: MultiDict[str, str] | None = None
) -> tuple[str, int]:
    """Somebody was faster: the page as it now stands, what was typed, and why nothing was done."""
    if refused.code in ("CASE_NOT_FOUND", "NOT_ALLOWED", "NOT_SIGNED_IN"):
        raise refused
    g.another_key = True
    errors = {"": refusal_text(refused)}
    return _case_page(_load(application_id), errors, MultiDict() if values is None else values), 409
