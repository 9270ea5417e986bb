"""The timer that verifies the audit log."""

from __future__ import annotations

from datetime import UTC, datetime

from mtnet_chassis.data.database import Tx
from mtnet_chassis.runtime.timers import timer_once

from accounts.audit import actions
from accounts.audit.store import AuditStore


class AuditEndpoints:
    @timer_once(600, variable="ACCOUNTS_AUDIT_SECONDS")
    def verify_audit_log(self, tx: Tx) -> None:
        """Looks every ten minutes whether a day has passed since the last verification."""
        actions.verify_daily(AuditStore(tx), datetime.now(UTC))
