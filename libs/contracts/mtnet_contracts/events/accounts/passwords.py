"""A password was forgotten, or changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from mtnet_contracts.event import Event, Holds


@dataclass(frozen=True, kw_only=True)
class PasswordResetRequested(Event):
    """Somebody who knows account name and e-mail address forgot the password; `email` is told how to go on.

    `account_state` is active, approved (not activated yet), frozen or disabled. Only an active account has a link:
    `/reset-password/<token>`, good for half an hour. `sealed_token` is for notify alone; its context is the account's
    id.
    """

    source = "accounts"
    aggregate = "account"
    subject = "account_id"
    holds = Holds.SECRETS

    account_id: UUID
    account_name: str
    name: str
    email: str
    locale: str
    account_state: str
    requested_at: datetime
    sealed_token: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class PasswordChanged(Event):
    """The owner, or whoever could say so, set another password. Each of `emails` and `mobiles` is told.

    `how`: CHANGED by somebody logged in, RESET by a link to a mailbox, REACTIVATION of a frozen account.
    """

    HOW_CHANGED: ClassVar[str] = "CHANGED"
    HOW_RESET: ClassVar[str] = "RESET"
    HOW_REACTIVATION: ClassVar[str] = "REACTIVATION"

    source = "accounts"
    aggregate = "account"
    subject = "account_id"
    holds = Holds.SECRETS

    account_id: UUID
    account_name: str
    name: str
    locale: str
    emails: tuple[str, ...]
    mobiles: tuple[str, ...]
    how: str
    changed_at: datetime
