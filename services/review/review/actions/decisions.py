"""What reviewers do to a case: claim, release, forward, return, approve, reject."""

from datetime import datetime
from uuid import UUID

from mtnet_chassis.events.outbox import Outbox

from review import events
from review.actions.intake import calendar_from
from review.domain.case import Case, Reason, Reviewer
from review.store import Store


def claim_case(store: Store, reviewer: Reviewer, application_id: UUID, now: datetime) -> Case:
    """領件. The history names a claim when it begins or changes hands, not each renewal."""
    before = store.case_for_update(application_id)
    case = before.claim_for(reviewer, now)
    store.save_case(case)
    if before.claim is None or before.claim.account_id != reviewer.account_id:
        store.add_entry(case, "claimed", now, by=reviewer)
    return case


def release_case(store: Store, reviewer: Reviewer, application_id: UUID, now: datetime) -> Case:
    case = store.case_for_update(application_id).release(reviewer, now)
    store.save_case(case)
    store.add_entry(case, "released", now, by=reviewer)
    return case


def forward_case(
    store: Store,
    outbox: Outbox,
    reviewer: Reviewer,
    application_id: UUID,
    *,
    version: int,
    note: str,
    now: datetime,
) -> Case:
    before = store.case_for_update(application_id)
    calendar = calendar_from(store, now)
    case = before.forward(reviewer, version, now, calendar)
    store.save_case(case)
    store.add_entry(case, "forwarded", now, by=reviewer, note=note)
    outbox.announce(events.case_forwarded(before, case, calendar))
    return case


def return_case(
    store: Store,
    outbox: Outbox,
    reviewer: Reviewer,
    application_id: UUID,
    *,
    version: int,
    reasons: tuple[Reason, ...],
    note: str,
    now: datetime,
) -> Case:
    case = store.case_for_update(application_id).send_back(reviewer, version, reasons, now)
    store.save_case(case)
    store.add_entry(case, "returned", now, by=reviewer, reasons=reasons, note=note)
    outbox.announce(events.application_returned(case, reasons, note, now))
    return case


def approve_case(
    store: Store,
    outbox: Outbox,
    reviewer: Reviewer,
    application_id: UUID,
    *,
    version: int,
    note: str,
    now: datetime,
) -> Case:
    case = store.case_for_update(application_id).approve(reviewer, version, now)
    store.save_case(case)
    store.add_entry(case, "approved", now, by=reviewer, note=note)
    outbox.announce(events.application_approved(case, now))
    return case


def reject_case(
    store: Store,
    outbox: Outbox,
    reviewer: Reviewer,
    application_id: UUID,
    *,
    version: int,
    reasons: tuple[Reason, ...],
    note: str,
    now: datetime,
) -> Case:
    case = store.case_for_update(application_id).reject(reviewer, version, reasons, now)
    store.save_case(case)
    store.add_entry(case, "rejected", now, by=reviewer, reasons=reasons, note=note)
    outbox.announce(events.application_rejected(case, reasons, note, now))
    return case
