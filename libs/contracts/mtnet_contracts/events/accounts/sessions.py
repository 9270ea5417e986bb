"""An account is activated by its owner."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mtnet_contracts.event import Event, Holds


@dataclass(frozen=True, kw_only=True)
class ActivationLinkIssued(Event):
    """A new one-time activation link replaced any earlier one.

    `sealed_token` is for notify alone; its context is the account's id. The link is `/activate/<token>`.
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
    sealed_token: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class AccountActivated(Event):
    """The owner set a first password; the account can log in."""

    source = "accounts"
    aggregate = "account"
    subject = "account_id"

    account_id: UUID
    account_name: str
    activated_at: datetime
