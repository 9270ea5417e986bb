"""Unused accounts, and closing an account, as a program sees them."""

from __future__ import annotations

from mtnet_contracts.calls import accounts
from mtnet_contracts.vocabulary.texts import N_

from gateway.api.operation import Operation

OPERATIONS = (
    Operation(
        "lifecycle_preview",
        "GET",
        "/operations/lifecycle",
        accounts.lifecycle.LIFECYCLE_PREVIEW,
        N_("See which accounts a run would disable, freeze or remind on a day"),
        "operator",
    ),
    Operation(
        "run_lifecycle_now",
        "POST",
        "/operations/lifecycle/runs",
        accounts.lifecycle.RUN_LIFECYCLE,
        N_("Do now what is due today"),
        "operator",
        status=201,
        example={},
    ),
    Operation(
        "lifecycle_runs",
        "GET",
        "/operations/lifecycle/runs",
        accounts.lifecycle.LIFECYCLE_RUNS,
        N_("List the reports of past runs"),
        "operator",
    ),
    Operation(
        "lifecycle_changes",
        "GET",
        "/operations/lifecycle/runs/<uuid:run_id>/changes",
        accounts.lifecycle.LIFECYCLE_CHANGES,
        N_("See what a run did, account by account"),
        "operator",
    ),
    Operation(
        "close_account",
        "POST",
        "/operations/accounts/close",
        accounts.lifecycle.CLOSE_ACCOUNT,
        N_("Close somebody's account for good"),
        "operator",
        "nothing",
        204,
        example={"account_name": "carrier2026", "reason": "公司解散，經書面申請"},
    ),
    Operation(
        "close_own_account",
        "POST",
        "/account/close",
        accounts.lifecycle.CLOSE_OWN_ACCOUNT,
        N_("Close one's own account for good"),
        "account",
        "nothing",
        204,
        example={"account_name": "carrier2026"},
    ),
)
