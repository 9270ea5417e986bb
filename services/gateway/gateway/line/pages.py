"""The pages on which the owner of an account or an applicant links LINE, sees how it stands, and ends it."""

from __future__ import annotations

from typing import Any

import segno
from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from mtnet_contracts.calls import Call
from mtnet_contracts.calls.notify import line as calls

from gateway.calls import call, call_for_case
from gateway.forms import one_line
from gateway.locale import gettext
from gateway.navigation import see_other
from gateway.problems import refusal_text
from gateway.rpc.client import Refused, ServiceUnavailable
from gateway.session import require_role, session
from gateway.tracking import cases

pages = Blueprint("line", __name__)

CASE = "/case/<case_number:case_number>/line"
# What a page about the link says in words of its own.
NOT_LINKABLE = (
    "LINE_LINK_INVALID",
    "LINE_NO_FRIEND",
    "LINE_AWAY",
    "INVALID",
    "ACCOUNT_CLOSED",
    "CASE_HAS_ACCOUNT",
)


def _ask(wanted: Call, **values: Any) -> dict[str, Any]:
    """For the case in the address; else for whoever is logged in."""
    if g.case_number:
        return call_for_case(wanted, cases.token(), **values)
    require_role()
    return call(wanted, **values)


def _address(endpoint: str, **values: Any) -> str:
    """A page of the same account or case."""
    return url_for(f"line.{endpoint}_of_case" if g.case_number else f"line.{endpoint}", **values)


# How it stands


@pages.get("/account/line")
def line() -> str:
    return _line_page()


@pages.get(CASE)
def line_of_case() -> str:
    return _line_page()


def _line_page() -> str:
    found = _ask(calls.LINE_LINK)
    notice = (
        gettext("LINE is no longer linked.") if request.args.get("unlinked") and not found["linked"] else ""
    )
    return render_template(
        "line/line.html",
        found=found,
        picture=_picture(found["add_friend_url"]),
        unlink=_address("unlink"),
        here=_address("line"),
        notice=notice,
    )


def _picture(address: str) -> Markup:
    """The QR code, as a part of the page."""
    drawn = segno.make(address, error="m")
    title = gettext("QR code that adds MTNet as a friend on LINE")
    picture = drawn.svg_inline(scale=5, border=4, light="white", title=title)
    return Markup(picture.replace("<svg", '<svg role="img"', 1))  # noqa: S704 - drawn here


@pages.post("/account/line/unlink")
def unlink() -> Response:
    return _unlink()


@pages.post(f"{CASE}/unlink")
def unlink_of_case() -> Response:
    return _unlink()


def _unlink() -> Response:
    _ask(calls.UNLINK_LINE)
    return see_other(_address("line", unlinked=1))


# The link in the chat leads here.


@pages.get("/line/link")
def link() -> Response | str | tuple[str, int]:
    """Whoever is logged in may go on; an applicant chooses the case first."""
    here = session()
    if g.session_unknown:
        raise ServiceUnavailable("accounts", "session not known")
    if here is None:
        return render_template("line/who.html", token=_token(), opened=cases.opened())
    return _link_page(here["account"]["account_name"])


@pages.get("/line/choose")
def choose() -> str:
    """For somebody who is logged in and wants to link a case."""
    return render_template("line/who.html", token=_token(), opened=cases.opened())


@pages.get("/line/case")
def choose_case() -> Response:
    """From the number that an applicant typed to the page of that case, which asks for a code where it is not open."""
    number = "".join(request.args.get("number", "").split()).upper()
    if not cases.is_number(number):
        page = render_template(
            "line/who.html",
            token=_token(),
            opened=cases.opened(),
            number=one_line(number, 40),
            errors={"number": gettext("Enter a case number: PTAPPLY and 13 more characters")},
        )
        return make_response(page, 422)
    return see_other(url_for("line.link_of_case", case_number=number, linkToken=_token()))


@pages.get(f"{CASE}/link")
def link_of_case() -> Response | str | tuple[str, int]:
    return _link_page(g.case_number)


@pages.post("/line/link")
def begin() -> Response | tuple[str, int]:
    return _begin()


@pages.post(f"{CASE}/link")
def begin_of_case() -> Response | tuple[str, int]:
    return _begin()


def _token() -> str:
    return one_line(request.values.get("linkToken", ""), calls.LONGEST_LINK_TOKEN)


def _link_page(whom: str) -> Response | tuple[str, int]:
    """Both sides by name, before anything is linked."""
    try:
        target = _ask(calls.LINE_LINK_TARGET, link_token=_token())
    except Refused as refused:
        return _not_linkable(refused)
    page = render_template(
        "line/link.html", target=target, whom=whom, token=_token(), action=request.path, back=_address("line")
    )
    return _with_way_to(make_response(page), target["dialog_origin"])


def _with_way_to(response: Response, origin: str) -> Response:
    """The form leads on to LINE: browsers ask the page's policy whether a form may."""
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self'; form-action 'self' {origin}; frame-ancestors 'none'; base-uri 'none'"
    )
    return response


def _begin() -> Response | tuple[str, int]:
    try:
        begun = _ask(calls.START_LINE_LINK, link_token=_token())
    except Refused as refused:
        return _not_linkable(refused)
    return redirect(begun["dialog_url"], 303)  # type: ignore[return-value]


def _not_linkable(refused: Refused) -> tuple[str, int]:
    """Raises what nobody expects, such as a login that has ended."""
    if refused.code not in NOT_LINKABLE:
        raise refused
    words = refusal_text(Refused("LINE_LINK_INVALID") if refused.code == "INVALID" else refused)
    page = render_template("line/not_linkable.html", words=words, here=_address("line"))
    return page, 503 if refused.code == "LINE_AWAY" else 409
