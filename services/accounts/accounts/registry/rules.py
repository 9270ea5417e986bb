"""The rules of an account: its states, its name, who may be a reviewer, and how old its password may become."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

REVIEWER = "reviewer"
# Of the helpdesk: what an operator gives, and the roles that it is.
DESK_ROLES = {
    "agent": ("helpdesk_agent",),
    "lead": ("helpdesk_agent", "helpdesk_lead"),
    "administrator": ("helpdesk_agent", "helpdesk_administrator"),
}
ORGANISATION_MANAGER = "organisation_manager"
LONGEST_NAME = 20


class State(StrEnum):
    APPROVED = "approved"
    ACTIVE = "active"
    FROZEN = "frozen"
    DISABLED = "disabled"
    CLOSED = "closed"


class AccountNotFound(Exception):
    """No account of that id."""


class AccountNameTaken(Exception):
    """A live application or an account has that name."""


class NotForReviewers(Exception):
    """Reviewers are people of the bureau with an account in use; only a reviewer can cease to be one."""


class NotForTheDesk(Exception):
    """The helpdesk's people are of the bureau, with an account in use; only they can cease to be it."""


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
    new_password_required: bool = False
    password_set_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class AccountContact:
    """A proved contact of an account. `kind` is email or mobile; `compared` is equal for two spellings of one address.

    The first of a kind (`is_primary`) is the account's `email` or `mobile`.
    """

    contact_id: UUID
    kind: str
    value: str
    compared: str
    is_primary: bool
    verified_at: datetime


def first_of(contacts: tuple[AccountContact, ...], kind: str) -> str | None:
    """The value of the first contact of a kind."""
    return next((each.value for each in contacts if each.kind == kind and each.is_primary), None)


def second_of(contacts: tuple[AccountContact, ...], kind: str) -> str | None:
    """The value of the contact beside the first of a kind."""
    return next((each.value for each in contacts if each.kind == kind and not each.is_primary), None)


def as_reviewer(account: Account, unit: str | None) -> Account:
    """With a unit: reviews for it, and for no other. Without: reviews no more. Raises NotForReviewers.

    The person key is what keeps reviewers from deciding their own cases: nobody reviews without one.
    """
    others = _but(account, REVIEWER)
    if unit is None:
        if REVIEWER not in account.roles:
            raise NotForReviewers(account.account_name)
        return replace(account, roles=others, unit=None)
    if not _known_at_the_bureau(account):
        raise NotForReviewers(account.account_name)
    return replace(account, roles=(*others, REVIEWER), unit=unit)


def as_desk_person(account: Account, role: str | None) -> Account:
    """With a role of DESK_ROLES: works at the helpdesk in it alone. Without: no more. Raises NotForTheDesk.

    The person key is what keeps them from reactivating their own accounts: nobody works there without one.
    """
    others = _but(account, *{each for roles in DESK_ROLES.values() for each in roles})
    if role is None:
        if others == account.roles:
            raise NotForTheDesk(account.account_name)
        return replace(account, roles=others)
    if not _known_at_the_bureau(account):
        raise NotForTheDesk(account.account_name)
    return replace(account, roles=(*others, *DESK_ROLES[role]))


def _but(account: Account, *roles: str) -> tuple[str, ...]:
    return tuple(role for role in account.roles if role not in roles)


def _known_at_the_bureau(account: Account) -> bool:
    return (
        account.identity_type == "bureau"
        and account.state in (State.APPROVED, State.ACTIVE)
        and account.person_key is not None
    )


@dataclass(frozen=True)
class NameHold:
    """An account name that is reserved for an application.

    `until` is None for one that is held as long as the application lives. `holder` says whose reservations are counted
    together.
    """

    name: str
    application_id: UUID
    holder: str
    until: datetime | None


def similar_name(name: str, random_number: int) -> str:
    """Like the name, with four digits after it. `random_number` is below 10,000."""
    return f"{name[: LONGEST_NAME - 4]}{random_number:04d}"


# The account of somebody who works for the bureau: 內部使用者, in the words of 資通系統防護基準.
INTERNAL = "bureau"

# From when on the portal says that a password is about to expire.
WARNED_BEFORE = timedelta(days=14)


@dataclass(frozen=True)
class PasswordAge:
    """How old a password of the bureau's own people must be before it is changed, and may become; zero: no limit.

    資通安全責任等級分級辦法, 附表十 資通系統防護基準 (身分驗證管理, 普級, 四). For everybody else (非內部使用者) 六
    leaves it to the agency, which sets none (docs/adr/0039).
    """

    shortest: timedelta
    longest: timedelta

    def is_too_new(self, *, identity_type: str, set_at: datetime | None, now: datetime) -> bool:
        """Whether its owner may not change it yet."""
        return identity_type == INTERNAL and set_at is not None and now < set_at + self.shortest

    def has_expired(self, *, identity_type: str, set_at: datetime | None, now: datetime) -> bool:
        """Whether it logs in no more. `set_at` is None for a demo account, whose password nobody chose."""
        if not self.longest or identity_type != INTERNAL or set_at is None:
            return False
        return now >= set_at + self.longest

    def expires_soon(self, *, identity_type: str, set_at: datetime | None, now: datetime) -> datetime | None:
        """When it expires, once its owner should hear of it; None before, and of one that never expires."""
        if not self.longest or identity_type != INTERNAL or set_at is None:
            return None
        expires_at = set_at + self.longest
        return expires_at if now >= expires_at - min(WARNED_BEFORE, self.longest / 2) else None
