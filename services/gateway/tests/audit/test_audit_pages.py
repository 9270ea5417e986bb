"""The operator's page of the audit log and its file."""

import csv
from io import StringIO

import pytest
from gateway.rpc.client import Refused

from ..conftest import a_session

ENTRY = {
    "position": 7,
    "at": "2026-11-26T04:00:00+00:00",
    "action": "form_viewed",
    "actor_account_id": "5b1c2f0e-2d0c-4f1e-9d5f-0b7f6f3a1c11",
    "actor": "northreviewer",
    "subject_id": "5b1c2f0e-2d0c-4f1e-9d5f-0b7f6f3a1c12",
    "subject": "PTAPPLY936EC90162340",
    "detail": {"reason": "=cmd|calc", "fields": ["phone", "fax"]},
    "ip": "192.0.2.9",
}


@pytest.fixture
def log(everything):
    """Three pages of one entry each; remembers what was asked."""
    asked = []

    def entries(request):
        asked.append(request)
        before = request.get("before") or 10
        return {
            "items": [ENTRY | {"position": before - 1}],
            "next_before": before - 1 if before > 8 else None,
            "verified_at": "2026-11-26T01:00:00+00:00",
            "verified_position": 6,
            "broken_position": None,
        }

    everything.answers["accounts.resume_session"] = a_session("operator")
    everything.answers["accounts.audit_entries"] = entries
    return asked


@pytest.mark.parametrize("path", ["/operations/audit", "/operations/audit.csv"])
@pytest.mark.parametrize("role", ["member", "reviewer"])
def test_only_operators_see_the_log(browser, everything, path, role):
    everything.answers["accounts.resume_session"] = a_session(role)
    assert browser.cookie("sid", "s" * 43).get(path).status_code == 403


def test_entries_are_shown_in_words_with_the_way_to_older_ones(browser, log):
    page = browser.cookie("sid", "s" * 43).get(
        "/operations/audit?lang=en&name=carrier2026&from_day=2026-11-01"
    )
    text = page.get_data(as_text=True)
    for words in (
        "A reviewer opened the application form",
        "northreviewer",
        "PTAPPLY936EC90162340",
        "phone/fax",
    ):
        assert words in text
    assert "before=9" in text
    assert "name=carrier2026" in text
    assert log[0]["name"] == "carrier2026"
    assert log[0]["from_day"] == "2026-11-01"


def test_the_file_holds_every_page_and_no_formula(browser, log):
    answer = browser.cookie("sid", "s" * 43).get("/operations/audit.csv?action=form_viewed&ip=192.0.2.9")
    assert answer.headers["Content-Disposition"] == "attachment; filename=audit-log.csv"
    rows = list(csv.reader(StringIO(answer.get_data().decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == ["9", "8", "7"]
    assert rows[1][3] == "form_viewed"
    assert not any(cell.startswith("=") for row in rows for cell in row)
    assert all(each["action"] == "form_viewed" and each["ip"] == "192.0.2.9" for each in log)


def test_a_broken_log_is_said_before_anything_else(browser, everything, log):
    everything.answers["accounts.audit_entries"] = {
        "items": [],
        "next_before": None,
        "verified_at": "2026-11-26T01:00:00+00:00",
        "verified_position": 6,
        "broken_position": 5,
    }
    text = browser.cookie("sid", "s" * 43).get("/operations/audit?lang=en").get_data(as_text=True)
    assert "Entry 5 was altered" in text


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("from_day=2026-02-30", "Enter a day"),
        ("to_day=1066-10-14", "Enter a day"),
        ("ip=round+the+corner", "Enter an address"),
    ],
)
def test_what_cannot_be_looked_for_is_said_at_its_field_and_stays(browser, everything, log, query, words):
    def refuse(request):
        if request.get("ip"):
            raise Refused("INVALID", fields={"ip": ["NOT_VALID"]})
        return {
            "items": [],
            "next_before": None,
            "verified_at": None,
            "verified_position": None,
            "broken_position": None,
        }

    everything.answers["accounts.audit_entries"] = refuse
    text = browser.cookie("sid", "s" * 43).get(f"/operations/audit?lang=en&{query}").get_data(as_text=True)
    assert words in text
    assert query.split("=")[1].replace("+", " ") in text


def refused_address(request):
    return Refused("INVALID", fields={"ip": ["NOT_VALID"]})


@pytest.mark.parametrize(
    ("asked", "field", "words"),
    [("ip=localhost", "ip", "Enter an address"), ("from_day=31.2.2027", "from_day", "Enter a day")],
)
def test_a_file_that_cannot_be_made_says_at_which_field_and_how_to_mend_it(
    browser, everything, log, asked, field, words
):
    if field == "ip":
        everything.answers["accounts.audit_entries"] = refused_address
    answer = browser.cookie("sid", "s" * 43).get(f"/operations/audit.csv?lang=en&{asked}")
    assert (answer.status_code, answer.mimetype) == (422, "text/html")
    assert words in browser.page.find(id=f"{field}-error").get_text()
    assert browser.page.find("input", id=field)["value"] == asked.partition("=")[2]
