"""The reviewer's work as a program sees it."""

from __future__ import annotations

from typing import Any

from mtnet_contracts.calls import Call, accounts, review
from mtnet_contracts.vocabulary.limits import MOST_FILE_PAGES
from mtnet_contracts.vocabulary.texts import N_

from gateway.api.operation import Operation


def _work(name: str, call: Call, summary: str, example: dict[str, Any] | None = None) -> Operation:
    return Operation(
        name, "POST", f"/reviews/<uuid:application_id>/{name}", call, summary, "reviewer", example=example
    )


OPERATIONS = (
    Operation(
        "queue",
        "GET",
        "/reviews",
        review.cases.QUEUE,
        N_("List the cases of the reviewer's unit"),
        "reviewer",
    ),
    Operation(
        "case", "GET", "/reviews/<uuid:application_id>", review.cases.CASE, N_("Get a case"), "reviewer"
    ),
    _work("claim", review.cases.CLAIM_CASE, N_("Claim a case")),
    _work("release", review.cases.RELEASE_CASE, N_("Release a claimed case")),
    _work(
        "forward",
        review.cases.FORWARD_CASE,
        N_("Forward a case to the next stage"),
        example={"version": 1, "note": ""},
    ),
    _work(
        "approve",
        review.cases.APPROVE_CASE,
        N_("Approve at the last stage"),
        example={"version": 2, "note": ""},
    ),
    _work(
        "return",
        review.cases.RETURN_CASE,
        N_("Return to the applicant, with coded reasons"),
        example={
            "version": 1,
            "reasons": [{"code": "UNREADABLE", "field": "form"}],
            "note": "請重新掃描後上傳",
        },
    ),
    _work(
        "reject",
        review.cases.REJECT_CASE,
        N_("Reject"),
        example={"version": 1, "reasons": [], "note": "非海運相關業務"},
    ),
    Operation(
        "reveal_id_number",
        "POST",
        "/reviews/<uuid:application_id>/id-number",
        accounts.applications.REVEAL_ID_NUMBER,
        N_("Get the full ID number; this is recorded with the reason"),
        "reviewer",
        example={"reason": "電話核對身分"},
    ),
    Operation(
        "case_form",
        "GET",
        "/reviews/<uuid:application_id>/form/<uuid:file_id>",
        accounts.documents.CASE_FORM,
        N_("Download the application form; every view is recorded"),
        "reviewer",
        "file",
        media_types=("application/pdf", "image/jpeg", "image/png"),
    ),
    Operation(
        "case_form_page",
        "GET",
        f"/reviews/<uuid:application_id>/form/<uuid:file_id>/pages/<int(min=1, max={MOST_FILE_PAGES}):page>",
        accounts.documents.CASE_FORM_PAGE,
        N_("Get a page of the application form as a picture; every view is recorded"),
        "reviewer",
        "file",
        media_types=("image/jpeg",),
    ),
)
