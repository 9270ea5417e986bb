"""The desk's pages of faults, and the public page of service status."""

import pytest
from gateway.rpc.client import Refused
from mtnet_contracts.calls.helpdesk import faults as calls

from ..conftest import Browser, a_session, example

NUMBER = "F2026-000001"
TICKET_ID = "d20aa8b5-cc22-4e49-9f2d-7659dca85309"
PAGE = f"/desk/faults/{NUMBER}"
FORM = {
    "title_zh": "船舶系統無法登入",
    "title_en": "The vessel system cannot be entered",
    "affected_system": "vessels",
    "severity": "high",
    "started_at": "2026-11-23T09:00",
    "workaround_zh": "",
    "workaround_en": "",
    "cause": "",
}


def a_fault(**changes):
    return (
        example(calls.FaultView)
        | {
            "number": NUMBER,
            "title_zh": "船舶系統無法登入",
            "title_en": "The vessel system cannot be entered",
            "announced_at": None,
            "resolved_at": None,
            "version": 3,
        }
        | changes
    )


@pytest.fixture
def desk(browser, everything):
    everything.answers["accounts.resume_session"] = a_session("helpdesk_agent")
    everything.answers["helpdesk.fault"] = a_fault()
    browser.services = everything
    return browser.cookie("sid", "s" * 43)


def done(**changes):
    return {"number": NUMBER, "version": 4, "tickets": 2, "left_out": []} | changes


def test_nothing_ticked_is_said_at_the_boxes_and_sends_nothing(desk):
    similar = [example(calls.ReportedTicket) | {"ticket_id": TICKET_ID}]
    desk.services.answers["helpdesk.fault"] = a_fault(similar=similar)
    assert desk.post(f"{PAGE}/reports", page=PAGE).status_code == 422
    assert "請先勾選案件" in desk.page.find(id="ticket_ids-error").get_text()
    assert not desk.services.requests_to("helpdesk.add_reports")


def test_all_that_read_alike_are_added_by_one_press(desk):
    similar = [example(calls.ReportedTicket) | {"ticket_id": TICKET_ID}]
    desk.services.answers["helpdesk.fault"] = a_fault(similar=similar, alike=240)
    desk.services.answers["helpdesk.add_reports"] = done(tickets=240)
    desk.get(PAGE)
    assert (
        desk.page.find("button", {"name": "every_alike"}).get_text(strip=True)
        == "全部加入（內容相近的 240 件）"
    )
    answer = desk.post(f"{PAGE}/reports", page=PAGE, every_alike="1")
    assert answer.headers["Location"].endswith(f"{PAGE}?told=240")
    (sent,) = desk.services.requests_to("helpdesk.add_reports")
    assert sent == {"number": NUMBER, "ticket_ids": [], "every_alike": True, "tell": False}


def test_tickets_are_added_by_number_as_people_type_them(desk):
    desk.services.answers["helpdesk.add_reports"] = done()
    assert desk.post(f"{PAGE}/reports", page=PAGE, numbers="hd2026-7、2026-000012").status_code == 303
    (sent,) = desk.services.requests_to("helpdesk.add_reports")
    assert sent["numbers"] == ["HD2026-000007", "HD2026-000012"]
    for typed in ("", "HD2026-000007 F2026-000001"):
        assert desk.post(f"{PAGE}/reports", page=PAGE, numbers=typed).status_code == 422
        assert "請輸入案件編號" in desk.page.find(id="numbers-error").get_text()
        assert desk.page.find(id="numbers").get("value", "") == typed
    desk.services.answers["helpdesk.add_reports"] = Refused("TICKET_NOT_FOUND")
    assert desk.post(f"{PAGE}/reports", page=PAGE, numbers="HD2026-000007").status_code == 422
    assert "查無此案件編號" in desk.page.find(id="numbers-error").get_text()
    assert desk.page.find(id="numbers")["value"] == "HD2026-000007"


def test_too_many_numbers_are_said_so_and_none_is_left_out(desk):
    desk.services.answers["helpdesk.add_reports"] = Refused("INVALID", {"numbers": ["TOO_MANY"]})
    typed = " ".join(f"HD2026-{number:06}" for number in range(1, calls.MOST_ADDED + 2))
    assert desk.post(f"{PAGE}/reports", page=PAGE, numbers=typed).status_code == 422
    (sent,) = desk.services.requests_to("helpdesk.add_reports")
    assert sent["numbers"] == typed.split()
    assert desk.page.find(id="numbers-error")
    assert desk.page.find(id="numbers")["value"] == typed


def test_a_fault_is_recorded_with_the_tickets_that_were_ticked_and_its_moment_in_utc(desk):
    desk.services.answers["helpdesk.record_fault"] = done()
    answer = desk.post("/desk/faults/new", **FORM, ticket_ids=[TICKET_ID, "no id"])
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(PAGE)
    sent = desk.services.requests_to("helpdesk.record_fault")
    assert sent[0] | {"started_at": ""} == FORM | {"started_at": "", "ticket_ids": [TICKET_ID]}
    assert str(sent[0]["started_at"]).replace(" ", "T") == "2026-11-23T01:00:00+00:00"


