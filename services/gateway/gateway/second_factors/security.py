"""My account, login protection: an authenticator app, passkeys, recovery codes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, abort, g, render_template, request, url_for
from mtnet_contracts.calls.accounts import second_factors as calls
from mtnet_contracts.calls.accounts.devices import DEVICES
from mtnet_contracts.vocabulary.kinds import Line

from gateway.calls import call
from gateway.errors.refusals import ERRORS
from gateway.forms import is_blank, one_line
from gateway.locale import gettext
from gateway.navigation import see_other
from gateway.problems import missing_text, refusal_text
from gateway.rpc.client import Refused
from gateway.second_factors.forms import proof_typed, qr_code, recovery_codes_page
from gateway.second_factors.pages import pages
from gateway.session import require_role

__all__ = ["pages"]


@pages.get("/account/security")
def security() -> str:
    require_role()
    return _security_page()


def _security_page(errors: dict[str, str] | None = None) -> str:
    g.page_address = url_for("second_factors.security")
    return render_template(
        "second_factors/security.html",
        found=call(calls.SECOND_FACTORS),
        devices=call(DEVICES)["devices"],
        errors=errors or {},
    )


@pages.get("/account/security/app")
def app() -> str:
    require_role()
    return _app_page()


def _app_page(errors: dict[str, str] | None = None) -> str:
    begun = call(calls.BEGIN_TOTP)
    return render_template(
        "second_factors/app.html", begun=begun, picture=qr_code(begun["uri"]), errors=errors or {}
    )


@pages.post("/account/security/app")
def confirm_app() -> str | Response | tuple[str, int]:
    code, _ = proof_typed()
    if is_blank(code):
        return _app_page({"code": gettext(ERRORS["CODE_REQUIRED"])}), 422
    try:
        codes = call(calls.CONFIRM_TOTP, code=code[:20], ip=request.remote_addr)["recovery_codes"]
    except Refused as refused:
        if refused.code not in ("SECOND_FACTOR_WRONG", "NOTHING_BEGUN"):
            raise
        return _app_page({"code": refusal_text(refused)}), 422
    return _done(codes)


@pages.post("/account/security/app/remove")
def remove_app() -> Response | tuple[str, int]:
    return _removed(calls.REMOVE_TOTP)


@pages.post("/account/security/recovery-codes")
def renew_recovery_codes() -> str | Response | tuple[str, int]:
    try:
        return _done(call(calls.RENEW_RECOVERY_CODES, ip=request.remote_addr)["recovery_codes"])
    except Refused as refused:
        if refused.code != "NO_SECOND_FACTOR":
            raise
        return _security_page({"": refusal_text(refused)}), 409


@pages.get("/account/security/passkey")
def passkey() -> str | tuple[str, int]:
    require_role()
    return _passkey_page()


def _passkey_page(label: str = "", errors: dict[str, str] | None = None) -> str | tuple[str, int]:
    try:
        question = call(calls.BEGIN_PASSKEY)["question"]
    except Refused as refused:
        if refused.code != "TOO_MANY_PASSKEYS":
            raise
        return _security_page({"": refusal_text(refused)}), 409
    return render_template("second_factors/passkey.html", question=question, label=label, errors=errors or {})


@pages.post("/account/security/passkey")
def add_passkey() -> str | Response | tuple[str, int]:
    label = _label()
    _, made = proof_typed()
    if not label or not made:
        errors = {} if label else {"label": missing_text(gettext("Name of the passkey"))}
        shown = _passkey_page(label, errors)
        return (shown, 422) if isinstance(shown, str) else shown
    try:
        added = call(calls.ADD_PASSKEY, passkey=made, label=label, ip=request.remote_addr)
    except Refused as refused:
        if refused.code != "PASSKEY_REFUSED":
            raise
        shown = _passkey_page(label, {"": refusal_text(refused)})
        return (shown, 422) if isinstance(shown, str) else shown
    return _done(added["recovery_codes"])


@pages.get("/account/security/passkeys/<uuid:passkey_id>/rename")
def passkey_name(passkey_id: UUID) -> str:
    require_role()
    stored = call(calls.SECOND_FACTORS)["passkeys"]
    found = next((one for one in stored if one["passkey_id"] == str(passkey_id)), None)
    if found is None:
        abort(404)
    return _name_page(passkey_id, found["label"])


def _name_page(passkey_id: UUID, label: str, errors: dict[str, str] | None = None) -> str:
    return render_template(
        "second_factors/passkey_name.html", passkey_id=passkey_id, label=label, errors=errors or {}
    )


@pages.post("/account/security/passkeys/<uuid:passkey_id>/rename")
def rename_passkey(passkey_id: UUID) -> str | Response | tuple[str, int]:
    label = _label()
    if not label:
        return _name_page(passkey_id, "", {"label": missing_text(gettext("Name of the passkey"))}), 422
    call(calls.RENAME_PASSKEY, passkey_id=str(passkey_id), label=label, ip=request.remote_addr)
    return see_other(url_for("second_factors.security"))


@pages.post("/account/security/passkeys/<uuid:passkey_id>/remove")
def remove_passkey(passkey_id: UUID) -> Response | tuple[str, int]:
    return _removed(calls.REMOVE_PASSKEY, passkey_id=str(passkey_id))


def _removed(wanted: Any, **values: str) -> Response | tuple[str, int]:
    try:
        call(wanted, **values, ip=request.remote_addr)
    except Refused as refused:
        if refused.code not in ("SECOND_FACTOR_NEEDED", "PASSKEY_NOT_FOUND"):
            raise
        return _security_page({"": refusal_text(refused)}), 409
    return see_other(url_for("second_factors.security"))


def _done(codes: list[str]) -> str | Response:
    """New recovery codes are shown, once; then, or without any, the overview."""
    if codes:
        return recovery_codes_page(codes, way_on=url_for("second_factors.security"))
    return see_other(url_for("second_factors.security"))


def _label() -> str:
    return one_line(request.form.get("label", ""), calls.LONGEST_LABEL, Line)
