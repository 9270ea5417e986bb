"""A case is in the queue a moment before accounts knows who holds it: the reviewer is told so, and nobody else more."""

from uuid import uuid4

import pytest
from gateway.rpc import fresh_cases
from gateway.rpc.client import Refused, ServiceUnavailable

from ..conftest import a_case, sealed

PICTURE = {"key": "generated/a.jpg", "filename": "page-1.jpg", "media_type": "image/jpeg", "size_bytes": 3}
CASE = "d20aa8b5-cc22-4e49-9f2d-7659dca85309"
FORM = f"/review/{CASE}/form/{uuid4()}"


@pytest.fixture
def pauses(monkeypatch):
    made = []
    monkeypatch.setattr(fresh_cases.time, "sleep", made.append)
    return made


@pytest.fixture
def reviewing(browser, portal, everything, pauses):
    portal.extensions["files"].put("generated/a.jpg", b"\xff\xd8\xff")
    everything.answers["review.case"] = a_case()
    return browser.cookie("sid", "s" * 43)


def heard_after(times, reply):
    """CASE_NOT_FOUND so many times, then the reply."""
    left = [Refused("CASE_NOT_FOUND")] * times
    return lambda request: left.pop() if left else reply


@pytest.mark.parametrize("call", ["case_form", "case_form_page"])
@pytest.mark.parametrize("times", [1, 3])
def test_a_moment_later_the_form_is_there(reviewing, everything, pauses, call, times):
    everything.answers[f"accounts.{call}"] = heard_after(times, PICTURE)
    answer = reviewing.get(FORM if call == "case_form" else f"{FORM}/page/1")
    assert (answer.status_code, answer.data) == (200, b"\xff\xd8\xff")
    assert len(pauses) == times


@pytest.mark.parametrize(("language", "title"), [("zh-Hant", "請稍候再試"), ("en", "In a moment")])
def test_a_page_says_in_a_moment_and_asks_again_by_itself(reviewing, everything, pauses, language, title):
    everything.answers["accounts.case_form"] = Refused("CASE_NOT_FOUND")
    reviewing.headers["Accept-Language"] = language
    answer = reviewing.get(FORM)
    assert answer.status_code == 503
    assert (answer.headers["Retry-After"], answer.headers["Refresh"]) == ("2", "2")
    assert reviewing.page.h1.get_text() == title
    assert sum(pauses) <= 1, "no thread is held for longer"


def test_a_look_at_the_id_number_keeps_what_was_typed_and_is_not_sent_again_by_itself(reviewing, everything):
    everything.answers["accounts.reveal_id_number"] = Refused("CASE_NOT_FOUND")
    answer = reviewing.post(
        f"/review/{CASE}/id-number", page=f"/review/{CASE}", reason="核對", note="已電話聯絡"
    )
    assert answer.status_code == 503
    assert "Refresh" not in answer.headers
    assert reviewing.page.find("textarea", {"name": "reason"}).get_text(strip=True) == "核對"
    assert "已電話聯絡" in reviewing.words
    assert "案件剛送達" in reviewing.page.find(class_="govuk-error-message").get_text()


def test_whoever_has_no_such_case_hears_that_there_is_none(reviewing, everything, pauses):
    everything.answers["accounts.case_form"] = everything.answers["review.case"] = Refused("CASE_NOT_FOUND")
    assert reviewing.get(FORM).status_code == 404
    assert pauses == []


def test_with_review_away_it_is_away(reviewing, everything, pauses):
    everything.answers["accounts.case_form"] = Refused("CASE_NOT_FOUND")
    everything.answers["review.case"] = ServiceUnavailable("review", "away")
    assert reviewing.get(FORM).status_code == 503
    assert pauses == []


def test_another_refusal_stays_what_it_is(reviewing, everything):
    answers = [Refused("CASE_NOT_FOUND"), Refused("FILE_MISSING")]
    everything.answers["accounts.case_form"] = lambda request: answers.pop(0)
    assert reviewing.get(FORM).status_code == 422
    assert answers == []


def test_a_program_is_told_when_to_ask_again(reviewing, everything):
    everything.answers["accounts.case_form"] = Refused("CASE_NOT_FOUND")
    headers = {"Authorization": f"Bearer {sealed('s' * 43)}"}
    answer = reviewing.http.get(f"/api/v1/reviews/{CASE}/form/{uuid4()}", headers=headers)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert answer.json["errors"] == {"refusal": ["IN_A_MOMENT"]}
    assert "Refresh" not in answer.headers
