"""The devices of an account, and the link "this was not me"."""

from __future__ import annotations

from uuid import UUID

from flask import Response, render_template, request, url_for
from mtnet_contracts.calls.accounts import devices as calls

from gateway.calls import call
from gateway.confirmations import confirm, confirmed
from gateway.navigation import see_other
from gateway.rpc.client import Refused
from gateway.second_factors.pages import pages

__all__ = ["pages"]


@pages.post("/account/security/devices/<uuid:device_id>/forget")
def forget_device(device_id: UUID) -> Response:
    call(calls.FORGET_DEVICE, device_id=str(device_id), ip=request.remote_addr)
    return see_other(url_for("second_factors.security"))


@pages.get("/not-me/<token>")
def login_notice(token: str) -> str | tuple[str, int]:
    """What the mail was about, and one button: opening a link changes nothing, whoever opens it."""
    try:
        found = call(calls.LOGIN_NOTICE, notice_token=token)
    except Refused as refused:
        if refused.code not in ("NOTICE_NOT_VALID", "INVALID"):
            raise
        return render_template("second_factors/notice_invalid.html"), 404
    return render_template("second_factors/not_me.html", found=found, token=token)


@pages.post("/not-me/<token>")
def disown_login(token: str) -> Response | tuple[str, int]:
    try:
        call(calls.DISOWN_LOGIN, notice_token=token, ip=request.remote_addr)
    except Refused as refused:
        if refused.code not in ("NOTICE_NOT_VALID", "INVALID"):
            raise
        return render_template("second_factors/notice_invalid.html"), 404
    return confirm("second_factors.disowned")


@pages.get("/account-protected")
def disowned() -> Response | str:
    if confirmed() is None:
        return see_other(url_for("passwords.forgotten"))
    return render_template("second_factors/disowned.html")
