"""What can be done with a case: take it in, claim and decide it, show it. Load, decide, save, announce."""

from datetime import datetime
from typing import Any
from uuid import UUID

from mtnet_chassis.events.outbox import Outbox
from mtnet_contracts.vocabulary.dates import taipei_day
from mtnet_contracts.vocabulary.office_calendar import office_calendar

from review.cases import messages
from review.cases.rules import (
    Case,
    CaseNotFound,
    NewCase,
    Reason,
    Reviewer,
    Submission,
    differences,
    open_case,
)
from review.cases.store import CaseStore
from review.routes.actions import Routes

# What applicants do. Heard from accounts, in order.


def open_submitted_case(
    store: CaseStore, routes: Routes, outbox: Outbox, new: NewCase, now: datetime
) -> None:
    """收件: the case begins on the route in force when it was submitted."""
    calendar = office_calendar()
    route_id, stages = routes.way_of_new_case(new.identity_type, new.city, new.submission.submitted_at)
    case = open_case(new, route_id, stages, now, calendar)
    store.save_case(case)
    store.add_submission(new.application_id, new.submission)
    store.add_entry(case, "submitted", new.submission.submitted_at)
    outbox.announce(messages.case_opened(case, calendar))


def reopen_resubmitted_case(
    store: CaseStore,
    outbox: Outbox,
    application_id: UUID,
    submission: Submission,
    now: datetime,
) -> None:
    """The case goes back to the stage that returned it. Raises CaseNotFound, NotReturned."""
    calendar = office_calendar()
    case = store.case_for_update(application_id).resubmit(submission, now, calendar)
    store.save_case(case)
    store.add_submission(application_id, submission)
    store.add_entry(case, "resubmitted", submission.submitted_at)
    outbox.announce(messages.case_opened(case, calendar))


def close_withdrawn_case(store: CaseStore, application_id: UUID, withdrawn_at: datetime) -> None:
    """Announces nothing: accounts has announced the withdrawal. Raises CaseNotFound."""
    case = store.case_for_update(application_id).withdraw(withdrawn_at)
    store.save_case(case)
    store.add_entry(case, "withdrawn", withdrawn_at)


# What reviewers do.


def claim_case(store: CaseStore, reviewer: Reviewer, application_id: UUID, now: datetime) -> Case:
    """領件. The history has a line when a claim begins or changes hands, not for each renewal."""
    before = store.case_for_update(application_id)
    case = before.claim_for(reviewer, now)
    store.save_case(case)
    if before.claim is None or before.claim.account_id != reviewer.account_id:
        store.add_entry(case, "claimed", now, by=reviewer)
    return case


def release_case(store: CaseStore, reviewer: Reviewer, application_id: UUID, now: datetime) -> Case:
    case = store.case_for_update(application_id).release(reviewer, now)
    store.save_case(case)
    store.add_entry(case, "released", now, by=reviewer)
    return case


def forward_case(
    store: CaseStore,
    outbox: Outbox,
    reviewer: Reviewer,
    application_id: UUID,
    *,
    version: int,
    note: str,
    now: datetime,
) -> Case:
    before = store.case_for_update(application_id)
    calendar = office_calendar()
    case = before.forward(reviewer, version, now, calendar)
    store.save_case(case)
    store.add_entry(case, "forwarded", now, by=reviewer, note=note)
    outbox.announce(messages.case_forwarded(before, case, calendar))
    return case


def return_case(
    store: CaseStore,
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
    outbox.announce(messages.application_returned(case, reasons, note, now))
    return case


def approve_case(
    store: CaseStore,
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
    outbox.announce(messages.application_approved(case, now))
    return case


def reject_case(
    store: CaseStore,
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
    outbox.announce(messages.application_rejected(case, reasons, note, now))
    return case


# What reviewers see.


def live_cases_of(store: CaseStore, *, unit: str, after: UUID | None, limit: int) -> dict[str, Any]:
    """A page of the applications that the unit has before it or has returned, and where the next one begins."""
    found = store.live_cases_of(unit, after=after, limit=limit)
    return {"application_ids": found, "next_after": found[-1] if len(found) == limit else None}


def queue(
    store: CaseStore,
    reviewer: Reviewer,
    now: datetime,
    *,
    tab: str,
    identity_type: str | None,
    search: str | None,
    sort: str,
    page: int,
    page_size: int,
) -> dict[str, Any]:
    today = taipei_day(now)
    lines, total, counts = store.queue(
        reviewer,
        now,
        today,
        tab=tab,
        identity_type=identity_type,
        search=search,
        sort=sort,
        limit=page_size,
        offset=(page - 1) * page_size,
    )
    if tab == "decided" and not identity_type and not search:
        counts["decided"] = total
    return {
        "items": lines,
        "counts": [{"tab": tab, "count": count} for tab, count in counts.items()],
        "page": page,
        "page_size": page_size,
        "total": total,
    }


def case(store: CaseStore, reviewer: Reviewer, application_id: UUID, now: datetime) -> dict[str, Any]:
    """Raises CaseNotFound, also for a case that the reviewer's unit never held."""
    return view(store, reviewer, require_visible(store, reviewer, application_id), now)


def require_visible(store: CaseStore, reviewer: Reviewer, application_id: UUID) -> Case:
    """The case, for a unit that holds it or held it. Raises CaseNotFound."""
    found = store.case(application_id)
    if not found.is_visible_to(reviewer.unit):
        raise CaseNotFound
    return found


def view(store: CaseStore, reviewer: Reviewer, case: Case, now: datetime) -> dict[str, Any]:
    """The case page. The caller has checked that the reviewer's unit may see it."""
    latest, *earlier = store.latest_submissions(case.application_id)
    claim = case.claim if case.claim and case.claim.is_live(now) else None
    may_decide = case.may_be_decided_by(reviewer, now)
    agree = "approve" if case.is_last_stage else "forward"
    return {
        "application_id": case.application_id,
        "case_number": case.case_number,
        "identity_type": case.identity_type,
        "company_name": case.company_name,
        "applicant_name": case.applicant_name,
        "state": case.state,
        "unit": case.unit,
        "stage": case.stage,
        "stages": len(case.stages),
        "submission": case.submission,
        "submitted_at": case.submitted_at,
        "waiting_since": case.waiting_since,
        "due_on": case.due_on,
        "overdue": case.is_overdue(taipei_day(now)),
        "claimed_by": claim and claim.name,
        "claimed_by_me": claim is not None and claim.account_id == reviewer.account_id,
        "version": case.version,
        "account_name": case.account_name,
        "masked_id_number": latest.masked_id_number,
        "answers": latest.answers,
        "form": latest.form,
        "duplicates": list(latest.duplicates),
        "differences": differences(earlier[0], latest) if earlier else [],
        "history": store.history(case.application_id),
        "units": [stage.unit for stage in case.stages],
        "claim_expires_at": claim and claim.expires_at,
        "may_claim": case.may_be_claimed_by(reviewer, now),
        "may_decide": may_decide,
        "last_stage": case.is_last_stage,
        "decisions": [agree, "return", "reject"] if may_decide else [],
    }
