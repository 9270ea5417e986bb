"""Rights to personal data as a program sees them."""

from __future__ import annotations

from typing import Any

from mtnet_contracts.calls import Call, accounts
from mtnet_contracts.vocabulary.texts import N_

from gateway.api.operation import Operation


def _decision(name: str, call: Call, summary: str) -> Operation:
    example: dict[str, Any] = {"version": 1, "note": "已依您的請求處理。"}
    path = f"/operations/privacy-requests/<uuid:request_id>/{name}"
    return Operation(f"{name}_privacy_request", "POST", path, call, summary, "operator", example=example)


OPERATIONS = (
    Operation(
        "copy_of_own_data",
        "POST",
        "/account/privacy/copy",
        accounts.privacy_rights.COPY_OF_OWN_DATA,
        N_("Get a copy of all one's data; this is recorded"),
        "account",
    ),
    Operation(
        "document_of_own_data",
        "POST",
        "/account/privacy/document",
        accounts.privacy_rights.DOCUMENT_OF_OWN_DATA,
        N_("Get the same copy as a PDF"),
        "account",
        "file",
        media_types=("application/pdf",),
        example={"locale": "zh-Hant"},
    ),
    Operation(
        "own_privacy_requests",
        "GET",
        "/account/privacy/requests",
        accounts.privacy_rights.OWN_PRIVACY_REQUESTS,
        N_("See one's own requests for personal data"),
        "account",
    ),
    Operation(
        "ask_for_privacy_right",
        "POST",
        "/account/privacy/requests",
        accounts.privacy_rights.ASK_FOR_PRIVACY_RIGHT,
        N_("Ask to view, copy, correct, stop or delete; the day by which it is answered comes back"),
        "account",
        status=201,
        example={"kind": "correct", "words": "姓名應為陳小華"},
    ),
    Operation(
        "withdraw_privacy_request",
        "POST",
        "/account/privacy/requests/<uuid:request_id>/withdraw",
        accounts.privacy_rights.WITHDRAW_PRIVACY_REQUEST,
        N_("Withdraw a request of one's own"),
        "account",
    ),
    Operation(
        "privacy_desk",
        "GET",
        "/operations/privacy-requests",
        accounts.privacy_rights.PRIVACY_DESK,
        N_("List requests for personal data, those that are late first"),
        "operator",
    ),
    Operation(
        "privacy_case",
        "POST",
        "/operations/privacy-requests/<uuid:request_id>/look",
        accounts.privacy_rights.PRIVACY_CASE,
        N_("See a request; each look is recorded"),
        "operator",
    ),
    _decision("answer", accounts.privacy_rights.ANSWER_PRIVACY_REQUEST, N_("Answer a request")),
    _decision("extend", accounts.privacy_rights.EXTEND_PRIVACY_REQUEST, N_("Extend the time, once")),
    _decision("refuse", accounts.privacy_rights.REFUSE_PRIVACY_REQUEST, N_("Refuse a request")),
    _decision(
        "carry_out",
        accounts.privacy_rights.CARRY_OUT_PRIVACY_REQUEST,
        N_("Carry out a correction, a stop or a deletion"),
    ),
)
