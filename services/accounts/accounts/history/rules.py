"""Which entries of the audit log an owner reads as what, and which of their facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from mtnet_contracts.vocabulary.dates import TAIPEI

LOGINS, LOOKS, CHANGES = "logins", "looks", "changes"
# What is neither a login nor a look is a change.
LOGIN_ACTIONS = ("logged_in", "login_failed", "login_refused", "second_step_failed", "session_ended")
# An applicant shows a pass, and has no account yet.
BY_PASS = ("contact_change_undone", "notifications_changed", "line_linked", "line_unlinked")
LOOK_ACTIONS = (
    "id_number_revealed",
    "form_viewed",
    "personal_data_viewed",
    "account_looked_up",
    "own_data_exported",
    "account_told",
    "account_statement_signed",
)
# Facts of an entry that its owner may read. Others are ids, or belong to those who worked on it.
SHOWN = ("reason", "fields", "kind", "change", "unit", "request_number", "method", "how", "version", "system")
# Who did it.
OWNER, STAFF, SOMEBODY, SYSTEM = "owner", "staff", "somebody", "system"


@dataclass(frozen=True)
class Happened:
    """An entry of the log as its owner may read it. `unit` is the unit of whoever of the staff did it.

    `ip` is told of what the owner, or somebody in their place, did; not where staff work.
    """

    at: datetime
    action: str
    category: str
    by: str
    unit: str | None
    ip: str | None
    detail: dict[str, Any]


def category_of(action: str) -> str:
    if action in LOGIN_ACTIONS:
        return LOGINS
    return LOOKS if action in LOOK_ACTIONS else CHANGES


def as_read_by_owner(
    at: datetime,
    action: str,
    *,
    actor: UUID | None,
    owner: UUID,
    unit: str | None,
    ip: str | None,
    detail: dict[str, Any],
) -> Happened:
    by = _who(action, actor, owner, detail)
    return Happened(
        at,
        action,
        category_of(action),
        by,
        unit if by == STAFF else None,
        ip if by in (OWNER, SOMEBODY) else None,
        {name: detail[name] for name in SHOWN if name in detail and not (by == STAFF and name == "reason")},
    )


def _who(action: str, actor: UUID | None, owner: UUID, detail: dict[str, Any]) -> str:
    if actor is not None:
        return OWNER if actor == owner else STAFF
    if "who" in detail:
        return STAFF
    # Nobody has proved who they are yet.
    return SOMEBODY if category_of(action) == LOGINS or action in BY_PASS else SYSTEM


def period(from_on: date | None, until_on: date | None) -> tuple[datetime | None, datetime | None]:
    """From the beginning of one Taipei day to the end of another."""
    return (
        datetime.combine(from_on, time(), TAIPEI) if from_on else None,
        datetime.combine(until_on + timedelta(days=1), time(), TAIPEI) if until_on else None,
    )
