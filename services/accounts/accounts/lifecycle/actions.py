"""One lifecycle run: freeze and remind what is due. Safe to run twice, late, or in several replicas."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from mtnet_chassis.events.outbox import Outbox

from accounts.lifecycle import messages
from accounts.lifecycle.rules import (
    FIRST_NOTICE_DAYS,
    SECOND_NOTICE_DAYS,
    DueAccount,
    day_of_first_reminder,
    day_of_second_reminder,
    first_reminder_cutoff,
    freezing_cutoff,
    second_reminder_cutoff,
)
from accounts.lifecycle.store import LifecycleStore
from accounts.registry.actions import end_sessions_of

if TYPE_CHECKING:
    from accounts.registry.store import AccountStore

BATCH = 5_000


@dataclass(frozen=True)
class LifecycleStores:
    """What a run reads and writes, in one transaction."""

    lifecycle: LifecycleStore
    accounts: AccountStore
    outbox: Outbox


@dataclass(frozen=True)
class RunResult:
    frozen: int
    reminded: int


def run(
    stores: Callable[[], AbstractContextManager[LifecycleStores]], as_of: date, now: datetime | None = None
) -> RunResult:
    """Do everything that is due on `as_of`. `stores` opens a transaction; each is of bounded size."""

    def freeze() -> int:
        with stores() as opened:
            return freeze_accounts(opened, as_of, now or datetime.now(UTC))

    def remind() -> int:
        with stores() as opened:
            return remind_accounts(opened, as_of)

    return RunResult(_until_nothing_is_due(freeze), _until_nothing_is_due(remind))


def _until_nothing_is_due(step: Callable[[], int]) -> int:
    total = 0
    while changed := step():
        total += changed
    return total


def freeze_accounts(stores: LifecycleStores, as_of: date, now: datetime, limit: int = BATCH) -> int:
    """Freeze one batch, end its sessions and announce AccountFrozen. Returns how many accounts were frozen."""
    frozen = stores.lifecycle.freeze_due_accounts(freezing_cutoff(as_of), now=now, limit=limit)
    if frozen:
        end_sessions_of(stores.accounts, [account.account_id for account in frozen], now)
        stores.outbox.announce_many(messages.account_frozen(account, now) for account in frozen)
    return len(frozen)


def remind_accounts(stores: LifecycleStores, as_of: date, limit: int = BATCH) -> int:
    """Remind one batch of each kind and announce ReminderDue. Returns how many accounts were reminded."""
    first = stores.lifecycle.accounts_for_first_reminder(first_reminder_cutoff(as_of), limit=limit)
    days = {
        account.account_id: day_of_first_reminder(account.active_on, reminded_on=as_of) for account in first
    }
    _remind(stores, first, days, FIRST_NOTICE_DAYS)
    second = stores.lifecycle.accounts_for_second_reminder(
        second_reminder_cutoff(as_of), reminded_days=FIRST_NOTICE_DAYS, limit=limit
    )
    days = {
        account.account_id: day_of_second_reminder(account.disable_on, reminded_on=as_of)
        for account in second
        if account.disable_on is not None
    }
    _remind(stores, second, days, SECOND_NOTICE_DAYS)
    return len(first) + len(second)


def _remind(
    stores: LifecycleStores, due: list[DueAccount], disable_on: dict[UUID, date], notice_days: int
) -> None:
    if not due:
        return
    stores.lifecycle.save_reminders(disable_on, notice_days=notice_days)
    stores.outbox.announce_many(
        messages.reminder_due(account, notice_days=notice_days, disable_on=disable_on[account.account_id])
        for account in due
    )


def preview(lifecycle: LifecycleStore, as_of: date) -> RunResult:
    """What a run would do, without doing it."""
    first = lifecycle.count_for_first_reminder(first_reminder_cutoff(as_of))
    second = lifecycle.count_for_second_reminder(
        second_reminder_cutoff(as_of), reminded_days=FIRST_NOTICE_DAYS
    )
    return RunResult(frozen=lifecycle.count_to_freeze(freezing_cutoff(as_of)), reminded=first + second)
