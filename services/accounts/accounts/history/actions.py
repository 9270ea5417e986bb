"""Read what happened to one's own account."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from accounts.audit.actions import entries_about
from accounts.history.rules import (
    LOGIN_ACTIONS,
    LOGINS,
    LOOK_ACTIONS,
    LOOKS,
    Happened,
    as_read_by_owner,
    period,
)
from accounts.registry import actions as registry

if TYPE_CHECKING:
    from accounts.audit.store import AuditStore
    from accounts.registry.store import AccountStore

ACTIONS = {LOGINS: LOGIN_ACTIONS, LOOKS: LOOK_ACTIONS}


def own_history(
    audit: AuditStore,
    accounts: AccountStore,
    account_id: UUID,
    *,
    category: str | None,
    from_on: date | None,
    until_on: date | None,
    page: int,
    page_size: int,
) -> tuple[list[Happened], int]:
    """A page of the entries about the account and its application, newest first, and how many there are."""
    begins, ends = period(from_on, until_on)
    application_id = registry.application_id_of(accounts, account_id)
    found, total = entries_about(
        audit,
        [account_id, *([application_id] if application_id else [])],
        only=ACTIONS.get(category or ""),
        without=() if category in (None, *ACTIONS) else (*LOGIN_ACTIONS, *LOOK_ACTIONS),
        begins=begins,
        ends=ends,
        limit=page_size,
        offset=(page - 1) * page_size,
    )
    actors = {entry.actor_account_id for entry in found if entry.actor_account_id} - {account_id}
    units = registry.units_of(accounts, actors)
    return [
        as_read_by_owner(
            entry.at,
            entry.action,
            actor=entry.actor_account_id,
            owner=account_id,
            unit=units.get(entry.actor_account_id) if entry.actor_account_id else None,
            ip=entry.ip,
            detail=entry.detail,
        )
        for entry in found
    ], total
