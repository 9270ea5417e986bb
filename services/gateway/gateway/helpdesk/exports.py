"""The list of tickets as a file: what the page shows with these filters, further than one page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response
from mtnet_contracts.calls.helpdesk import ticket_list as calls
from mtnet_contracts.vocabulary import labels

from gateway.calls import call
from gateway.files.csv import csv_file
from gateway.formatting import when
from gateway.helpdesk.forms import MOST_ROWS, asked_of_the_desk, filters
from gateway.helpdesk.pages import pages
from gateway.locale import gettext

HEADINGS = (
    "編號 Ticket", "主旨 Subject", "來訊者 From", "地址 Address", "管道 Came by", "狀態 State", "優先順序 Priority",
    "系統 System", "承辦人 Owner", "小組 Team", "建立 Opened", "期限 Due", "逾期 Overdue", "最後異動 Last change",
)  # fmt: skip


@pages.get("/tickets.csv")
def tickets_as_file() -> Response:
    """With the view, filters and text of the address; addresses are masked as on the page. What is left out is said."""
    asked = asked_of_the_desk(filters()) | {"after": None, "limit": calls.MOST_TICKETS}
    return csv_file("tickets", HEADINGS, _rows(asked))


def _rows(asked: dict[str, Any]) -> Iterator[tuple[object, ...]]:
    seen = 0
    while seen < MOST_ROWS:
        found = call(calls.LIST_TICKETS, **asked)
        yield from map(_row, found["items"])
        seen += calls.MOST_TICKETS
        if found["next_after"] is None:
            return
        asked["after"] = found["next_after"]
    yield (gettext("There are more. A file holds %(most)s tickets: narrow the list", most=f"{MOST_ROWS:,}"),)


def _row(line: dict[str, Any]) -> tuple[object, ...]:
    return (
        line["number"],
        line["subject"],
        line["requester_name"],
        line["address"],
        gettext(labels.DESK_CHANNELS[line["channel"]]),
        gettext(labels.TICKET_STATES[line["state"]]),
        gettext(labels.TICKET_PRIORITIES[line["priority"]]),
        gettext(labels.TICKET_CATEGORIES[line["category"]]) if line["category"] else "",
        line["owner_name"],
        gettext(labels.DESK_TEAMS[line["team"]]),
        when(line["created_at"]),
        when(line["due_at"]) if line["due_at"] else "",
        gettext("Yes") if line["overdue"] else "",
        when(line["updated_at"]),
    )
