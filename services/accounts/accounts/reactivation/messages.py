"""The helpdesk's approval in this topic's own words."""

from __future__ import annotations

from mtnet_contracts.events import ReactivationApproved

from accounts.reactivation.rules import Approval

__all__ = ["ReactivationApproved", "approval_in"]


def approval_in(event: ReactivationApproved) -> Approval:
    return Approval(
        reactivation_id=event.reactivation_id,
        account_id=event.account_id,
        checked_by=event.checked_by,
        approved_by=event.approved_by,
        reason=event.reason,
        evidence_reference=event.evidence_reference,
        approved_at=event.approved_at,
    )
