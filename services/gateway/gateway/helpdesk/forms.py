"""What the filters of the list say, and what a form of the desk changes."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from flask import request
from marshmallow import fields
from mtnet_contracts.calls.helpdesk import ticket_list
from mtnet_contracts.vocabulary.desk import (
    DESK_CHANNELS,
    DESK_TEAMS,
    TICKET_CATEGORIES,
    TICKET_PRIORITIES,
    TICKET_STATES,
)
from mtnet_contracts.vocabulary.kinds import Choice

from gateway.forms import asked, one_line
from gateway.session import session

LONG_NUMBER = re.compile(r"[+0-9(][0-9 ().#-]{6,30}|U[0-9a-f]{32}")
# Of the list as a file: a hundred pages of it.
MOST_ROWS = 10_000
FILTERS = ("state", "channel", "category", "priority", "team", "owner")


def filters() -> dict[str, Any]:
    """What the address asks for, as a page shows it; what is not valid counts as not asked."""
    return {
        "view": asked("view", Choice(*ticket_list.VIEWS), "live"),
        "sort": asked("sort", Choice(*ticket_list.SORTS), "due"),
        "state": asked("state", Choice(*TICKET_STATES)) or None,
        "channel": asked("channel", Choice(*DESK_CHANNELS)) or None,
        "category": asked("category", Choice(*TICKET_CATEGORIES, "none")) or None,
        "priority": asked("priority", Choice(*TICKET_PRIORITIES)) or None,
        "team": asked("team", Choice(*DESK_TEAMS)) or None,
        "owner": asked("owner", fields.UUID()) or None,
        "q": one_line(request.args.get("q", ""), ticket_list.LONGEST_SEARCH),
    }


def asked_of_the_desk(wanted: dict[str, Any]) -> dict[str, Any]:
    """The filters as the call takes them."""
    return {
        "view": wanted["view"],
        "sort": wanted["sort"],
        "states": [wanted["state"]] if wanted["state"] else [],
        "owner_id": str(wanted["owner"]) if wanted["owner"] else None,
        "text": wanted["q"],
        **{name: wanted[name] for name in ("channel", "category", "priority", "team")},
        "after": asked("after", ticket_list.Place()),
    }


def in_address(wanted: dict[str, Any], **changes: Any) -> str:
    """The filters as they stand in an address: only what is asked for."""
    kept = {name: value for name, value in (wanted | changes).items() if value}
    return urlencode({n: v for n, v in kept.items() if (n, v) not in (("view", "live"), ("sort", "due"))})


def is_address(text: str) -> bool:
    """Whether somebody is looked for by an address or number, which is to stand in no address line and in no log."""
    return "@" in text or LONG_NUMBER.fullmatch(text) is not None


def changes_of_choice(choice: str) -> dict[str, Any] | None:
    """What a bulk action changes: `state:resolved`, `priority:high`, `category:mtnet`, `owner:…`, `mine`, `spam`."""
    what, _, value = choice.partition(":")
    if what == "mine":
        return {"owner_id": own_id()}
    if what == "owner":
        return {"owner_id": value or None}
    if what in ("spam", "no_spam"):
        return {"spam": what == "spam"}
    if what in ("state", "priority", "category", "team"):
        return {what: value or None}
    return None


def changes_in_form() -> dict[str, Any]:
    """What the ticket's form changes, compared with what it showed (`was-…`)."""
    changes: dict[str, Any] = {}
    for name in ("state", "priority", "category", "owner_id", "team", "subject"):
        if name in request.form and request.form[name] != request.form.get(f"was-{name}", ""):
            changes[name] = request.form[name] or None
    return changes


def own_id() -> str:
    here = session()
    return str(here["account"]["account_id"]) if here else ""
