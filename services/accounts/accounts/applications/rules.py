"""The rules of an application: what it asks for, what is missing, and how its status may change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

DRAFT_DAYS = 30
# How long a code opens a case: a look at it, or its correction, which takes until tomorrow where a form is stamped.
LOOK = timedelta(hours=2)
CORRECTION = timedelta(days=2)
GRACE_DAYS = 7  # after the day by which a returned case is to be corrected
CASE_PREFIX = "PTAPPLY"


class Status(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


EDITABLE = frozenset({Status.DRAFT, Status.RETURNED})
WITHDRAWABLE = frozenset({Status.SUBMITTED, Status.IN_REVIEW, Status.RETURNED})

ORGANISATIONS = frozenset({"company", "public_body"})

# Which contacts need a code, and the section and channel of each.
CONTACTS = {
    "company_mobile": ("company", "mobile", "sms"),
    "company_email": ("company", "email", "email"),
    "applicant_mobile": ("applicant", "mobile", "sms"),
    "applicant_email": ("applicant", "email", "email"),
}

# Whose proved contact gets the code that opens a case: the applicant's before the organisation's, mail before SMS.
CODE_GOES_TO = ("applicant_email", "company_email", "applicant_mobile", "company_mobile")


class NotEditable(Exception):
    """The application is with the reviewers, or decided."""


class NotWithdrawable(Exception):
    """A draft simply ends; a decided application cannot be taken back."""


class SectionNotAsked(Exception):
    """This identity type has no such section."""


class Incomplete(Exception):
    """Something is missing; `missing` says what."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__(*missing)
        self.missing = missing


class AnswersChanged(Exception):
    """What is stored is not what was shown: another window, or another person, changed it."""


class UnexpectedDecision(Exception):
    """A decision about an application that cannot receive it: reported, never guessed at."""


# No unit works on it: there is no day to wait for.
NOT_WAITING: dict[str, Any] = {"due_on": None, "expected_on": None}


@dataclass(frozen=True)
class Contact:
    """A contact that has to be proved; verified only for the value it was verified with, however it is spelled.

    `compared` is equal for two spellings of one address.
    """

    contact: str
    value: str
    compared: str
    verified_at: datetime | None = None

    @property
    def channel(self) -> str:
        """email or sms."""
        return CONTACTS[self.contact][2]


@dataclass(frozen=True)
class Form:
    """The stamped form as uploaded; `content_hash` is that of the answers it was generated from.

    That is known where the code on the sheet was read (`recognised`). Otherwise it is only what should be printed
    there; None is not known, of forms uploaded earlier.
    """

    file_id: UUID
    key: str
    filename: str
    media_type: str
    size_bytes: int
    pages: int
    sha256: str
    content_hash: str
    uploaded_at: datetime
    recognised: bool | None = None


@dataclass(frozen=True)
class Mark:
    """What a reviewer wants changed."""

    code: str
    field: str


