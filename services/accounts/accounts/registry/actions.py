"""Who of the bureau reviews, and for which unit: an operator says so, on record."""

from __future__ import annotations

from accounts.actions.desk import Desk
from accounts.audit.store import Entry
from accounts.registry.rules import NotForReviewers, as_reviewer


def make_reviewer(desk: Desk, account_name: str, unit: str | None, *, who: str, reason: str) -> None:
    """Give a reviewer's role and unit, or with None take them away. Raises NotForReviewers.

    Sessions end: the next login begins with the roles of now, as nobody should find halfway through a case.
    """
    named = desk.accounts.account_named(account_name)
    if named is None:
        raise NotForReviewers(account_name)
    before = desk.accounts.account_for_update(named.account_id)
    after = as_reviewer(before, unit)
    if after == before:
        return
    desk.accounts.save_roles(after)
    desk.sessions.end_all_of([after.account_id], desk.now)
    desk.audit.append(
        Entry(
            at=desk.now,
            actor_account_id=None,
            action="reviewer_made" if unit else "reviewer_unmade",
            subject_id=after.account_id,
            detail={"unit": unit or before.unit, "who": who, "reason": reason},
        )
    )
