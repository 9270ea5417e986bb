"""Activate an account: its link, its first password, and a name in place of one that was taken."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mtnet_chassis.data.sealing import seal
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_contracts.calls.call import INVALID

from accounts.activation import messages
from accounts.activation.rules import (
    LINK_LIFE,
    REISSUE_AFTER,
    REPEATED_WITHIN,
    ActivationLink,
    ActivationLinkInvalid,
    ActivationLinkUsed,
    NotAwaitingActivation,
    is_renamed,
)
from accounts.activation.store import LinkStore
from accounts.attempts.actions import begin_attempt, settle_attempt
from accounts.attempts.rules import NAME, PAIR, Attempt
from accounts.passwords.actions import prepare_password, set_password
from accounts.passwords.rules import NewPassword, PasswordChangedMeanwhile
from accounts.registry import actions as registry
from accounts.registry.rules import Account, AccountNameTaken, State
from accounts.sessions.adapters import verified
from accounts.vault import Vault, new_token, token_hash

if TYPE_CHECKING:
    from accounts.attempts.store import GuessStore
    from accounts.passwords.store import PasswordStore
    from accounts.registry.store import AccountStore, NameStore

Activated = tuple[Account, ActivationLink]


@dataclass(frozen=True)
class ActivationStores:
    """What an activation reads and writes, in one transaction."""

    accounts: AccountStore
    names: NameStore
    links: LinkStore
    guesses: GuessStore
    passwords: PasswordStore
    outbox: Outbox


def issue_activation_link(
    links: LinkStore, outbox: Outbox, sealing_key: str, account: Account, now: datetime
) -> None:
    """Replace the account's link by a new one, which travels sealed for notify."""
    token = new_token()
    expires_at = now + LINK_LIFE
    links.replace(token_hash(token), ActivationLink(account.account_id, now, expires_at))
    sealed = seal(sealing_key, token, str(account.account_id))
    outbox.announce(messages.activation_link_issued(account, sealed_token=sealed, expires_at=expires_at))


def reissue_activation_link(
    links: LinkStore, outbox: Outbox, sealing_key: str, account: Account | None, now: datetime
) -> None:
    """Send another link, at most once a minute. Raises NotAwaitingActivation, Refused(TOO_SOON)."""
    if account is None or account.state is not State.APPROVED:
        raise NotAwaitingActivation
    issued_at = links.issued_at(account.account_id)
    if issued_at is not None and now < issued_at + REISSUE_AFTER:
        raise Refused("TOO_SOON", detail={"resend_at": (issued_at + REISSUE_AFTER).isoformat()})
    issue_activation_link(links, outbox, sealing_key, account, now)


def activation(links: LinkStore, accounts: AccountStore, token: str, now: datetime) -> Activated:
    """Whom a link activates. Raises ActivationLinkUsed, ActivationLinkInvalid."""
    link = links.valid_link(token_hash(token), now=now)
    if link is None:
        raise ActivationLinkUsed if links.was_used(token_hash(token)) else ActivationLinkInvalid
    return registry.account(accounts, link.account_id), link


def activate_account(
    stores: Callable[[], AbstractContextManager[ActivationStores]],
    vault: Vault,
    token: str,
    password: str,
    account_name: str | None,
) -> Activated:
    """Set the first password. `stores` opens a transaction; the slow hashing takes place outside any.

    A call whose answer was lost may come again: whoever knows the password that was set gets the same answer.
    Raises ActivationLinkInvalid, Refused(INVALID).
    """
    try:
        with stores() as opened:
            account = may_be_activated(opened, token, account_name, _now())
        new = prepare_password(stores, vault, account.account_id, password, account_name=account_name)
        with stores() as opened:
            return use_link(opened, token, new, account_name, _now())
    except ActivationLinkInvalid:
        return _activated_before(stores, vault, token, password)


def may_be_activated(
    stores: ActivationStores, token: str, account_name: str | None, now: datetime
) -> Account:
    """Whom the link activates; a name in place of one that was taken has to be free.

    Raises ActivationLinkInvalid, Refused(INVALID).
    """
    account, _ = activation(stores.links, stores.accounts, token, now)
    is_free = registry.name_is_free
    if is_renamed(account, account_name) and not is_free(stores.accounts, stores.names, account_name or ""):
        raise _name_taken()
    return account


def use_link(
    stores: ActivationStores, token: str, new: NewPassword, account_name: str | None, now: datetime
) -> Activated:
    """Use the link, once. Raises ActivationLinkInvalid, Refused(INVALID) for a name that was taken meanwhile."""
    link = stores.links.valid_link(token_hash(token), now=now, lock=True)
    if link is None:
        raise ActivationLinkInvalid
    account = registry.locked_account(stores.accounts, link.account_id)
    if account.state is not State.APPROVED:
        raise ActivationLinkInvalid
    stores.links.use(token_hash(token), now)
    name = None
    if account.name_wanted is not None:
        name = account_name if is_renamed(account, account_name) else account.account_name
    try:
        set_password(stores, account, new, now)
        account = registry.activate(stores.accounts, account, now, name=name)
    except PasswordChangedMeanwhile as problem:
        raise ActivationLinkInvalid from problem
    except AccountNameTaken as problem:
        raise _name_taken() from problem
    stores.outbox.announce(messages.account_activated(account, now))
    return account, link


def _activated_before(
    stores: Callable[[], AbstractContextManager[ActivationStores]], vault: Vault, token: str, password: str
) -> Activated:
    """The same answer for a call that comes again; its password counts as a guess. Raises ActivationLinkInvalid."""
    with stores() as opened:
        attempt = _begin_repeated(opened, vault, token, _now())
    matches = verified(attempt.password_hash, password)
    with stores() as opened:
        done = _finish_repeated(opened, token, attempt, password_matches=matches, now=_now())
    if done is None:
        raise ActivationLinkInvalid
    return done


def _begin_repeated(stores: ActivationStores, vault: Vault, token: str, now: datetime) -> Attempt:
    account, _ = _activated_just_now(stores, token, now)
    index = vault.name_index(account.account_name)
    pair = vault.subject_index(PAIR, f"{index.hex()}/link:{token_hash(token).hex()}")
    return begin_attempt(stores.guesses, account, index, {NAME: index, PAIR: pair}, now)


def _finish_repeated(
    stores: ActivationStores, token: str, attempt: Attempt, *, password_matches: bool, now: datetime
) -> Activated | None:
    """None for another password: what is counted then stays. Raises ActivationLinkInvalid."""
    account, link = _activated_just_now(stores, token, now)
    right = not attempt.suspended and password_matches and account.password_hash == attempt.password_hash
    settle_attempt(stores.guesses, attempt, right=right, now=now)
    return (account, link) if right else None


def _activated_just_now(stores: ActivationStores, token: str, now: datetime) -> Activated:
    link = stores.links.used_since(token_hash(token), now - REPEATED_WITHIN)
    account = registry.account(stores.accounts, link.account_id) if link else None
    if link is None or account is None or account.state is not State.ACTIVE:
        raise ActivationLinkInvalid
    return account, link


def _name_taken() -> Refused:
    return Refused(INVALID, fields={"account_name": ["ACCOUNT_NAME_TAKEN"]})


def _now() -> datetime:
    return datetime.now(UTC)