@dataclass(frozen=True, kw_only=True)
class Application:
    """One case. `answers` holds each section as last accepted; the ID number is kept apart, encrypted."""

    application_id: UUID
    case_number: str
    identity_type: str
    status: Status
    submission: int
    locale: str
    answers: dict[str, dict[str, Any]]
    started_at: datetime
    updated_at: datetime
    expires_at: datetime | None
    submitted_at: datetime | None = None
    unit: str | None = None
    stage: int | None = None
    stages: int | None = None
    due_on: date | None = None
    expected_on: date | None = None
    marks: tuple[Mark, ...] = ()
    note: str = ""
    resubmit_by: date | None = None
    contacts: tuple[Contact, ...] = ()
    form: Form | None = None

    @property
    def editable(self) -> bool:
        return self.status in EDITABLE

    @property
    def sections(self) -> tuple[str, ...]:
        """The sections asked, in their order."""
        if self.identity_type in ORGANISATIONS:
            return ("registration", "identity", "company", "applicant")
        return ("registration", "identity", "applicant")

    @property
    def needs_form(self) -> bool:
        """Organisations stamp a form; individuals and staff do not (handout, 用印檔案)."""
        return self.identity_type in ORGANISATIONS

    @property
    def asked_contacts(self) -> tuple[str, ...]:
        return tuple(contact for contact, (section, *_) in CONTACTS.items() if section in self.sections)

    @property
    def versions(self) -> dict[str, str]:
        """A short name of what each section, and the form, holds now."""
        found = {section: version_of(answers) for section, answers in self.answers.items()}
        return found | ({"form": str(self.form.file_id)} if self.form else {})

    def require_version(self, section: str, version: str | None, answers: dict[str, Any]) -> None:
        """That `section` is as it was shown; saying once more what is stored changes nothing. Raises AnswersChanged."""
        stored = self.versions.get(section, "")
        if version is not None and stored not in (version, version_of(answers)):
            raise AnswersChanged(section)

    def require_versions(self, versions: dict[str, str] | None) -> None:
        """That everything is as it was shown. Raises AnswersChanged."""
        if versions is not None and versions != self.versions:
            raise AnswersChanged

    def require_editable(self) -> None:
        """Raises NotEditable."""
        if not self.editable:
            raise NotEditable(self.status)

    def touched(self, now: datetime) -> Application:
        """Somebody worked on it: a draft lives on for 30 days from here."""
        expires_at = now + timedelta(days=DRAFT_DAYS) if self.status is Status.DRAFT else self.expires_at
        return replace(self, updated_at=now, expires_at=expires_at)

    def open_until(self, now: datetime) -> datetime:
        """How long a token handed out or used for a change now opens this application."""
        if self.status is Status.DRAFT and self.expires_at is not None:
            return self.expires_at
        return now + (CORRECTION if self.editable else LOOK)

    def contact(self, name: str) -> Contact | None:
        return next((c for c in self.contacts if c.contact == name), None)

    @property
    def code_contact(self) -> Contact | None:
        """The proved contact that gets the code which opens this case; None before any is proved."""
        proved = {c.contact: c for c in self.contacts if c.verified_at is not None}
        return next((proved[name] for name in CODE_GOES_TO if name in proved), None)

    def missing(self, *, notice_version: str, content_hash: str) -> tuple[str, ...]:
        """What stands between now and submitting, as codes, in the order in which the pages ask."""
        found = []
        for section in self.sections:
            answers = self.answers.get(section)
            if not answers or (section == "registration" and answers.get("notice_version") != notice_version):
                found.append(f"section:{section}")
        for name in self.asked_contacts:
            contact = self.contact(name)
            if contact is None or contact.verified_at is None:
                found.append(f"contact:{name}")
        if self.needs_form:
            if self.form is None:
                found.append("form")
            elif self.form.content_hash != content_hash:
                found.append("form_outdated")
        return tuple(found)

    def with_section(
        self,
        section: str,
        answers: dict[str, Any],
        *,
        now: datetime,
        compared: Callable[[str], str] = lambda value: value,
    ) -> Application:
        """Accept a section. A changed contact has to be proved again; an equal one proved elsewhere counts.

        `compared` makes two spellings of one address equal. Raises NotEditable, SectionNotAsked.
        """
        self.require_editable()
        if section not in self.sections:
            raise SectionNotAsked(section)
        changed = replace(self.touched(now), answers={**self.answers, section: answers})
        return replace(changed, contacts=changed._contacts_now(compared))

    def _contacts_now(self, compared: Callable[[str], str]) -> tuple[Contact, ...]:
        proved = {c.compared: c.verified_at for c in self.contacts if c.verified_at is not None}
        found = []
        for name in self.asked_contacts:
            section, answer, _ = CONTACTS[name]
            value = self.answers.get(section, {}).get(answer)
            if name == "applicant_email" and not value:
                # Given on the first page, to be proved first: the way back to a draft.
                value = self.answers.get("registration", {}).get("email")
            if value:
                found.append(Contact(name, value, compared(value), proved.get(compared(value))))
        return tuple(found)

    def with_contact_verified(self, proved: Contact, *, now: datetime) -> Application:
        """A code came back right for this contact; every contact of the same address is proved by it."""
        self.require_editable()
        contacts = tuple(
            replace(c, verified_at=now) if c.compared == proved.compared else c for c in self.contacts
        )
        return replace(self.touched(now), contacts=contacts)

    def submit(self, *, now: datetime, notice_version: str, content_hash: str) -> Application:
        """Hand in, or hand in again. Raises NotEditable, Incomplete."""
        self.require_editable()
        missing = self.missing(notice_version=notice_version, content_hash=content_hash)
        if missing:
            raise Incomplete(missing)
        return replace(
            self,
            status=Status.SUBMITTED,
            submission=self.submission + 1,
            submitted_at=now,
            updated_at=now,
            expires_at=None,
            marks=(),
            note="",
            resubmit_by=None,
        )

    def withdraw(self, *, now: datetime) -> Application:
        """Raises NotWithdrawable."""
        if self.status not in WITHDRAWABLE:
            raise NotWithdrawable(self.status)
        return replace(
            self, status=Status.WITHDRAWN, updated_at=now, unit=None, due_on=None, expected_on=None
        )

    def shares_proved_contact(self, other: Application) -> bool:
        """The same telephone or mailbox was proved for both: the same person, not only the same ID number."""
        mine, theirs = (
            {c.compared for c in one.contacts if c.verified_at is not None} for one in (self, other)
        )
        return not mine.isdisjoint(theirs)

    # What review decided. Withdrawn wins over a decision that crossed it on the way.

    def waiting(
        self,
        *,
        unit: str,
        stage: int,
        stages: int,
        due_on: date,
        expected_on: date | None,
        submission: int,
        now: datetime,
    ) -> Application:
        """A unit has the case, until `due_on`. A release of review that does not know when the whole route will be done
        says nothing: then it is only known at the last stage."""
        if self._overtaken(submission):
            return self
        self._require({Status.SUBMITTED, Status.IN_REVIEW})
        return replace(
            self,
            status=Status.IN_REVIEW,
            unit=unit,
            stage=stage,
            stages=stages,
            due_on=due_on,
            expected_on=expected_on or (due_on if stage == stages else None),
            updated_at=now,
        )

    def returned(
        self, *, marks: tuple[Mark, ...], note: str, resubmit_by: date, submission: int, now: datetime
    ) -> Application:
        if self._overtaken(submission):
            return self
        self._require({Status.SUBMITTED, Status.IN_REVIEW})
        return replace(
            self,
            status=Status.RETURNED,
            marks=marks,
            note=note,
            resubmit_by=resubmit_by,
            updated_at=now,
            **NOT_WAITING,
        )

    def approved(self, *, submission: int, now: datetime) -> Application:
        if self._overtaken(submission):
            return self
        self._require({Status.SUBMITTED, Status.IN_REVIEW})
        return replace(self, status=Status.APPROVED, updated_at=now, **NOT_WAITING)

    def rejected(self, *, marks: tuple[Mark, ...], note: str, submission: int, now: datetime) -> Application:
        if self._overtaken(submission):
            return self
        self._require({Status.SUBMITTED, Status.IN_REVIEW})
        return replace(self, status=Status.REJECTED, marks=marks, note=note, updated_at=now, **NOT_WAITING)

    def _overtaken(self, submission: int) -> bool:
        return self.status is Status.WITHDRAWN or submission < self.submission

    def _require(self, statuses: set[Status]) -> None:
        if self.status not in statuses:
            raise UnexpectedDecision(f"{self.case_number} is {self.status}")


def version_of(answers: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(answers, sort_keys=True).encode()).hexdigest()[:16]


def new_application(
    *, application_id: UUID, random_hex: str, identity_type: str, locale: str, now: datetime
) -> Application:
    """A draft; `random_hex` is 13 hexadecimal digits of chance for the case number."""
    if len(random_hex) != 13:
        raise ValueError("a case number needs 13 digits")
    return Application(
        application_id=application_id,
        case_number=f"{CASE_PREFIX}{random_hex.upper()}",
        identity_type=identity_type,
        status=Status.DRAFT,
        submission=0,
        locale=locale,
        answers={},
        started_at=now,
        updated_at=now,
        expires_at=now + timedelta(days=DRAFT_DAYS),
    )


def lapsed_if_due_before(today: date) -> date:
    """A returned case to be corrected before this day is over: its grace has run out."""
    return today - timedelta(days=GRACE_DAYS)
