"""The operator's pages of addresses that nothing is sent to: search, add, take off the list, as a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, abort, g, render_template, request, url_for
from mtnet_contracts.calls.notify import suppressions as calls
from mtnet_contracts.vocabulary.channels import CHANNEL_TITLES, CHANNELS
from mtnet_contracts.vocabulary.kinds import Choice, Whole
from mtnet_contracts.vocabulary.texts import N_

from gateway.calls import call
from gateway.errors.refusals import ERRORS
from gateway.files.csv import csv_file
from gateway.formatting import when
from gateway.forms import asked, is_blank, one_line
from gateway.locale import gettext
from gateway.navigation import see_other
from gateway.problems import missing_text, refusal_text, with_field
from gateway.rpc.client import Refused
from gateway.session import require_role
from gateway.suppressions.labels import LIFTED, REASONS, STATES

pages = Blueprint("suppressions", __name__)

# A file of so many opens in every spreadsheet program; more are narrowed by a search.
MOST_ROWS = 100_000
HEADINGS = (
    "編號 Entry", "管道 Channel", "地址 Address", "原因 Reason", "代碼 Code", "說明 Note", "加入時間 Since",
    "加入者 Added by", "移除時間 Taken off", "移除方式 How", "移除者 By whom", "移除說明 Why",
)  # fmt: skip
SAVED = {
    "added": N_("Nothing is sent to this address any more."),
    "lifted": N_("The address is off the list. Messages go there again."),
}


@pages.get("/operations/suppressions")
def suppressions() -> str:
    require_role("operator")
    wanted = _wanted()
    found = call(calls.SUPPRESSIONS, **wanted, before=asked("before", Whole(least=1)))
    notice = gettext(SAVED[request.args["saved"]]) if request.args.get("saved") in SAVED else ""
    return render_template(
        "suppressions/list.html",
        found=found,
        wanted=wanted,
        channels=CHANNELS,
        channel_titles=CHANNEL_TITLES,
        reasons=REASONS,
        states=STATES,
        lifted=LIFTED,
        notice=notice,
    )


@pages.get("/operations/suppressions.csv")
def suppressions_as_file() -> Response:
    """Everything that the search finds, newest first."""
    require_role("operator")
    rows = (
        (
            entry["position"],
            gettext(CHANNELS[entry["channel"]].title) if entry["channel"] in CHANNELS else entry["channel"],
            entry["address"],
            gettext(REASONS[entry["reason"]]),
            entry["code"],
            entry["note"],
            when(entry["since"]),
            entry["added_by"],
            when(entry["lifted_at"]),
            gettext(LIFTED[entry["lifted_how"]]) if entry["lifted_how"] else "",
            entry["lifted_by"],
            entry["lifted_note"],
        )
        for entry in _all_entries(_wanted())
    )
    return csv_file("suppressions", HEADINGS, rows)


def _wanted() -> dict[str, Any]:
    return {
        "address": one_line(request.args.get("address", ""), 254) or None,
        "channel": asked("channel", Choice(*CHANNELS)),
        "reason": asked("reason", Choice(*REASONS)),
        "state": asked("state", Choice(*STATES)),
    }


def _all_entries(wanted: dict[str, Any]) -> Iterator[dict[str, Any]]:
    before, seen = None, 0
    while seen < MOST_ROWS:
        found = call(calls.SUPPRESSIONS, **wanted, before=before, limit=calls.MOST_SUPPRESSIONS)
        yield from found["items"]
        seen += len(found["items"])
        before = found["next_before"]
        if before is None:
            return


@pages.get("/operations/suppressions/add")
def ask_to_add() -> str:
    require_role("operator")
    return _add_page({"channel": "email"}, {})


@pages.post("/operations/suppressions/add")
def add() -> Response | tuple[str, int]:
    require_role("operator")
    values = {name: request.form.get(name, "").strip() for name in ("channel", "address", "note")}
    words = {"address": gettext("Address or number"), "note": gettext("Reason")}
    errors = {name: missing_text(words[name]) for name in words if is_blank(values[name])}
    if values["channel"] not in CHANNELS:
        errors["channel"] = gettext("Choose how it is written to")
    if not errors:
        try:
            call(calls.SUPPRESS, **values)
        except Refused as refused:
            errors = _faults(refused, words)
        else:
            return see_other(url_for("suppressions.suppressions", saved="added"))
    return _add_page(values, errors), 422


def _add_page(values: dict[str, str], errors: dict[str, str]) -> str:
    options = [(name, gettext(channel.title)) for name, channel in CHANNELS.items()]
    return render_template("suppressions/add.html", values=values, errors=errors, channels=options)


@pages.get("/operations/suppressions/<int:position>/lift")
def ask_to_lift(position: int) -> str:
    require_role("operator")
    return _lift_page(position, "", {})


@pages.post("/operations/suppressions/<int:position>/lift")
def lift(position: int) -> Response | tuple[str, int]:
    require_role("operator")
    note = request.form.get("note", "").strip()
    words = {"note": gettext("Reason")}
    if is_blank(note):
        return _lift_page(position, note, {"note": missing_text(words["note"])}), 422
    try:
        call(calls.LIFT_SUPPRESSION, position=position, note=note)
    except Refused as refused:
        if refused.code in ("LIFTED_ALREADY", "SUPPRESSION_NOT_FOUND"):
            g.another_key = True
            return _lift_page(position, note, {"": refusal_text(refused)}), 409
        return _lift_page(position, note, _faults(refused, words)), 422
    return see_other(url_for("suppressions.suppressions", saved="lifted"))


def _lift_page(position: int, note: str, errors: dict[str, str]) -> str:
    if not 0 < position < calls.LARGEST_POSITION:
        abort(404)
    (entry,) = call(calls.SUPPRESSIONS, before=position + 1, limit=1)["items"] or [None]
    if entry is None or entry["position"] != position:
        abort(404)
    return render_template(
        "suppressions/lift.html", entry=entry, note=note, errors=errors, channels=CHANNELS, reasons=REASONS
    )


def _faults(refused: Refused, words: dict[str, str]) -> dict[str, str]:
    """Words at the fields. Raises what belongs to no field of the page."""
    if refused.code == "SUPPRESSED_ALREADY":
        return {"address": refusal_text(refused)}
    if refused.code != "INVALID" or not set(refused.fields) & words.keys():
        raise refused
    return {
        name: with_field(ERRORS[refused.fields[name][0]], words[name])
        for name in words
        if name in refused.fields
    }
