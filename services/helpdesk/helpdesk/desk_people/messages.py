"""What accounts announces of accounts that nobody can log in with any more."""

from datetime import datetime

from mtnet_contracts.events import AccountClosed, AccountDisabled, AccountFrozen

__all__ = ["AccountClosed", "AccountDisabled", "AccountFrozen", "ended_at"]


def ended_at(event: AccountClosed | AccountDisabled | AccountFrozen) -> datetime:
    if isinstance(event, AccountClosed):
        return event.closed_at
    return event.frozen_at if isinstance(event, AccountFrozen) else event.disabled_at
