"""One's own history as a page, with a filter, and as a file for a spreadsheet."""

import csv
from io import StringIO

import pytest
from gateway.files.csv import as_cell
from gateway.profile import labels
from gateway.profile.labels import ACTIONS

from ..conftest import NOW, Browser, a_session


def an_entry(action, category, by="owner", **changes):
    return {
        "at": NOW.isoformat(),
        "action": action,
        "category": category,
        "by": by,
        "unit": None,
        "ip": "192.0.2.7",
        "detail": {},
    } | changes


@pytest.fixture
def entries(services):
    services.answers["accounts.resume_session"] = a_session("member")
    services.answers["accounts.own_history"] = {
        "page": 1,
        "page_size": 25,
        "total": 60,
        "entries": [
            an_entry("form_viewed", "looks", "staff", unit="north", ip=None),
            an_entry("profile_changed", "changes", detail={"fields": ["fax", "locale"]}),
            an_entry("something_of_next_year", "changes", "system", ip=None),
        ],
    }
    return services


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-Hant", ["審核人員開啟了帳號申請表", "變更資料：傳真", "帳號有所變更", "您本人"]),
        (
            "en",
            ["A reviewer opened the application form", "Details were changed: Fax number, Language of mails"],
        ),
    ],
)
def test_entries_are_words(portal, entries, language, words):
    browser = Browser(portal, language).cookie("sid", "s" * 43)
    browser.get("/account/history")
    for each in words:
        assert each in browser.words


def test_the_filter_is_asked_for_and_kept_over_pages(browser, entries):
    browser.cookie("sid", "s" * 43)
    browser.get("/account/history?category=logins&from_on=2026-02-01&until_on=nonsense&page=2")
    (asked,) = entries.requests_to("accounts.own_history")
    assert asked == {
        "category": "logins",
        "from_on": "2026-02-01",
        "until_on": None,
        "page": 2,
        "page_size": 25,
    }
    assert browser.page.find("select", id="category").find("option", selected=True)["value"] == "logins"
    assert "category=logins" in browser.page.find("a", rel="next")["href"]


def test_the_file_has_the_readers_headings_and_a_mark_for_spreadsheets(portal, entries):
    for language, heading in (("zh-Hant", "時間"), ("en", "Time")):
        browser = Browser(portal, language).cookie("sid", "s" * 43)
        answer = browser.get("/account/history/file?category=looks")
        assert answer.mimetype == "text/csv"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.text.startswith("\ufeff" + heading)
        assert len(list(csv.reader(StringIO(answer.text)))) == 4
    assert entries.requests_to("accounts.own_history")[-1]["category"] == "looks"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(start):
    assert as_cell(f"{start}cmd") == f"'{start}cmd"
    assert as_cell("plain = text") == "plain = text"


def test_every_action_has_words_of_its_own():
    assert set(labels.OTHER) == set(labels.CATEGORIES)
    assert len(set(ACTIONS.values())) == len(ACTIONS)
