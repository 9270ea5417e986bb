"""What the endpoints of passwords answer with."""

from __future__ import annotations

from typing import Any

from accounts.passwords.rules import ResetLink
from accounts.registry.rules import Account


def reset_view(account: Account, link: ResetLink) -> dict[str, Any]:
    """The call's ResetLinkView."""
    return {"account_name": account.account_name, "expires_at": link.expires_at}
