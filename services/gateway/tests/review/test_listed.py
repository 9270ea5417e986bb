"""The list of the queue is kept as it was written, and only for whoever is answered with the same."""

import time
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from gateway.review import listed
from mtnet_contracts.calls.review import cases as calls

from ..conftest import Browser, a_session, example

SINCE = datetime.now(UTC) - timedelta(hours=5, minutes=30)


@pytest.fixture(autouse=True)
def nothing_kept():
    listed._written.cache_clear()


def a_row(**changes):
    return (
        example(calls.QueueItem)
        | {
            "application_id": "0190b3c9-0d54-7e0a-b1c2-9d8e7f6a5b43",
            "case_number": "PTAPPLY0000000000001",
            "stage": 1,
            "stages": 2,
            "due_on": "2026-12-03",
            "identity_type": "company",
            "company_name": "甲航運",
            "applicant_name": "王小明",
            "state": "open",
            "unit": "north",
            "submission": 1,
            "waiting_since": SINCE.isoformat(),
            "submitted_at": SINCE.isoformat(),
            "overdue": False,
            "claimed_by": "陳審核",
            "claimed_by_me": False,
        }
        | changes
    )


def page_shown(portal, everything, *items, language="zh-Hant", asked="", **reply):
    everything.answers["accounts.resume_session"] = a_session("reviewer", unit="north")
    queue = {"items": list(items), "counts": [], "page": 1, "page_size": 25, "total": len(items)} | reply
    everything.answers["review.queue"] = queue
    browser = Browser(portal).cookie("sid", "s" * 43)
    browser.headers["Accept-Language"] = language
    browser.get(f"/review/{asked}")
    return browser


def rows_shown(portal, everything, *items, language="zh-Hant"):
    browser = page_shown(portal, everything, *items, language=language)
    return [" ".join(row.get_text(" ").split()) for row in browser.page.find("tbody").find_all("tr")]


def written():
    return listed._written.cache_info().misses


def test_a_list_is_written_once_for_all_who_are_answered_with_it(portal, everything):
    first = rows_shown(portal, everything, a_row())
    assert rows_shown(portal, everything, a_row()) == first
    assert written() == 1
    assert "王小明" in first[0]
    assert "5 小時" in first[0]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"claimed_by_me": True}, "我"),
        ({"claimed_by": None}, "待認領"),
        ({"applicant_name": "<b>李大同"}, "<b>李大同"),
        ({"overdue": True}, "逾期"),
        ({"submission": 2}, "第 2 次送件"),
        ({"state": "approved"}, "核准"),
        ({"waiting_since": (SINCE - timedelta(hours=1)).isoformat()}, "6 小時"),
    ],
)
def test_a_row_that_differs_in_anything_is_another(portal, everything, changes, words):
    (before,) = rows_shown(portal, everything, a_row())
    (after,) = rows_shown(portal, everything, a_row(**changes))
    assert words in after
    assert before != after


def test_a_list_is_kept_in_each_language(portal, everything):
    (chinese,) = rows_shown(portal, everything, a_row())
    (english,) = rows_shown(portal, everything, a_row(), language="en")
    assert "第 " in chinese
    assert "Stage" in english
    assert "第 " not in english


def test_the_time_that_a_case_waits_goes_on(portal, everything, monkeypatch):
    (before,) = rows_shown(portal, everything, a_row())
    later = time.time() + 60
    monkeypatch.setattr(listed.time, "time", lambda: later)
    monkeypatch.setitem(portal.jinja_env.filters, "waited", lambda _: "1 天 2 小時")
    (after,) = rows_shown(portal, everything, a_row())
    assert after == before.replace("5 小時", "1 天 2 小時")


def test_what_was_asked_for_belongs_to_what_is_kept(portal, everything):
    plain = page_shown(portal, everything, a_row())
    narrowed = page_shown(
        portal, everything, a_row(), asked="?tab=mine&identity_type=company&search=甲&sort=newest"
    )
    assert not plain.page.find(id="search")["value"]
    assert narrowed.page.find(id="search")["value"] == "甲"
    assert narrowed.page.find("option", value="company").has_attr("selected")
    assert narrowed.page.find("a", attrs={"aria-current": "page"}, href="/review/?tab=mine")


def test_counts_belong_to_what_is_kept(portal, everything):
    page_shown(portal, everything, a_row(), counts=[{"tab": "mine", "count": 3}])
    after = page_shown(portal, everything, a_row(), counts=[{"tab": "mine", "count": 4}])
    assert after.page.find("a", href="/review/?tab=mine").find(class_="portal-count").get_text() == "4"


def test_the_next_part_keeps_the_choice_and_nothing_that_a_stranger_wrote(portal, everything):
    browser = page_shown(
        portal, everything, a_row(), asked="?tab=mine&search=a%26b&page=2&other=x&lang=zh-Hant",
        page=2, page_size=1, total=3,
    )  # fmt: skip
    leads = {
        link["rel"][0]: parse_qs(urlsplit(link["href"]).query)
        for link in browser.page.find_all("a", rel=True)
    }
    assert leads["prev"] == {"tab": ["mine"], "sort": ["oldest"], "search": ["a&b"], "page": ["1"]}
    assert leads["next"]["page"] == ["3"]
