"""What a reviewer sees: the unit's queue and one case with all that a decision needs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from review.domain.calendar import taipei_day
from review.domain.case import Case, CaseNotFound, Reviewer
from review.domain.submissions import differences
from review.store import Store


def queue(
    store: Store,
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
    lines, total = store.queue(
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
    counts = dict(store.counts_by_tab(reviewer, now, today))
    if tab == "decided" and not identity_type and not search:
        counts["decided"] = total
    return {
        "items": lines,
        "counts": [{"tab": tab, "count": count} for tab, count in counts.items()],
        "page": page,
        "page_size": page_size,
        "total": total,
    }


def case(store: Store, reviewer: Reviewer, application_id: UUID, now: datetime) -> dict[str, Any]:
    """Raises CaseNotFound, also for a case that the reviewer's unit never held."""
    return view(store, reviewer, require_visible(store, reviewer, application_id), now)


def require_visible(store: Store, reviewer: Reviewer, application_id: UUID) -> Case:
    """The case, for a unit that holds it or held it. Raises CaseNotFound."""
    found = store.case(application_id)
    if not found.is_visible_to(reviewer.unit):
        raise CaseNotFound
    return found


def view(store: Store, reviewer: Reviewer, case: Case, now: datetime) -> dict[str, Any]:
    """The case page. Only the unit's own may see it; the caller has checked that."""
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
