"""What the registry announces: its own words as contract events."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from mtnet_contracts.events import AccountOpened, AccountReactivated, AccountRolesChanged

from accounts.registry.rules import Account

# How it is known that the owner asks for an account to be reactivated.
BY_NEW_PASSWORD = AccountReactivated.REASON_PASSWORD_CHANGED
BY_HELPDESK = AccountReactivated.REASON_HELPDESK
BY_EVIDENCE = AccountReactivated.REASON_EVIDENCE


def account_opened(account: Account, application_id: UUID, fax: str | None) -> AccountOpened:
    return AccountOpened(
        account_id=account.account_id,
        application_id=application_id,
        account_name=account.account_name,
        identity_type=account.identity_type,
        name=account.name,
        email=account.email,
        mobile=account.mobile,
        locale=account.locale,
        organisation_id=account.organisation_id,
        fax=fax,
    )


def roles_changed(account: Account, now: datetime) -> AccountRolesChanged:
    return AccountRolesChanged(
        account_id=account.account_id, account_name=account.account_name, roles=account.roles, changed_at=now
    )


def account_reactivated(account: Account, *, how: str, active_on: date, now: datetime) -> AccountReactivated:
    return AccountReactivated(
        account_id=account.account_id,
        account_name=account.account_name,
        reason=how,
        reactivated_at=now,
        active_on=active_on,
    )
