"""One lifecycle run: freeze who was idle for 90 days, remind who comes near the end of 12 months."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from accounts import events
from accounts.actions.desk import Desk
from accounts.domain.lifecycle import cutoffs, reminders_due

BATCH = 5_000


@dataclass(frozen=True)
class RunResult:
    frozen: int
    reminded: int


def freeze_batch(desk: Desk, as_of: date, most: int = BATCH) -> int:
    """Freeze one batch in this transaction, end the sessions, announce; how many. Zero when nothing is due."""
    due = desk.lifecycle.freeze_batch(cutoffs(as_of).frozen, now=desk.now, most=most)
    if due:
        desk.sessions.end_all_of([account.account_id for account in due], desk.now)
        desk.outbox.announce_many(
            events.account_frozen(account.account_id, account.account_name, account.active_on, desk.now)
            for account in due
        )
    return len(due)


def remind_batch(
    desk: Desk, as_of: date, after: tuple[date, UUID] | None, most: int = BATCH
) -> tuple[int, tuple[date, UUID] | None]:
    """Announce the reminders due in one batch; how many, and where to go on (None at the end)."""
    near = desk.lifecycle.near_disabling(cutoffs(as_of).reminded, after=after, most=most)
    if not near:
        return 0, None
    wanted = [
        (account, days)
        for account in near
        for days in reminders_due(account.active_on, as_of=as_of, sent=account.sent)
    ]
    new = desk.lifecycle.add_reminders(
        [(account.account_id, account.active_on, days) for account, days in wanted], desk.now
    )
    desk.outbox.announce_many(
        events.reminder_due(account.account_id, account.account_name, account.active_on, days)
        for account, days in wanted
        if (account.account_id, days) in new
    )
    return len(new), (near[-1].active_on, near[-1].account_id)


def preview(desk: Desk, as_of: date) -> RunResult:
    """What a run would do, without doing it."""
    reminded, after = 0, None
    while True:
        near = desk.lifecycle.near_disabling(cutoffs(as_of).reminded, after=after, most=BATCH)
        if not near:
            break
        reminded += sum(len(reminders_due(a.active_on, as_of=as_of, sent=a.sent)) for a in near)
        after = (near[-1].active_on, near[-1].account_id)
    return RunResult(desk.lifecycle.count_to_freeze(cutoffs(as_of).frozen), reminded)
