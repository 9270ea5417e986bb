"""The audit log as a program sees it."""

from __future__ import annotations

from mtnet_contracts.calls import accounts
from mtnet_contracts.vocabulary.texts import N_

from gateway.api.operation import Operation

OPERATIONS = (
    Operation(
        "audit_entries",
        "GET",
        "/operations/audit",
        accounts.audit.AUDIT_ENTRIES,
        N_("Search the audit log, newest entries first"),
        "operator",
    ),
)
