"""The owner of an unused account is reminded; the account is frozen, and reactivated."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from mtnet_contracts.event import Event


@dataclass(frozen=True, kw_only=True)
class AccountFrozen(Event):
    """Nobody logged in for 90 days (handout, 帳號停用、復用). `last_active_on` is a Taipei day."""

    REASON_INACTIVE: ClassVar[str] = "INACTIVE_90_DAYS"

    source = "accounts"
    aggregate = "account"
    subject = "account_id"

    account_id: UUID
    account_name: str
    reason: str
    frozen_at: datetime
    last_active_on: date


@dataclass(frozen=True, kw_only=True)
class AccountReactivated(Event):
    """A frozen account can log in again; inactivity counts anew from `active_on`, a Taipei day."""

    REASON_HELPDESK: ClassVar[str] = "HELPDESK_CHECKED"

    source = "accounts"
    aggregate = "account"
    subject = "account_id"

    account_id: UUID
    account_name: str
    reason: str
    reactivated_at: datetime
    active_on: date


@dataclass(frozen=True, kw_only=True)
class ReminderDue(Event):
    """The account will be disabled on `disabled_on` unless somebody logs in; `notice_days` is 30 or 7."""

    source = "accounts"
    aggregate = "account"
    subject = "account_id"

    account_id: UUID
    account_name: str
    notice_days: int
    disabled_on: date
    last_active_on: date
