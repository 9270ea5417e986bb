"""Events in and out: what accounts announces becomes submissions, decisions become events."""

import dataclasses
from datetime import datetime
from typing import Any

from mtnet_contracts.events import (
    ApplicationApproved,
    ApplicationRejected,
    ApplicationResubmitted,
    ApplicationReturned,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    CaseForwarded,
    CaseOpened,
)
from mtnet_contracts.events.review.cases import ReturnReason
from mtnet_contracts.vocabulary.office_calendar import OfficeCalendar

from review.cases.rules import Case, NewCase, Reason, Submission

__all__ = [
    "ApplicationResubmitted",
    "ApplicationSubmitted",
    "ApplicationWithdrawn",
]


Submitted = ApplicationSubmitted | ApplicationResubmitted


def submission(event: Submitted) -> Submission:
    """What was submitted, in the sections and fields of the applicant's form."""
    applicant = dataclasses.asdict(event.applicant)
    masked_id_number = applicant.pop("masked_id_number")
    applicant["systems"] = list(event.applicant.systems)
    answers: dict[str, dict[str, Any]] = {
        "identity": {"id_number": masked_id_number, "account_name": event.account_name}
    }
    if event.company is not None:
        answers["company"] = dataclasses.asdict(event.company)
    answers["applicant"] = applicant
    form = None
    if event.form is not None:
        form = dataclasses.asdict(event.form) | {"file_id": str(event.form.file_id)}
    return Submission(
        submission=event.submission,
        submitted_at=event.submitted_at,
        account_name=event.account_name,
        person_key=event.person_key,
        masked_id_number=masked_id_number,
        applicant_name=event.applicant.name,
        company_name=event.company.name_zh if event.company else None,
        answers=answers,
        form=form,
        duplicates=tuple(dataclasses.asdict(duplicate) for duplicate in event.duplicates),
    )


def new_case(event: ApplicationSubmitted) -> NewCase:
    return NewCase(
        application_id=event.application_id,
        case_number=event.case_number,
        identity_type=event.identity_type,
        city=event.company.city if event.company else None,
        submission=submission(event),
    )


def case_opened(case: Case, calendar: OfficeCalendar) -> CaseOpened:
    return CaseOpened(
        application_id=case.application_id,
        case_number=case.case_number,
        submission=case.submission,
        unit=case.unit,
        stage=case.stage,
        stages=len(case.stages),
        opened_at=case.waiting_since,
        due_on=case.due_on,
        expected_on=case.expected_on(calendar),
    )


def case_forwarded(before: Case, case: Case, calendar: OfficeCalendar) -> CaseForwarded:
    return CaseForwarded(
        application_id=case.application_id,
        case_number=case.case_number,
        submission=case.submission,
        from_unit=before.unit,
        unit=case.unit,
        stage=case.stage,
        stages=len(case.stages),
        forwarded_at=case.waiting_since,
        due_on=case.due_on,
        expected_on=case.expected_on(calendar),
    )


def application_returned(
    case: Case, reasons: tuple[Reason, ...], note: str, now: datetime
) -> ApplicationReturned:
    if case.resubmit_by is None:
        raise ValueError("a returned case has a day by which to correct it")
    return ApplicationReturned(
        application_id=case.application_id,
        case_number=case.case_number,
        submission=case.submission,
        unit=case.unit,
        stage=case.stage,
        reasons=_return_reasons(reasons),
        note=note,
        returned_at=now,
        resubmit_by=case.resubmit_by,
    )


def application_approved(case: Case, now: datetime) -> ApplicationApproved:
    return ApplicationApproved(
        application_id=case.application_id,
        case_number=case.case_number,
        submission=case.submission,
        unit=case.unit,
        approved_at=now,
    )


def application_rejected(
    case: Case, reasons: tuple[Reason, ...], note: str, now: datetime
) -> ApplicationRejected:
    return ApplicationRejected(
        application_id=case.application_id,
        case_number=case.case_number,
        submission=case.submission,
        unit=case.unit,
        reasons=_return_reasons(reasons),
        note=note,
        rejected_at=now,
    )


def _return_reasons(reasons: tuple[Reason, ...]) -> tuple[ReturnReason, ...]:
    return tuple(ReturnReason(code=reason.code, field=reason.field) for reason in reasons)
