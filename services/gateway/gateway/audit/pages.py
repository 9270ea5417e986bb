"""The operator's pages of the audit log: search it, and take what was found along as a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, g, render_template, request, url_for
from mtnet_contracts.calls.accounts import audit as calls
from mtnet_contracts.vocabulary.kinds import Choice, Day, Whole

from gateway.audit.labels import ACTIONS, action_words, detail_text
from gateway.calls import call
from gateway.files.csv import csv_file
from gateway.formatting import when
from gateway.forms import asked, one_line
from gateway.locale import gettext
from gateway.rpc.client import Refused
from gateway.session import require_role

pages = Blueprint("audit", __name__)

# A search of more entries than this is narrowed by days; a file of so many opens in every spreadsheet program.
MOST_ROWS = 100_000
HEADINGS = (
    "編號 Entry", "時間 Time", "事件 What happened", "代碼 Code",
    "執行者 By whom", "對象 About", "來源 IP", "內容 Details",
)  # fmt: skip


@pages.get("/operations/audit")
def search() -> str:
    require_role("operator")
    wanted, errors = _wanted()
    found: dict[str, Any] | None = None
    try:
        found = call(calls.AUDIT_ENTRIES, **wanted, before=asked("before", Whole(least=1)))
    except Refused as refused:
        errors |= _at_address(refused)
    return _search_page(wanted, errors, found)


@pages.get("/operations/audit.csv")
def search_as_file() -> Response | tuple[str, int]:
    """Everything that the search finds, newest first; what cannot be looked for is said at its field."""
    require_role("operator")
    wanted, errors = _wanted()
    if not errors:
        try:
            return csv_file("audit-log", HEADINGS, map(_row, _all_entries(wanted)))
        except Refused as refused:
            errors = _at_address(refused)
    return _search_page(wanted, errors, None), 422


def _search_page(wanted: dict[str, Any], errors: dict[str, str], found: dict[str, Any] | None) -> str:
    if request.endpoint != "audit.search":
        g.page_address = url_for("audit.search")
    return render_template(
        "audit/search.html",
        found=found,
        wanted=wanted | {name: request.args.get(name, "") for name in errors},
        errors=errors,
        actions=ACTIONS,
        action_words=action_words,
        detail_text=detail_text,
    )


def _at_address(refused: Refused) -> dict[str, str]:
    """Words for an address that is none. Raises other refusals."""
    if "ip" not in refused.fields:
        raise refused
    return {"ip": gettext("Enter an address such as 192.0.2.7 or 2001:db8::1")}


def _row(entry: dict[str, Any]) -> tuple[object, ...]:
    return (
        entry["position"],
        when(entry["at"]),
        action_words(entry["action"]),
        entry["action"],
        entry["actor"] or entry["actor_account_id"],
        entry["subject"] or entry["subject_id"],
        entry["ip"],
        detail_text(entry["detail"]),
    )


def _all_entries(wanted: dict[str, Any]) -> Iterator[dict[str, Any]]:
    before, seen = None, 0
    while seen < MOST_ROWS:
        found = call(calls.AUDIT_ENTRIES, **wanted, before=before, limit=calls.MOST_ENTRIES)
        yield from found["items"]
        seen += len(found["items"])
        before = found["next_before"]
        if before is None:
            return


def _wanted() -> tuple[dict[str, Any], dict[str, str]]:
    """What is looked for, and what cannot be looked for."""
    errors = {}
    days = {}
    for name in ("from_day", "to_day"):
        day = asked(name, Day())
        days[name] = day.isoformat() if day else None
        if request.args.get(name) and not day:
            errors[name] = gettext("Enter a day of the years 2000 to 2099, for example 2027-03-01")
    return {
        **days,
        "action": asked("action", Choice(*ACTIONS)),
        "name": one_line(request.args.get("name", ""), 40) or None,
        "ip": one_line(request.args.get("ip", ""), 45) or None,
    }, errors
