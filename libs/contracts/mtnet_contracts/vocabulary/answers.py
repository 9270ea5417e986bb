"""What an applicant fills in: a frozen dataclass for each section of the application, an attribute for each field.

The shapes of the calls, the fields that a reviewer may mark, the rows of the printed form and of the pages, and the
organisation and the person in the events are made of these. Rules such as check digits are accounts' own.

An attribute that is added later needs a default: it is what older answers, and older events, say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from marshmallow import fields as shapes
from marshmallow import validate

from mtnet_contracts.vocabulary.choices import CITIES, IDENTITY_TYPES, ORGANISATIONS, SYSTEMS
from mtnet_contracts.vocabulary.kinds import (
    AccountName,
    Choice,
    Choices,
    EmailAddress,
    IdNumber,
    Line,
    Mobile,
    Prose,
    Telephone,
    Text,
    UnifiedBusinessNumber,
)
from mtnet_contracts.vocabulary.questions import (
    Question,
    not_asked,
    question,
    questions_of,
    read,
    section,
    shape_of,
    stored,
)
from mtnet_contracts.vocabulary.shapes import Shape, code


@section
@dataclass(frozen=True, kw_only=True)
class Registration:
    """註冊方式 and 個資告知書: how to register, and which version of the notice was agreed to.

    `email` is the applicant's, until the section of that name has one: proved first, it is the way back to the draft.
    """

    method: str = field(metadata=question(Choice, "email", shown=False))
    notice_version: str = field(metadata=question(Text, longest=20, shown=False))
    agreed: bool = field(
        metadata=question(
            shapes.Boolean, validate=[code("NOTICE_NOT_AGREED", validate.Equal(True))], shown=False
        )
    )
    email: str | None = field(default=None, metadata=question(EmailAddress, required=False, shown=False))


@section
@dataclass(frozen=True, kw_only=True)
class Identity:
    """身分證字號 (national ID, new or old resident number) and the account name wanted.

    `masked_id_number` and `person`, a keyed fingerprint of the ID number, stand for the number where it is not needed.
    """

    id_number: str | None = field(default=None, metadata=question(IdNumber, marked="number", apart=True))
    account_name: str = field(metadata=question(AccountName, marked="account"))
    masked_id_number: str = field(default="", metadata=not_asked())
    person: str = field(default="", metadata=not_asked())


@section
@dataclass(frozen=True, kw_only=True)
class Company:
    """公司／機關基本資料: the organisation applied for.

    `number_as_registered`: the number has no valid check digit, and the applicant says that it stands so on the
    registration; somebody has to look it up.
    """

    unified_business_number: str = field(metadata=question(UnifiedBusinessNumber, marked="number"))
    name_zh: str = field(metadata=question(Line, longest=100, marked="company name"))
    name_en: str | None = field(
        default=None, metadata=question(Text, longest=200, required=False, marked="company name")
    )
    person_in_charge: str | None = field(default=None, metadata=question(Line, longest=50, marked="text"))
    city: str = field(metadata=question(Choice, *CITIES, marked="choice"))
    district: str | None = field(
        default=None, metadata=question(Line, longest=20, required=False, marked="choice")
    )
    postal_code: str | None = field(
        default=None,
        metadata=question(
            Text,
            longest=6,
            validate=[code("POSTAL_CODE_INVALID", validate.Regexp(r"^(\d{3}|\d{5}|\d{6})?\Z"))],
            required=False,
            marked="text",
        ),
    )
    address: str = field(metadata=question(Line, longest=200, marked="text"))
    phone: str = field(metadata=question(Telephone, marked="contact"))
    fax: str | None = field(default=None, metadata=question(Telephone, required=False, marked="contact"))
    email: str = field(metadata=question(EmailAddress, marked="contact"))
    mobile: str = field(metadata=question(Mobile, marked="contact"))
    number_as_registered: bool = field(
        default=False, metadata=question(shapes.Boolean, required=False, shown=False)
    )


@section
@dataclass(frozen=True, kw_only=True)
class Applicant:
    """申請者基本資料: the person who applies."""

    name: str = field(metadata=question(Line, longest=50, marked="text"))
    department: str | None = field(
        default=None, metadata=question(Line, longest=50, required=False, marked="text")
    )
    title: str | None = field(
        default=None, metadata=question(Line, longest=50, required=False, marked="text")
    )
    phone: str | None = field(default=None, metadata=question(Telephone, marked="contact"))
    fax: str | None = field(default=None, metadata=question(Telephone, required=False, marked="contact"))
    email: str = field(metadata=question(EmailAddress, marked="contact"))
    mobile: str = field(metadata=question(Mobile, marked="contact"))
    systems: tuple[str, ...] = field(
        default=(), metadata=question(Choices, *SYSTEMS, at_least_one="SYSTEMS_REQUIRED", marked="text")
    )
    reason: str = field(default="", metadata=question(Prose, longest=500, marked="text"))


Section = Registration | Identity | Company | Applicant


@dataclass(frozen=True, kw_only=True)
class Answers:
    """All sections of one application, in the order of the pages; None: not filled in, or not asked."""

    registration: Registration | None = None
    identity: Identity | None = None
    company: Company | None = None
    applicant: Applicant | None = None

    @classmethod
    def read(cls, values: Mapping[str, Mapping[str, Any] | None]) -> Answers:
        """From JSON, section by section; an empty section is one that is not filled in."""
        found: dict[str, Any] = {
            name: read(made, given) for name, made in SECTIONS.items() if (given := values.get(name))
        }
        return cls(**found)

    def stored(self) -> dict[str, dict[str, Any]]:
        """As JSON, without what is stored apart, what is not filled in, and what equals its default."""
        return {name: stored(given) for name, given in self.given()}

    @property
    def account_name(self) -> str | None:
        """The account name wanted; None before it was said."""
        return self.identity.account_name if self.identity else None

    def handed_in(self) -> tuple[Identity, Applicant]:
        """What every application holds once it is handed in. Raises ValueError before."""
        if self.identity is None or self.applicant is None:
            raise ValueError("not handed in yet")
        return self.identity, self.applicant

    def contacts(self) -> dict[str, str | None]:
        """The numbers and addresses that can be proved, by the names of CONTACTS; None: not given."""
        first, company, applicant = self.registration, self.company, self.applicant
        return {
            "company_mobile": company.mobile if company else None,
            "company_email": company.email if company else None,
            "applicant_mobile": applicant.mobile if applicant else None,
            # Given on the first page, to be proved first: the way back to a draft.
            "applicant_email": applicant.email if applicant else first.email if first else None,
        }

    def as_asked(self) -> dict[str, dict[str, Any]]:
        """As JSON, with what the applicant filled in only."""
        return {
            name: {key: value for key, value in stored(given).items() if key in questions_of(type(given))}
            for name, given in self.given()
        }

    def given(self) -> Iterator[tuple[str, Section]]:
        """The sections that are filled in, with their names."""
        for name in SECTIONS:
            if (found := self.section(name)) is not None:
                yield name, found

    def section(self, name: str) -> Section | None:
        found: Section | None = getattr(self, name)
        return found

    def with_section(self, given: Section) -> Answers:
        changed: dict[str, Any] = {NAME_OF_SECTION[type(given)]: given}
        return replace(self, **changed)


SECTIONS: dict[str, type[Section]] = {
    "registration": Registration,
    "identity": Identity,
    "company": Company,
    "applicant": Applicant,
}
NAME_OF_SECTION: dict[type[Section], str] = {made: name for name, made in SECTIONS.items()}

# Who is asked for a section; a field is asked wherever its section is.
ASKED_OF: dict[str, tuple[str, ...]] = dict.fromkeys(SECTIONS, IDENTITY_TYPES) | {"company": ORGANISATIONS}

# The shapes that judge the sections as they are sent.
ANSWERS: dict[str, type[Shape]] = {
    name: shape_of(made, f"{made.__name__}Answers") for name, made in SECTIONS.items()
}

# Every field that is asked for, by its path: `company.phone`.
QUESTIONS: dict[str, Question] = {
    f"{name}.{attribute}": asked
    for name, made in SECTIONS.items()
    for attribute, asked in questions_of(made).items()
}

# What the printed form and the pages show of each section, in the order in which it is asked.
SHOWN_FIELDS: dict[str, tuple[str, ...]] = {
    name: shown
    for name, made in SECTIONS.items()
    if (shown := tuple(attribute for attribute, asked in questions_of(made).items() if asked.shown))
}
