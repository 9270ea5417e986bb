"""What activation announces: its own words as contract events."""

from __future__ import annotations

from datetime import datetime

from mtnet_contracts.events import AccountActivated, ActivationLinkIssued

from accounts.registry.rules import Account


def activation_link_issued(
    account: Account, *, sealed_token: str, expires_at: datetime
) -> ActivationLinkIssued:
    return ActivationLinkIssued(
        account_id=account.account_id,
        account_name=account.account_name,
        name=account.name,
        email=account.email,
        locale=account.locale,
        sealed_token=sealed_token,
        expires_at=expires_at,
    )


def account_activated(account: Account, now: datetime) -> AccountActivated:
    return AccountActivated(
        account_id=account.account_id, account_name=account.account_name, activated_at=now
    )
