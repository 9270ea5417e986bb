"""The privacy notice of an account as a program sees it."""

from __future__ import annotations

from mtnet_contracts.calls import accounts
from mtnet_contracts.vocabulary.texts import N_

from gateway.api.operation import Operation

OPERATIONS = (
    Operation(
        "own_consents",
        "GET",
        "/account/consents",
        accounts.consents.OWN_CONSENTS,
        N_("See the privacy notice that is to be agreed to, if there is one, and those that were"),
        "account",
    ),
    Operation(
        "agree_to_notice",
        "POST",
        "/account/consents",
        accounts.consents.AGREE_TO_NOTICE,
        N_("Agree to the privacy notice in force, which its owner has read"),
        "account",
        example={"notice_version": "2026-01"},
        changes_session=True,
    ),
    Operation(
        "decline_notice",
        "POST",
        "/account/consents/decline",
        accounts.consents.DECLINE_NOTICE,
        N_("Do not agree now; everything but leaving and one's personal data stays refused"),
        "account",
        "nothing",
        204,
    ),
)
