"""Accounts and cases, for downstream systems."""

from __future__ import annotations

from mtnet_contracts.calls.accounts import system_accounts as calls
from mtnet_contracts.calls.review import snapshots
from mtnet_contracts.vocabulary.scopes import ACCOUNTS_READ, CASES_READ, SNAPSHOTS_READ
from mtnet_contracts.vocabulary.texts import N_

from gateway.api.operation import Operation

OPERATIONS = (
    Operation(
        "system_accounts",
        "GET",
        "/systems/<string:system>/accounts",
        calls.SYSTEM_ACCOUNTS,
        N_("List the accounts of one's own system, or those that changed"),
        "client",
        scope=ACCOUNTS_READ,
        has_etag=True,
    ),
    Operation(
        "system_account",
        "GET",
        "/systems/<string:system>/accounts/<uuid:account_id>",
        calls.SYSTEM_ACCOUNT,
        N_("See who an account is, and how it stands"),
        "client",
        scope=ACCOUNTS_READ,
        has_etag=True,
    ),
    Operation(
        "system_account_statement",
        "GET",
        "/systems/<string:system>/accounts/<uuid:account_id>/statement",
        calls.SYSTEM_ACCOUNT_STATEMENT,
        N_("Get a signed statement of who an account is"),
        "client",
        scope=ACCOUNTS_READ,
    ),
    Operation(
        "accounts_snapshot",
        "GET",
        "/snapshots/accounts",
        calls.ACCOUNTS_SNAPSHOT,
        N_("Read all accounts as they are now, to go on from with events"),
        "client",
        scope=SNAPSHOTS_READ,
        has_etag=True,
    ),
    Operation(
        "cases_snapshot",
        "GET",
        "/snapshots/cases",
        snapshots.CASES_SNAPSHOT,
        N_("Read all cases as they are now, to go on from with events"),
        "client",
        scope=CASES_READ,
        has_etag=True,
    ),
)
