"""An editor changes a proposed question, publishes it as it stands in the form, or declines it with a reason."""

import pytest
from gateway.rpc.client import Refused
from mtnet_contracts.calls.content import faq_drafts as calls

from ..conftest import a_session, example

DRAFT = "0190b000-0000-7000-8000-0000000000f1"
PATH = f"/editing/questions/{DRAFT}"
FORM = {
    "version": "1",
    "category": "mtnet",
    "question_zh": "問題",
    "question_en": "Question",
    "answer_zh": "答案",
    "answer_en": "Answer",
}


def a_draft(**changes):
    return example(calls.FaqDraftView) | {
        "draft_id": DRAFT,
        "state": "proposed",
        "category": "mtnet",
        "question": {"zh-Hant": "問題", "en": "Question"},
        "answer": {"zh-Hant": "答案", "en": "Answer"},
        "version": 1,
        "decided_at": None,
        "decided_by_name": None,
        "reason": "",
        "slug": None,
    } | changes  # fmt: skip


@pytest.fixture
def editor(browser, services):
    services.answers |= {
        "accounts.resume_session": a_session("editor"),
        "content.faq_draft": a_draft(),
        "content.save_faq_draft": a_draft(version=2),
        "content.decide_faq_draft": a_draft(state="published", slug="question-12", version=3),
    }
    browser.cookie("sid", "s" * 43)
    browser.services = services
    return browser


def test_what_stands_in_the_form_is_what_is_published(editor):
    answer = editor.post(PATH, **FORM | {"answer_zh": "改過的答案", "publish": "1"})
    assert answer.headers["Location"] == f"{PATH}?done=published"
    assert editor.services.requests_to("content.save_faq_draft")[0]["answer_zh"] == "改過的答案"
    assert editor.services.requests_to("content.decide_faq_draft")[0]["version"] == 2


def test_what_was_not_changed_is_not_saved_again(editor):
    editor.post(PATH, **FORM | {"publish": "1"})
    assert editor.services.requests_to("content.save_faq_draft") == []
    assert editor.services.requests_to("content.decide_faq_draft")[0]["version"] == 1


@pytest.mark.parametrize(
    ("refused", "status"),
    [(Refused("INVALID", {"reason": ["REQUIRED"]}), 422), (Refused("FAQ_DRAFT_DECIDED"), 409)],
)
def test_what_was_typed_stays_when_it_is_not_declined(editor, refused, status):
    editor.services.answers["content.decide_faq_draft"] = refused
    answer = editor.post(PATH, **FORM | {"question_en": "Another question", "reason": "重複", "decline": "1"})
    assert answer.status_code == status
    assert editor.page.find("input", id="question_en")["value"] == "Another question"
    assert "重複" in editor.page.find("textarea", id="reason").text
    assert editor.services.requests_to("content.save_faq_draft") == []


def test_nobody_else_sees_a_draft(editor):
    editor.services.answers["accounts.resume_session"] = a_session("helpdesk_lead", "operator")
    assert editor.get(PATH).status_code == 403
    assert editor.get("/editing/questions").status_code == 403
