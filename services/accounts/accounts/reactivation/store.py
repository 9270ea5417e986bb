"""SQL of approved reactivations: each counts once."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx

from accounts.reactivation.rules import Approval, Outcome


class ReactivationStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def outcome_of(self, reactivation_id: UUID) -> Outcome | None:
        """What became of an approval; None for one that has not come before."""
        row = self._tx.execute(
            "SELECT outcome FROM reactivation WHERE reactivation_id = %s", (reactivation_id,)
        ).fetchone()
        return Outcome(row[0]) if row else None

    def add(self, approval: Approval, outcome: Outcome, now: datetime) -> None:
        self._tx.execute(
            "INSERT INTO reactivation (reactivation_id, account_id, checked_by, approved_by, reason,"
            " evidence_reference, approved_at, applied_at, outcome) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                approval.reactivation_id,
                approval.account_id,
                approval.checked_by,
                approval.approved_by,
                approval.reason,
                approval.evidence_reference,
                approval.approved_at,
                now,
                outcome,
            ),
        )
