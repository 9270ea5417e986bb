"""Messages to many as a program sees them."""

from __future__ import annotations

from mtnet_contracts.calls import accounts, review
from mtnet_contracts.vocabulary.texts import N_

from gateway.api.operation import Operation

OPERATIONS = (
    Operation(
        "segment_accounts",
        "GET",
        "/operations/segments/accounts",
        accounts.segments.SEGMENT_ACCOUNTS,
        N_("See which accounts are in a segment, a page at a time"),
        "operator",
    ),
    Operation(
        "accounts_named",
        "POST",
        "/operations/segments/names",
        accounts.segments.ACCOUNTS_NAMED,
        N_("Find the accounts of many names, and the names that nobody has"),
        "operator",
        example={"account_names": ["carrier2026", "nobody99"]},
    ),
    Operation(
        "unit_cases",
        "GET",
        "/operations/segments/cases",
        review.cases.UNIT_CASES,
        N_("See which live cases a unit has, a page at a time"),
        "operator",
    ),
)
