"""The rules of an account: its states, who may log in, and what a login answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

REVIEWER = "reviewer"


class State(StrEnum):
    APPROVED = "approved"
    ACTIVE = "active"
    FROZEN = "frozen"
    DISABLED = "disabled"
    CLOSED = "closed"


class LoginFailed(Exception):
    """Wrong, unknown, locked, not yet activated: one answer for all."""


class AccountIsFrozen(Exception):
    """Said only after the right password."""


class AccountIsDisabled(Exception):
    """Said only after the right password."""


class NotFrozen(Exception):
    """There is nothing to thaw: the account is in another state, or there is none of that name."""


class NotForReviewers(Exception):
    """Reviewers are people of the bureau with an account in use; only a reviewer can cease to be one."""


class ActivationLinkInvalid(Exception):
    """Unknown, used, replaced by a newer one, or older than seven days."""


class ActivationLinkUsed(ActivationLinkInvalid):
    """It did its work: the account was activated with it. Whoever holds the link may know that much."""


class NotAwaitingActivation(Exception):
    """The account is active already, or there is none yet."""


@dataclass(frozen=True, kw_only=True)
class Account:
    account_id: UUID
    account_name: str
    name: str
    state: State
    identity_type: str
    roles: tuple[str, ...]
    email: str
    locale: str
    password_hash: str | None = None
    unit: str | None = None
    organisation_id: UUID | None = None
    organisation_name: str | None = None
    person_key: str | None = None
    systems: tuple[str, ...] = ()
    last_login_at: datetime | None = None
    mobile: str | None = None
    name_wanted: str | None = None


def as_reviewer(account: Account, unit: str | None) -> Account:
    """With a unit: reviews for it, and for no other. Without: reviews no more. Raises NotForReviewers.

    The person key is what keeps reviewers from deciding their own cases: nobody reviews without one.
    """
    others = tuple(role for role in account.roles if role != REVIEWER)
    if unit is None:
        if REVIEWER not in account.roles:
            raise NotForReviewers(account.account_name)
        return replace(account, roles=others, unit=None)
    if (
        account.identity_type != "bureau"
        or account.state not in (State.APPROVED, State.ACTIVE)
        or account.person_key is None
    ):
        raise NotForReviewers(account.account_name)
    return replace(account, roles=(*others, REVIEWER), unit=unit)


def judge_login(account: Account, *, password_matches: bool) -> Account:
    """Who may come in. Raises LoginFailed, AccountIsFrozen, AccountIsDisabled."""
    if not password_matches or account.password_hash is None:
        raise LoginFailed
    if account.state is State.FROZEN:
        raise AccountIsFrozen
    if account.state is State.DISABLED:
        raise AccountIsDisabled
    if account.state is not State.ACTIVE:
        raise LoginFailed
    return account
