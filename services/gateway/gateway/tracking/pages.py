"""Follow a case: prove who one is, see every step, correct a returned case, withdraw, leave."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from mtnet_contracts.calls import accounts as calls

from gateway import code_times, formatting
from gateway.applying.steps import first_marked
from gateway.calls import call
from gateway.errors.refusals import ERRORS
from gateway.forms import can_be_shown_again, is_blank, one_line, show_with_typed_before, typed, typed_before
from gateway.locale import gettext, locale, switched
from gateway.navigation import page_address, place_of, see_other
from gateway.problems import missing_text, refusal_text
from gateway.rpc.client import Refused
from gateway.session import device_token, keep_device
from gateway.tracking import cases
from gateway.tracking.cases import current, token

pages = Blueprint("tracking", __name__)

CASE = "/case/<case_number:case_number>"


@pages.get("/case")
def ask() -> str | Response:
    number = one_line(request.args.get("number", ""), 40)
    if number.upper() in cases.tokens():
        # The link of a mail, where the case is open already.
        return see_other(url_for("tracking.case", case_number=number.upper()))
    notice = (
        gettext("The case is closed on this computer. Enter its number to open it again.")
        if request.args.get("left")
        else ""
    )
    return _ask_page(number, {}, notice=notice)


def _ask_page(value: str, errors: dict[str, str], *, notice: str = "") -> str:
    return render_template(
        "tracking/find_case.html", value=value, errors=errors, notice=notice, opened=cases.opened()
    )


def ask_for_proof() -> tuple[str, int]:
    """For a page of a case that is not open here, or no more: a code opens it, and what was typed goes along."""
    number = g.case_number
    cases.forget(number)
    writing = request.endpoint == "applying.save" or (switched() and "version" in request.form)
    g.carried = typed() if writing else list(typed_before().items(multi=True))
    page = render_template(
        "tracking/case_not_open.html", number=number, next=page_address(), carries=bool(g.carried)
    )
    return page, 403


@pages.get("/f/<number>/<digest>")
def scanned(number: str, digest: str) -> Response:
    """Where the QR code of a form leads."""
    return see_other(url_for("tracking.ask", number=number))


@pages.post("/case")
def request_code() -> str | Response | tuple[str, int]:
    query = one_line(request.form.get("query", ""), 40)
    if not query:
        return _ask_page("", {"query": missing_text(gettext("Case number or ID number"))}), 422
    try:
        sent = call(
            calls.tracking.REQUEST_CASE_ACCESS,
            query=query,
            locale=locale(),
            ip=request.remote_addr,
            device_token=device_token(),
        )
    except Refused as refused:
        if refused.code == "INVALID":
            return _ask_page(query, {"query": gettext(ERRORS["CASE_QUERY_INVALID"])}), 422
        return _ask_page(query, {"query": refusal_text(refused)}), 429
    challenge, times = sent["challenge_id"], code_times.packed(sent)
    if not request.form.get("next"):
        return see_other(url_for("tracking.enter_code", challenge=challenge, times=times))
    # What was typed stands in this page alone, so there is nothing to go to.
    g.page_address = url_for("tracking.enter_code", challenge=challenge, times=times)
    return _code_page(challenge, {}, query=query, times=times)


@pages.get("/case/code/<uuid:challenge>")
def enter_code(challenge: object) -> str:
    return _code_page(challenge, {})


def _code_page(
    challenge: object, errors: dict[str, str], *, query: str = "", times: str | None = None
) -> str:
    times = times or code_times.asked()
    return render_template(
        "tracking/code.html",
        challenge=challenge,
        times=times,
        code=code_times.shown(times),
        query=query or request.form.get("query", ""),
        next=request.form.get("next", ""),
        errors=errors,
    )


@pages.post("/case/code/<uuid:challenge>")
def open_cases(challenge: object) -> ResponseReturnValue:
    typed = request.form.get("code", "")
    if is_blank(typed):
        return _code_page(challenge, {"code": gettext(ERRORS["CODE_REQUIRED"])}), 422
    try:
        reply = call(
            calls.tracking.OPEN_CASE, challenge_id=str(challenge), code=typed, device_token=device_token()
        )
    except Refused as refused:
        if refused.code not in ("CODE_WRONG", "INVALID"):
            raise
        return _code_page(challenge, {"code": gettext(ERRORS["CODE_WRONG"])}), 422
    keep_device(reply.get("device_token"))
    opened = reply["cases"]
    for one in reversed(opened):
        cases.keep(one["case_number"], one["application_token"], one["status"])
    return _go_to_opened(opened)


def _go_to_opened(opened: list[dict[str, Any]]) -> ResponseReturnValue:
    """Back to the page that asked for the code, if it is of one of these cases; else to the case itself."""
    wanted = request.form.get("next", "")
    endpoint, parts = place_of(wanted)
    if parts.get("case_number") in [one["case_number"] for one in opened]:
        if not can_be_shown_again(endpoint, after="code"):
            return see_other(wanted)
        g.case_number, g.page_address = parts.pop("case_number"), wanted
        return show_with_typed_before(endpoint, parts, after="code")
    first = opened[0]
    page = "applying.tasks" if first["status"] == "draft" else "tracking.case"
    return see_other(url_for(page, case_number=first["case_number"]))


@pages.get(CASE)
def case() -> str | Response:
    application = current()
    if application["status"] == "draft":
        return see_other(url_for("applying.tasks"))
    return _case_page(
        application,
        notice=gettext("A new activation link is on its way. The old one no longer works.")
        if request.args.get("reissued")
        else "",
    )


def _case_page(application: dict[str, Any], *, notice: str = "", words: str = "") -> str:
    masked = application | {"answers": formatting.with_masked_number(application["answers"])}
    others = [other for other in cases.opened() if other["case_number"] != application["case_number"]]
    errors = {"": words} if words else {}
    return render_template(
        "tracking/case.html",
        correct=first_marked(application),
        application=masked,
        others=others,
        notice=notice,
        errors=errors,
    )


@pages.get(CASE + "/withdraw")
def ask_withdraw() -> str:
    return render_template("tracking/withdraw.html", application=current())


@pages.post(CASE + "/withdraw")
def withdraw() -> Response | tuple[str, int]:
    try:
        call(calls.applications.WITHDRAW_APPLICATION, application_token=token())
    except Refused as refused:
        return _refused(refused, "NOT_WITHDRAWABLE")
    return see_other(url_for("tracking.case"))


@pages.post(CASE + "/activation")
def reissue() -> Response | tuple[str, int]:
    try:
        call(calls.sessions.REISSUE_ACTIVATION, application_token=token())
    except Refused as refused:
        return _refused(refused, "NOT_AWAITING_ACTIVATION", "TOO_SOON")
    return see_other(url_for("tracking.case", reissued=1))


def _refused(refused: Refused, *expected: str) -> tuple[str, int]:
    """The case as it now stands, and why nothing was done. Raises what nobody expects."""
    if refused.code not in expected:
        raise refused
    g.page_address = url_for("tracking.case")
    return _case_page(current(), words=refusal_text(refused)), 409


@pages.post(CASE + "/leave")
def leave() -> str | Response:
    """Close the case on this computer. A draft that no code can open again is asked about first."""
    if request.form.get("sure") != "yes" and g.case_number in cases.tokens():
        application = current()
        proved = any(contact["verified_at"] for contact in application["contacts"])
        if application["status"] == "draft" and not proved:
            return render_template("tracking/leave.html", application=application)
    cases.leave(g.case_number)
    g.case_number = None
    return see_other(url_for("tracking.ask", left=1))
