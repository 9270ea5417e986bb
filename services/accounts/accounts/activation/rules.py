"""How long an activation link works, and what may be said of one that does not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from accounts.registry.rules import Account

LINK_LIFE = timedelta(days=7)
REISSUE_AFTER = timedelta(seconds=60)
# A call may come again because its answer was lost.
REPEATED_WITHIN = timedelta(minutes=10)


class ActivationLinkInvalid(Exception):
    """Unknown, used, replaced by a newer one, or older than seven days."""


class ActivationLinkUsed(ActivationLinkInvalid):
    """The account was activated with it. Whoever holds the link may know that much."""


class NotAwaitingActivation(Exception):
    """The account is active already, or there is none yet."""


@dataclass(frozen=True)
class ActivationLink:
    account_id: UUID
    issued_at: datetime
    expires_at: datetime


def is_renamed(account: Account, account_name: str | None) -> bool:
    """Whether its owner chose another name, which is asked for only where the one applied for was taken."""
    return (
        account_name is not None
        and account.name_wanted is not None
        and account_name.lower() != account.account_name.lower()
    )
