"""What the topic announces: its own words as contract events."""

from __future__ import annotations

from datetime import datetime

from mtnet_contracts.events import PasswordChanged, PasswordResetRequested

from accounts.registry.rules import Account

CHANGED = PasswordChanged.HOW_CHANGED
RESET = PasswordChanged.HOW_RESET
REACTIVATION = PasswordChanged.HOW_REACTIVATION


def password_changed(
    account: Account, *, how: str, emails: tuple[str, ...], mobiles: tuple[str, ...], now: datetime
) -> PasswordChanged:
    return PasswordChanged(
        account_id=account.account_id,
        account_name=account.account_name,
        name=account.name,
        locale=account.locale,
        emails=emails,
        mobiles=mobiles,
        how=how,
        changed_at=now,
    )


def password_reset_requested(
    account: Account, *, email: str, sealed_token: str | None, expires_at: datetime | None, now: datetime
) -> PasswordResetRequested:
    return PasswordResetRequested(
        account_id=account.account_id,
        account_name=account.account_name,
        name=account.name,
        email=email,
        locale=account.locale,
        account_state=account.state,
        requested_at=now,
        sealed_token=sealed_token,
        expires_at=expires_at,
    )
