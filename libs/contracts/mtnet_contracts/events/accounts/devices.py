"""An account was entered on a device that was not known before."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mtnet_contracts.event import Event, Holds


@dataclass(frozen=True, kw_only=True)
class NewDeviceLogin(Event):
    """Somebody logged in on a device that was not one of the account's.

    `sealed_token` is for notify alone; its context is the account's id. The link "this was not me" is
    `/not-me/<token>`.
    `device` names browser and system (`Chrome, Windows`), `came_from` is the shortened address; either is empty where
    it is not known.
    """

    source = "accounts"
    aggregate = "account"
    subject = "account_id"
    holds = Holds.SECRETS

    account_id: UUID
    account_name: str
    name: str
    locale: str
    email: str
    device: str
    came_from: str
    logged_in_at: datetime
    sealed_token: str
    expires_at: datetime
