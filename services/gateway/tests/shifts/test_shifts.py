"""The desk's page of shifts: the roster, handing over and taking over."""

import pytest
from gateway.rpc.client import Refused
from mtnet_contracts.calls.helpdesk import shifts as calls

from ..conftest import a_session, example

PEER = "0197e0a4-7c1e-7b52-a1f0-4f3b2c9d8e02"
PAGE = "/desk/shifts"


def a_roster(**changes):
    person = example(calls.OnShift) | {
        "day": "2026-12-08",
        "shift": "morning",
        "account_id": PEER,
        "name": "乙客服",
    }
    return (
        example(calls.RosterReply)
        | {"begins": "2026-12-07", "items": [person | {"may_leave": True}], "on_now": []}
        | changes
    )


@pytest.fixture
def desk(browser, everything):
    everything.answers["accounts.resume_session"] = a_session("helpdesk_agent")
    everything.answers["helpdesk.roster"] = a_roster()
    browser.services = everything
    return browser.cookie("sid", "s" * 43)


def test_the_week_shows_who_is_on_in_which_shift(desk):
    desk.get(f"{PAGE}?begins=2026-12-07")
    assert desk.services.requests_to("helpdesk.roster")[-1] == {"begins": "2026-12-07"}
    rows = desk.page.find("table").tbody.find_all("tr")
    assert len(rows) == calls.ROSTER_DAYS
    named = [
        (number, column)
        for number, row in enumerate(rows)
        for column, cell in enumerate(row.find_all("td"))
        if "乙客服" in cell.get_text()
    ]
    assert named == [(1, 1)]


def test_agents_put_down_themselves_and_come_back_to_the_week(desk):
    desk.get(PAGE)
    assert desk.page.find("select", {"name": "account_id"}) is None
    answer = desk.post(f"{PAGE}/take?begins=2026-12-07", page=PAGE, day="2026-12-08", shift="evening")
    assert answer.status_code == 303
    assert "begins=2026-12-07" in answer.headers["Location"]
    assert desk.services.requests_to("helpdesk.take_shift") == [{"day": "2026-12-08", "shift": "evening"}]


def test_a_lead_puts_down_a_colleague(desk):
    colleagues = [{"account_id": PEER, "name": "乙客服"}]
    desk.services.answers["helpdesk.roster"] = a_roster(may_put_down=True, colleagues=colleagues)
    desk.get(PAGE)
    offered = [o["value"] for o in desk.page.find("select", {"name": "account_id"}).find_all("option")]
    assert offered == ["", PEER]
    desk.post(f"{PAGE}/take", page=PAGE, day="2026-12-08", shift="evening", account_id=PEER)
    assert desk.services.requests_to("helpdesk.take_shift")[0]["account_id"] == PEER


@pytest.mark.parametrize(
    "code", ["SHIFT_OVER", "SHIFT_TOO_FAR", "SHIFT_OF_ANOTHER", "SHIFT_FULL", "NOT_AN_AGENT"]
)
def test_what_cannot_be_is_said_and_what_was_chosen_stays(desk, code):
    desk.services.answers["helpdesk.take_shift"] = Refused(code)
    answer = desk.post(f"{PAGE}/take", page=PAGE, day="2026-12-09", shift="evening")
    assert answer.status_code == 409
    assert desk.page.find(id="error-summary").get_text(strip=True)
    assert desk.page.find(id="day")["value"] == "2026-12-09"
    assert desk.page.find(id="shift").find("option", selected=True)["value"] == "evening"


def test_what_was_written_for_the_next_shift_stays_until_it_is_kept(desk):
    desk.services.answers["helpdesk.write_handover"] = Refused("INVALID", {"text": ["TOO_LONG"]})
    assert desk.post(f"{PAGE}/handover", page=PAGE, text="請回電").status_code == 422
    assert desk.page.find(id="text").get_text() == "請回電"
    assert desk.page.find(id="text-error")


def test_a_colleague_takes_over_once(desk):
    handover = example(calls.Handover) | {
        "position": 7, "may_acknowledge": True, "acknowledged_at": None, "acknowledged_by": None,
    }  # fmt: skip
    desk.services.answers["helpdesk.handovers"] = {"items": [handover], "next_before": None}
    answer = desk.post(f"{PAGE}/handover/7", page=PAGE, key="k")
    assert answer.status_code == 303
    assert desk.services.requests_to("helpdesk.acknowledge_handover") == [{"position": 7}]
    desk.services.answers["helpdesk.acknowledge_handover"] = Refused("ACKNOWLEDGED_ALREADY")
    assert desk.post(f"{PAGE}/handover/7", page=PAGE, key="k").status_code == 409


def test_it_is_for_the_desk_alone(desk):
    desk.services.answers["accounts.resume_session"] = a_session("operator")
    assert desk.get(PAGE).status_code == 403
