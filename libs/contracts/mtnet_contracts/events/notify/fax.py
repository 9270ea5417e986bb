"""Fax numbers of accounts, as their owners confirm them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mtnet_contracts.event import Event, Holds


@dataclass(frozen=True, kw_only=True)
class FaxNumberConfirmed(Event):
    """The owner of an account typed the code that was faxed to `number` (E.164), which replaces the former one."""

    source = "notify"
    aggregate = "fax_number"
    subject = "account_id"
    holds = Holds.SECRETS

    account_id: UUID
    number: str
    confirmed_at: datetime


@dataclass(frozen=True, kw_only=True)
class FaxNumberRemoved(Event):
    """The account has no fax number any more.

    `undone`: somebody else had confirmed it, and the owner has said so (ContactChangeUndone): whoever faxes from there
    is not the owner, and was not.
    """

    source = "notify"
    aggregate = "fax_number"
    subject = "account_id"
    holds = Holds.SECRETS

    account_id: UUID
    removed_at: datetime
    undone: bool = False
