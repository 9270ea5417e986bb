"""The operator's pages of downstream systems: list, one system, register, grant, secrets, suspend, remove."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, render_template, request, url_for
from mtnet_contracts.calls.accounts import subscribers as calls
from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.kinds import Choice
from mtnet_contracts.vocabulary.labels import SYSTEMS

from gateway.audit.labels import action_words
from gateway.calls import call
from gateway.forms import asked, asked_page, one_line
from gateway.locale import gettext
from gateway.navigation import see_other
from gateway.problems import refusal_text
from gateway.rpc.client import Refused, ServiceUnavailable
from gateway.session import require_role
from gateway.subscribers import labels, secrets, webhook_labels
from gateway.subscribers.events import events_by_source
from gateway.subscribers.forms import faults_in, status_of, system_named, typed
from gateway.subscribers.webhook import sending_of

pages = Blueprint("subscribers", __name__, url_prefix="/operations/subscribers")

DESCRIBED = ("title", "owner", "contact_email", "system")
CALLS: dict[str, tuple[Call, str]] = {
    "suspend": (calls.SUSPEND_SUBSCRIBER, "suspended"),
    "resume": (calls.RESUME_SUBSCRIBER, "resumed"),
    "remove": (calls.REMOVE_SUBSCRIBER, "removed"),
    "revoke": (calls.REVOKE_EVENT, "revoked"),
    "revoke_scope": (calls.REVOKE_SCOPE, "scope_revoked"),
}
# What a system loses by an act: the field that names it.
TAKEN = {"revoke": "event", "revoke_scope": "scope"}
MORE_FIELDS = {"remove": ("confirm_name",)} | {act: (field,) for act, field in TAKEN.items()}


@pages.get("")
def subscribers() -> str:
    require_role("operator")
    wanted = {
        "text": one_line(request.args.get("text", ""), 100) or None,
        "state": asked("state", Choice(*calls.STATES)),
    }
    found = call(calls.SUBSCRIBERS, **wanted, page=asked_page())
    return render_template(
        "subscribers/list.html", found=found, wanted=wanted, states=labels.STATES, systems=SYSTEMS
    )


# An underscore is in no system's name, so that these addresses are none of theirs.
@pages.get("/new_system")
def ask_to_register() -> str:
    require_role("operator")
    return _registration_page({}, {})


@pages.post("/new_system")
def register() -> str | tuple[str, int]:
    require_role("operator")
    values = typed("name", *DESCRIBED, "reason")
    try:
        issued = call(calls.REGISTER_SUBSCRIBER, **values | {"system": values["system"] or None})
    except Refused as refused:
        return _registration_page(values, faults_in(refused)), status_of(refused)
    return secrets.OF_SYSTEM.shown(issued)


def _registration_page(values: dict[str, str], errors: dict[str, str], name: str = "") -> str:
    """Of a new system, or of the one of that name."""
    return render_template(
        "subscribers/registration.html",
        values=values,
        errors=errors,
        name=name,
        systems=[(code, gettext(words)) for code, words in SYSTEMS.items()],
    )


@pages.get("/on_the_broker")
def on_the_broker() -> str | tuple[str, int]:
    """What would be done; nothing is changed yet."""
    require_role("operator")
    return _broker_page(calls.BROKER_DIFFERENCES)


@pages.post("/on_the_broker")
def apply() -> str | tuple[str, int]:
    require_role("operator")
    return _broker_page(calls.APPLY_TO_BROKER)


def _broker_page(wanted: Call) -> str | tuple[str, int]:
    try:
        found = call(wanted)["differences"]
    except Refused as refused:
        if refused.code != "BROKER_AWAY":
            raise
        return render_template("subscribers/broker.html", found=None, errors={"": refusal_text(refused)}), 503
    return render_template("subscribers/broker.html", found=found, done=wanted is calls.APPLY_TO_BROKER)


@pages.get("/<name>")
def subscriber(name: str) -> str:
    require_role("operator")
    saved, found = request.args.get("saved", ""), system_named(name)
    return render_template(
        "subscribers/subscriber.html",
        found=found,
        queue=_queue(name) if found["state"] != "removed" else None,
        sending=sending_of(name) if found["webhook"] else None,
        words=labels,
        hook_words=webhook_labels,
        systems=SYSTEMS,
        action_words=action_words,
        notice=gettext(labels.SAVED[saved]) if saved in labels.SAVED else "",
    )


def _queue(name: str) -> dict[str, Any] | None:
    """None where it is not known: the page says so, and shows the rest."""
    try:
        return call(calls.SUBSCRIBER_QUEUE, name=name)
    except (Refused, ServiceUnavailable):
        return None


@pages.get("/<name>/change")
def ask_to_change(name: str) -> str:
    require_role("operator")
    found = system_named(name)
    return _registration_page({field: found[field] or "" for field in DESCRIBED}, {}, name)


@pages.post("/<name>/change")
def change(name: str) -> Response | tuple[str, int]:
    require_role("operator")
    values = typed(*DESCRIBED, "reason")
    try:
        call(calls.CHANGE_SUBSCRIBER, name=name, **values | {"system": values["system"] or None})
    except Refused as refused:
        return _registration_page(values, faults_in(refused), name), status_of(refused)
    return see_other(url_for("subscribers.subscriber", name=name, saved="changed"))


@pages.get("/<name>/grant")
def ask_to_grant(name: str) -> str:
    require_role("operator")
    return _grant_page(name, {}, [], {})


@pages.post("/<name>/grant")
def grant(name: str) -> Response | tuple[str, int]:
    require_role("operator")
    values, events = typed("reason", "ends_on"), request.form.getlist("events")
    try:
        call(
            calls.GRANT_EVENTS,
            name=name,
            reason=values["reason"],
            events=events,
            ends_on=values["ends_on"] or None,
        )
    except Refused as refused:
        return _grant_page(name, values, events, faults_in(refused)), status_of(refused)
    return see_other(url_for("subscribers.subscriber", name=name, saved="granted"))


def _grant_page(name: str, values: dict[str, str], ticked: list[str], errors: dict[str, str]) -> str:
    found = system_named(name)
    return render_template(
        "subscribers/grant.html",
        found=found,
        granted={each["event"] for each in found["grants"] if not each["over"]},
        sources=events_by_source(),
        holds=labels.HOLDS,
        values=values,
        chosen=ticked,
        errors=errors,
    )


@pages.get("/<name>/scopes")
def ask_to_grant_scopes(name: str) -> str:
    require_role("operator")
    return _scopes_page(name, {}, [], {})


@pages.post("/<name>/scopes")
def grant_scopes(name: str) -> Response | tuple[str, int]:
    require_role("operator")
    values, scopes = typed("reason", "ends_on"), request.form.getlist("scopes")
    try:
        call(calls.GRANT_SCOPES, name=name, scopes=scopes, **values | {"ends_on": values["ends_on"] or None})
    except Refused as refused:
        return _scopes_page(name, values, scopes, faults_in(refused)), status_of(refused)
    return see_other(url_for("subscribers.subscriber", name=name, saved="scopes_granted"))


def _scopes_page(name: str, values: dict[str, str], ticked: list[str], errors: dict[str, str]) -> str:
    found = system_named(name)
    return render_template(
        "subscribers/scopes.html",
        found=found,
        granted={each["scope"] for each in found["scopes"] if not each["over"]},
        scopes=labels.SCOPES,
        values=values,
        chosen=ticked,
        errors=errors,
    )


@pages.get("/<name>/rotate")
def ask_to_rotate(name: str) -> str:
    require_role("operator")
    return secrets.OF_SYSTEM.ask(name)


@pages.post("/<name>/rotate")
def rotate(name: str) -> str | tuple[str, int]:
    require_role("operator")
    return secrets.OF_SYSTEM.renew(name)


@pages.get("/<name>/<any(suspend, resume, remove, revoke, revoke_scope):act>")
def ask_to_act(name: str, act: str) -> str:
    require_role("operator")
    return _act_page(name, act, {field: request.args.get(field, "") for field in ("event", "scope")}, {})


@pages.post("/<name>/<any(suspend, resume, remove, revoke, revoke_scope):act>")
def do_act(name: str, act: str) -> Response | tuple[str, int]:
    require_role("operator")
    wanted, saved = CALLS[act]
    values = typed("reason", *MORE_FIELDS.get(act, ()))
    about: dict[str, Any] = {field: values.get(field) for field in ("event", "scope")}
    g.page_address = url_for("subscribers.ask_to_act", name=name, act=act, **about)
    try:
        call(wanted, name=name, **values)
    except Refused as refused:
        return _act_page(name, act, values, faults_in(refused)), status_of(refused)
    return see_other(url_for("subscribers.subscriber", name=name, saved=saved))


def _act_page(name: str, act: str, values: dict[str, str], errors: dict[str, str]) -> str:
    title, about = labels.ACTS[act]
    return render_template(
        "subscribers/act.html",
        found=system_named(name),
        posted_to=url_for("subscribers.do_act", name=name, act=act),
        taken=TAKEN.get(act),
        confirmed_by_name=act == "remove",
        for_good=act == "remove",
        title=gettext(title),
        about=gettext(about),
        values=values,
        errors=errors,
    )
