"""The way back from a frozen account as a program sees it."""

from __future__ import annotations

from mtnet_contracts.calls import accounts
from mtnet_contracts.vocabulary.texts import N_

from gateway.api.operation import Operation
from gateway.api.samples import UUID

OPERATIONS = (
    Operation(
        "request_reactivation_code",
        "POST",
        "/reactivations/codes",
        accounts.reactivation.REQUEST_REACTIVATION_CODE,
        N_(
            "Send a code to the owner of a frozen account; the answer is the same whether or not the account exists"
        ),
        example={"account_name": "carrier2026", "channel": "email"},
    ),
    Operation(
        "reactivate_account",
        "POST",
        "/reactivations",
        accounts.reactivation.REACTIVATE_ACCOUNT,
        N_("Make a frozen account active again with a code and a new password"),
        status=201,
        example={"challenge_id": UUID, "code": "123456", "password": "Quay!2027side"},
    ),
)
