"""The operators' page of deliveries: search, each attempt, send again, and what was found as a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, render_template, request, url_for
from marshmallow import ValidationError
from mtnet_contracts.calls.notify import delivery_search as calls
from mtnet_contracts.calls.notify.deliveries import STATES as STATE_CODES
from mtnet_contracts.vocabulary.channels import CHANNEL_TITLES, CHANNELS
from mtnet_contracts.vocabulary.kinds import Choice, Day
from mtnet_contracts.vocabulary.labels import MESSAGE_KINDS

from gateway.calls import call
from gateway.deliveries.labels import OUTCOMES, RECEIPTS, STATES, failure_words
from gateway.files.csv import csv_file
from gateway.formatting import when
from gateway.forms import asked, is_blank, one_line
from gateway.locale import gettext
from gateway.navigation import see_other
from gateway.problems import refusal_text
from gateway.rpc.client import Refused
from gateway.session import require_role

pages = Blueprint("deliveries", __name__)

MOST_ROWS = 100_000
REFUSALS = (
    "STILL_ON_ITS_WAY",
    "NOT_SENT_TWICE",
    "SENT_OFTEN_ENOUGH",
    "ADDRESS_SUPPRESSED",
    "DELIVERY_NOT_FOUND",
)
HEADINGS = (
    "時間 Time", "訊息 Message", "代碼 Code", "案件或帳號 Case or account", "管道 Channel", "收件者 Recipient",
    "狀態 State", "原因 Failure", "嘗試次數 Attempts", "最後一次 Last attempt", "結果 Outcome", "編號 Delivery",
)  # fmt: skip


@pages.get("/operations/messages")
def search() -> str:
    require_role("operator")
    return _page({})


@pages.post("/operations/messages")
def look_for_address() -> str:
    """An address is looked for by POST: it stands in no address line and in no log."""
    require_role("operator")
    return _page({})


@pages.post("/operations/messages/<uuid:delivery_id>/again")
def send_again(delivery_id: UUID) -> Response | tuple[str, int]:
    require_role("operator")
    reason = request.form.get("reason", "")
    name = f"reason-{delivery_id}"
    if is_blank(reason):
        return _page({name: gettext("Say why it is sent once more")}), 422
    try:
        call(calls.SEND_AGAIN, delivery_id=str(delivery_id), reason=reason)
    except Refused as refused:
        if refused.code not in REFUSALS and "reason" not in refused.fields:
            raise
        g.another_key = True
        words = (
            refusal_text(refused)
            if refused.code in REFUSALS
            else gettext("The reason is too long. Shorten it")
        )
        return _page({name: words}), 409
    back_to: dict[str, Any] = {**_in_address(_wanted()[0]), "done": 1}
    return see_other(url_for("deliveries.search", **back_to))


@pages.get("/operations/messages.csv")
def search_as_file() -> Response:
    """Everything that the search finds, newest first; addresses are masked."""
    require_role("operator")
    wanted, _ = _wanted()
    rows = (
        (
            when(each["created_at"]),
            gettext(MESSAGE_KINDS.get(each["kind"], each["kind"])),
            each["kind"],
            each["name"],
            gettext(CHANNELS[each["channel"]].title),
            each["recipient"],
            gettext(STATES[each["state"]]),
            gettext(failure_words(each["failure"])) if each["failure"] else "",
            len(each["attempts"]),
            when(each["attempts"][-1]["at"]) if each["attempts"] else "",
            each["attempts"][-1]["detail"] if each["attempts"] else "",
            each["delivery_id"],
        )
        for each in _every(wanted)
    )
    return csv_file("messages", HEADINGS, rows)


def _every(wanted: dict[str, Any]) -> Iterator[dict[str, Any]]:
    before, seen = None, 0
    while seen < MOST_ROWS:
        found = call(calls.FIND_DELIVERIES, **wanted, before=before, limit=calls.MOST_DELIVERIES)
        yield from found["items"]
        seen += len(found["items"])
        before = found["next_before"]
        if before is None:
            return


def _page(errors: dict[str, str]) -> str:
    wanted, faults = _wanted()
    before = request.values.get("before") or None
    found = call(calls.FIND_DELIVERIES, **wanted, before=before)
    return render_template(
        "deliveries/search.html",
        found=found,
        wanted=wanted | {name: request.values.get(name, "") for name in faults},
        in_address=_in_address(wanted),
        before=before,
        errors=errors | faults,
        done=bool(request.args.get("done")),
        kinds=MESSAGE_KINDS,
        channels=CHANNELS,
        channel_titles=CHANNEL_TITLES,
        states=STATES,
        outcomes=OUTCOMES,
        receipts=RECEIPTS,
        failure_words=failure_words,
    )


def _wanted() -> tuple[dict[str, Any], dict[str, str]]:
    """What is looked for, and what cannot be looked for."""
    faults, days = {}, {}
    for name in ("from_day", "to_day"):
        day = _given(name, Day())
        days[name] = day.isoformat() if day else None
        if request.values.get(name) and not day:
            faults[name] = gettext("Enter a day of the years 2000 to 2099, for example 2027-03-01")
    return {
        **days,
        "name": one_line(request.values.get("name", ""), 40) or None,
        # By POST alone.
        "address": one_line(request.form.get("address", ""), 254) or None,
        "state": _given("state", Choice(*STATE_CODES)),
        "channel": _given("channel", Choice(*CHANNELS)),
        "kind": _given("kind", Choice(*MESSAGE_KINDS)),
    }, faults


def _given(name: str, kind: Any) -> Any:
    """A field of the address or of the form that was sent."""
    if name in request.form:
        try:
            return kind.deserialize(request.form[name])
        except ValidationError:
            return None
    return asked(name, kind)


def _in_address(wanted: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in wanted.items() if value and name != "address"}
