"""What changed about second factors, in the words of the contracts."""

from __future__ import annotations

from datetime import datetime

from mtnet_contracts.events import SecondFactorChanged

from accounts.registry.rules import Account


def second_factor_changed(
    account: Account,
    emails: tuple[str, ...],
    change: str,
    now: datetime,
    *,
    label: str | None = None,
    remaining: int | None = None,
) -> SecondFactorChanged:
    """Told to every address of the owner: whoever changed it may read one of them."""
    return SecondFactorChanged(
        account_id=account.account_id,
        account_name=account.account_name,
        name=account.name,
        locale=account.locale,
        emails=emails,
        change=change,
        changed_at=now,
        label=label,
        remaining=remaining,
    )
