"""An application was handed in, handed in again, or taken back."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from mtnet_contracts.event import Event
from mtnet_contracts.vocabulary import answers


@dataclass(frozen=True, kw_only=True)
class Applicant(answers.Applicant):
    """The person who applies. `masked_id_number` looks like `A123***`; the number itself never travels."""

    masked_id_number: str


@dataclass(frozen=True, kw_only=True)
class Unprintable:
    """Characters of an answer, such as `U+E000`, for which the printed form shows this code."""

    field: str
    characters: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class StampedForm:
    """The uploaded form (用印檔案); its bytes are fetched from accounts by `file_id`.

    `content_hash` is the fingerprint that the form of these answers is printed with. `recognised` says whether the
    code on the sheet was read and carries it; where it could not be read somebody has to compare. `unprintable` names
    what stands in the answers and cannot be printed on the sheet.
    """

    file_id: UUID
    sha256: str
    media_type: str
    size_bytes: int
    pages: int
    filename: str
    content_hash: str | None = None
    recognised: bool | None = None
    unprintable: tuple[Unprintable, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Duplicate:
    """Another live application or account with the same value in `field`."""

    field: str
    case_number: str | None = None
    account_name: str | None = None


@dataclass(frozen=True, kw_only=True)
class Submission(Event, abstract=True):
    """What both submitting and resubmitting tell: the whole application as it now stands.

    `person_key` is a keyed fingerprint of the ID number: equal for the same person, of no other use.
    """

    source = "accounts"
    aggregate = "application"
    subject = "application_id"

    application_id: UUID
    case_number: str
    identity_type: str
    submission: int
    submitted_at: datetime
    locale: str
    account_name: str
    person_key: str
    applicant: Applicant
    company: answers.Company | None = None
    form: StampedForm | None = None
    duplicates: tuple[Duplicate, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ApplicationSubmitted(Submission):
    """An applicant handed in an application; review can begin."""


@dataclass(frozen=True, kw_only=True)
class ApplicationResubmitted(Submission):
    """A returned application was corrected and handed in again under the same case number."""


@dataclass(frozen=True, kw_only=True)
class ApplicationWithdrawn(Event):
    """The applicant took the application back; nobody needs to review it any more.

    `reason` is absent where the applicant said so, LAPSED where a returned case was not corrected in time, REPLACED
    where the same person applied again under the same account name.
    """

    REASON_LAPSED: ClassVar[str] = "LAPSED"
    REASON_REPLACED: ClassVar[str] = "REPLACED"

    source = "accounts"
    aggregate = "application"
    subject = "application_id"

    application_id: UUID
    case_number: str
    withdrawn_at: datetime
    reason: str | None = None
