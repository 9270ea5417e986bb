"""Find, open, reactivate and administer accounts, and reserve account names."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from mtnet_chassis.events.outbox import Outbox
from mtnet_contracts.vocabulary.dates import taipei_day

from accounts.audit.actions import record
from accounts.inactivity.rules import dates_after_activity
from accounts.registry import messages
from accounts.registry.rules import (
    Account,
    AccountContact,
    AccountNotFound,
    NameHold,
    NotForReviewers,
    NotForTheDesk,
    as_desk_person,
    as_reviewer,
    similar_name,
)
from accounts.registry.store import AccountStore, NameStore
from accounts.vault import Vault

if TYPE_CHECKING:
    from accounts.audit.store import AuditStore

# Find


def account(accounts: AccountStore, account_id: UUID) -> Account:
    """Raises AccountNotFound."""
    return accounts.account(account_id)


def account_named(accounts: AccountStore, account_name: str) -> Account | None:
    """The account with this login name; capitals make no difference."""
    return accounts.account_named(account_name)


def account_of_application(
    accounts: AccountStore, application_id: UUID, *, lock: bool = False
) -> Account | None:
    """The account that an application led to. Without `lock` a page never waits for a login or a lifecycle run."""
    if lock:
        return accounts.account_of_application_for_update(application_id)
    return accounts.account_of_application(application_id)


def locked_account(accounts: AccountStore, account_id: UUID) -> Account:
    """The account, locked until the transaction ends. Raises AccountNotFound."""
    return accounts.account_for_update(account_id)


def application_id_of(accounts: AccountStore, account_id: UUID) -> UUID | None:
    """The application that the account came of; staff may have none."""
    return accounts.application_id(account_id)


def units_of(accounts: AccountStore, account_ids: Iterable[UUID]) -> dict[UUID, str | None]:
    """In which unit these people work; None for those outside the bureau."""
    return accounts.units(list(account_ids))


def contacts_of(accounts: AccountStore, account_id: UUID) -> tuple[AccountContact, ...]:
    """Mail before telephones, the first of a kind before the second."""
    return accounts.contacts(account_id)


def emails_of(accounts: AccountStore, account_id: UUID) -> tuple[str, ...]:
    """The addresses that are told of what concerns the account, the first one first."""
    return tuple(each.value for each in accounts.contacts(account_id) if each.kind == "email")


def save_contacts(accounts: AccountStore, account_id: UUID, contacts: tuple[AccountContact, ...]) -> None:
    """The account has these contacts and no others."""
    accounts.save_contacts(account_id, contacts)


def save_locale(accounts: AccountStore, account_id: UUID, locale: str) -> None:
    """The language in which the owner is written to."""
    accounts.save_locale(account_id, locale)


def locked_account_named(accounts: AccountStore, account_name: str) -> Account:
    """The same for the account with this login name. Raises AccountNotFound."""
    named = accounts.account_named(account_name)
    if named is None:
        raise AccountNotFound(account_name)
    return accounts.account_for_update(named.account_id)


def id_number_of(accounts: AccountStore, vault: Vault, account_id: UUID) -> str | None:
    """The ID number of the owner; None for staff, who never applied."""
    found = accounts.sealed_id_number(account_id)
    return vault.open(found[1], found[0]) if found else None


# Open, activate, log in


def register_organisation(
    accounts: AccountStore, unified_business_number: str, name_zh: str, name_en: str | None, now: datetime
) -> tuple[UUID, bool]:
    """The organisation of that number, created if need be, and whether it has a manager already."""
    organisation_id = accounts.organisation(unified_business_number, name_zh, name_en, now)
    return organisation_id, accounts.has_manager(organisation_id)


def open_account(
    accounts: AccountStore,
    names: NameStore,
    outbox: Outbox,
    new: Account,
    *,
    application_id: UUID,
    fax: str | None,
    approved_at: datetime,
    now: datetime,
) -> Account:
    """Store the account of an approved application and announce AccountOpened. Returns it as it was stored.

    An approval never waits for a name: if another account has got it meanwhile, this one gets a similar name, and its
    owner is asked for another one when activating it.
    """
    if accounts.name_in_use(new.account_name):
        wanted = new.account_name
        new = replace(new, account_name=_free_name(accounts, names, wanted), name_wanted=wanted)
    dates = dates_after_activity(taipei_day(now))
    accounts.add_account(new, application_id=application_id, approved_at=approved_at, dates=dates)
    # Only now: at every moment either the reservation or the account tells others that the name is taken.
    names.release(application_id)
    outbox.announce(messages.account_opened(new, application_id, fax))
    return new


def activate(accounts: AccountStore, account: Account, now: datetime, *, name: str | None) -> Account:
    """Make the account active, under `name` if one is given. Raises AccountNameTaken."""
    accounts.activate(account.account_id, now=now)
    record_activity(accounts, account.account_id, now)
    if name is None:
        return account
    accounts.rename(account.account_id, name)
    return replace(account, account_name=name, name_wanted=None)


def record_login(accounts: AccountStore, account_id: UUID, now: datetime) -> None:
    """The owner logged in."""
    accounts.record_login(account_id, now=now)
    record_activity(accounts, account_id, now)


def renew_password_hash(accounts: AccountStore, account: Account, password_hash: str) -> Account:
    """The same password, hashed as passwords are hashed today."""
    accounts.renew_password_hash(account.account_id, password_hash)
    return replace(account, password_hash=password_hash)


def record_activity(accounts: AccountStore, account_id: UUID, now: datetime) -> None:
    """The owner was active: inactivity counts from today, and earlier reminders are void."""
    accounts.save_dates(account_id, dates_after_activity(taipei_day(now)))


def end_sessions_of(accounts: AccountStore, account_ids: Iterable[UUID], now: datetime) -> None:
    """End every session of these accounts: they may not log in any more, or their roles are others."""
    accounts.end_sessions(list(account_ids), now)


def end_other_sessions(accounts: AccountStore, account_id: UUID, session_id: UUID, now: datetime) -> int:
    """End every session of the account but this one. Returns how many there were."""
    return accounts.end_other_sessions(account_id, session_id, now)


def set_password(accounts: AccountStore, account_id: UUID, password_hash: str, now: datetime) -> None:
    """Store the hash; rules and history are the affair of `passwords`."""
    accounts.set_password(account_id, password_hash, now)


def require_new_password(accounts: AccountStore, account_ids: Iterable[UUID], now: datetime) -> None:
    """From now on the password of these accounts does not log in, until another one is set."""
    accounts.require_new_password(list(account_ids), now)


# Administer


def reactivate(
    accounts: AccountStore,
    audit: AuditStore,
    outbox: Outbox,
    account: Account,
    *,
    how: str,
    detail: dict[str, Any],
    now: datetime,
    actor_account_id: UUID | None = None,
    ip: str | None = None,
) -> None:
    """復用: make a locked account active, announce AccountReactivated and record it. Inactivity counts from today.

    `how` is a reason of registry/messages.py; `detail` says in the audit log on whose word.
    """
    accounts.reactivate(account.account_id)
    record_activity(accounts, account.account_id, now)
    outbox.announce(messages.account_reactivated(account, how=how, active_on=taipei_day(now), now=now))
    record(
        audit,
        "account_reactivated",
        now=now,
        subject_id=account.account_id,
        detail=detail,
        actor_account_id=actor_account_id,
        ip=ip,
    )


def close(accounts: AccountStore, account_id: UUID, now: datetime) -> None:
    """Close an account for good: its sessions end, its password is forgotten, its name is free for others."""
    accounts.close(account_id, now=now)
    end_sessions_of(accounts, [account_id], now)


def make_reviewer(
    accounts: AccountStore,
    audit: AuditStore,
    outbox: Outbox,
    account_name: str,
    unit: str | None,
    *,
    who: str,
    reason: str,
    now: datetime,
) -> None:
    """Give somebody the reviewer's role in a unit; with None take it away. Raises NotForReviewers."""
    named = accounts.account_named(account_name)
    if named is None:
        raise NotForReviewers(account_name)
    before = accounts.account_for_update(named.account_id)
    after = as_reviewer(before, unit)
    action = "reviewer_made" if unit else "reviewer_unmade"
    detail = {"unit": unit or before.unit, "who": who, "reason": reason}
    _change_roles(accounts, audit, outbox, before, after, action, detail, now)


