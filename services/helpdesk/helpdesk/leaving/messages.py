"""What accounts announces of accounts that nobody can log in with any more, and of roles."""

from datetime import datetime

from mtnet_contracts.events import AccountClosed, AccountDisabled, AccountFrozen, AccountRolesChanged
from mtnet_contracts.vocabulary.desk import DESK

__all__ = [
    "AccountClosed",
    "AccountDisabled",
    "AccountFrozen",
    "AccountRolesChanged",
    "ended_at",
    "is_of_the_desk",
]


def ended_at(event: AccountClosed | AccountDisabled | AccountFrozen) -> datetime:
    if isinstance(event, AccountClosed):
        return event.closed_at
    return event.frozen_at if isinstance(event, AccountFrozen) else event.disabled_at


def is_of_the_desk(event: AccountRolesChanged) -> bool:
    return not set(DESK).isdisjoint(event.roles)
