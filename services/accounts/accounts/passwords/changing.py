"""Change a password: whoever is logged in, with the password in use."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_contracts.calls.call import INVALID

from accounts.attempts.actions import begin_attempt, give_up, keys_of, settle_attempt
from accounts.attempts.rules import Attempt
from accounts.audit.actions import record
from accounts.devices.actions import account_subject
from accounts.passwords import messages
from accounts.passwords.actions import prepare_password, set_password
from accounts.passwords.rules import NewPassword, PasswordChangedMeanwhile
from accounts.registry import actions as registry
from accounts.registry.rules import Account, PasswordAge, State
from accounts.sessions.adapters import verified
from accounts.sessions.rules import SessionEnded
from accounts.vault import Vault

if TYPE_CHECKING:
    from accounts.attempts.store import GuessStore
    from accounts.audit.store import AuditStore
    from accounts.passwords.store import PasswordStore
    from accounts.registry.store import AccountStore


@dataclass(frozen=True)
class ChangeStores:
    """What a change reads and writes, in one transaction."""

    accounts: AccountStore
    guesses: GuessStore
    audit: AuditStore
    passwords: PasswordStore
    outbox: Outbox


Stores = Callable[[], AbstractContextManager[ChangeStores]]


@dataclass(frozen=True)
class Asking:
    """Who wants to change the password, from where."""

    account_id: UUID
    session_id: UUID
    ip: str | None
    device_token: str | None


def change_password(
    stores: Stores, vault: Vault, age: PasswordAge, who: Asking, current: str, password: str
) -> None:
    """Set another password, end all other sessions and tell the owner.

    The password in use is asked for once more, and counts as a login does: whoever sits down at an open session has
    no more guesses than anybody else. Hashing takes place outside any transaction.
    Raises Refused(INVALID), Refused(TOO_MANY_PASSWORDS), SessionEnded.
    """
    _require_current(stores, vault, who, current)
    with stores() as opened:
        _require_old_enough(registry.account(opened.accounts, who.account_id), age, _now())
    new = prepare_password(stores, vault, who.account_id, password)
    with stores() as opened:
        _finish(opened, who, new, _now())


def announce_password_changed(
    outbox: Outbox, accounts: AccountStore, account: Account, how: str, now: datetime
) -> None:
    """Tell every contact of the owner."""
    emails, mobiles = contacts_of(accounts, account)
    outbox.announce(messages.password_changed(account, how=how, emails=emails, mobiles=mobiles, now=now))


def contacts_of(accounts: AccountStore, account: Account) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Every mail address and mobile number of the owner, the first ones first."""
    emails, mobiles = [account.email], [account.mobile] if account.mobile else []
    for contact in registry.contacts_of(accounts, account.account_id):
        (emails if contact.kind == "email" else mobiles).append(contact.value)
    return tuple(dict.fromkeys(emails)), tuple(dict.fromkeys(mobiles))


def _require_current(stores: Stores, vault: Vault, who: Asking, current: str) -> None:
    """Raises Refused(INVALID) for another password, Refused(TOO_MANY_PASSWORDS) once no more are looked at."""
    with stores() as opened:
        attempt = _begin(opened, vault, who, _now())
    try:
        matches = verified(attempt.password_hash, current)
        with stores() as opened:
            _judge_current(opened, who, attempt, matches=matches, now=_now())
    except Exception:
        with suppress(Exception), stores() as opened:
            give_up(opened.guesses, attempt, _now())
        raise
    if attempt.suspended:
        raise Refused("TOO_MANY_PASSWORDS")
    if not matches:
        raise Refused(INVALID, fields={"current_password": ["CURRENT_PASSWORD_WRONG"]})


def _begin(stores: ChangeStores, vault: Vault, who: Asking, now: datetime) -> Attempt:
    """Counted under the same keys as a login."""
    account = registry.account(stores.accounts, who.account_id)
    name = vault.name_index(account.account_name)
    subject = account_subject(vault, account.account_id)
    keys = keys_of(stores.guesses, vault, name, subject, ip=who.ip, device_token=who.device_token)
    return begin_attempt(stores.guesses, account, name, keys, now)


def _judge_current(
    stores: ChangeStores, who: Asking, attempt: Attempt, *, matches: bool, now: datetime
) -> None:
    settle_attempt(stores.guesses, attempt, right=matches and not attempt.suspended, now=now)
    if attempt.first_suspended or (not matches and not attempt.suspended):
        reason = "suspended" if attempt.suspended else "wrong"
        record(
            stores.audit,
            "password_change_refused",
            now=now,
            subject_id=who.account_id,
            detail={"reason": reason, "session_id": str(who.session_id)},
            ip=who.ip,
            actor_account_id=who.account_id,
        )


def _require_old_enough(account: Account, age: PasswordAge, now: datetime) -> None:
    """Raises Refused(INVALID)."""
    if age.is_too_new(identity_type=account.identity_type, set_at=account.password_set_at, now=now):
        raise Refused(INVALID, fields={"password": ["PASSWORD_TOO_NEW"]})


def _finish(stores: ChangeStores, who: Asking, new: NewPassword, now: datetime) -> None:
    account = registry.locked_account(stores.accounts, who.account_id)
    if account.state is not State.ACTIVE:
        raise SessionEnded
    try:
        set_password(stores, account, new, now)
    except PasswordChangedMeanwhile as problem:
        # What was typed as the password in use is that no more.
        raise Refused(INVALID, fields={"current_password": ["CURRENT_PASSWORD_WRONG"]}) from problem
    registry.end_other_sessions(stores.accounts, who.account_id, who.session_id, now)
    record(
        stores.audit,
        "password_changed",
        now=now,
        subject_id=who.account_id,
        detail={"session_id": str(who.session_id)},
        ip=who.ip,
        actor_account_id=who.account_id,
    )
    announce_password_changed(stores.outbox, stores.accounts, account, messages.CHANGED, now)


def _now() -> datetime:
    return datetime.now(UTC)
