"""An unused account: its owner is reminded, it is frozen or disabled, and reactivated; and an account is closed."""

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
class AccountDisabled(Event):
    """Nobody logged in for 12 months, and the day that the last reminder named has come.

    `last_active_on` is a Taipei day.
    """

    REASON_INACTIVE: ClassVar[str] = "INACTIVE_12_MONTHS"

    source = "accounts"
    aggregate = "account"
    subject = "account_id"

    account_id: UUID
    account_name: str
    reason: str
    disabled_at: datetime
    last_active_on: date


@dataclass(frozen=True, kw_only=True)
class AccountClosed(Event):
    """The account is closed for good. Its name is free again, and nobody can reactivate it."""

    REASON_BY_OWNER: ClassVar[str] = "BY_OWNER"
    REASON_BY_OPERATOR: ClassVar[str] = "BY_OPERATOR"

    source = "accounts"
    aggregate = "account"
    subject = "account_id"

    account_id: UUID
    account_name: str
    reason: str
    closed_at: datetime


@dataclass(frozen=True, kw_only=True)
class AccountReactivated(Event):
    """A frozen or disabled account can log in again; inactivity counts anew from `active_on`, a Taipei day.

    The reason says how the owner was recognised: by a code and a new password (a frozen account), by an operator whom
    the helpdesk told so (a frozen account), or by evidence that two people judged (a frozen or disabled account).
    """

    REASON_PASSWORD_CHANGED: ClassVar[str] = "PASSWORD_CHANGED"  # noqa: S105
    REASON_HELPDESK: ClassVar[str] = "HELPDESK_CHECKED"
    REASON_EVIDENCE: ClassVar[str] = "EVIDENCE_CHECKED"

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
