"""One lifecycle run: freeze who was idle for 90 days, remind who comes near the end of 12 months; and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from mtnet_contracts.vocabulary.dates import taipei_day

from accounts import events
from accounts.actions.desk import Desk
from accounts.audit.store import Entry
from accounts.lifecycle.rules import freezing_cutoff, reminding_cutoff
from accounts.registry.rules import NotFrozen, State

BATCH = 5_000
DEVICE_LIFE = timedelta(days=180)


@dataclass(frozen=True)
class RunResult:
    frozen: int
    reminded: int


def freeze_batch(desk: Desk, as_of: date, most: int = BATCH) -> int:
    """Freeze one batch in this transaction, end the sessions, announce; how many. Zero when nothing is due."""
    due = desk.lifecycle.freeze_batch(freezing_cutoff(as_of), now=desk.now, most=most)
    if due:
        desk.sessions.end_all_of([account.account_id for account in due], desk.now)
        desk.outbox.announce_many(
            events.account_frozen(account.account_id, account.account_name, account.active_on, desk.now)
            for account in due
        )
    return len(due)


def remind_batch(desk: Desk, as_of: date, most: int = BATCH) -> int:
    """Remind one batch in this transaction, of either kind, and announce; how many. Zero when nothing is due."""
    due = desk.lifecycle.remind_first_batch(reminding_cutoff(as_of), as_of, most=most)
    due += desk.lifecycle.remind_second_batch(as_of, most=most)
    desk.outbox.announce_many(
        events.reminder_due(
            account.account_id,
            account.account_name,
            account.active_on,
            notice_days=account.notice_days,
            disable_on=account.disable_on,
        )
        for account in due
    )
    return len(due)


def thaw_account(desk: Desk, account_name: str, *, who: str, reason: str) -> None:
    """復用: give a frozen account back, once the helpdesk knows who asks. Raises NotFrozen.

    `who` is the operator who does it, `reason` how the person was recognised: both go on record.
    """
    named = desk.accounts.account_named(account_name)
    account = desk.accounts.account_for_update(named.account_id) if named else None
    if account is None or account.state is not State.FROZEN:
        raise NotFrozen(account_name)
    active_on = taipei_day(desk.now)
    desk.accounts.thaw(account.account_id, active_on=active_on)
    desk.outbox.announce(events.account_reactivated(account, active_on=active_on, now=desk.now))
    desk.audit.append(
        Entry(
            at=desk.now,
            actor_account_id=None,
            action="account_thawed",
            subject_id=account.account_id,
            detail={"who": who, "reason": reason},
        )
    )


def tidy(desk: Desk) -> None:
    """Forget what has served its time: codes, tokens, failed logins, old sessions."""
    desk.applications.remove_expired_grants(desk.now)
    desk.challenges.remove_old(desk.now - timedelta(days=7))
    desk.guesses.remove_old_tallies(desk.now - timedelta(days=1))
    desk.guesses.remove_old_devices(desk.now - DEVICE_LIFE)
    desk.sessions.remove_old_sessions(desk.now - timedelta(days=90))


def preview(desk: Desk, as_of: date) -> RunResult:
    """What a run would do, without doing it."""
    return RunResult(
        frozen=desk.lifecycle.count_to_freeze(freezing_cutoff(as_of)),
        reminded=desk.lifecycle.count_to_remind(reminding_cutoff(as_of), as_of),
    )
