"""What the endpoints of the lifecycle answer with."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from accounts.lifecycle.rules import Change, Planned, Run, RunResult


def preview_view(
    as_of: date, counts: RunResult, planned: list[Planned], *, page: int, page_size: int, total: int
) -> dict[str, Any]:
    """The call's LifecyclePreviewReply."""
    return {
        "page": page,
        "page_size": page_size,
        "total": total,
        "as_of": as_of,
        "counts": {"disable": counts.disabled, "freeze": counts.frozen, "remind": counts.reminded},
        "items": [
            {
                "account_id": each.account.account_id,
                "account_name": each.account.account_name,
                "step": each.step,
                "due_on": each.due_on,
                "last_active_on": each.account.dates.active_on,
                "notice_days": each.notice_days,
                "disable_on": each.account.dates.disable_on,
            }
            for each in planned
        ],
    }


def run_view(run: Run, now: datetime) -> dict[str, Any]:
    """The call's LifecycleRun."""
    return {**vars(run), "outcome": run.outcome(now)}


def changes_view(run: Run, changes: list[tuple[int, Change]], *, limit: int, now: datetime) -> dict[str, Any]:
    """The call's LifecycleChangesReply."""
    return {
        "run": run_view(run, now),
        "items": [
            {
                "account_id": change.account_id,
                "account_name": change.account_name,
                "step": change.step,
                "last_active_on": change.active_on,
                "notice_days": change.notice_days,
                "disable_on": change.disable_on,
            }
            for _, change in changes
        ],
        "next_after": changes[-1][0] if len(changes) == limit else None,
    }
