"""One lifecycle run: disable, freeze and remind what is due. Safe to run twice, late, or in several replicas."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from mtnet_chassis.events.outbox import Outbox

from accounts.audit.actions import record
from accounts.inactivity.rules import POLICY, InactivityPolicy, dates_after_reminder, dates_under
from accounts.lifecycle import messages
from accounts.lifecycle.rules import (
    OPERATOR,
    TIMER,
    AccountNameDiffers,
    By,
    Change,
    DueAccount,
    NoOperator,
    OwnAccount,
    Planned,
    Run,
    RunNotFound,
    RunResult,
    Step,
    check_own_closing,
)
from accounts.lifecycle.store import LifecycleStore, RunStore
from accounts.registry import actions as registry
from accounts.registry.actions import end_sessions_of
from accounts.registry.rules import Account, AccountNotFound, State

if TYPE_CHECKING:
    from accounts.audit.store import AuditStore
    from accounts.registry.store import AccountStore

BATCH = 5_000
FIRST_ID = UUID(int=0)


@dataclass(frozen=True)
class LifecycleStores:
    """What a run reads and writes, in one transaction."""

    lifecycle: LifecycleStore
    runs: RunStore
    accounts: AccountStore
    audit: AuditStore
    outbox: Outbox


# Opens a transaction for one step of a run.
OpenStores = Callable[[], AbstractContextManager[LifecycleStores]]
# Does one batch in the transaction of these stores, and returns what it did; nothing, when nothing is due.
Batch = Callable[[LifecycleStores, date, datetime, int], list[Change]]


def run(
    stores: OpenStores,
    as_of: date,
    now: datetime | None = None,
    *,
    started_by: str = TIMER,
    until: Callable[[], bool] = lambda: False,
) -> RunResult:
    """Do everything that is due on `as_of`, a Taipei day, in transactions of bounded size.

    Each transaction holds changes, events and their part of the report, so a run that is killed leaves nothing half
    done. `until` is asked between two transactions and ends the run early; what it leaves is for the next one.
    """
    run_id = uuid4()
    result = RunResult(run_id=run_id)
    with stores() as opened:
        opened.runs.add_run(run_id, started_by=started_by, as_of=as_of, now=_moment(now))
    for step, batch in (
        (Step.DISABLE, disable_accounts),
        (Step.FREEZE, freeze_accounts),
        (Step.REMIND, remind_accounts),
    ):
        while result.complete and (done := _one_batch(stores, run_id, step, batch, as_of, now)):
            result = replace(result.plus(step, done), complete=not until())
    with stores() as opened:
        opened.runs.finish_run(run_id, _moment(now))
        if result != RunResult(complete=result.complete) or started_by != TIMER:
            _record_run(opened.audit, result, as_of, started_by, _moment(now))
    return result


def _moment(now: datetime | None) -> datetime:
    return now or datetime.now(UTC)


def _one_batch(
    stores: OpenStores, run_id: UUID, step: Step, batch: Batch, as_of: date, now: datetime | None
) -> int:
    with stores() as opened:
        done = batch(opened, as_of, _moment(now), BATCH)
        if done:
            opened.runs.add_changes(run_id, step, done, _moment(now))
    return len(done)


def disable_accounts(stores: LifecycleStores, as_of: date, now: datetime, limit: int) -> list[Change]:
    """Disable one batch of accounts, end their sessions and announce AccountDisabled."""
    due = stores.lifecycle.disable_due_accounts(as_of, now=now, limit=limit)
    disabled = [_change(account, Step.DISABLE) for account in due]
    if disabled:
        end_sessions_of(stores.accounts, [change.account_id for change in disabled], now)
        stores.outbox.announce_many(messages.account_disabled(change, now) for change in disabled)
    return disabled


def freeze_accounts(stores: LifecycleStores, as_of: date, now: datetime, limit: int) -> list[Change]:
    """Freeze one batch of accounts, end their sessions and announce AccountFrozen."""
    due = stores.lifecycle.freeze_due_accounts(as_of, now=now, limit=limit)
    frozen = [_change(account, Step.FREEZE) for account in due]
    if frozen:
        end_sessions_of(stores.accounts, [change.account_id for change in frozen], now)
        stores.outbox.announce_many(messages.account_frozen(change, now) for change in frozen)
    return frozen


def remind_accounts(stores: LifecycleStores, as_of: date, now: datetime, limit: int) -> list[Change]:
    """Remind one batch: store the days that the reminders name, and announce ReminderDue."""
    due = stores.lifecycle.accounts_to_remind(as_of, limit=limit)
    if not due:
        return []
    dates = {account.account_id: dates_after_reminder(account.dates, reminded_on=as_of) for account in due}
    stores.lifecycle.save_dates(dates)
    reminded = [_change(replace(account, dates=dates[account.account_id]), Step.REMIND) for account in due]
    stores.outbox.announce_many(messages.reminder_due(change) for change in reminded)
    return reminded


def _change(account: DueAccount, step: Step) -> Change:
    dates, is_reminder = account.dates, step is Step.REMIND
    return Change(
        account.account_id,
        account.account_name,
        step,
        dates.active_on,
        notice_days=dates.reminded_days if is_reminder else None,
        disable_on=dates.disable_on if is_reminder else None,
    )


def _record_run(audit: AuditStore, result: RunResult, as_of: date, started_by: str, now: datetime) -> None:
    """One entry for a run; its report says account by account what was done."""
    counts = {"frozen": result.frozen, "reminded": result.reminded, "disabled": result.disabled}
    detail = {"run_id": str(result.run_id), "as_of": as_of.isoformat(), "who": started_by, **counts}
    record(audit, "lifecycle_run", now=now, subject_id=None, detail=detail)


# What a run would do, and what past runs did


def preview(lifecycle: LifecycleStore, as_of: date) -> RunResult:
    """How much a run on that day would do, without doing it."""
    due = lifecycle.counts_due(as_of)
    return RunResult(due[Step.FREEZE], due[Step.REMIND], due[Step.DISABLE])


def planned(
    lifecycle: LifecycleStore, as_of: date, *, step: Step | None, name: str | None, page: int, page_size: int
) -> tuple[list[Planned], int]:
    """A page of the accounts that a run on that day would change, and how many there are in all."""
    found, total = lifecycle.planned(
        as_of, step=step, name=name or None, limit=page_size, offset=(page - 1) * page_size
    )
    return [_with_notice(each) for each in found], total


def _with_notice(planned: Planned) -> Planned:
    if planned.step is not Step.REMIND:
        return planned
    return replace(planned, notice_days=POLICY.notice_after(planned.account.dates.reminded_days))


def past_runs(runs: RunStore, *, page: int, page_size: int) -> tuple[list[Run], int]:
    """A page of the reports of past runs, the newest first, and how many there are in all."""
    return runs.runs(limit=page_size, offset=(page - 1) * page_size)


def changes_of_run(
    runs: RunStore, run_id: UUID, *, after: int, limit: int
) -> tuple[Run, list[tuple[int, Change]]]:
    """A run, and what it did to accounts behind the position `after`. Raises RunNotFound."""
    found = runs.run(run_id)
    if found is None:
        raise RunNotFound(run_id)
    return found, runs.changes(run_id, after=after, limit=limit)


# Closed accounts


def close_own_account(stores: LifecycleStores, typed_name: str, *, by: By, now: datetime) -> None:
    """The owner closes the account for good, once. Raises AccountNameDiffers, StaffAccount."""
    account = registry.locked_account(stores.accounts, by.account_id)
    check_own_closing(account, typed_name)
    _close(stores, account, {"by": "owner"}, by, now)


def close_account(stores: LifecycleStores, account_name: str, reason: str, *, by: By, now: datetime) -> None:
    """An operator closes an account in any state. Raises AccountNotFound, OwnAccount."""
    named = registry.account_named(stores.accounts, account_name)
    if named is None:
        raise AccountNotFound(account_name)
    if named.account_id == by.account_id:
        raise OwnAccount
    account = registry.locked_account(stores.accounts, named.account_id)
    _close(stores, account, {"who": by.operator or "", "reason": reason}, by, now)


def close_by_command(
    stores: LifecycleStores, account_name: str, confirmed: str, *, operator: str, reason: str, now: datetime
) -> None:
    """The same by a command. Raises AccountNameDiffers, NoOperator, AccountNotFound, OwnAccount."""
    if account_name.lower() != confirmed.lower():
        raise AccountNameDiffers
    who = registry.account_named(stores.accounts, operator)
    if who is None or who.state is not State.ACTIVE or OPERATOR not in who.roles:
        raise NoOperator(operator)
    close_account(stores, account_name, reason, by=By(who.account_name, who.account_id, None), now=now)


def _close(stores: LifecycleStores, account: Account, detail: dict[str, str], by: By, now: datetime) -> None:
    if account.state is State.CLOSED:
        return
    registry.close(stores.accounts, account.account_id, now)
    stores.outbox.announce(messages.account_closed(account, now, by_owner=by.operator is None))
    record(
        stores.audit,
        "account_closed",
        now=now,
        subject_id=account.account_id,
        detail=detail,
        actor_account_id=by.account_id,
        ip=by.ip,
    )


# A changed policy


def recompute(stores: OpenStores, policy: InactivityPolicy = POLICY) -> int:
    """Store the days that the policy gives, for every account that may still be frozen or disabled.

    Returns how many accounts have other days now. Locks and changes a few thousand at a time.
    """
    changed, last = 0, FIRST_ID
    while True:
        with stores() as opened:
            found = opened.lifecycle.accounts_in_use_after(last, limit=BATCH)
            if not found:
                return changed
            dates = {account.account_id: dates_under(policy, account.dates) for account in found}
            other = {
                account.account_id: dates[account.account_id]
                for account in found
                if dates[account.account_id] != account.dates
            }
            opened.lifecycle.save_dates(other)
        changed, last = changed + len(other), found[-1].account_id