def test_what_was_typed_stays_with_the_tickets(desk):
    desk.services.answers["helpdesk.record_fault"] = Refused("INVALID", {"title_en": ["REQUIRED"]})
    answer = desk.post("/desk/faults/new", **FORM | {"title_en": ""}, ticket_ids=[TICKET_ID])
    assert answer.status_code == 422
    assert desk.page.find(id="title_zh")["value"] == FORM["title_zh"]
    assert desk.page.find(id="started_at")["value"] == FORM["started_at"]
    assert desk.page.find("input", {"name": "ticket_ids"})["value"] == TICKET_ID
    assert desk.page.find(id="title_en-error")


def test_what_is_no_moment_is_asked_about_where_it_was_typed(desk):
    desk.services.answers["helpdesk.record_fault"] = Refused("INVALID", {"started_at": ["NOT_VALID"]})
    assert desk.post("/desk/faults/new", **FORM | {"started_at": "yesterday"}).status_code == 422
    assert desk.page.find(id="started_at")["value"] == "yesterday"
    assert desk.page.find(id="started_at-error")


def test_a_change_begins_with_what_is_on_record_and_sends_its_version(desk):
    desk.services.answers["helpdesk.fault"] = a_fault(started_at="2026-11-23T01:00:00+00:00")
    desk.services.answers["helpdesk.change_fault"] = {"number": NUMBER, "version": 4}
    desk.get(f"{PAGE}/change")
    assert desk.page.find(id="started_at")["value"] == "2026-11-23T09:00"
    assert desk.post(f"{PAGE}/change", **FORM, version="3").status_code == 303
    assert desk.services.requests_to("helpdesk.change_fault")[0]["version"] == "3"


@pytest.mark.parametrize("ticked", [True, False])
def test_an_announcement_says_whether_reporters_are_told(desk, ticked):
    desk.services.answers["helpdesk.announce_fault"] = done(left_out=["HD2026-000123"])
    told = {"tell": "1"} if ticked else {}
    answer = desk.post(
        f"{PAGE}/announce", page=PAGE, text_zh="處理中", text_en="In work", version="3", **told
    )
    assert answer.status_code == 303
    assert desk.services.requests_to("helpdesk.announce_fault")[0]["tell"] is ticked
    desk.get(answer.headers["Location"])
    assert "HD2026-000123" in desk.page.find(class_="portal-good").get_text()


@pytest.mark.parametrize("code", ["FAULT_CHANGED", "FAULT_RESOLVED"])
def test_a_solution_that_came_too_late_stays_on_the_page(desk, code):
    desk.services.answers["helpdesk.resolve_fault"] = Refused(code)
    answer = desk.post(
        f"{PAGE}/resolve", page=PAGE, solution_zh="已修復", solution_en="Mended", cause="", version="3"
    )
    assert answer.status_code == 409
    assert desk.page.find(id="solution_zh").get_text() == "已修復"
    assert desk.page.find(id="error-summary").get_text(strip=True)


def test_a_fault_that_is_solved_is_not_written_about_any_more(desk):
    desk.services.answers["helpdesk.fault"] = a_fault(resolved_at="2026-11-26T09:25:24+00:00", similar=[])
    desk.get(PAGE)
    assert not desk.page.main.find_all("form", method="post")


def test_a_group_of_similar_tickets_becomes_the_form_of_a_fault(desk):
    desk.get("/desk/incidents")
    form = desk.page.main.find("form", action="/desk/faults/new")
    assert form["method"] == "get"
    ticket = form.find("input", {"name": "ticket_ids"})
    desk.get(f"/desk/faults/new?subject=text&ticket_ids={ticket['value']}")
    assert desk.page.find(id="title_zh")["value"] == "text"
    assert desk.page.find("input", {"name": "ticket_ids"})["value"] == ticket["value"]


def test_an_unknown_number_is_no_page(desk):
    desk.services.answers["helpdesk.fault"] = Refused("FAULT_NOT_FOUND")
    assert desk.get("/desk/faults/F2026-999999").status_code == 404


@pytest.mark.parametrize("path", ["/desk/faults", PAGE, "/desk/incidents", "/desk/faults/new"])
def test_it_is_for_the_desk_alone(desk, path):
    desk.services.answers["accounts.resume_session"] = a_session("operator")
    assert desk.get(path).status_code == 403


@pytest.mark.parametrize("language", ["zh-Hant", "en"])
def test_everybody_reads_how_the_systems_are(portal, everything, language):
    everything.answers["accounts.resume_session"] = Refused("SESSION_ENDED")
    browser = Browser(portal, language)
    assert browser.get("/status").status_code == 200
    assert {"zh-Hant": "服務狀態", "en": "Service status"}[language] in browser.page.h1.get_text()
