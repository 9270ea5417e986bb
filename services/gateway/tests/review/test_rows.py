"""The rows of the queue are kept as they were written, and only for whoever is answered with the same."""

from datetime import UTC, datetime, timedelta

import pytest
from gateway.review import rows
from mtnet_contracts.calls.review import cases as calls

from ..conftest import Browser, a_session, example

SINCE = datetime.now(UTC) - timedelta(hours=5, minutes=30)


@pytest.fixture(autouse=True)
def nothing_kept():
    rows._row.cache_clear()


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


def rows_shown(portal, everything, *items, language="zh-Hant"):
    everything.answers["accounts.resume_session"] = a_session("reviewer", unit="north")
    queue = {"items": list(items), "counts": [], "page": 1, "page_size": 25, "total": len(items)}
    everything.answers["review.queue"] = queue
    browser = Browser(portal).cookie("sid", "s" * 43)
    browser.headers["Accept-Language"] = language
    browser.get("/review/")
    return [" ".join(row.get_text(" ").split()) for row in browser.page.find("tbody").find_all("tr")]


def written():
    return rows._row.cache_info().misses


def test_a_row_is_written_once_for_all_who_are_answered_with_it(portal, everything):
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


def test_a_row_is_kept_in_each_language(portal, everything):
    (chinese,) = rows_shown(portal, everything, a_row())
    (english,) = rows_shown(portal, everything, a_row(), language="en")
    assert "第 " in chinese
    assert "Stage" in english
    assert "第 " not in english


def test_the_time_that_a_case_waits_goes_on(portal, everything, monkeypatch):
    (before,) = rows_shown(portal, everything, a_row())
    monkeypatch.setattr(rows, "waited", lambda _: "1 天 2 小時")
    (after,) = rows_shown(portal, everything, a_row())
    assert after == before.replace("5 小時", "1 天 2 小時")
