"""What can be asked of an account by the helpdesk."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from accounts.account_card.rules import MOST_CASES, NoSuchAccount
from accounts.account_card.store import AccountCardStore


def card(store: AccountCardStore, account_id: UUID) -> dict[str, Any]:
    """Raises NoSuchAccount."""
    found = store.card(account_id)
    if found is None:
        raise NoSuchAccount
    return found | {"cases": store.cases(account_id, MOST_CASES)}
