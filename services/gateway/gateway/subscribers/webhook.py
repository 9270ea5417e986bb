"""The operator's pages of a webhook: address and secret, what was sent and answered, what is done about it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, g, render_template, request, url_for
from marshmallow import fields
from mtnet_contracts.calls.accounts import webhooks as addresses
from mtnet_contracts.calls.call import Call
from mtnet_contracts.calls.notify import webhooks as calls
from mtnet_contracts.vocabulary.kinds import Choice

from gateway.calls import call
from gateway.forms import asked, one_line
from gateway.locale import gettext
from gateway.navigation import see_other
from gateway.rpc.client import Refused, ServiceUnavailable
from gateway.session import require_role
from gateway.subscribers import secrets
from gateway.subscribers import webhook_labels as labels
from gateway.subscribers.forms import faults_in, status_of, system_named, typed

pages = Blueprint("system_webhook", __name__, url_prefix="/operations/subscribers/<name>/webhook")

CALLS: dict[str, tuple[Call, str]] = {
    "remove": (addresses.REMOVE_WEBHOOK, "webhook_removed"),
    "test": (calls.TEST_WEBHOOK, "webhook_tested"),
    "pause": (calls.PAUSE_WEBHOOK, "webhook_paused"),
    "resume": (calls.RESUME_WEBHOOK, "webhook_resumed"),
}


def sending_of(name: str) -> dict[str, Any]:
    """How its sending goes, as notify says; `problem` in words where it does not say: the page shows the rest."""
    try:
        found: dict[str, Any] = call(calls.WEBHOOK_LOG, name=name, limit=1)["webhook"]
        return found
    except ServiceUnavailable:
        return {"unknown": "away"}
    except Refused as refused:
        if refused.code != "WEBHOOK_NOT_FOUND":
            raise
        return {"unknown": "not yet"}


@pages.get("")
def log(name: str) -> str | tuple[str, int]:
    """What was sent and answered, newest first."""
    require_role("operator")
    found = system_named(name)
    if not found["webhook"]:
        abort(404)
    wanted, errors = _wanted()
    sent: dict[str, Any] | None = None
    try:
        if not errors:
            sent = call(calls.WEBHOOK_LOG, name=name, **wanted)
        sending = sent["webhook"] if sent else sending_of(name)
    except ServiceUnavailable:
        sending = {"unknown": "away"}
    except Refused as refused:
        if refused.code != "WEBHOOK_NOT_FOUND":
            raise
        sending = {"unknown": "not yet"}
    page = render_template(
        "subscribers/webhook_log.html",
        found=found,
        sending=sending,
        sent=sent,
        wanted=wanted | {"event_id": request.args.get("event_id", "")},
        words=labels,
        errors=errors,
    )
    return (page, 422) if errors else page


def _wanted() -> tuple[dict[str, Any], dict[str, str]]:
    """What is looked for, and what cannot be."""
    typed_id, errors, event_id = request.args.get("event_id", "").strip(), {}, None
    if typed_id:
        try:
            event_id = str(UUID(typed_id))
        except ValueError:
            errors["event_id"] = gettext("Enter the id as it stands in webhook-id, or leave it empty")
    wanted = {
        "state": asked("state", Choice(*calls.DELIVERY_STATES)),
        "event": one_line(request.args.get("event", ""), calls.LONGEST_EVENT) or None,
        "event_id": event_id,
        "before": str(before) if (before := asked("before", fields.UUID())) else None,
    }
    return wanted, errors


@pages.get("/events/<uuid:event_id>")
def event(name: str, event_id: UUID) -> str:
    """Each attempt, and what was answered."""
    require_role("operator")
    return _event_page(name, event_id, {})


@pages.post("/events/<uuid:event_id>/again")
def send_again(name: str, event_id: UUID) -> Response | tuple[str, int]:
    require_role("operator")
    values = typed("reason")
    g.page_address = url_for("system_webhook.event", name=name, event_id=event_id)
    try:
        call(calls.SEND_EVENT_AGAIN, name=name, event_id=str(event_id), **values)
    except Refused as refused:
        if refused.code == "DELIVERY_NOT_FOUND":
            abort(404)
        return _event_page(name, event_id, faults_in(refused), values["reason"]), status_of(refused)
    return see_other(url_for("system_webhook.event", name=name, event_id=event_id, saved="again"))


def _event_page(name: str, event_id: UUID, errors: dict[str, str], reason: str = "") -> str:
    try:
        sent = call(calls.WEBHOOK_DELIVERY, name=name, event_id=str(event_id))
    except Refused as refused:
        if refused.code in ("WEBHOOK_NOT_FOUND", "DELIVERY_NOT_FOUND", "INVALID"):
            abort(404)
        raise
    return render_template(
        "subscribers/webhook_event.html",
        name=name,
        sent=sent,
        words=labels,
        reason=reason,
        errors=errors,
        notice=gettext(labels.SENT_AGAIN) if request.args.get("saved") == "again" else "",
    )


@pages.get("/address")
def ask_for_address(name: str) -> str:
    require_role("operator")
    found = system_named(name)
    return _address_page(found, {"url": found["webhook"]["url"] if found["webhook"] else ""}, {})


@pages.post("/address")
def set_address(name: str) -> Response | str | tuple[str, int]:
    require_role("operator")
    values = typed("url", "reason")
    try:
        issued = call(addresses.SET_WEBHOOK, name=name, **values)
    except Refused as refused:
        return _address_page(system_named(name), values, faults_in(refused)), status_of(refused)
    if issued["issued"]:
        return secrets.OF_WEBHOOK.shown(issued)
    return see_other(url_for("subscribers.subscriber", name=name, saved="webhook_set"))


def _address_page(found: dict[str, Any], values: dict[str, str], errors: dict[str, str]) -> str:
    return render_template("subscribers/webhook_address.html", found=found, values=values, errors=errors)


@pages.get("/secret")
def ask_to_renew(name: str) -> str:
    require_role("operator")
    return secrets.OF_WEBHOOK.ask(name)


@pages.post("/secret")
def renew(name: str) -> str | tuple[str, int]:
    require_role("operator")
    return secrets.OF_WEBHOOK.renew(name)


@pages.get("/<any(remove, test, pause, resume):act>")
def ask_to_act(name: str, act: str) -> str:
    require_role("operator")
    return _act_page(name, act, {}, {})


@pages.post("/<any(remove, test, pause, resume):act>")
def do_act(name: str, act: str) -> Response | tuple[str, int]:
    require_role("operator")
    wanted, saved = CALLS[act]
    values = typed("reason")
    try:
        done = call(wanted, name=name, **values)
    except Refused as refused:
        return _act_page(name, act, values, faults_in(refused)), status_of(refused)
    if act == "test":
        return see_other(url_for("system_webhook.event", name=name, event_id=done["event_id"]))
    return see_other(url_for("subscribers.subscriber", name=name, saved=saved))


def _act_page(name: str, act: str, values: dict[str, str], errors: dict[str, str]) -> str:
    title, about = labels.ACTS[act]
    found = system_named(name)
    return render_template(
        "subscribers/act.html",
        found=found,
        posted_to=url_for("system_webhook.do_act", name=name, act=act),
        address=found["webhook"]["url"] if found["webhook"] else "",
        for_good=act == "remove",
        title=gettext(title),
        about=gettext(about),
        values=values,
        errors=errors,
    )
