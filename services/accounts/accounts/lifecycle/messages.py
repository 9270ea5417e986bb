"""What the lifecycle announces: its own words as contract events."""

from __future__ import annotations

from datetime import datetime

from mtnet_contracts.events import AccountClosed, AccountDisabled, AccountFrozen, ReminderDue

from accounts.lifecycle.rules import Change
from accounts.registry.rules import Account


def account_frozen(frozen: Change, now: datetime) -> AccountFrozen:
    return AccountFrozen(
        account_id=frozen.account_id,
        account_name=frozen.account_name,
        reason=AccountFrozen.REASON_INACTIVE,
        frozen_at=now,
        last_active_on=frozen.active_on,
    )


def account_disabled(disabled: Change, now: datetime) -> AccountDisabled:
    return AccountDisabled(
        account_id=disabled.account_id,
        account_name=disabled.account_name,
        reason=AccountDisabled.REASON_INACTIVE,
        disabled_at=now,
        last_active_on=disabled.active_on,
    )


def reminder_due(reminded: Change) -> ReminderDue:
    """Raises ValueError for a change that is no reminder."""
    if reminded.notice_days is None or reminded.disable_on is None:
        raise ValueError("not a reminder")
    return ReminderDue(
        account_id=reminded.account_id,
        account_name=reminded.account_name,
        notice_days=reminded.notice_days,
        disabled_on=reminded.disable_on,
        last_active_on=reminded.active_on,
    )


def account_closed(account: Account, now: datetime, *, by_owner: bool) -> AccountClosed:
    return AccountClosed(
        account_id=account.account_id,
        account_name=account.account_name,
        reason=AccountClosed.REASON_BY_OWNER if by_owner else AccountClosed.REASON_BY_OPERATOR,
        closed_at=now,
    )
