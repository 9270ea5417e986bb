"""Quick answers as a program sees them."""

from __future__ import annotations

from mtnet_contracts.calls.helpdesk import quick_answers as calls
from mtnet_contracts.vocabulary.texts import N_

from gateway.api.operation import Operation

PATH = "/desk/quick-answers"
OPERATIONS = (
    Operation(
        "search_quick_answers",
        "GET",
        f"{PATH}/search",
        calls.SEARCH_QUICK_ANSWERS,
        N_("Find answers by words, parts of words, codes, and nearly"),
        "helpdesk",
    ),
    Operation(
        "quick_answers",
        "GET",
        PATH,
        calls.QUICK_ANSWERS,
        N_("List answers, or those that are due for review"),
        "helpdesk",
    ),
    Operation(
        "save_quick_answer",
        "POST",
        PATH,
        calls.SAVE_QUICK_ANSWER,
        N_("Propose an answer, or change one"),
        "helpdesk",
        example={
            "version": 0,
            "category": "mtnet",
            "question_zh": "忘記密碼怎麼辦",
            "question_en": "I forgot my password",
            "answer_zh": "於登入頁點選「忘記密碼」，輸入帳號與電子郵件。",
            "answer_en": "Choose “forgot password” on the login page and enter your account and e-mail address.",
            "review_on": "2027-05-31",
        },
    ),
    Operation(
        "quick_answer",
        "GET",
        f"{PATH}/<uuid:answer_id>",
        calls.QUICK_ANSWER,
        N_("Get an answer in both languages"),
        "helpdesk",
    ),
    Operation(
        "quick_answer_history",
        "GET",
        f"{PATH}/<uuid:answer_id>/history",
        calls.QUICK_ANSWER_HISTORY,
        N_("See who changed an answer when and why"),
        "helpdesk",
    ),
    Operation(
        "decide_quick_answer",
        "POST",
        f"{PATH}/<uuid:answer_id>/decision",
        calls.DECIDE_QUICK_ANSWER,
        N_("Publish, confirm, take over, retire or reopen an answer"),
        "helpdesk_lead",
        example={"version": 1, "decision": "publish", "review_on": "2027-05-31", "note": "已與業務單位確認"},
    ),
    Operation(
        "use_quick_answers",
        "POST",
        "/desk/used-quick-answers",
        calls.USE_QUICK_ANSWERS,
        N_("Get the texts of answers to put into one; each is counted"),
        "helpdesk",
        example={"answer_ids": ["01938c1e-7a40-7c11-9a52-3f6f4b1d2e01"], "locale": "zh-Hant"},
    ),
    Operation(
        "missing_answers",
        "GET",
        "/desk/missing-answers",
        calls.MISSING_ANSWERS,
        N_("See what was searched for and not found, most often first"),
        "helpdesk",
    ),
    Operation(
        "note_missing_answer",
        "POST",
        "/desk/missing-answers",
        calls.NOTE_MISSING_ANSWER,
        N_("Count a search that found nothing"),
        "helpdesk",
        example={"text": "引水人休假"},
    ),
)
