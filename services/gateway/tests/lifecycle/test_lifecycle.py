"""The operator's pages about unused accounts, their files, and closing an account."""

from uuid import uuid4

import pytest
from gateway.rpc.client import Refused

from ..conftest import Browser, a_session

RUN = str(uuid4())


@pytest.fixture
def operator(everything):
    everything.answers["accounts.resume_session"] = a_session("operator")
    run = {
        "run_id": RUN,
        "started_by": "timer",
        "as_of": "2027-03-01",
        "started_at": "2027-03-01T01:00:00+00:00",
        "finished_at": None,
        "outcome": "stopped",
        "disabled": 1,
        "frozen": 2,
        "reminded": 3,
    }
    change = {
        "account_id": RUN,
        "account_name": "=cmd|calc",
        "step": "remind",
        "last_active_on": "2026-03-31",
        "notice_days": 30,
        "disable_on": "2027-03-31",
    }

    def changes(request):
        after = request.get("after", 0)
        return {"run": run, "items": [change], "next_after": after + 1 if after < 2 else None}

    everything.answers |= {
        "accounts.lifecycle_runs": {"page": 1, "page_size": 100, "total": 1, "items": [run]},
        "accounts.lifecycle_changes": changes,
        "accounts.run_lifecycle_now": {
            "run_id": RUN,
            "disabled": 0,
            "frozen": 1,
            "reminded": 0,
            "complete": False,
        },
    }
    return everything


@pytest.mark.parametrize(
    "path", ["", "/lifecycle", "/lifecycle/runs", "/lifecycle/runs.csv", "/close-account"]
)
def test_only_operators_see_the_area(browser, everything, path):
    everything.answers["accounts.resume_session"] = a_session("reviewer", unit="north")
    assert browser.cookie("sid", "s" * 43).get(f"/operations{path}").status_code == 403
    everything.answers["accounts.resume_session"] = Refused("SESSION_ENDED")
    assert browser.get(f"/operations{path}").headers["Location"].startswith("/login?")


def test_the_menu_of_an_operator_leads_to_every_tool(browser, operator):
    browser.cookie("sid", "s" * 43).get("/")
    assert browser.page.find("a", href="/operations")
    browser.get("/operations")
    assert browser.page.find("form", action="/logout"), "whoever is logged in can log out"
    assert browser.page.find(attrs={"data-remaining": True})
    cards = browser.page.find(class_="portal-cards").find_all("a")
    assert {"/operations/lifecycle", "/operations/close-account"} <= {card["href"] for card in cards}


def test_operators_see_which_years_the_office_calendar_lacks(browser, operator, monkeypatch):
    monkeypatch.setattr("gateway.operations.pages.years_missing", lambda today: (2031,))
    monkeypatch.setattr("gateway.operations.pages.years_to_compare", lambda today: (2030,))
    browser.cookie("sid", "s" * 43).get("/operations")
    assert "系統尚無 2031 年的政府行政機關辦公日曆表" in browser.page.find(class_="govuk-warning-text").text
    assert "2030 年的國定假日依法律推算" in browser.page.find(class_="govuk-inset-text").text


def test_a_wrong_day_is_said_at_its_field_and_stays(browser, operator):
    browser.cookie("sid", "s" * 43)
    for wrong in ("31.2.2027", "1999-12-31", "2027-02-30"):
        browser.get("/operations/lifecycle", query_string={"as_of": wrong})
        assert browser.page.find(id="as_of-error")
        assert browser.page.find(id="as_of")["value"] == wrong
        assert operator.requests_to("accounts.lifecycle_preview")[-1]["as_of"] is None
    browser.get("/operations/lifecycle?as_of=2027-03-01&step=freeze&account_name=abc")
    assert operator.requests_to("accounts.lifecycle_preview")[-1] == {
        "as_of": "2027-03-01",
        "step": "freeze",
        "account_name": "abc",
        "page": 1,
    }
    assert not browser.page.find(id="as_of-error")


def test_a_run_leads_to_its_report(browser, operator):
    browser.cookie("sid", "s" * 43)
    answer = browser.post("/operations/lifecycle/run", page="/operations/lifecycle", key="k")
    assert answer.headers["Location"] == f"/operations/lifecycle/runs/{RUN}?more=1"
    assert operator.keys_to("accounts.run_lifecycle_now")[-1]
    browser.get(answer.headers["Location"])
    assert browser.page.find(class_="govuk-inset-text")


@pytest.mark.parametrize("language", ["zh-Hant", "en"])
def test_reports_are_files_that_a_spreadsheet_reads_and_never_runs(portal, operator, language):
    browser = Browser(portal, language).cookie("sid", "s" * 43)
    answer = browser.get(f"/operations/lifecycle/runs/{RUN}.csv")
    text = answer.get_data().decode()
    assert text.startswith("\ufeff帳號 Account name,")
    rows = text.splitlines()
    assert len(rows) == 1 + 3
    assert rows[1].startswith("'=cmd|calc,")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert [r.get("after") for r in operator.requests_to("accounts.lifecycle_changes")] == [0, 1, 2]
    listed = browser.get("/operations/lifecycle/runs.csv").get_data().decode()
    assert len(listed.splitlines()) == 2
    assert RUN in listed


def test_an_operator_closes_an_account_with_a_reason(browser, operator):
    browser.cookie("sid", "s" * 43)
    answer = browser.post("/operations/close-account", account_name=" ", reason="")
    assert answer.status_code == 422
    assert {e["id"] for e in browser.page.find_all(class_="govuk-error-message")} == {
        "account_name-error",
        "reason-error",
    }
    for refused in (
        Refused("ACCOUNT_NOT_FOUND", {"account_name": ["ACCOUNT_NOT_FOUND"]}),
        Refused("OWN_ACCOUNT", {"account_name": ["OWN_ACCOUNT"]}),
        Refused("INVALID", {"account_name": ["TOO_LONG"]}),
    ):
        operator.answers["accounts.close_account"] = refused
        assert browser.post("/operations/close-account", account_name="x", reason="r").status_code == 422
        assert browser.page.find(id="account_name-error")
        assert browser.page.find(id="reason").get_text().strip() == "r"
    operator.answers["accounts.close_account"] = {}
    answer = browser.post("/operations/close-account", account_name="carrier2026", reason="r")
    assert answer.headers["Location"] == "/operations/close-account/closed"
    browser.get("/operations/close-account/closed")
    assert "carrier2026" in browser.words


def test_a_person_closes_the_own_account_and_is_here_no_more(browser, everything):
    everything.answers["accounts.resume_session"] = a_session("member")
    browser.cookie("sid", "s" * 43)
    everything.answers["accounts.close_own_account"] = Refused(
        "ACCOUNT_NAME_DIFFERS", {"account_name": ["ACCOUNT_NAME_DIFFERS"]}
    )
    assert browser.post("/account/close", account_name="other").status_code == 422
    assert browser.page.find(id="account_name")["value"] == "other"
    everything.answers["accounts.close_own_account"] = {}
    answer = browser.post("/account/close", account_name="demomember")
    assert answer.headers["Location"] == "/account/closed"
    assert "sid=;" in answer.headers["Set-Cookie"]


def test_to_close_asks_once_more_who_it_is(browser, everything):
    everything.answers["accounts.resume_session"] = a_session("member")
    browser.cookie("sid", "s" * 43)
    everything.answers["accounts.close_own_account"] = Refused("CONFIRMATION_REQUIRED")
    assert browser.post("/account/close", account_name="demomember").status_code == 403
    assert browser.page.find("input", id="password")
