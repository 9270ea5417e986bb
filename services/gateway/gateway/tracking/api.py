"""Back to one's cases as a program sees it: a code opens them."""

from __future__ import annotations

from mtnet_contracts.calls import accounts
from mtnet_contracts.vocabulary.texts import N_

from gateway.api.operation import Operation
from gateway.api.samples import UUID

MINE = "/applications/current"
OPERATIONS = (
    Operation(
        "opened_applications",
        "POST",
        "/applications/opened",
        accounts.applications.OPENED_APPLICATIONS,
        N_("List the applications that several tokens open"),
        example={"application_tokens": ["t" * 43, "u" * 43]},
    ),
    Operation(
        "withdraw_application",
        "POST",
        f"{MINE}/withdraw",
        accounts.applications.WITHDRAW_APPLICATION,
        N_("Withdraw the application"),
        "application",
    ),
    Operation(
        "leave_application",
        "DELETE",
        f"{MINE}/token",
        accounts.applications.LEAVE_APPLICATION,
        N_("Revoke the token; the application stays as it is"),
        "application",
        "nothing",
        204,
    ),
    Operation(
        "reissue_activation",
        "POST",
        f"{MINE}/activation",
        accounts.sessions.REISSUE_ACTIVATION,
        N_("Send the activation link again"),
        "application",
        "nothing",
        204,
    ),
    Operation(
        "request_case_access",
        "POST",
        "/cases/access",
        accounts.tracking.REQUEST_CASE_ACCESS,
        N_(
            "Ask for a code by case number or ID number; the answer is the same whether or not the "
            "case exists"
        ),
        example={"query": "PTAPPLY936EC90162340", "locale": "zh-Hant"},
    ),
    Operation(
        "open_case",
        "POST",
        "/cases/open",
        accounts.tracking.OPEN_CASE,
        N_("Open cases with a code"),
        example={"challenge_id": UUID, "code": "123456"},
    ),
)
