"""Set a password, and demand a new one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from mtnet_chassis.rpc.endpoint import Refused
from mtnet_contracts.calls.call import INVALID

from accounts.passwords.adapters import guesses
from accounts.passwords.rules import (
    REMEMBERED,
    NewPassword,
    Owner,
    PasswordChangedMeanwhile,
    password_faults,
    words_of,
)
from accounts.passwords.store import PasswordStore
from accounts.registry import actions as registry
from accounts.registry.rules import Account
from accounts.sessions.adapters import hashed, verified
from accounts.vault import Vault

if TYPE_CHECKING:
    from accounts.registry.store import AccountStore


class PasswordStores(Protocol):
    """What setting a password reads and writes, in one transaction; other topics' stores hold it beside their own."""

    @property
    def accounts(self) -> AccountStore: ...

    @property
    def passwords(self) -> PasswordStore: ...


@dataclass(frozen=True)
class Known:
    """What is known of an account before its new password is judged: its owner, and hashes of the last passwords."""

    account_id: UUID
    owner: Owner
    password_hash: str | None
    former: tuple[str, ...]


def prepare_password(
    stores: Callable[[], AbstractContextManager[PasswordStores]],
    vault: Vault,
    account_id: UUID,
    password: str,
    *,
    account_name: str | None = None,
    field: str = "password",
) -> NewPassword:
    """Judge a password by all rules and hash it, outside any transaction: that takes tenths of a second.

    `account_name` is a name that the owner is choosing meanwhile. Raises Refused(INVALID) with every broken rule
    at `field`.
    """
    with stores() as opened:
        known = _known(opened, vault, account_id, account_name)
    return _judged(known, password, field)


def set_password(stores: PasswordStores, account: Account, new: NewPassword, now: datetime) -> None:
    """Store what was prepared for an account, which the caller has locked, and remember the password before it.

    A demand for a new password is met. Sessions and messages are the caller's affair. Raises PasswordChangedMeanwhile.
    """
    if account.account_id != new.account_id or account.password_hash != new.former_hash:
        raise PasswordChangedMeanwhile
    if account.password_hash is not None:
        stores.passwords.keep_former_password(
            account.account_id, account.password_hash, now, most=REMEMBERED - 1
        )
    registry.set_password(stores.accounts, account.account_id, new.password_hash, now)


def require_new_password(accounts: AccountStore, account_ids: Iterable[UUID], now: datetime) -> None:
    """The passwords of these accounts may be known to somebody else: from now on they do not log in.

    Their owners set another one by a link to their mailbox, asked for from now on: earlier links are void. Sessions are
    not ended here.
    """
    registry.require_new_password(accounts, account_ids, now)


def _known(stores: PasswordStores, vault: Vault, account_id: UUID, account_name: str | None) -> Known:
    account = registry.account(stores.accounts, account_id)
    owner = Owner(
        account_name=account_name or account.account_name,
        id_number=registry.id_number_of(stores.accounts, vault, account_id) or "",
        mobile=account.mobile or "",
        organisation=stores.passwords.organisation_names(account_id),
    )
    former = stores.passwords.former_passwords(account_id, REMEMBERED - 1)
    return Known(account_id, owner, account.password_hash, tuple(former))


def _judged(known: Known, password: str, field: str) -> NewPassword:
    found = list(
        password_faults(password, owner=known.owner, guesses=guesses(password, words_of(known.owner)))
    )
    if not found and _was_used(known, password):
        found.append("PASSWORD_USED_BEFORE")
    if found:
        raise Refused(INVALID, fields={field: found})
    return NewPassword(known.account_id, hashed(password), known.password_hash)


def _was_used(known: Known, password: str) -> bool:
    last = (known.password_hash, *known.former)
    return any(verified(stored, password) for stored in last if stored is not None)
