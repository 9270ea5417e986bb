"""The page that a login leads to when there is a new privacy notice, and what one has agreed to."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, render_template, request, url_for
from mtnet_contracts.calls.accounts import consents as calls

from gateway.calls import call
from gateway.consents.labels import HOW
from gateway.forms import typed, typed_before
from gateway.locale import switched
from gateway.navigation import page_address, see_other
from gateway.problems import fault_text
from gateway.rpc.client import Refused
from gateway.session import require_role, session, session_changed, session_token
from gateway.sessions import entering

pages = Blueprint("consents", __name__)


@pages.get("/account/notice")
def own_consents() -> str:
    """The new notice; for whoever has agreed to it, which ones they agreed to and when."""
    require_role(before_consent=True)
    found = call(calls.OWN_CONSENTS)
    if found["needed"]:
        following = request.form.get("next") or request.args.get("next", "")
        return _notice_page(found["needed"], following, {})
    return render_template("consents/agreed.html", agreed=found["agreed"], how=HOW)


@pages.post("/account/notice")
def decide() -> Response | str | tuple[str, int]:
    """Agree, and go on to where the login was to lead, with what had been typed there; or not now."""
    require_role(before_consent=True)
    following = request.form.get("next", "")
    g.page_address = url_for("consents.own_consents", next=following or None)
    if request.form.get("decision") == "later":
        call(calls.DECLINE_NOTICE)
        return see_other(url_for("consents.later", next=following or None))
    try:
        call(calls.AGREE_TO_NOTICE, notice_version=request.form.get("notice_version", ""))
    except Refused as refused:
        if "notice_version" not in refused.fields:
            raise
        errors = {"notice_version": fault_text("NOTICE_OUTDATED", "registration.notice_version")}
        needed = call(calls.OWN_CONSENTS)["needed"]
        return (_notice_page(needed, following, errors), 422) if needed else see_other(g.page_address)
    session_changed(session_token() or "")
    here: dict[str, Any] = session() or {}
    return entering.go_on(here, following)


@pages.get("/account/notice/later")
def later() -> str:
    """What it means not to agree, and what can be done without."""
    require_role(before_consent=True)
    return render_template("consents/later.html", next=request.args.get("next", ""))


def ask_for_consent() -> Response | tuple[str, int]:
    """The new notice, and back to where one was; what had been typed goes along inside the page."""
    if request.method in ("GET", "HEAD") and not switched():
        return see_other(url_for("consents.own_consents", next=page_address()))
    # The notice itself, in the other language, brings along what it carries.
    g.carried = list(typed_before().items(multi=True)) or typed()
    needed = call(calls.OWN_CONSENTS)["needed"]
    if needed is None:
        return see_other(page_address())
    return _notice_page(needed, page_address(), {}), 403


def _notice_page(notice: dict[str, Any], following: str, errors: dict[str, str]) -> str:
    return render_template("consents/notice.html", privacy=notice, next=following, errors=errors)
