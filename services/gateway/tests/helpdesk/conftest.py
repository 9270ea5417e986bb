"""A desk with one ticket, as helpdesk would answer about it."""

import pytest
from mtnet_contracts.calls.helpdesk import figures, requesters, ticket_list
from mtnet_contracts.calls.helpdesk import tickets as calls
from mtnet_contracts.vocabulary.desk import DESK_CHANNELS

from ..conftest import a_session, example

NUMBER = "HD2026-000123"
TICKET_ID = "d20aa8b5-cc22-4e49-9f2d-7659dca85309"
CANNED_ID = "0197e0a4-7c1e-7b52-a1f0-4f3b2c9d8e01"
PEER_ID = "0197e0a4-7c1e-7b52-a1f0-4f3b2c9d8e02"
AT = "2026-11-26T09:25:24+00:00"
SUMS = {
    "opened": 8, "answered": 6, "answered_in_time": 3, "unanswered_late": 2, "solved": 4, "solved_in_time": 4,
    "unsolved_late": 1, "rated": 2, "points": 9,
    "first_answer_median": 1500, "first_answer_most": 7200, "solution_median": 90_000, "solution_most": 400_000,
}  # fmt: skip
FIGURES = example(figures.DeskFiguresReply) | {
    "current": True,
    "total": SUMS,
    "ratings": [0, 0, 0, 1, 1],
    "days": [
        {"day": "2026-11-25", "opened": 0, "answered": 0, "solved": 0},
        {"day": "2026-11-26", "opened": 8, "answered": 6, "solved": 4},
    ],
    "hours": [{"channel": each, "opened": [2 * (hour == 9) for hour in range(24)]} for each in DESK_CHANNELS],
    "channels": [SUMS | {"code": "fax"}],
    "categories": [SUMS | {"code": "none"}, SUMS | {"code": "crew", "rated": 0}],
    "teams": [SUMS | {"code": "technical"}],
    "answers": [
        {
            "answer_id": "0197e0a4-7c1e-7b52-a1f0-4f3b2c9d8e01",
            "question": {"zh-Hant": "忘記帳號名稱", "en": "Forgotten account name"},
            "used": 12,
        }
    ],
}


def a_line(**changes):
    return (
        example(ticket_list.TicketLine)
        | {
            "ticket_id": TICKET_ID,
            "number": NUMBER,
            "subject": "AA-01 無法上傳",
            "requester_name": "某船務代理公司承辦人",
            "address": "c•••@agent.example.com",
            "channel": "fax",
            "state": "open",
            "priority": "high",
            "category": None,
            "owner_id": None,
            "owner_name": None,
            "lease_by": None,
            "found": None,
            "version": 7,
        }
        | changes
    )


def a_list(*lines, **more):
    return {"items": list(lines), "next_after": None, "whole": True} | more


def an_entry(kind="inbound", **changes):
    return (
        example(calls.EntryView)
        | {
            "ticket_number": NUMBER,
            "kind": kind,
            "channel": "fax",
            "author_name": None,
            "subject": "",
            "text": "附件無法上傳 <b>",
            "delivery": None,
            "delivery_reason": None,
            "quoted": "",
            "truncated": False,
            "problems": [],
            "direction": None,
            "attachments": [],
            "changes": [],
        }
        | changes
    )


def a_ticket(**changes):
    return (
        example(calls.TicketView)
        | a_line()
        | {
            "answer_channel": "fax",
            "account_id": None,
            "leased_by_me": False,
            "may_take_over": False,
            "lease_expires_at": None,
            "allowed_states": ["waiting_customer", "resolved"],
            "satisfaction": None,
            "satisfaction_comment": "",
            "older_before": None,
            "others": [],
            "entries": [
                an_entry(),
                an_entry("answer", text="請再試一次", delivery="failed", delivery_reason="RECIPIENT_REFUSED"),
                an_entry("change", text="", changes=[{"field": "state", "before": "new", "after": "open"}]),
            ],
        }
        | changes
    )


def the_desk():
    """What helpdesk answers to somebody who works there."""
    ready = {
        "canned_answer_id": CANNED_ID, "title": "重新登入", "category": None, "body_zh": "{name} 您好",
        "body_en": "Dear {name}", "used": 3, "updated_at": AT, "updated_by": "組長", "version": 2,
        "text": "某船務代理公司承辦人 您好",
    }  # fmt: skip
    return {
        "helpdesk.list_tickets": a_list(a_line()),
        "helpdesk.count_tickets": {"counts": [{"view": "live", "count": 1000, "more": True}]},
        "helpdesk.saved_views": {"items": []},
        "helpdesk.desk_people": {"people": [{"account_id": PEER_ID, "name": "乙客服"}]},
        "helpdesk.ticket": a_ticket(),
        "helpdesk.requester": example(requesters.RequesterReply) | {"tickets": [a_line()]},
        "helpdesk.canned_answers": {"items": [ready]},
        "helpdesk.desk_figures": FIGURES,
    }


@pytest.fixture
def desk(browser, services):
    """A browser in which somebody of the desk is logged in; `desk.services` answers."""
    services.answers |= the_desk() | {"accounts.resume_session": a_session("helpdesk_agent")}
    browser.cookie("sid", "s" * 43)
    browser.services = services
    return browser
