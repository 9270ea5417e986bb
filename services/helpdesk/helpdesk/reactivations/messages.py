"""What two people decided, announced: accounts acts on an approval, notify tells a refusal."""

from __future__ import annotations

from datetime import datetime

from mtnet_contracts.events import ReactivationApproved, ReactivationRefused

from helpdesk.reactivations.rules import Case, Person


def reactivation_approved(
    case: Case, checked_by: Person, approved_by: Person, at: datetime
) -> ReactivationApproved:
    return ReactivationApproved(
        reactivation_id=case.reactivation_id,
        account_id=case.account_id,
        checked_by=checked_by.account_name,
        approved_by=approved_by.account_name,
        reason=case.reason,
        evidence_reference=case.reference,
        approved_at=at,
    )


def reactivation_refused(case: Case, at: datetime) -> ReactivationRefused:
    return ReactivationRefused(
        reactivation_id=case.reactivation_id,
        account_id=case.account_id,
        account_name=case.account_name,
        reason=case.refusal_reason or "",
        note=case.refusal_note,
        refused_at=at,
    )