def make_desk_person(
    accounts: AccountStore,
    audit: AuditStore,
    outbox: Outbox,
    account_name: str,
    role: str | None,
    *,
    who: str,
    reason: str,
    now: datetime,
) -> None:
    """Give somebody a role of the helpdesk (DESK_ROLES) in place of another; with None take it away.

    Raises NotForTheDesk.
    """
    named = accounts.account_named(account_name)
    if named is None:
        raise NotForTheDesk(account_name)
    before = accounts.account_for_update(named.account_id)
    after = as_desk_person(before, role)
    action = "desk_person_made" if role else "desk_person_unmade"
    detail = {"role": role, "who": who, "reason": reason}
    _change_roles(accounts, audit, outbox, before, after, action, detail, now)


def _change_roles(
    accounts: AccountStore,
    audit: AuditStore,
    outbox: Outbox,
    before: Account,
    after: Account,
    action: str,
    detail: dict[str, Any],
    now: datetime,
) -> None:
    """Sessions end, so that nobody's roles change in the middle of what they do. The same once more is nothing."""
    if after == before:
        return
    accounts.save_roles(after)
    end_sessions_of(accounts, [after.account_id], now)
    outbox.announce(messages.roles_changed(after, now))
    record(audit, action, now=now, subject_id=after.account_id, detail=detail)


# Account names


def hold_name(names: NameStore, hold: NameHold, now: datetime) -> UUID:
    """Reserve a name unless another application holds it. Returns the application that holds it now.

    Whoever comes second waits until the first transaction ends.
    """
    return names.hold(hold, now)


def release_names(names: NameStore, application_id: UUID, *, but: str = "") -> None:
    """Free every name that an application holds, but for one."""
    names.release(application_id, but=but)


def hold_name_for_good(names: NameStore, application_id: UUID, holder: str) -> None:
    """Keep the name as long as the application lives; it counts for `holder` from now on."""
    names.keep(application_id, holder)


def hold_at_most(names: NameStore, holder: str, most: int) -> None:
    """Free the oldest names of a holder that has more than that."""
    names.keep_newest(holder, most)


def name_in_use(accounts: AccountStore, account_name: str) -> bool:
    """Whether an account has that name."""
    return accounts.name_in_use(account_name)


def name_is_free(accounts: AccountStore, names: NameStore, account_name: str) -> bool:
    """Whether no account has the name and no application holds it."""
    return not accounts.name_in_use(account_name) and not names.is_held(account_name)


def _free_name(accounts: AccountStore, names: NameStore, wanted: str) -> str:
    while True:
        name = similar_name(wanted, secrets.randbelow(10_000))
        if name_is_free(accounts, names, name):
            return name
