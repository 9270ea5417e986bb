"""Held messages: shown to leads, decided with a reason, and what was typed stays."""

import pytest
from gateway.rpc.client import Refused
from mtnet_contracts.calls.helpdesk import held_items

from ..conftest import a_session, example

ITEM_ID = "0197e0a4-7c1e-7b52-a1f0-4f3b2c9d8e09"
ADDRESS = f"/desk/held/{ITEM_ID}"


@pytest.fixture
def leading(desk):
    item = example(held_items.HeldItem) | {
        "item_id": ITEM_ID,
        "channel": "email",
        "because": "sender",
        "sender": "l•••@agency.example",
        "subject": "<b>loop",
        "headers": [{"name": "From", "value": "l•••@agency.example"}],
    }
    desk.services.answers |= {
        "accounts.resume_session": a_session("helpdesk_lead"),
        "helpdesk.held_items": {"items": [item], "next": 7},
        "helpdesk.decide_held_item": {"item_id": ITEM_ID, "decision": "release"},
    }
    return desk


def test_a_lead_reads_why_it_is_held_and_lets_it_in(leading):
    page = leading.get("/desk/held?lang=en").text
    assert "This sender brought more within the hour" in page
    assert "&lt;b&gt;loop" in page
    assert "/desk/held?after=7" in page
    answer = leading.post(ADDRESS, page="/desk/held", decision="release", reason="同事轉寄")
    assert answer.status_code == 303
    assert leading.services.requests_to("helpdesk.decide_held_item") == [
        {"item_id": ITEM_ID, "decision": "release", "reason": "同事轉寄"}
    ]


def test_without_a_reason_nothing_is_decided(leading):
    answer = leading.post(ADDRESS, page="/desk/held", decision="discard", reason=" ")
    assert answer.status_code == 422
    assert f'id="reason-{ITEM_ID}-error"' in answer.text
    assert leading.services.requests_to("helpdesk.decide_held_item") == []


def test_what_somebody_else_decided_is_said(leading):
    leading.services.answers["helpdesk.decide_held_item"] = Refused("HELD_ITEM_NOT_FOUND")
    answer = leading.post(ADDRESS, page="/desk/held", decision="discard", reason="迴圈")
    assert answer.status_code == 409
    assert "不再暫留" in answer.text


def test_an_agent_is_not_asked_to_decide(desk):
    assert desk.get("/desk/held").status_code == 403
    assert "/desk/held" not in desk.get("/desk/").text
