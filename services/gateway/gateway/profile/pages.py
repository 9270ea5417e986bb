"""My account: the overview, one's own data and contacts, and the link that undoes a change of contacts.

The history is in `history.py`.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, render_template, request, url_for
from mtnet_contracts.calls.accounts import profile as calls
from mtnet_contracts.calls.notify import preferences
from mtnet_contracts.vocabulary.texts import N_

from gateway import code_times
from gateway.calls import call
from gateway.confirmations import confirm, confirmed
from gateway.errors.refusals import ERRORS
from gateway.forms import is_blank
from gateway.locale import gettext
from gateway.navigation import see_other
from gateway.problems import fault_text, refusal_text, with_field
from gateway.profile import history
from gateway.profile.labels import FIELDS
from gateway.rpc.client import Refused, ServiceUnavailable
from gateway.session import require_role

pages = Blueprint("profile", __name__)
history.add_to(pages)

# What notify calls the ways to contacts.
CHANNELS_OF_KINDS = {"email": "email", "mobile": "sms"}
SAVED = {
    "profile": N_("Your change has been saved."),
    "contact": N_("Your contacts have been changed. Those that counted before have been told."),
}


@pages.get("/account")
def overview() -> str:
    require_role()
    return render_template("profile/overview.html")


# One's own data


@pages.get("/account/profile")
def profile() -> str:
    require_role()
    return render_template("profile/profile.html", own=call(calls.OWN_PROFILE), names=FIELDS, notice=_saved())


@pages.get("/account/profile/<any(phone, fax, department, title, locale):item>")
def change_item(item: str) -> str:
    require_role()
    own = call(calls.OWN_PROFILE)
    return _item_page(item, own[item] or "", own["version"], {})


@pages.post("/account/profile/<any(phone, fax, department, title, locale):item>")
def save_item(item: str) -> Response | tuple[str, int]:
    require_role()
    value, version = request.form.get(item, ""), request.form.get("version", -1, type=int)
    try:
        call(calls.SAVE_PROFILE, version=version, **{item: value})
    except Refused as refused:
        if refused.code == "ANSWERS_CHANGED":
            version = call(calls.OWN_PROFILE)["version"]
            return _item_page(item, value, version, {"": refusal_text(refused)}), 409
        if item not in refused.fields:
            raise
        words = with_field(ERRORS.get(refused.fields[item][0], ERRORS["NOT_VALID"]), gettext(FIELDS[item]))
        return _item_page(item, value, version, {item: words}), 422
    return see_other(url_for("profile.profile", saved="profile"))


def _item_page(item: str, value: str, version: int, errors: dict[str, str]) -> str:
    return render_template(
        "profile/change.html", item=item, name=FIELDS[item], value=value, version=version, errors=errors
    )


def _saved() -> str:
    return gettext(SAVED[request.args["saved"]]) if request.args.get("saved") in SAVED else ""


# Contacts


@pages.get("/account/contacts")
def contacts() -> str:
    require_role()
    return _contacts_page({})


def _contacts_page(errors: dict[str, str]) -> str:
    own = call(calls.OWN_CONTACTS)
    return render_template(
        "profile/contacts.html",
        own=own,
        kinds=_by_kind(own),
        silent=_silent_since(),
        channels=CHANNELS_OF_KINDS,
        errors=errors,
        notice=_saved(),
    )


def _silent_since() -> dict[tuple[str, str], str]:
    """Since when nothing arrives, by channel and address; notify knows. Without its answer nothing is said."""
    try:
        points = call(preferences.OWN_NOTIFICATIONS)["contact_points"]
    except (Refused, ServiceUnavailable):
        return {}
    return {
        (each["channel"], each["address"]): each["unreachable_since"]
        for each in points
        if each["unreachable_since"]
    }


def _by_kind(own: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    return [(kind, [c for c in own["contacts"] if c["kind"] == kind]) for kind in calls.CONTACT_KINDS]


@pages.get("/account/contacts/new/<any(email, mobile):kind>")
def new_contact(kind: str) -> str:
    require_role()
    replaced = _replaced(kind)
    # The same address, proved once more: what came back from there may arrive again.
    value = replaced["value"] if replaced and "again" in request.args else ""
    return _contact_page(kind, replaced, value, {})


@pages.post("/account/contacts/new/<any(email, mobile):kind>")
def request_code(kind: str) -> Response | tuple[str, int]:
    require_role()
    value, replaced = request.form.get("value", ""), _replaced(kind)
    path = f"applicant.{kind}"
    if is_blank(value):
        return _contact_page(kind, replaced, value, {"value": fault_text("REQUIRED", path)}), 422
    try:
        sent = call(
            calls.REQUEST_CONTACT_CHANGE,
            kind=kind,
            value=value,
            replaces=replaced["contact_id"] if replaced else None,
        )
    except Refused as refused:
        if refused.code in ("INVALID", "CONTACT_KNOWN") and "value" in refused.fields:
            words, status = fault_text(refused.fields["value"][0], path), 422
        elif refused.code in ("TOO_SOON", "TOO_MANY_CODES"):
            words, status = refusal_text(refused), 429
        else:
            raise
        return _contact_page(kind, replaced, value, {"value": words}), status
    return see_other(
        url_for("profile.enter_code", change_id=sent["challenge_id"], times=code_times.packed(sent))
    )


def _replaced(kind: str) -> dict[str, Any] | None:
    """The contact that a new one takes the place of, as the address names it; None for another one beside it."""
    if "for" not in request.args:
        return None
    for contact in call(calls.OWN_CONTACTS)["contacts"]:
        if contact["contact_id"] == request.args["for"] and contact["kind"] == kind:
            found: dict[str, Any] = contact
            return found
    abort(404)


def _contact_page(kind: str, replaced: dict[str, Any] | None, value: str, errors: dict[str, str]) -> str:
    return render_template("profile/contact.html", kind=kind, replaced=replaced, value=value, errors=errors)


@pages.get("/account/contacts/code/<uuid:change_id>")
def enter_code(change_id: UUID) -> str | Response:
    require_role()
    return _code_page(change_id, {}) or see_other(url_for("profile.contacts"))


@pages.post("/account/contacts/code/<uuid:change_id>")
def confirm_contact(change_id: UUID) -> Response | tuple[str, int]:
    require_role()
    code = request.form.get("code", "")
    errors = {"code": gettext(ERRORS["CODE_REQUIRED"])}
    if not is_blank(code):
        try:
            call(calls.CONFIRM_CONTACT_CHANGE, change_id=str(change_id), code=code)
        except Refused as refused:
            if "code" not in refused.fields:
                raise
            errors = {"code": fault_text(refused.fields["code"][0], "code")}
        else:
            return see_other(url_for("profile.contacts", saved="contact"))
    page = _code_page(change_id, errors)
    return (page, 422) if page else see_other(url_for("profile.contacts"))


@pages.post("/account/contacts/code/<uuid:change_id>/again")
def send_code_again(change_id: UUID) -> Response | tuple[str, int]:
    require_role()
    try:
        sent = call(calls.RESEND_CONTACT_CODE, change_id=str(change_id))
    except Refused as refused:
        page = _code_page(change_id, {"code": refusal_text(refused)})
        if page is None or refused.code not in ("TOO_SOON", "TOO_MANY_CODES"):
            raise
        return page, 429
    return see_other(url_for("profile.enter_code", change_id=change_id, times=code_times.packed(sent)))


def _code_page(change_id: UUID, errors: dict[str, str]) -> str | None:
    """None where nothing waits for that code any more."""
    for waiting in call(calls.OWN_CONTACTS)["waiting"]:
        if waiting["change_id"] == str(change_id):
            times = code_times.asked()
            return render_template(
                "profile/contact_code.html",
                waiting=waiting,
                times=times,
                sent=code_times.shown(times),
                errors=errors,
            )
    return None


@pages.get("/account/contacts/<uuid:contact_id>/remove")
def ask_to_remove(contact_id: UUID) -> str:
    require_role()
    for contact in call(calls.OWN_CONTACTS)["contacts"]:
        if contact["contact_id"] == str(contact_id):
            return render_template("profile/remove_contact.html", contact=contact)
    abort(404)


@pages.post("/account/contacts/<uuid:contact_id>/remove")
def remove_contact(contact_id: UUID) -> Response | tuple[str, int]:
    require_role()
    try:
        call(calls.REMOVE_CONTACT, contact_id=str(contact_id))
    except Refused as refused:
        if refused.code not in ("LAST_EMAIL", "CONTACT_NOT_FOUND"):
            raise
        return _contacts_page({"": refusal_text(refused)}), 409
    return see_other(url_for("profile.contacts", saved="contact"))


@pages.post("/account/contacts/<uuid:contact_id>/first")
def make_primary(contact_id: UUID) -> Response | tuple[str, int]:
    require_role()
    try:
        call(calls.MAKE_CONTACT_PRIMARY, contact_id=str(contact_id))
    except Refused as refused:
        if refused.code != "CONTACT_NOT_FOUND":
            raise
        return _contacts_page({"": refusal_text(refused)}), 409
    return see_other(url_for("profile.contacts", saved="contact"))


# Undo, without a login: whoever made the change may have the password


@pages.get("/contacts/undo/<token>")
def undo_page(token: str) -> tuple[str, int]:
    try:
        found = call(calls.CONTACT_CHANGE_TO_UNDO, undo_token=token)
    except Refused:
        return render_template("profile/undo_invalid.html"), 404
    return render_template("profile/undo.html", found=found, token=token), 200


@pages.post("/contacts/undo/<token>")
def undo(token: str) -> Response | tuple[str, int]:
    try:
        call(calls.UNDO_CONTACT_CHANGE, undo_token=token, ip=request.remote_addr)
    except Refused:
        return render_template("profile/undo_invalid.html"), 404
    return confirm("profile.undone")


@pages.get("/contacts/undone")
def undone() -> Response | str:
    if confirmed() is None:
        return see_other(url_for("passwords.forgotten"))
    return render_template("profile/undone.html")
