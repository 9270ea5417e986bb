"""A login on a new device, in the words of the contracts."""

from __future__ import annotations

from datetime import datetime

from mtnet_contracts.events import NewDeviceLogin

from accounts.registry.rules import Account


def new_device_login(
    account: Account,
    *,
    device: str,
    came_from: str,
    logged_in_at: datetime,
    sealed_token: str,
    expires_at: datetime,
) -> NewDeviceLogin:
    return NewDeviceLogin(
        account_id=account.account_id,
        account_name=account.account_name,
        name=account.name,
        locale=account.locale,
        email=account.email,
        device=device,
        came_from=came_from,
        logged_in_at=logged_in_at,
        sealed_token=sealed_token,
        expires_at=expires_at,
    )
