"""What the endpoints of activation answer with."""

from __future__ import annotations

from typing import Any

from accounts.activation.rules import ActivationLink
from accounts.registry.rules import Account


def activation_view(account: Account, link: ActivationLink) -> dict[str, Any]:
    """The call's ActivationView."""
    return {
        "account_name": account.account_name,
        "name": account.name,
        "expires_at": link.expires_at,
        "name_taken": account.name_wanted,
    }
