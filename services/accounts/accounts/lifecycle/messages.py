"""What the lifecycle announces: its own words as contract events."""

from __future__ import annotations

from datetime import date, datetime

from mtnet_contracts.events import AccountFrozen, ReminderDue

from accounts.lifecycle.rules import DueAccount


def account_frozen(account: DueAccount, now: datetime) -> AccountFrozen:
    return AccountFrozen(
        account_id=account.account_id,
        account_name=account.account_name,
        reason=AccountFrozen.REASON_INACTIVE,
        frozen_at=now,
        last_active_on=account.active_on,
    )


def reminder_due(account: DueAccount, *, notice_days: int, disable_on: date) -> ReminderDue:
    return ReminderDue(
        account_id=account.account_id,
        account_name=account.account_name,
        notice_days=notice_days,
        disabled_on=disable_on,
        last_active_on=account.active_on,
    )
