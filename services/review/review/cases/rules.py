"""A case: who may claim it, who may decide it, where each decision sends it, and what a correction changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from mtnet_contracts.vocabulary.choices import ORGANISATIONS
from mtnet_contracts.vocabulary.dates import taipei_day
from mtnet_contracts.vocabulary.office_calendar import OfficeCalendar

from review.routes.rules import Stage

CLAIM_MINUTES = 15
RESUBMIT_DAYS = 30
Answers = Mapping[str, Mapping[str, Any]]


class State(StrEnum):
    OPEN = "open"
    RETURNED = "returned"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class CaseNotFound(Exception):
    """No such case, or none that this unit ever held."""


class StaleVersion(Exception):
    """The case changed after the reviewer looked at it."""


class CaseNotOpen(Exception):
    """It is decided, with the applicant, or with another unit."""


class OwnCase(Exception):
    """Nobody decides an application of their own."""


class PersonUnknown(Exception):
    """The reviewer's person is not known, so nobody can tell whether the case is their own."""


class NotClaimed(Exception):
    """The reviewer has to claim the case first."""


class ClaimedByAnother(Exception):
    """Somebody else works on the case until `expires_at`."""

    def __init__(self, holder: str, expires_at: datetime) -> None:
        super().__init__(f"claimed until {expires_at.isoformat()}")
        self.holder = holder
        self.expires_at = expires_at


class LastStage(Exception):
    """There is no unit to forward to; the case is approved here."""


class NotLastStage(Exception):
    """A later unit has to agree before the case is approved."""


class FieldNotAsked(Exception):
    """A reason names a field that this kind of application does not have."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class NotReturned(Exception):
    """A correction arrived for a case that nobody returned."""


@dataclass(frozen=True)
class Reviewer:
    """Who acts. `person_key` is the fingerprint of the ID number, made as that of a case's applicant."""

    account_id: UUID
    account_name: str
    name: str
    unit: str
    person_key: str | None = None


@dataclass(frozen=True)
class Claim:
    """A lock with an owner and an end. After the end anybody of the unit may take it over."""

    account_id: UUID
    name: str
    expires_at: datetime

    def is_live(self, now: datetime) -> bool:
        return now < self.expires_at


@dataclass(frozen=True)
class Reason:
    """A coded reason at a field such as `applicant.phone`, or at `form`."""

    code: str
    field: str


@dataclass(frozen=True)
class Submission:
    """Everything the applicant submitted at one time. Kept for good; ID numbers are masked already."""

    submission: int
    submitted_at: datetime
    account_name: str
    person_key: str
    masked_id_number: str
    applicant_name: str
    company_name: str | None
    answers: Answers
    form: Mapping[str, Any] | None
    duplicates: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class NewCase:
    """What a first submission brings. `city` is the company's; None without a company."""

    application_id: UUID
    case_number: str
    identity_type: str
    city: str | None
    submission: Submission


