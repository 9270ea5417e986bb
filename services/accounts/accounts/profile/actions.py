"""Show and change one's own data; ask for a contact, prove it, undo a change that was somebody else's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from mtnet_chassis.data.sealing import seal
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_contracts.calls.call import INVALID
from mtnet_contracts.vocabulary.masking import masked_id_number

from accounts.audit.actions import record
from accounts.passwords.actions import require_new_password
from accounts.profile import messages
from accounts.profile.rules import (
    ADDED,
    CHANGE_WAITS,
    CHANNELS,
    MADE_PRIMARY,
    REMOVED,
    REPLACED,
    UNDO_WITHIN,
    ContactChange,
    ContactNotFound,
    Contacts,
    OwnData,
    ProfileChanged,
    UndoNotPossible,
    found,
    require_addable,
    with_contact,
    with_primary,
    without_contact,
)
from accounts.registry import actions as registry
from accounts.registry.contacts import a_contact
from accounts.registry.rules import Account, AccountContact
from accounts.sources import source_of
from accounts.vault import Vault, new_token, token_hash
from accounts.verification import actions as verification
from accounts.verification.actions import CodeSender
from accounts.verification.mailboxes import compared
from accounts.verification.rules import CodeRecipient, CodeSent
from accounts.verification.telephones import AreaCodeMissing, PhoneInvalid, e164

if TYPE_CHECKING:
    from accounts.audit.store import AuditStore
    from accounts.profile.store import ProfileStore
    from accounts.registry.store import AccountStore


@dataclass(frozen=True)
class ProfileStores:
    """What an owner's own data are read from and written to. `sealing_key` is notify's public key."""

    accounts: AccountStore
    profiles: ProfileStore
    audit: AuditStore
    outbox: Outbox
    sealing_key: str


@dataclass(frozen=True)
class Profile:
    """An account as its owner sees it. `masked_number` is None for staff, who never applied."""

    account: Account
    data: OwnData
    masked_number: str | None


# One's own data


def own_profile(stores: ProfileStores, vault: Vault, account_id: UUID) -> Profile:
    number = registry.id_number_of(stores.accounts, vault, account_id)
    return Profile(
        registry.account(stores.accounts, account_id),
        stores.profiles.own_data(account_id),
        masked_id_number(number) if number else None,
    )


def save_profile(
    stores: ProfileStores, vault: Vault, actor: Actor, changes: dict[str, Any], version: int, now: datetime
) -> Profile:
    """Store what was given of phone, fax, department, title and locale. Raises ProfileChanged, Refused(INVALID)."""
    account = registry.locked_account(stores.accounts, actor.account_id)
    before = stores.profiles.own_data(account.account_id)
    if before.version != version:
        raise ProfileChanged
    given = _normal(changes)
    locale = given.pop("locale", account.locale)
    after = replace(before, **given)
    changed = [name for name in given if getattr(after, name) != getattr(before, name)]
    if locale != account.locale:
        registry.save_locale(stores.accounts, account.account_id, locale)
        stores.outbox.announce(messages.mail_language_changed(account, locale, now))
        changed.append("locale")
    if changed:
        stores.profiles.save_own_data(account.account_id, replace(after, version=version + 1), now)
        _record(stores.audit, "profile_changed", actor, now, {"fields": changed})
    return own_profile(stores, vault, account.account_id)


def _normal(changes: dict[str, Any]) -> dict[str, Any]:
    """Telephones as they are dialled, empty answers as None. Raises Refused(INVALID)."""
    given = {name: value or None for name, value in changes.items()}
    faults: dict[str, list[str]] = {}
    if "phone" in given and given["phone"] is None:
        faults["phone"] = ["REQUIRED"]
    for name in ("phone", "fax"):
        typed = given.get(name)
        try:
            given |= {name: e164(typed, mobile=False)} if typed else {}
        except AreaCodeMissing:
            faults[name] = ["PHONE_NEEDS_AREA_CODE"]
        except PhoneInvalid:
            faults[name] = ["PHONE_INVALID"]
    if faults:
        raise Refused(INVALID, fields=faults)
    return given


# Contacts


@dataclass(frozen=True)
class OwnContacts:
    """The contacts that count, and those that wait for a code."""

    contacts: Contacts
    waiting: list[ContactChange]


def own_contacts(stores: ProfileStores, account_id: UUID, now: datetime) -> OwnContacts:
    return OwnContacts(
        registry.contacts_of(stores.accounts, account_id), stores.profiles.waiting_changes(account_id, now)
    )


def request_contact_change(
    stores: ProfileStores,
    sender: CodeSender,
    actor: Actor,
    *,
    kind: str,
    value: str,
    replaces: UUID | None,
    now: datetime,
) -> CodeSent:
    """Send a code to a contact that the owner wants to have. Nothing changes before it comes back.

    Raises ContactNotFound, ContactKnown, TooManyContacts, TooSoon, TooManyCodes, Refused(INVALID).
    """
    account = registry.locked_account(stores.accounts, actor.account_id)
    if kind == "mobile":
        try:
            value = e164(value, mobile=True)
        except PhoneInvalid as problem:
            raise Refused(INVALID, fields={"value": ["MOBILE_INVALID"]}) from problem
    contacts = registry.contacts_of(stores.accounts, account.account_id)
    require_addable(contacts, kind, compared(value), replacing=replaces)
    change = ContactChange(
        change_id=uuid4(),
        account_id=account.account_id,
        change=REPLACED if replaces else ADDED,
        kind=kind,
        contact_id=replaces,
        value=value,
        requested_at=now,
        expires_at=now + CHANGE_WAITS,
    )
    sent = _send_code(sender, account, change, actor.ip, now)
    stores.profiles.add_change(change)
    detail = {"kind": kind, "change_id": str(change.change_id)}
    _record(stores.audit, "contact_change_requested", actor, now, detail)
    return sent


def resend_contact_code(
    stores: ProfileStores, sender: CodeSender, actor: Actor, change_id: UUID, now: datetime
) -> CodeSent:
    """Another code for a contact that waits. Raises ContactNotFound, TooSoon, TooManyCodes."""
    account = registry.locked_account(stores.accounts, actor.account_id)
    change = _waiting(stores, account.account_id, change_id, now)
    return _send_code(sender, account, change, actor.ip, now)


def confirm_contact_change(
    stores: ProfileStores,
    sender: CodeSender,
    actor: Actor,
    change_id: UUID,
    code: str,
    now: datetime,
) -> OwnContacts:
    """The code came back: the contact counts from now on, and those before it are told.

    Raises ContactNotFound, ContactKnown, TooManyContacts, CodeWrong, CodeExpired, CodeVoid, TooManyGuesses.
    """
    account = registry.locked_account(stores.accounts, actor.account_id)
    change = _waiting(stores, account.account_id, change_id, now)
    before = registry.contacts_of(stores.accounts, account.account_id)
    new = a_contact(change.kind, change.value or "", is_primary=False, verified_at=now)
    after = with_contact(before, new, replacing=change.contact_id)
    verification.use_new_contact_code(sender.challenges, sender.vault, code, change_id=change_id, now=now)
    old = found(before, change.contact_id) if change.contact_id else None
    _make(stores, actor, account, change, before=before, after=after, old=old, new=new, now=now)
    return own_contacts(stores, account.account_id, now)


def remove_contact(stores: ProfileStores, actor: Actor, contact_id: UUID, now: datetime) -> OwnContacts:
    """Raises ContactNotFound, LastEmail."""
    account = registry.locked_account(stores.accounts, actor.account_id)
    before = registry.contacts_of(stores.accounts, account.account_id)
    old = found(before, contact_id)
    after = without_contact(before, contact_id)
    _make_at_once(stores, actor, account, REMOVED, before=before, after=after, old=old, new=None, now=now)
    return own_contacts(stores, account.account_id, now)


def make_contact_primary(stores: ProfileStores, actor: Actor, contact_id: UUID, now: datetime) -> OwnContacts:
    """Raises ContactNotFound."""
    account = registry.locked_account(stores.accounts, actor.account_id)
    before = registry.contacts_of(stores.accounts, account.account_id)
    new = found(before, contact_id)
    if not new.is_primary:
        old = next(each for each in before if each.kind == new.kind and each.is_primary)
        after = with_primary(before, contact_id)
        _make_at_once(
            stores, actor, account, MADE_PRIMARY, before=before, after=after, old=old, new=new, now=now
        )
    return own_contacts(stores, account.account_id, now)


def _send_code(
    sender: CodeSender, account: Account, change: ContactChange, ip: str | None, now: datetime
) -> CodeSent:
    to = CodeRecipient(
        channel=CHANNELS[change.kind],
        recipient=change.value or "",
        locale=account.locale,
        account_id=account.account_id,
    )
    return verification.send_new_contact_code(
        sender, to, change_id=change.change_id, source=source_of(ip), now=now
    )


def _waiting(stores: ProfileStores, account_id: UUID, change_id: UUID, now: datetime) -> ContactChange:
    change = stores.profiles.change_for_update(account_id, change_id)
    if change is None:
        raise ContactNotFound
    change.require_waiting(now)
    return change


def _make_at_once(
    stores: ProfileStores,
    actor: Actor,
    account: Account,
    what: str,
    *,
    before: Contacts,
    after: Contacts,
    old: AccountContact,
    new: AccountContact | None,
    now: datetime,
) -> None:
    change = ContactChange(
        change_id=uuid4(),
        account_id=account.account_id,
        change=what,
        kind=old.kind,
        contact_id=old.contact_id,
        value=new.value if new else None,
        requested_at=now,
        expires_at=now,
    )
    stores.profiles.add_change(change)
    _make(stores, actor, account, change, before=before, after=after, old=old, new=new, now=now)


def _make(
    stores: ProfileStores,
    actor: Actor,
    account: Account,
    change: ContactChange,
    *,
    before: Contacts,
    after: Contacts,
    old: AccountContact | None,
    new: AccountContact | None,
    now: datetime,
) -> None:
    """Store the contacts, record it, and tell those that were there before, with a link to undo it."""
    token, undo_until = new_token(), now + UNDO_WITHIN
    registry.save_contacts(stores.accounts, account.account_id, after)
    stores.profiles.save_made(
        change.change_id, before=before, undo_hash=token_hash(token), undo_until=undo_until, now=now
    )
    detail = {"kind": change.kind, "change": change.change, "change_id": str(change.change_id)}
    _record(stores.audit, "contact_changed", actor, now, detail)
    stores.outbox.announce(
        messages.contact_changed(
            account,
            change.change,
            old=old,
            new=new,
            before=before,
            after=after,
            sealed_token=seal(stores.sealing_key, token, str(account.account_id)),
            undo_until=undo_until,
            now=now,
        )
    )


# Undo


def change_to_undo(stores: ProfileStores, token: str, now: datetime) -> tuple[Account, ContactChange]:
    """What a link undoes. Raises UndoNotPossible."""
    change = stores.profiles.change_to_undo(token_hash(token), lock=False)
    if change is None:
        raise UndoNotPossible
    change.require_undoable(now)
    return registry.account(stores.accounts, change.account_id), change


def undo_contact_change(stores: ProfileStores, token: str, ip: str | None, now: datetime) -> None:
    """All contacts are again as they were before the change; later changes are undone with it.

    Whoever made the change could log in: every session ends, and a new password is needed. Raises UndoNotPossible.
    """
    seen = stores.profiles.change_to_undo(token_hash(token), lock=False)
    if seen is None:
        raise UndoNotPossible
    # The account first, as whoever changes contacts does.
    account = registry.locked_account(stores.accounts, seen.account_id)
    change = stores.profiles.change_to_undo(token_hash(token), lock=True)
    if change is None:
        raise UndoNotPossible
    change.require_undoable(now)
    registry.save_contacts(stores.accounts, account.account_id, change.before)
    stores.profiles.save_undone(change, now)
    registry.end_sessions_of(stores.accounts, [account.account_id], now)
    require_new_password(stores.accounts, [account.account_id], now)
    detail = {"kind": change.kind, "change_id": str(change.change_id)}
    record(
        stores.audit, "contact_change_undone", now=now, subject_id=account.account_id, detail=detail, ip=ip
    )
    stores.outbox.announce(messages.contact_change_undone(account, change.before, now))


def _record(audit: AuditStore, action: str, actor: Actor, now: datetime, detail: dict[str, Any]) -> None:
    record(
        audit,
        action,
        now=now,
        subject_id=actor.account_id,
        detail=detail,
        actor_account_id=actor.account_id,
        ip=actor.ip,
    )
