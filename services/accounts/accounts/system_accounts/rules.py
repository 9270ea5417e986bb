"""Which accounts a downstream system may see, and what of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from accounts.registry.rules import ORGANISATION_MANAGER, State

# Of the roles of an account those that mean something outside the portal.
ROLES_TOLD = ("member", ORGANISATION_MANAGER)
STATEMENT_LIFE = timedelta(minutes=5)


class SystemNotFound(Exception):
    """The client is not this system: it does not learn whether there is one."""


class NoSuchAccount(Exception):
    """No account of this system has this id."""


class NotActive(Exception):
    """Nothing is signed of an account that cannot be used."""


@dataclass(frozen=True)
class Organisation:
    organisation_id: UUID
    unified_business_number: str
    name: str


@dataclass(frozen=True)
class ToldAccount:
    """An account as downstream systems see it; `sequence` is that of its last event."""

    account_id: UUID
    state: State
    account_name: str | None
    name: str | None
    identity_type: str
    roles: tuple[str, ...]
    systems: tuple[str, ...]
    organisation: Organisation | None
    changed_at: datetime
    sequence: int = 0


def told(account: ToldAccount) -> ToldAccount:
    """Without what is nobody's business: roles inside the portal, and the names of a closed account."""
    closed = account.state is State.CLOSED
    return ToldAccount(
        account_id=account.account_id,
        state=account.state,
        account_name=None if closed else account.account_name,
        name=None if closed else account.name,
        identity_type=account.identity_type,
        roles=tuple(role for role in ROLES_TOLD if role in account.roles),
        systems=account.systems,
        organisation=account.organisation,
        changed_at=account.changed_at,
        sequence=account.sequence,
    )


def require_own(system: str, of_client: str | None) -> None:
    """Raises SystemNotFound."""
    if of_client is None or system != of_client:
        raise SystemNotFound
