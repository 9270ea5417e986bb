"""Follow a case: prove who one is, see every step, correct a returned case, withdraw."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request, url_for
from mtnet_contracts.calls import accounts as calls

from gateway import web
from gateway.clients import Refused
from gateway.pages.applying import current, local_phone, token

pages = Blueprint("following", __name__)


@pages.get("/case")
def ask() -> str | Response:
    return render_template("case_ask.html", value=request.args.get("number", ""))


@pages.get("/f/<number>/<digest>")
def scanned(number: str, digest: str) -> Response:
    """Where the QR code of a form leads."""
    return web.see_other(url_for("following.ask", number=number))


@pages.post("/case")
def request_code() -> str | Response | tuple[str, int]:
    query = request.form.get("query", "").strip()
    if not query:
        errors = {"query": web.t("error.REQUIRED", field=web.t("case.query"))}
        return render_template("case_ask.html", value="", errors=errors), 422
    try:
        sent = web.call(
            calls.REQUEST_CASE_ACCESS, query=query[:40], locale=web.locale(), ip=request.remote_addr
        )
    except Refused as refused:
        return render_template("case_ask.html", value=query, errors={"query": web.refusal_text(refused)}), 429
    return web.see_other(url_for("following.enter_code", challenge=sent["challenge_id"]))


@pages.get("/case/code/<uuid:challenge>")
def enter_code(challenge: object) -> str:
    return render_template("case_code.html", challenge=challenge)


@pages.post("/case/code/<uuid:challenge>")
def open_cases(challenge: object) -> str | Response | tuple[str, int]:
    try:
        opened = web.call(calls.OPEN_CASE, challenge_id=str(challenge), code=request.form.get("code", ""))[
            "cases"
        ]
    except Refused as refused:
        if refused.code not in ("CODE_WRONG", "INVALID"):
            raise
        errors = {"code": web.t("error.CODE_WRONG")}
        return render_template("case_code.html", challenge=challenge, errors=errors), 422
    response = web.see_other(url_for("following.case"))
    web.set_cookie(response, "application", opened[0]["application_token"], seconds=web.APPLICATION_SECONDS)
    others = ".".join(one["application_token"] for one in opened[:10])
    web.set_cookie(response, "cases", others if len(opened) > 1 else "", seconds=2 * 3600)
    return response


@pages.post("/case/choose")
def choose() -> Response:
    """Turn to another of one's own cases."""
    tokens = request.cookies.get(web.cookie("cases"), "").split(".")
    wanted = request.form.get("place", 0, type=int)
    response = web.see_other(url_for("following.case"))
    if 0 <= wanted < len(tokens) and tokens[wanted]:
        web.set_cookie(response, "application", tokens[wanted], seconds=web.APPLICATION_SECONDS)
    return response


@pages.get("/case/progress")
def case() -> str | Response:
    application = current()
    if application["status"] == "draft":
        return web.see_other(url_for("applying.tasks"))
    return render_template(
        "case.html",
        application=application,
        others=_others(application),
        local_phone=local_phone,
        notice=web.t("case.reissued") if request.args.get("reissued") else "",
    )


def _others(application: dict[str, object]) -> list[tuple[int, dict[str, object]]]:
    found = []
    tokens = [t for t in request.cookies.get(web.cookie("cases"), "").split(".") if t]
    for place, one in enumerate(tokens):
        try:
            other = web.call(calls.APPLICATION, application_token=one)
        except Refused:
            continue
        if other["application_id"] != application["application_id"]:
            found.append((place, other))
    return found


@pages.get("/case/withdraw")
def ask_withdraw() -> str:
    return render_template("case_withdraw.html", application=current())


@pages.post("/case/withdraw")
def withdraw() -> Response:
    web.call(calls.WITHDRAW_APPLICATION, application_token=token())
    return web.see_other(url_for("following.case"))


@pages.post("/case/activation")
def reissue() -> Response:
    web.call(calls.REISSUE_ACTIVATION, application_token=token())
    return web.see_other(url_for("following.case", reissued=1))
