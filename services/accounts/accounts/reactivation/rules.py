"""Who may have an account reactivated, and on whose word (handout, 帳號凍結、停用後復用說明)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from accounts.registry.rules import Account, State

# A call may come again because its answer was lost.
REPEATED_WITHIN = timedelta(minutes=10)
LONGEST_NAME = 40
LONGEST_REASON = 500
LONGEST_REFERENCE = 100
STAFF = ("operator", "helpdesk_agent", "administrator")


class Fault(StrEnum):
    """What is wrong with an approval."""

    TWO_PEOPLE = "the one who checks and the one who approves are one person"
    OWNER = "the owner of the account cannot judge their own evidence"
    CHECKED_BY = "who checked the evidence is missing or too long"
    APPROVED_BY = "who approved is missing or too long"
    REASON = "the reason is missing or too long"
    EVIDENCE = "the reference of the evidence is missing or too long"
    STAFF = "both names have to be accounts of operators or the helpdesk that are in use"


class ApprovalNotValid(Exception):
    """The approval cannot count, now or later; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class NothingToReactivate(Exception):
    """The account is neither frozen nor disabled, or there is none."""


class OwnReactivation(Exception):
    """Nobody of the desk works on the reactivation of their own account."""


class Outcome(StrEnum):
    """What became of an approval."""

    REACTIVATED = "reactivated"
    NOT_NEEDED = "not needed"
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True)
class Approval:
    """Two people have checked the evidence. `evidence_reference` says where it is kept."""

    reactivation_id: UUID
    account_id: UUID
    checked_by: str
    approved_by: str
    reason: str
    evidence_reference: str
    approved_at: datetime


def check_approval(approval: Approval, owner: Account) -> None:
    """Raises ApprovalNotValid."""
    for text, longest, fault in (
        (approval.checked_by, LONGEST_NAME, Fault.CHECKED_BY),
        (approval.approved_by, LONGEST_NAME, Fault.APPROVED_BY),
        (approval.reason, LONGEST_REASON, Fault.REASON),
        (approval.evidence_reference, LONGEST_REFERENCE, Fault.EVIDENCE),
    ):
        if not text.strip() or len(text) > longest:
            raise ApprovalNotValid(fault)
    two = {same_name(approval.checked_by), same_name(approval.approved_by)}
    if len(two) < 2:
        raise ApprovalNotValid(Fault.TWO_PEOPLE)
    if same_name(owner.account_name) in two:
        raise ApprovalNotValid(Fault.OWNER)


def check_staff(*named: Account | None) -> None:
    """Both are people who may judge evidence, and not one person with two accounts. Raises ApprovalNotValid."""
    people = [one for one in named if one and one.state is State.ACTIVE and set(one.roles) & set(STAFF)]
    if len(people) < len(named):
        raise ApprovalNotValid(Fault.STAFF)
    keys = {one.person_key or str(one.account_id) for one in people}
    if len(keys) < len(named):
        raise ApprovalNotValid(Fault.TWO_PEOPLE)


def is_holder(account: Account, account_id: UUID, person_key: str | None) -> bool:
    """Whether it is theirs, by this account or by another one that they have."""
    return account.account_id == account_id or (person_key is not None and account.person_key == person_key)


def outcome_for(account: Account) -> Outcome:
    """What an approval does to an account in this state. Raises NothingToReactivate for one never activated."""
    if account.state in (State.FROZEN, State.DISABLED):
        return Outcome.REACTIVATED
    if account.state is State.ACTIVE:
        return Outcome.NOT_NEEDED
    if account.state is State.CLOSED:
        return Outcome.CLOSED
    raise NothingToReactivate(account.account_name)


def same_name(name: str) -> str:
    """The form in which two spellings of an account name are one."""
    return unicodedata.normalize("NFKC", name).strip().casefold()
