"""Two people judge the evidence: never one alone, and never the holder (handout, 帳號停用、復用)."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

ON_PAPER = frozenset({"name_fits", "stamp_or_document", "wish_stated", "called_back"})
# Everything that has to be ticked, by how the evidence came.
CHECKS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "letter": ON_PAPER,
        "fax": ON_PAPER | {"legible"},
        "upload": ON_PAPER | {"legible"},
        "call_back": frozenset({"number_on_file", "questions_answered", "wish_stated", "call_logged"}),
    }
)
# What came with a ticket lies in its thread; a letter may have a file number of the bureau instead.
IN_A_TICKET = frozenset({"fax", "upload", "call_back"})


# What the number of a ticket begins with.
OF_TICKETS = "HD"


class ReactivationNotFound(Exception):
    """No such case."""


class ReactivationOpen(Exception):
    """There is a case for this account already. `number` says which."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.number = number


class ReactivationChanged(Exception):
    """Somebody did something with it since it was seen."""


class ReactivationDecided(Exception):
    """It was approved or refused before."""


class ReactivationNotChecked(Exception):
    """Nobody has checked the evidence yet."""


class OwnReactivation(Exception):
    """It is about the account of whoever wants to work on it."""


class SecondPersonNeeded(Exception):
    """Whoever checked cannot decide as well, under another account either."""


class ChecksMissing(Exception):
    """Not everything is ticked."""


class DayToCome(Exception):
    """Evidence that comes tomorrow is not here yet."""


class State(StrEnum):
    OPEN = "open"
    CHECKED = "checked"
    APPROVED = "approved"
    REFUSED = "refused"


DECIDED = frozenset({State.APPROVED, State.REFUSED})
# What the ticket's history calls it that a case was begun, and how it was decided.
NOTED_AS = {
    State.OPEN: "reactivation_begun",
    State.APPROVED: "reactivation_approved",
    State.REFUSED: "reactivation_refused",
}


@dataclass(frozen=True)
class Person:
    """Somebody of the desk. `person_key`: the fingerprint of their ID number, for those who have several accounts."""

    account_id: UUID
    account_name: str
    name: str
    person_key: str | None


def same_person(one: Person, other: Person) -> bool:
    return (
        one.account_id == other.account_id
        or (one.person_key is not None and one.person_key == other.person_key)
        or same_name(one.account_name) == same_name(other.account_name)
    )


def same_name(name: str) -> str:
    """The form in which two spellings of an account name are one."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


@dataclass(frozen=True, kw_only=True)
class Case:
    """Evidence for one account. `reference` says where it is kept; `position` is its place among all cases."""

    reactivation_id: UUID
    number: str
    account_id: UUID
    account_name: str
    name: str
    organisation_name: str | None
    person_key: str | None
    account_state: str
    evidence: str
    reference: str
    received_on: date
    opened_by: Person
    opened_at: datetime
    state: State = State.OPEN
    checked_by: Person | None = None
    checked_at: datetime | None = None
    reason: str = ""
    decided_by: Person | None = None
    decided_at: datetime | None = None
    refusal_reason: str | None = None
    refusal_note: str = ""
    version: int = 1
    position: int = 0

    @property
    def in_ticket(self) -> bool:
        """Whether the evidence lies in a ticket."""
        return self.reference.startswith(OF_TICKETS)

    def require_not_holder(self, person: Person) -> None:
        """Raises OwnReactivation."""
        holder = Person(self.account_id, self.account_name, self.name, self.person_key)
        if same_person(holder, person):
            raise OwnReactivation

    def checked(
        self, person: Person, version: int, checks: Collection[str], reason: str, now: datetime
    ) -> Case:
        """Raises OwnReactivation, ReactivationDecided, ReactivationChanged, ChecksMissing."""
        self._require_workable(person, version)
        self._require_all(checks)
        return replace(
            self,
            state=State.CHECKED,
            checked_by=person,
            checked_at=now,
            reason=reason,
            version=self.version + 1,
        )

    def approved(self, person: Person, version: int, checks: Collection[str], now: datetime) -> Case:
        """Raises the same, and ReactivationNotChecked, SecondPersonNeeded."""
        self._require_workable(person, version)
        if self.checked_by is None:
            raise ReactivationNotChecked
        if same_person(self.checked_by, person):
            raise SecondPersonNeeded
        self._require_all(checks)
        return replace(
            self, state=State.APPROVED, decided_by=person, decided_at=now, version=self.version + 1
        )

    def refused(self, person: Person, version: int, reason: str, note: str, now: datetime) -> Case:
        """One person is enough to say no. Raises OwnReactivation, ReactivationDecided, ReactivationChanged."""
        self._require_workable(person, version)
        return replace(
            self,
            state=State.REFUSED,
            decided_by=person,
            decided_at=now,
            refusal_reason=reason,
            refusal_note=note,
            version=self.version + 1,
        )

    def can(self, person: Person) -> list[str]:
        """What this person may do with it now."""
        holder = Person(self.account_id, self.account_name, self.name, self.person_key)
        if self.state in DECIDED or same_person(holder, person):
            return []
        if self.checked_by is None:
            return ["check", "refuse"]
        if same_person(self.checked_by, person):
            return ["refuse"]
        return ["approve", "refuse"]

    def _require_workable(self, person: Person, version: int) -> None:
        self.require_not_holder(person)
        if self.state in DECIDED:
            raise ReactivationDecided
        if version != self.version:
            raise ReactivationChanged

    def _require_all(self, checks: Collection[str]) -> None:
        if not set(checks) >= CHECKS[self.evidence]:
            raise ChecksMissing


def number_of(year: int, count: int) -> str:
    """`RA2026-000012`."""
    return f"RA{year}-{count:06}"
