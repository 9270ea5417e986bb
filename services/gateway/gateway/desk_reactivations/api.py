"""What the desk does with reactivations, as a program sees it."""

from __future__ import annotations

from mtnet_contracts.calls.accounts import reactivation as accounts
from mtnet_contracts.calls.helpdesk import reactivations as calls
from mtnet_contracts.vocabulary.texts import N_

from gateway.api.operation import Operation

OPERATIONS = (
    Operation(
        "reactivations",
        "GET",
        "/desk/reactivations",
        calls.REACTIVATIONS,
        N_("List cases of evidence for frozen and disabled accounts"),
        "helpdesk",
    ),
    Operation(
        "reactivation",
        "GET",
        "/desk/reactivations/<number>",
        calls.REACTIVATION,
        N_("A case of evidence for an account"),
        "helpdesk",
    ),
    Operation(
        "reactivations_of_ticket",
        "GET",
        "/desk/tickets/<uuid:ticket_id>/reactivations",
        calls.REACTIVATIONS_OF_TICKET,
        N_("Cases whose evidence lies in a ticket"),
        "helpdesk",
    ),
    Operation(
        "open_reactivation",
        "POST",
        "/desk/reactivations",
        calls.OPEN_REACTIVATION,
        N_("Begin a case of evidence for an account"),
        "helpdesk",
        status=201,
        example={
            "account_name": "QWERTYUI",
            "statement": "eyJhY2NvdW50X25hbWUiOiJRV0VSVFlVSSJ9.c2lnbmF0dXJl",
            "evidence": "letter",
            "reference": "航港字第1150001234號",
            "received_on": "2026-11-20",
        },
    ),
    Operation(
        "check_reactivation",
        "POST",
        "/desk/reactivations/<number>/check",
        calls.CHECK_REACTIVATION,
        N_("Check the evidence of a case"),
        "helpdesk",
        example={
            "version": 1,
            "checks": ["name_fits", "stamp_or_document", "wish_stated", "called_back"],
            "reason": "以登記電話回撥，由本人確認。",
        },
    ),
    Operation(
        "approve_reactivation",
        "POST",
        "/desk/reactivations/<number>/approve",
        calls.APPROVE_REACTIVATION,
        N_("Accept the evidence of a case, as a second person"),
        "helpdesk",
        example={"version": 2, "checks": ["name_fits", "stamp_or_document", "wish_stated", "called_back"]},
    ),
    Operation(
        "refuse_reactivation",
        "POST",
        "/desk/reactivations/<number>/refuse",
        calls.REFUSE_REACTIVATION,
        N_("Do not accept the evidence of a case"),
        "helpdesk",
        example={"version": 1, "refusal_reason": "incomplete", "note": "公文未用印，請補正後再送。"},
    ),
    Operation(
        "account_for_reactivation",
        "POST",
        "/desk/reactivations/account",
        accounts.ACCOUNT_FOR_REACTIVATION,
        N_("Whose account it is that evidence was handed in for; the look is recorded"),
        "helpdesk",
        example={"account_name": "QWERTYUI", "reason": "航港字第1150001234號來函"},
    ),
)
