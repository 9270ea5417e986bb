"""The operators' pages of broadcasts: the list, the text, who is reached, the start, progress and report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, render_template, request, url_for
from mtnet_contracts.calls import Call, accounts
from mtnet_contracts.calls.notify import broadcasts as calls
from mtnet_contracts.vocabulary.choices import SYSTEMS, UNITS
from werkzeug.datastructures import MultiDict

from gateway.broadcasts import labels
from gateway.broadcasts.forms import missing_in, names_in, request_of, start_of, typed_text
from gateway.broadcasts.people import add_all, parts_of, parts_of_names
from gateway.calls import call
from gateway.errors.refusals import ERRORS
from gateway.files.csv import csv_file
from gateway.formatting import when
from gateway.forms import asked_page, shows_again
from gateway.locale import gettext
from gateway.navigation import see_other
from gateway.problems import refusal_text, with_field
from gateway.rpc.client import Refused
from gateway.session import require_role

pages = Blueprint("broadcasts", __name__)

ADDRESS = "/operations/broadcasts/<uuid:broadcast_id>"
# A file of more rows than this opens in no spreadsheet program.
MOST_ROWS = 1_000_000
MOST_UNKNOWN_SHOWN = 50
HEADINGS = (
    "序號 No.", "對象 Person", "編號 Id", "管道 Channel", "結果 Outcome", "原因 Reason", "時間 Time",
)  # fmt: skip


@pages.get("/operations/broadcasts")
def broadcasts() -> str:
    require_role("operator")
    found = call(calls.BROADCASTS, page=asked_page())
    return render_template("broadcasts/broadcasts.html", found=found, words=labels)


@pages.get("/operations/broadcasts/new")
def new() -> str:
    require_role("operator")
    return _text_page(None, typed_text({}) | {"category": "information"}, {})


@pages.post("/operations/broadcasts/new")
def write() -> Response | tuple[str, int]:
    require_role("operator")
    return _save(None)


@pages.get(f"{ADDRESS}/text")
def text(broadcast_id: UUID) -> str:
    require_role("operator")
    found = call(calls.BROADCAST, broadcast_id=str(broadcast_id))
    values = typed_text({name: found.get(name) or "" for name in found})
    of = {"system": "system", "unit_cases": "unit"}.get(found["segment"])
    return _text_page(found, values | ({of: found["segment_of"]} if of else {}), {})


@pages.post(f"{ADDRESS}/text")
def change(broadcast_id: UUID) -> Response | tuple[str, int]:
    require_role("operator")
    return _save(call(calls.BROADCAST, broadcast_id=str(broadcast_id)))


def _save(found: dict[str, Any] | None) -> Response | tuple[str, int]:
    """Write or change the text, add everybody of the segment, and count them; or say what is wrong."""
    values = typed_text(request.form)
    errors, account_ids = missing_in(values), []
    if not errors and values["segment"] == "names":
        named = call(accounts.segments.ACCOUNTS_NAMED, account_names=names_in(values["names"]))
        account_ids = named["account_ids"]
        if named["unknown_names"]:
            errors["names"] = _unknown(named["unknown_names"])
    if not errors:
        try:
            saved = _written(found, request_of(values))
        except Refused as refused:
            if not refused.fields:
                raise
            errors = _faults(refused.fields)
        else:
            named_parts = parts_of_names(account_ids)
            parts = (
                named_parts
                if saved["segment"] == "names"
                else parts_of(saved["segment"], saved["segment_of"])
            )
            add_all(saved["broadcast_id"], parts)
            return see_other(url_for("broadcasts.broadcast", broadcast_id=saved["broadcast_id"]))
    return _text_page(found, values, errors), 422


def _written(found: dict[str, Any] | None, wanted: dict[str, Any]) -> dict[str, Any]:
    if found is None:
        return call(calls.WRITE_BROADCAST, **wanted)
    version = request.form.get("version", 0, type=int)
    return call(calls.CHANGE_BROADCAST, broadcast_id=found["broadcast_id"], version=max(version, 0), **wanted)


def _unknown(names: list[str]) -> str:
    shown = ", ".join(names[:MOST_UNKNOWN_SHOWN]) + (" …" if len(names) > MOST_UNKNOWN_SHOWN else "")
    return gettext(
        "%(number)s names are those of nobody who can be written to. Correct or remove them: %(names)s",
        number=len(names),
        names=shown,
    )


def _faults(fields: Mapping[str, list[str]]) -> dict[str, str]:
    """Words at the fields of the form, by the codes of the first faults."""
    found = {}
    for name, codes in fields.items():
        own = {"segment_of": "segment"}.get(name, name)
        words = gettext(labels.FIELDS.get(own, own))
        found[own] = with_field(ERRORS.get(codes[0], ERRORS["NOT_VALID"]), words)
    return found


def _text_page(found: dict[str, Any] | None, values: Mapping[str, Any], errors: dict[str, str]) -> str:
    return render_template(
        "broadcasts/text.html",
        found=found,
        values=values,
        errors=errors,
        words=labels,
        systems=SYSTEMS,
        units=UNITS,
    )


@pages.get(ADDRESS)
def broadcast(broadcast_id: UUID) -> str:
    require_role("operator")
    return _page(broadcast_id, {}, {})


@shows_again("broadcasts.broadcast", after="login")
def broadcast_again(broadcast_id: UUID, typed: MultiDict[str, str]) -> str:
    """With what was typed before an operator had to say who they are."""
    g.another_key = True
    return _page(broadcast_id, typed, {})


@pages.post(f"{ADDRESS}/start")
def start(broadcast_id: UUID) -> Response | tuple[str, int]:
    require_role("operator")
    g.page_address = url_for("broadcasts.broadcast", broadcast_id=broadcast_id)
    wanted, errors = start_of(request.form)
    if not errors:
        version = max(request.form.get("version", 0, type=int), 0)
        try:
            call(calls.START_BROADCAST, broadcast_id=str(broadcast_id), version=version, **wanted)
        except Refused as refused:
            if refused.code == "BROADCAST_NOT_FOUND":
                raise
            errors = _faults(refused.fields) or {"": refusal_text(refused)}
        else:
            return see_other(url_for("broadcasts.broadcast", broadcast_id=broadcast_id))
    return _page(broadcast_id, request.form, errors), 422


@pages.post(f"{ADDRESS}/pause")
def pause(broadcast_id: UUID) -> Response | tuple[str, int]:
    return _step(calls.PAUSE_BROADCAST, broadcast_id)


@pages.post(f"{ADDRESS}/resume")
def resume(broadcast_id: UUID) -> Response | tuple[str, int]:
    return _step(calls.RESUME_BROADCAST, broadcast_id)


@pages.post(f"{ADDRESS}/cancel")
def cancel(broadcast_id: UUID) -> Response | tuple[str, int]:
    return _step(calls.CANCEL_BROADCAST, broadcast_id)


def _step(step: Call, broadcast_id: UUID) -> Response | tuple[str, int]:
    require_role("operator")
    g.page_address = url_for("broadcasts.broadcast", broadcast_id=broadcast_id)
    try:
        call(step, broadcast_id=str(broadcast_id))
    except Refused as refused:
        if refused.code != "BROADCAST_NOT_NOW":
            raise
        return _page(broadcast_id, {}, {"": refusal_text(refused)}), 409
    return see_other(url_for("broadcasts.broadcast", broadcast_id=broadcast_id))


def _page(broadcast_id: UUID, typed: Mapping[str, str], errors: dict[str, str]) -> str:
    found = call(calls.BROADCAST, broadcast_id=str(broadcast_id))
    is_draft = found["state"] == "draft"
    shown = call(calls.BROADCAST_PREVIEW, broadcast_id=str(broadcast_id))["items"] if is_draft else []
    return render_template(
        "broadcasts/broadcast.html",
        found=found,
        previews=shown,
        typed=typed,
        errors=errors,
        words=labels,
        moves=found["state"] in ("running", "scheduled"),
    )


@pages.get(f"{ADDRESS}.csv")
def people_as_file(broadcast_id: UUID) -> Response:
    """What became of each person; without addresses."""
    require_role("operator")
    rows = (
        (
            each["position"],
            each["person_kind"],
            each["person_id"],
            each["channel"] or "",
            gettext(labels.OUTCOMES[each["outcome"]]),
            each["reason"],
            when(each["at"]) if each["at"] else "",
        )
        for each in _people(broadcast_id)
    )
    return csv_file(f"broadcast-{broadcast_id}", HEADINGS, rows)


def _people(broadcast_id: UUID) -> Iterator[dict[str, Any]]:
    after, seen = 0, 0
    while after is not None and seen < MOST_ROWS:
        found = call(
            calls.BROADCAST_PEOPLE, broadcast_id=str(broadcast_id), after=after, limit=calls.MOST_PEOPLE
        )
        yield from found["items"]
        after, seen = found["next_after"], seen + len(found["items"])
