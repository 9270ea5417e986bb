"""Where a case stands and how it was decided."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from mtnet_contracts.event import Event, Holds


@dataclass(frozen=True, kw_only=True)
class ReturnReason:
    """One coded reason, bound to the field (`applicant.phone`) or `form` that has to change."""

    code: str
    field: str


@dataclass(frozen=True, kw_only=True)
class CaseOpened(Event):
    """A submission reached a unit's work queue. `stage` counts from 1.

    `due_on` is the Taipei day by which this stage, `expected_on` that by which the whole route should be done.
    """

    source = "review"
    aggregate = "case"
    subject = "application_id"
    holds = Holds.FACTS

    application_id: UUID
    case_number: str
    submission: int
    unit: str
    stage: int
    stages: int
    opened_at: datetime
    due_on: date
    expected_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class CaseForwarded(Event):
    """One stage agreed; the next unit has the case. `due_on` and `expected_on` are those of CaseOpened, anew."""

    source = "review"
    aggregate = "case"
    subject = "application_id"
    holds = Holds.FACTS

    application_id: UUID
    case_number: str
    submission: int
    from_unit: str
    unit: str
    stage: int
    stages: int
    forwarded_at: datetime
    due_on: date
    expected_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class ApplicationReturned(Event):
    """The applicant has to correct something and hand it in again by `resubmit_by`."""

    source = "review"
    aggregate = "case"
    subject = "application_id"

    application_id: UUID
    case_number: str
    submission: int
    unit: str
    stage: int
    reasons: tuple[ReturnReason, ...]
    note: str
    returned_at: datetime
    resubmit_by: date


@dataclass(frozen=True, kw_only=True)
class ApplicationApproved(Event):
    """The last stage agreed; accounts opens the account."""

    source = "review"
    aggregate = "case"
    subject = "application_id"
    holds = Holds.FACTS

    application_id: UUID
    case_number: str
    submission: int
    unit: str
    approved_at: datetime


@dataclass(frozen=True, kw_only=True)
class ApplicationRejected(Event):
    """A unit refused the application for good; the person may apply again."""

    source = "review"
    aggregate = "case"
    subject = "application_id"

    application_id: UUID
    case_number: str
    submission: int
    unit: str
    reasons: tuple[ReturnReason, ...]
    note: str
    rejected_at: datetime
