"""Proposed questions as a program sees them."""

from __future__ import annotations

from mtnet_contracts.calls.content import faq_drafts as calls
from mtnet_contracts.vocabulary.texts import N_

from gateway.api.operation import Operation

PATH = "/editing/questions"
OPERATIONS = (
    Operation(
        "faq_drafts", "GET", PATH, calls.FAQ_DRAFTS, N_("List the questions that are proposed"), "editor"
    ),
    Operation(
        "faq_draft",
        "GET",
        f"{PATH}/<uuid:draft_id>",
        calls.FAQ_DRAFT,
        N_("Get a proposed question in both languages"),
        "editor",
    ),
    Operation(
        "save_faq_draft",
        "PUT",
        f"{PATH}/<uuid:draft_id>",
        calls.SAVE_FAQ_DRAFT,
        N_("Change a proposed question"),
        "editor",
        example={
            "version": 1,
            "category": "mtnet",
            "question_zh": "忘記帳號名稱怎麼辦？",
            "question_en": "What if I forget my account name?",
            "answer_zh": "請撥打客服專線，核對身分後即可告知。",
            "answer_en": "Call the helpdesk. It tells you once it knows who you are.",
        },
    ),
    Operation(
        "decide_faq_draft",
        "POST",
        f"{PATH}/<uuid:draft_id>/decision",
        calls.DECIDE_FAQ_DRAFT,
        N_("Publish a proposed question, or decline it with a reason"),
        "editor",
        example={"version": 1, "decision": "decline", "reason": "已有相同的常見問題。"},
    ),
)
