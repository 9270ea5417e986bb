"""The rules of an application: what it asks for, what is missing, and how its status may change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from mtnet_contracts.vocabulary import answers as catalogue
from mtnet_contracts.vocabulary.answers import Answers, Registration, Section
from mtnet_contracts.vocabulary.choices import ORGANISATIONS
from mtnet_contracts.vocabulary.questions import stored

from accounts.attempts.rules import Cooldown
from accounts.numbers import CASE_PREFIX

DRAFT_DAYS = 30
# How long a code opens a case: a look at it, or its correction, which takes until tomorrow where a form is stamped.
LOOK = timedelta(hours=2)
CORRECTION = timedelta(days=2)
# How long a name is reserved while no contact is verified, and how many names one holder may reserve.
UNVERIFIED_HOLD = timedelta(days=1)
MOST_NAMES_HELD = 20
# How many account names may be asked for: by one application, and from one source. An answer tells who has an account.
NAMES_ASKED = {
    "names-application": Cooldown(most=20, cooldown=timedelta(hours=1), within=timedelta(hours=1)),
    "names-source": Cooldown(most=60, cooldown=timedelta(minutes=15), within=timedelta(hours=1)),
}
MOST_STARTS_PER_HOUR = 60
HASH_DIGITS = 16
GRACE_DAYS = 7  # after the day by which a returned case is to be corrected


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

# Which contacts need a code, and the section and channel of each.
CONTACTS = {
    "company_mobile": ("company", "sms"),
    "company_email": ("company", "email"),
    "applicant_mobile": ("applicant", "sms"),
    "applicant_email": ("applicant", "email"),
}

# Whose proved contact gets the code that opens a case: the applicant's before the organisation's, mail before SMS.
CODE_GOES_TO = ("applicant_email", "company_email", "applicant_mobile", "company_mobile")


class ApplicationNotFound(Exception):
    """No application of that id, or the token opens none."""


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


class NothingChanged(Exception):
    """Handed in again as it was returned."""


class AnswersChanged(Exception):
    """What is stored is not what was shown: another window, or another person, changed it."""


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
        return CONTACTS[self.contact][1]


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


@dataclass(frozen=True)
class Step:
    """One line of a case's progress."""

    at: datetime
    status: str
    unit: str | None
    stage: int | None
    stages: int | None
    submission: int
    marks: tuple[Mark, ...] = ()
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Application:
    """One case. `answers` holds each section as last accepted; the ID number is kept apart, encrypted."""

    application_id: UUID
    case_number: str
    identity_type: str
    status: Status
    submission: int
    locale: str
    answers: Answers
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
        return tuple(name for name, asked in catalogue.ASKED_OF.items() if self.identity_type in asked)

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
        found = {name: version_of(given) for name, given in self.answers.given()}
        return found | ({"form": str(self.form.file_id)} if self.form else {})

    def require_version(self, version: str | None, given: Section) -> None:
        """That it is as it was shown; saying once more what is stored changes nothing. Raises AnswersChanged."""
        stored_now = self.versions.get(catalogue.NAME_OF_SECTION[type(given)], "")
        if version is not None and stored_now not in (version, version_of(given)):
            raise AnswersChanged

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
            given = self.answers.section(section)
            if given is None or (isinstance(given, Registration) and given.notice_version != notice_version):
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
        given: Section,
        *,
        now: datetime,
        compared: Callable[[str], str] = lambda value: value,
    ) -> Application:
        """Accept a section. A changed contact has to be proved again; an equal one proved elsewhere counts.

        `compared` makes two spellings of one address equal. Raises NotEditable, SectionNotAsked.
        """
        self.require_editable()
        if catalogue.NAME_OF_SECTION[type(given)] not in self.sections:
            raise SectionNotAsked
        changed = replace(self.touched(now), answers=self.answers.with_section(given))
        return replace(changed, contacts=changed._contacts_now(compared))

    def _contacts_now(self, compared: Callable[[str], str]) -> tuple[Contact, ...]:
        proved = {c.compared: c.verified_at for c in self.contacts if c.verified_at is not None}
        values = self.answers.contacts()
        found = []
        for name in self.asked_contacts:
            if value := values[name]:
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

    def shares_verified_contact(self, other: Application) -> bool:
        """The same telephone or mailbox was proved for both: the same person, not only the same ID number."""
        mine, theirs = (
            {c.compared for c in one.contacts if c.verified_at is not None} for one in (self, other)
        )
        return not mine.isdisjoint(theirs)


def version_of(given: Section) -> str:
    return hashlib.sha256(json.dumps(stored(given), sort_keys=True).encode()).hexdigest()[:16]


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
        answers=Answers(),
        started_at=now,
        updated_at=now,
        expires_at=now + timedelta(days=DRAFT_DAYS),
    )


def lapsed_if_due_before(today: date) -> date:
    """A returned case to be corrected before this day is over: its grace has run out."""
    return today - timedelta(days=GRACE_DAYS)


def changed_fields(before: Answers, after: Answers) -> tuple[str, ...]:
    """Fields that differ, as `section.field`, in the order of the pages."""
    found = []
    for section in catalogue.SHOWN_FIELDS:
        old, new = before.stored().get(section, {}), after.stored().get(section, {})
        names = sorted((old.keys() | new.keys()) - {"masked_id_number"})
        found += [f"{section}.{name}" for name in names if old.get(name) != new.get(name)]
    # The ID number itself is not among the answers: its fingerprint stands for it.
    return tuple("identity.id_number" if field == "identity.person" else field for field in found)


def content_hash(application: Application, person_key: str) -> str:
    """A fingerprint of everything printed on the form: 16 hexadecimal digits. It changes with any answer."""
    printed = {
        "case_number": application.case_number,
        "identity_type": application.identity_type,
        "person": person_key,
        "answers": {s: application.answers.stored().get(s) for s in catalogue.SHOWN_FIELDS},
    }
    text = json.dumps(printed, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:HASH_DIGITS]


def form_hash(application: Application) -> str:
    """The fingerprint of the form as it would be printed now."""
    identity = application.answers.identity
    return content_hash(application, identity.person if identity else "")
