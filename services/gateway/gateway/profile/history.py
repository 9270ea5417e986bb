"""Pages of what happened to one's own account, and the same as a file."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template
from mtnet_contracts.calls.accounts import history as calls
from mtnet_contracts.vocabulary import labels as vocabulary
from mtnet_contracts.vocabulary.kinds import Choice, Day
from mtnet_contracts.vocabulary.texts import P_

from gateway.calls import call
from gateway.files.csv import csv_file
from gateway.formatting import when
from gateway.forms import asked, asked_page
from gateway.locale import gettext, locale
from gateway.profile.labels import ACTIONS, BY, CATEGORIES, FIELDS, OTHER
from gateway.session import require_role

PAGE_SIZE = 25


def add_to(pages: Blueprint) -> None:
    """Add the pages of this file to those of the topic."""
    pages.get("/account/history")(history)
    pages.get("/account/history/file")(history_file)


def history() -> str:
    require_role()
    wanted = _wanted()
    found = call(calls.OWN_HISTORY, **wanted, page=asked_page(), page_size=PAGE_SIZE)
    return render_template(
        "profile/history.html",
        found=found,
        wanted=wanted,
        categories=CATEGORIES,
        entries=[(entry, what(entry), who(entry)) for entry in found["entries"]],
    )


def history_file() -> Response:
    """The newest thousand; a period brings older ones."""
    require_role()
    found = call(calls.OWN_HISTORY, **_wanted(), page=1, page_size=calls.MOST_AT_ONCE)
    headings = (
        gettext("Time"),
        gettext(P_("history", "What happened")),
        gettext("By whom"),
        gettext("Address (IP)"),
    )
    rows = ((when(e["at"]), what(e), who(e), e["ip"]) for e in found["entries"])
    return csv_file("account-history", headings, rows)


def _wanted() -> dict[str, Any]:
    return {
        "category": asked("category", Choice(*calls.CATEGORIES)),
        **{name: _day(name) for name in ("from_on", "until_on")},
    }


def _day(name: str) -> str | None:
    found = asked(name, Day())
    return found.isoformat() if found else None


def what(entry: dict[str, Any]) -> str:
    """What happened, in words; which details were changed, or which system asked, stands behind it."""
    words = gettext(ACTIONS.get(entry["action"], OTHER[entry["category"]]))
    changed = [gettext(FIELDS[name]) for name in entry["detail"].get("fields", ()) if name in FIELDS]
    if (system := entry["detail"].get("system")) in vocabulary.SYSTEMS:
        changed.append(gettext(vocabulary.SYSTEMS[system]))
    if not changed:
        return words
    comma, colon = ("、", "：") if locale() == "zh-Hant" else (", ", ": ")
    return f"{words}{colon}{comma.join(changed)}"


def who(entry: dict[str, Any]) -> str:
    """Who did it: of the staff the unit, never a person."""
    if entry["unit"] in vocabulary.UNITS:
        return gettext(vocabulary.UNITS[entry["unit"]])
    return gettext(BY[entry["by"]])