@dataclass(frozen=True)
class Difference:
    """A field whose value has changed."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Case:
    """One application on its way through the units. `stage` counts from 1."""

    application_id: UUID
    case_number: str
    identity_type: str
    account_name: str
    person_key: str
    applicant_name: str
    company_name: str | None
    route_id: int
    stages: tuple[Stage, ...]
    stage: int
    state: State
    version: int
    submission: int
    submitted_at: datetime
    waiting_since: datetime
    due_on: date
    resubmit_by: date | None = None
    claim: Claim | None = None

    @property
    def unit(self) -> str:
        """The unit that holds the case, or held it last."""
        return self.stages[self.stage - 1].unit

    @property
    def is_last_stage(self) -> bool:
        return self.stage == len(self.stages)

    def is_overdue(self, today: date) -> bool:
        return self.state is State.OPEN and self.due_on < today

    def expected_on(self, calendar: OfficeCalendar) -> date:
        """The day by which the last stage should be done: this stage's, plus the days of those after it."""
        day = self.due_on
        for stage in self.stages[self.stage :]:
            day = calendar.working_days_after(day, stage.deadline_days)
        return day

    def is_visible_to(self, unit: str) -> bool:
        """A unit sees what it holds and what went through its hands, never what it has not reached."""
        return any(stage.unit == unit for stage in self.stages[: self.stage])

    def is_own_case_of(self, reviewer: Reviewer) -> bool:
        return (
            reviewer.person_key is not None and reviewer.person_key == self.person_key
        ) or reviewer.account_name.lower() == self.account_name.lower()

    def may_be_claimed_by(self, reviewer: Reviewer, now: datetime) -> bool:
        try:
            self.claim_for(reviewer, now)
        except (CaseNotFound, CaseNotOpen, OwnCase, PersonUnknown, ClaimedByAnother):
            return False
        return True

    def may_be_decided_by(self, reviewer: Reviewer, now: datetime) -> bool:
        try:
            self._check_decision(reviewer, self.version, now)
        except (CaseNotFound, CaseNotOpen, OwnCase, PersonUnknown, ClaimedByAnother, NotClaimed):
            return False
        return True

    # What reviewers do.

    def claim_for(self, reviewer: Reviewer, now: datetime) -> Case:
        """Lock the case for 15 minutes, or the reviewer's own lock for another 15."""
        self._check_holder(reviewer)
        self._check_not_own(reviewer)
        self._check_claim_of_others(reviewer, now)
        expires_at = now + timedelta(minutes=CLAIM_MINUTES)
        return replace(self, claim=Claim(reviewer.account_id, reviewer.name, expires_at))

    def release(self, reviewer: Reviewer, now: datetime) -> Case:
        self._check_holder(reviewer)
        self._check_claimed(reviewer, now)
        return replace(self, claim=None)

    def forward(self, reviewer: Reviewer, version: int, now: datetime, calendar: OfficeCalendar) -> Case:
        """送往下一關: the next unit has it, with a deadline of its own."""
        self._check_decision(reviewer, version, now)
        if self.is_last_stage:
            raise LastStage
        return self._handled(now)._waiting_at(self.stage + 1, now, calendar)

    def send_back(self, reviewer: Reviewer, version: int, reasons: tuple[Reason, ...], now: datetime) -> Case:
        """退回案件: the applicant has 30 days to correct it; this stage will see it again."""
        self._check_decision(reviewer, version, now)
        self._check_fields(reasons)
        resubmit_by = taipei_day(now) + timedelta(days=RESUBMIT_DAYS)
        return replace(self._closed(State.RETURNED, now), resubmit_by=resubmit_by)

    def approve(self, reviewer: Reviewer, version: int, now: datetime) -> Case:
        self._check_decision(reviewer, version, now)
        if not self.is_last_stage:
            raise NotLastStage
        return self._handled(now)._closed(State.APPROVED, now)

    def reject(self, reviewer: Reviewer, version: int, reasons: tuple[Reason, ...], now: datetime) -> Case:
        self._check_decision(reviewer, version, now)
        self._check_fields(reasons)
        return self._handled(now)._closed(State.REJECTED, now)

    # What the applicant does.

    def resubmit(self, corrected: Submission, now: datetime, calendar: OfficeCalendar) -> Case:
        """The corrected case goes back to the stage that returned it, on the route it began with."""
        if self.state is not State.RETURNED:
            raise NotReturned(f"{self.case_number} is {self.state}")
        again = replace(
            self,
            state=State.OPEN,
            submission=corrected.submission,
            submitted_at=corrected.submitted_at,
            account_name=corrected.account_name,
            person_key=corrected.person_key,
            applicant_name=corrected.applicant_name,
            company_name=corrected.company_name,
        )
        return again._waiting_at(self.stage, now, calendar)

    def withdraw(self, now: datetime) -> Case:
        """A withdrawal ends the case in every state: accounts has accepted it, and accounts decides."""
        if self.state is State.WITHDRAWN:
            return self
        return self._handled(now)._closed(State.WITHDRAWN, now)

    # Checks, from what a stranger may know to what only the holder may know.

    def _check_decision(self, reviewer: Reviewer, version: int, now: datetime) -> None:
        if not self.is_visible_to(reviewer.unit):
            raise CaseNotFound
        if version != self.version:
            raise StaleVersion
        self._check_holder(reviewer)
        self._check_not_own(reviewer)
        self._check_claimed(reviewer, now)

    def _check_holder(self, reviewer: Reviewer) -> None:
        if not self.is_visible_to(reviewer.unit):
            raise CaseNotFound
        if self.state is not State.OPEN or self.unit != reviewer.unit:
            raise CaseNotOpen

    def _check_not_own(self, reviewer: Reviewer) -> None:
        if self.is_own_case_of(reviewer):
            raise OwnCase
        if not reviewer.person_key:
            raise PersonUnknown

    def _check_claim_of_others(self, reviewer: Reviewer, now: datetime) -> None:
        if self.claim and self.claim.account_id != reviewer.account_id and self.claim.is_live(now):
            raise ClaimedByAnother(self.claim.name, self.claim.expires_at)

    def _check_claimed(self, reviewer: Reviewer, now: datetime) -> None:
        """A claim that ran out still counts for its owner until somebody takes it over."""
        self._check_claim_of_others(reviewer, now)
        if self.claim is None or self.claim.account_id != reviewer.account_id:
            raise NotClaimed

    def _check_fields(self, reasons: tuple[Reason, ...]) -> None:
        if self.identity_type in ORGANISATIONS:
            return
        for reason in reasons:
            if reason.field == "form" or reason.field.startswith("company."):
                raise FieldNotAsked(reason.field)

    # Changes.

    def _handled(self, now: datetime) -> Case:
        stages = list(self.stages)
        stages[self.stage - 1] = replace(stages[self.stage - 1], handled_at=now)
        return replace(self, stages=tuple(stages))

    def _waiting_at(self, stage: int, now: datetime, calendar: OfficeCalendar) -> Case:
        return replace(
            self,
            stage=stage,
            version=self.version + 1,
            waiting_since=now,
            due_on=calendar.working_days_after(taipei_day(now), self.stages[stage - 1].deadline_days),
            resubmit_by=None,
            claim=None,
        )

    def _closed(self, state: State, now: datetime) -> Case:
        return replace(self, state=state, version=self.version + 1, waiting_since=now, claim=None)


