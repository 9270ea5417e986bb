"""What owners' own data announce: their own words as contract events."""

from __future__ import annotations

from datetime import datetime

from mtnet_contracts.events import ContactChanged, ContactChangeUndone, MailLanguageChanged

from accounts.profile.rules import CHANNELS, Contacts
from accounts.registry.rules import Account, AccountContact, first_of, second_of


def contact_changed(
    account: Account,
    change: str,
    *,
    old: AccountContact | None,
    new: AccountContact | None,
    before: Contacts,
    after: Contacts,
    sealed_token: str,
    undo_until: datetime,
    now: datetime,
) -> ContactChanged:
    kind = (new or old).kind  # type: ignore[union-attr]
    return ContactChanged(
        account_id=account.account_id,
        account_name=account.account_name,
        name=account.name,
        locale=account.locale,
        change=change,
        channel=CHANNELS[kind],
        old=old.value if old else None,
        new=new.value if new else None,
        email=first_of(after, "email") or account.email,
        mobile=first_of(after, "mobile"),
        emails=_emails(before),
        changed_at=now,
        sealed_token=sealed_token,
        undo_until=undo_until,
        second_email=second_of(after, "email"),
        second_mobile=second_of(after, "mobile"),
    )


def contact_change_undone(account: Account, contacts: Contacts, now: datetime) -> ContactChangeUndone:
    return ContactChangeUndone(
        account_id=account.account_id,
        account_name=account.account_name,
        name=account.name,
        locale=account.locale,
        email=first_of(contacts, "email") or account.email,
        mobile=first_of(contacts, "mobile"),
        emails=_emails(contacts),
        undone_at=now,
        second_email=second_of(contacts, "email"),
        second_mobile=second_of(contacts, "mobile"),
    )


def mail_language_changed(account: Account, locale: str, now: datetime) -> MailLanguageChanged:
    return MailLanguageChanged(
        account_id=account.account_id, account_name=account.account_name, locale=locale, changed_at=now
    )


def _emails(contacts: Contacts) -> tuple[str, ...]:
    return tuple(each.value for each in contacts if each.kind == "email")
