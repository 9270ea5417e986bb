"""The desk's pages of reactivation cases: what is asked of whom, and what a refusal leaves on the page."""

import pytest
from gateway.rpc.client import Refused
from mtnet_contracts.calls.helpdesk import reactivations as calls

from ..conftest import Browser, a_session, example

NUMBER = "RA2026-000001"
FORM = {
    "account_name": "QWERTYUI",
    "evidence": "fax",
    "reference": "HD2026-000123",
    "received_on": "2026-11-20",
}


def a_case(**changes):
    return (
        example(calls.ReactivationView)
        | {
            "number": NUMBER,
            "account_name": "QWERTYUI",
            "evidence": "letter",
            "state": "open",
            "checked_at": None,
            "decided_at": None,
            "refusal_reason": None,
            "reference": "HD2026-000123",
            "version": 3,
            "can": ["check", "refuse"],
        }
        | changes
    )


@pytest.fixture
def desk(browser, everything):
    everything.answers["accounts.resume_session"] = a_session("helpdesk_agent")
    everything.answers["helpdesk.reactivation"] = a_case()
    browser.services = everything
    return browser.cookie("sid", "s" * 43)


def test_the_desk_acts_on_what_accounts_said_of_the_account(desk):
    desk.services.answers["accounts.account_for_reactivation"] |= {"statement": "said and signed"}
    desk.services.answers["helpdesk.open_reactivation"] = a_case()
    answer = desk.post("/desk/reactivations/new", **FORM)
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"/desk/reactivations/{NUMBER}")
    asked = desk.services.requests_to("accounts.account_for_reactivation")
    assert asked == [{"account_name": "QWERTYUI", "reason": "fax: HD2026-000123"}]
    begun = desk.services.requests_to("helpdesk.open_reactivation")
    assert begun == [FORM | {"statement": "said and signed"}]


def test_from_a_ticket_its_number_is_filled_in(desk):
    desk.get("/desk/reactivations/new?ticket=HD2026-000123")
    assert desk.page.find(id="reference")["value"] == "HD2026-000123"


def test_nothing_is_begun_where_accounts_knows_no_such_account(desk):
    fields = {"account_name": ["ACCOUNT_NOT_FOUND"]}
    desk.services.answers["accounts.account_for_reactivation"] = Refused("ACCOUNT_NOT_FOUND", fields)
    assert desk.post("/desk/reactivations/new", **FORM).status_code == 422
    assert desk.services.requests_to("helpdesk.open_reactivation") == []
    assert desk.page.find(id="account_name")["value"] == "QWERTYUI"
    assert desk.page.find(id="account_name-error")


def test_a_case_that_there_is_already_is_one_click_away(desk):
    desk.services.answers["helpdesk.open_reactivation"] = Refused(
        "REACTIVATION_OPEN", {"account_name": ["REACTIVATION_OPEN"]}, {"number": NUMBER}
    )
    assert desk.post("/desk/reactivations/new", **FORM).status_code == 422
    assert desk.page.main.find("a", href=f"/desk/reactivations/{NUMBER}")


@pytest.mark.parametrize(("evidence", "checks"), calls.CHECKS.items())
def test_what_is_checked_goes_by_how_the_evidence_came(desk, evidence, checks):
    desk.services.answers["helpdesk.reactivation"] = a_case(evidence=evidence)
    desk.get(f"/desk/reactivations/{NUMBER}")
    assert [box["value"] for box in desk.page.find_all("input", {"name": "checks"})] == list(checks)


def test_what_was_ticked_and_written_stays_when_something_is_missing(desk):
    desk.services.answers["helpdesk.check_reactivation"] = Refused(
        "CHECKS_MISSING", {"checks": ["CHECKS_MISSING"]}
    )
    answer = desk.post(
        f"/desk/reactivations/{NUMBER}/check",
        page=f"/desk/reactivations/{NUMBER}",
        checks=["name_fits", "called_back"],
        reason="回撥確認",
        version="3",
    )
    assert answer.status_code in (409, 422)
    ticked = [
        box["value"] for box in desk.page.find_all("input", {"name": "checks"}) if box.has_attr("checked")
    ]
    assert ticked == ["name_fits", "called_back"]
    assert desk.page.find(id="reason").get_text() == "回撥確認"
    assert desk.page.find(id="checks-error")
    sent = desk.services.requests_to("helpdesk.check_reactivation")
    assert sent == [
        {"number": NUMBER, "version": "3", "checks": ["name_fits", "called_back"], "reason": "回撥確認"}
    ]


@pytest.mark.parametrize("code", ["SECOND_PERSON_NEEDED", "REACTIVATION_CHANGED", "REACTIVATION_DECIDED"])
def test_who_may_not_decide_is_told_why(desk, code):
    desk.services.answers["helpdesk.reactivation"] = a_case(state="checked", can=["approve", "refuse"])
    desk.services.answers["helpdesk.approve_reactivation"] = Refused(code)
    answer = desk.post(
        f"/desk/reactivations/{NUMBER}/approve", page=f"/desk/reactivations/{NUMBER}", version="3", checks=[]
    )
    assert answer.status_code == 409
    assert desk.page.find(id="error-summary").get_text(strip=True)


def test_who_checked_sees_that_a_colleague_decides(desk):
    desk.services.answers["helpdesk.reactivation"] = a_case(state="checked", can=[])
    desk.get(f"/desk/reactivations/{NUMBER}")
    assert desk.page.find(id="page-form") is None
    assert "Somebody else of the desk" in english(desk, f"/desk/reactivations/{NUMBER}").words


def english(desk, path):
    browser = Browser(desk.http.application, "en").cookie("sid", "s" * 43)
    browser.get(path)
    return browser


def test_a_refusal_says_its_reason(desk):
    desk.services.answers["helpdesk.refuse_reactivation"] = a_case(state="refused")
    answer = desk.post(
        f"/desk/reactivations/{NUMBER}/refuse",
        page=f"/desk/reactivations/{NUMBER}",
        refusal_reason="incomplete",
        note="請補印鑑",
        version="3",
    )
    assert answer.status_code == 303
    sent = desk.services.requests_to("helpdesk.refuse_reactivation")
    assert sent == [{"number": NUMBER, "version": "3", "refusal_reason": "incomplete", "note": "請補印鑑"}]


def test_an_unknown_number_is_no_page(desk):
    desk.services.answers["helpdesk.reactivation"] = Refused("REACTIVATION_NOT_FOUND")
    assert desk.get("/desk/reactivations/RA2026-999999").status_code == 404


@pytest.mark.parametrize("path", ["/desk/reactivations", f"/desk/reactivations/{NUMBER}"])
def test_it_is_for_the_desk_alone(desk, path):
    desk.services.answers["accounts.resume_session"] = a_session("operator")
    assert desk.get(path).status_code == 403
