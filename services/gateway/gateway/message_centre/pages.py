"""Messages and notifications of My account, and how an applicant is told the result."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, g, render_template, request, url_for
from mtnet_contracts.calls.notify import contact_points, message_centre, preferences
from mtnet_contracts.vocabulary.channels import CHANNEL_TITLES
from mtnet_contracts.vocabulary.kinds import Text
from mtnet_contracts.vocabulary.notices import CATEGORIES
from mtnet_contracts.vocabulary.texts import N_

from gateway.calls import call, call_for_case
from gateway.errors.refusals import ERRORS
from gateway.forms import asked, asked_page, is_blank
from gateway.locale import gettext, locale
from gateway.message_centre import forms
from gateway.message_centre.labels import ABOUT, FAILURES, STATES
from gateway.navigation import see_other
from gateway.problems import missing_text, refusal_text, with_field
from gateway.rpc.client import Refused
from gateway.session import require_role
from gateway.tracking import cases

pages = Blueprint("message_centre", __name__)

PAGE_SIZE = 20
CASE = "/case/<case_number:case_number>"
DONE = {
    "choices": N_("Your choice has been saved."),
    "fax": N_("The fax number is confirmed."),
    "removed": N_("The fax number has been removed."),
    "read": N_("The message is marked as read."),
    "all": N_("All messages are marked as read."),
    "again": N_("The message is on its way once more."),
}
# What an applicant may still be told the result of.
OPEN = ("draft", "submitted", "in_review", "returned")


def _done() -> str:
    return gettext(DONE[request.args["done"]]) if request.args.get("done") in DONE else ""


# What one was told


@pages.get("/account/messages")
def messages() -> str:
    require_role()
    query = asked("query", Text(longest=100)) or ""
    unread = request.args.get("unread") == "1"
    found = call(
        message_centre.OWN_MESSAGES, query=query, unread=unread, page=asked_page(), page_size=PAGE_SIZE
    )
    return render_template(
        "message_centre/messages.html",
        found=found,
        query=query,
        unread=unread,
        categories=CATEGORIES,
        channel_names=CHANNEL_TITLES,
        states=STATES,
        notice=_done(),
    )


@pages.get("/account/messages/<uuid:message_id>")
def message(message_id: UUID) -> str:
    require_role()
    return _message_page(message_id)


def _message_page(message_id: UUID, words: str = "") -> str:
    return render_template(
        "message_centre/message.html",
        told=call(message_centre.OWN_MESSAGE, message_id=str(message_id)),
        categories=CATEGORIES,
        channel_names=CHANNEL_TITLES,
        states=STATES,
        failures=FAILURES,
        notice=_done(),
        errors={"": words} if words else {},
    )


@pages.post("/account/messages/<uuid:message_id>/read")
def mark_read(message_id: UUID) -> Response:
    require_role()
    call(message_centre.MARK_MESSAGES_READ, message_ids=[str(message_id)])
    return see_other(url_for("message_centre.messages", done="read"))


@pages.post("/account/messages/read")
def mark_all_read() -> Response:
    require_role()
    call(message_centre.MARK_MESSAGES_READ)
    return see_other(url_for("message_centre.messages", done="all"))


@pages.post("/account/messages/<uuid:message_id>/again")
def send_again(message_id: UUID) -> Response | tuple[str, int]:
    require_role()
    try:
        call(message_centre.SEND_MESSAGE_AGAIN, message_id=str(message_id))
    except Refused as refused:
        if refused.code not in ("NOT_SENT_AGAIN", "SENT_OFTEN_ENOUGH"):
            raise
        return _message_page(message_id, refusal_text(refused)), 409
    return see_other(url_for("message_centre.message", message_id=message_id, done="again"))


# How one is told


@pages.get("/account/notifications")
def notifications() -> str:
    require_role()
    return _notifications_page(call(preferences.OWN_NOTIFICATIONS))


def _notifications_page(view: dict[str, Any], words: str = "") -> str:
    return render_template(
        "message_centre/notifications.html",
        view=view,
        reached=forms.reached(view),
        categories=CATEGORIES,
        channel_names=CHANNEL_TITLES,
        about=ABOUT,
        line_page=_page_of_line("line.line"),
        notice=_done(),
        errors={"": words} if words else {},
    )


@pages.post("/account/notifications")
def save_notifications() -> Response | tuple[str, int]:
    require_role()
    shown = call(preferences.OWN_NOTIFICATIONS)
    try:
        call(preferences.SAVE_NOTIFICATIONS, categories=forms.choices(request.form, shown["categories"]))
    except Refused as refused:
        if refused.code != "NOT_CHOOSABLE":
            raise
        return _notifications_page(shown, refusal_text(refused)), 422
    return see_other(url_for("message_centre.notifications", done="choices"))


# A fax number of one's own


@pages.get("/account/notifications/fax")
def fax_number() -> str:
    require_role()
    return render_template("message_centre/fax_number.html", number="")


@pages.post("/account/notifications/fax")
def request_fax_code() -> Response | tuple[str, int]:
    require_role()
    number, label = request.form.get("number", ""), gettext("Fax number")
    if is_blank(number):
        return _fax_number_page(number, missing_text(label)), 422
    try:
        call(contact_points.REQUEST_FAX_CODE, number=number, locale=locale())
    except Refused as refused:
        if refused.code not in ("INVALID", "CONTACT_KNOWN", "FAX_AWAY", "TOO_SOON", "TOO_MANY_FAXES"):
            raise
        codes = refused.fields.get("number") or [refused.code]
        words = with_field(ERRORS.get(codes[0], ERRORS["FAX_INVALID"]), label)
        return _fax_number_page(number, words), 429 if refused.code.startswith("TOO_") else 422
    return see_other(url_for("message_centre.enter_fax_code"))


def _fax_number_page(number: str, words: str) -> str:
    return render_template("message_centre/fax_number.html", number=number, errors={"number": words})


@pages.get("/account/notifications/fax/code")
def enter_fax_code() -> str | Response:
    require_role()
    return _fax_code_page({}) or see_other(url_for("message_centre.notifications"))


@pages.post("/account/notifications/fax/code")
def confirm_fax_code() -> Response | tuple[str, int]:
    require_role()
    code, challenge = request.form.get("code", ""), request.form.get("challenge", "")
    errors = {"code": gettext(ERRORS["CODE_REQUIRED"])}
    if not is_blank(code):
        try:
            call(contact_points.CONFIRM_FAX_CODE, challenge_id=challenge, code=code)
        except Refused as refused:
            errors = {"code": refusal_text(refused)}
            if refused.code not in ("INVALID", "CODE_WRONG", "CODE_EXPIRED", "CODE_VOID"):
                raise
            if refused.code in ("CODE_EXPIRED", "CODE_VOID"):
                return _fax_number_page("", errors["code"]), 422
        else:
            return see_other(url_for("message_centre.notifications", done="fax"))
    page = _fax_code_page(errors)
    return (page, 422) if page else see_other(url_for("message_centre.notifications"))


def _fax_code_page(errors: dict[str, str]) -> str | None:
    """None where no number waits for a code."""
    waiting = call(preferences.OWN_NOTIFICATIONS)["waiting_fax"]
    if waiting is None:
        return None
    return render_template("message_centre/fax_code.html", waiting=waiting, errors=errors)


@pages.post("/account/notifications/fax/remove")
def remove_fax_number() -> Response:
    require_role()
    call(contact_points.REMOVE_FAX_NUMBER)
    return see_other(url_for("message_centre.notifications", done="removed"))


# How an applicant is told the result


@pages.get(f"{CASE}/notifications")
def of_case() -> str | Response:
    application = cases.current()
    if application["status"] not in OPEN:
        return see_other(url_for("tracking.case"))
    return _case_page(application)


def _case_page(application: dict[str, Any], words: str = "") -> str:
    view = call_for_case(preferences.OWN_NOTIFICATIONS, cases.token())
    return render_template(
        "message_centre/of_case.html",
        application=application,
        view=view,
        channel_names=CHANNEL_TITLES,
        results=next(each for each in view["categories"] if each["category"] == "legal"),
        reached=forms.reached(view),
        line_page=_page_of_line("line.line_of_case"),
        notice=_done(),
        errors={"": words} if words else {},
    )


@pages.post(f"{CASE}/notifications")
def save_for_case() -> Response | tuple[str, int]:
    application = cases.current()
    shown = call_for_case(preferences.OWN_NOTIFICATIONS, cases.token())
    results = [each for each in shown["categories"] if each["category"] == "legal"]
    wanted = forms.choices(request.form, results)
    try:
        call_for_case(preferences.SAVE_NOTIFICATIONS, cases.token(), categories=wanted)
    except Refused as refused:
        if refused.code not in ("CASE_HAS_ACCOUNT", "NOT_CHOOSABLE"):
            raise
        return _case_page(application, refusal_text(refused)), 409
    return see_other(url_for("message_centre.of_case", done="choices"))


def _page_of_line(endpoint: str) -> str:
    """Where LINE is linked, if the portal has it."""
    if endpoint not in current_app.view_functions:
        return ""
    return url_for(endpoint, **({"case_number": g.case_number} if endpoint.endswith("_case") else {}))