def open_case(
    new: NewCase, route_id: int, stages: tuple[Stage, ...], now: datetime, calendar: OfficeCalendar
) -> Case:
    """A first submission waits at stage 1."""
    return Case(
        application_id=new.application_id,
        case_number=new.case_number,
        identity_type=new.identity_type,
        account_name=new.submission.account_name,
        person_key=new.submission.person_key,
        applicant_name=new.submission.applicant_name,
        company_name=new.submission.company_name,
        route_id=route_id,
        stages=stages,
        stage=1,
        state=State.OPEN,
        version=1,
        submission=new.submission.submission,
        submitted_at=new.submission.submitted_at,
        waiting_since=now,
        due_on=calendar.working_days_after(taipei_day(now), stages[0].deadline_days),
    )


def differences(before: Submission, after: Submission) -> list[Difference]:
    """The changed fields, in the order of the form. A changed ID number is listed even where its mask is the same."""
    old, new = dict(_fields(before)), dict(_fields(after))
    found = [
        Difference(field, old.get(field), new.get(field))
        for field in [*new, *(field for field in old if field not in new)]
        if old.get(field) != new.get(field)
    ]
    if before.person_key != after.person_key and not any(d.field == "identity.id_number" for d in found):
        found.insert(0, Difference("identity.id_number", before.masked_id_number, after.masked_id_number))
    if _fingerprint(before.form) != _fingerprint(after.form):
        found.append(Difference("form", _filename(before.form), _filename(after.form)))
    return found


def _fields(submission: Submission) -> Iterator[tuple[str, str | None]]:
    for section, answers in submission.answers.items():
        for name, value in answers.items():
            yield f"{section}.{name}", _as_text(value)


def _as_text(value: Any) -> str | None:
    if value is None or value == "" or value == []:
        return None
    if isinstance(value, list | tuple):
        return ", ".join(str(each) for each in value)
    return str(value)


def _fingerprint(form: Mapping[str, Any] | None) -> str | None:
    return None if form is None else str(form["sha256"])


def _filename(form: Mapping[str, Any] | None) -> str | None:
    return None if form is None else str(form["filename"])
