"""Replace a forgotten password by a link to the owner's mailbox."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from mtnet_chassis.data.sealing import seal
from mtnet_chassis.events.outbox import Outbox

from accounts.attempts import actions as attempts
from accounts.attempts.actions import begin_attempt, settle_attempt
from accounts.attempts.rules import LIMITS, NAME, PAIR, Attempt
from accounts.audit.actions import record
from accounts.devices.actions import account_subject
from accounts.passwords import messages
from accounts.passwords.actions import prepare_password, set_password
from accounts.passwords.changing import announce_password_changed, contacts_of
from accounts.passwords.rules import (
    LINK_LIFE,
    NewAsk,
    NewPassword,
    PasswordChangedMeanwhile,
    ResetLink,
    ResetLinkInvalid,
    ResetLinkUsed,
    TooManyResets,
)
from accounts.registry import actions as registry
from accounts.registry.rules import Account, State
from accounts.sessions.adapters import verified
from accounts.sources import source_of
from accounts.vault import Vault, new_token, token_hash
from accounts.verification.mailboxes import compared, mailbox_of

if TYPE_CHECKING:
    from accounts.attempts.store import GuessStore
    from accounts.audit.store import AuditStore
    from accounts.passwords.store import PasswordStore, ResetStore
    from accounts.registry.store import AccountStore

# Stands where the account would, so that a name that nobody has costs the same.
NOBODY = Account(
    account_id=UUID(int=0),
    account_name="nobody",
    name="nobody",
    state=State.ACTIVE,
    identity_type="individual",
    roles=(),
    email="nobody@invalid",
    locale="zh-Hant",
)


@dataclass(frozen=True)
class ResetStores:
    """What a reset reads and writes, in one transaction."""

    accounts: AccountStore
    passwords: PasswordStore
    resets: ResetStore
    guesses: GuessStore
    audit: AuditStore
    outbox: Outbox


Stores = Callable[[], AbstractContextManager[ResetStores]]
Reset = tuple[Account, ResetLink]


def request_password_reset(
    stores: ResetStores,
    vault: Vault,
    sealing_key: str,
    *,
    account_name: str,
    email: str,
    ip: str | None,
    device_token: str | None,
    now: datetime,
) -> None:
    """Send a link to `email` if it is a mailbox of the account's owner.

    The work is the same where it is not, so neither answer nor time tells: what belongs to nobody is undone again.
    Of an account that is not active the owner is told the way back instead. Raises TooManyResets.
    """
    account = registry.account_named(stores.accounts, account_name)
    subject = account_subject(vault, account.account_id if account else NOBODY.account_id)
    ask = NewAsk(
        name_index=vault.name_index(account_name),
        mailbox_index=vault.subject_index("reset-to", mailbox_of(email)),
        source=source_of(ip),
        known=attempts.is_device_of(stores.guesses, subject, device_token),
        asked_at=now,
    )
    if stores.resets.asked_lately(ask).is_enough(known=ask.known):
        raise TooManyResets
    mailbox = _mailbox(stores.accounts, account or NOBODY, email)
    fits = account is not None and mailbox is not None
    to = account if account is not None and fits else NOBODY
    opens = fits and to.state is State.ACTIVE
    token, expires_at = new_token(), now + LINK_LIFE
    sealed = seal(sealing_key, token, str(to.account_id))
    stores.resets.add(ask, token_hash(token), to.account_id if opens else None, expires_at)
    usable = to.state is State.ACTIVE
    with stores.resets.done(fits):
        stores.outbox.announce(
            messages.password_reset_requested(
                to,
                email=mailbox or to.email,
                sealed_token=sealed if usable else None,
                expires_at=expires_at if usable else None,
                now=now,
            )
        )
        detail = {"state": to.state}
        record(
            stores.audit, "password_reset_requested", now=now, subject_id=to.account_id, detail=detail, ip=ip
        )


def _mailbox(accounts: AccountStore, account: Account, email: str) -> str | None:
    """The owner's mailbox as it is stored: nobody remembers in which case it was typed."""
    typed = compared(email).casefold()
    emails, _ = contacts_of(accounts, account)
    return next((known for known in emails if compared(known).casefold() == typed), None)


def password_reset(resets: ResetStore, accounts: AccountStore, token: str, now: datetime) -> Reset:
    """Whose password a link sets. Raises ResetLinkUsed, ResetLinkInvalid."""
    link = resets.link(token_hash(token))
    if link is None:
        raise ResetLinkInvalid
    link.require_valid(now)
    account = registry.account(accounts, link.account_id)
    if account.state is not State.ACTIVE:
        raise ResetLinkInvalid
    return account, link


def reset_password(stores: Stores, vault: Vault, token: str, password: str, ip: str | None) -> Reset:
    """Set the password by a link, end every session, and tell the owner.

    Hashing takes place outside any transaction. A call whose answer was lost may come again: whoever knows the
    password that was set gets the same answer. Raises ResetLinkInvalid, Refused(INVALID).
    """
    try:
        with stores() as opened:
            account, _ = password_reset(opened.resets, opened.accounts, token, _now())
        new = prepare_password(stores, vault, account.account_id, password)
        with stores() as opened:
            return _use_link(opened, vault, token, new, ip, _now())
    except ResetLinkUsed:
        return _reset_before(stores, vault, token, password)


def _use_link(
    stores: ResetStores, vault: Vault, token: str, new: NewPassword, ip: str | None, now: datetime
) -> Reset:
    """Use the link, once. Raises ResetLinkUsed, ResetLinkInvalid."""
    link = stores.resets.link(token_hash(token), lock=True)
    if link is None:
        raise ResetLinkInvalid
    link.require_valid(now)
    account = registry.locked_account(stores.accounts, link.account_id)
    if account.state is not State.ACTIVE:
        raise ResetLinkInvalid
    try:
        set_password(stores, account, new, now)
    except PasswordChangedMeanwhile as problem:
        raise ResetLinkInvalid from problem
    stores.resets.use(token_hash(token), account.account_id, now)
    registry.end_sessions_of(stores.accounts, [account.account_id], now)
    # Whoever reads the owner's mail is no stranger who guesses: the owner may log in at once.
    _forgive(stores.guesses, vault, account.account_name, ip, now)
    record(
        stores.audit,
        "password_reset",
        now=now,
        subject_id=account.account_id,
        detail={},
        ip=ip,
        actor_account_id=account.account_id,
    )
    announce_password_changed(stores.outbox, stores.accounts, account, messages.RESET, now)
    return account, link


def _forgive(guesses: GuessStore, vault: Vault, account_name: str, ip: str | None, now: datetime) -> None:
    """What was counted for the name, and for it at this source, counts no more."""
    name = vault.name_index(account_name)
    pair = vault.subject_index(PAIR, f"{name.hex()}/{source_of(ip)}")
    for kind, key in ((NAME, name), (PAIR, pair)):
        tally = attempts.tally_of(guesses, LIMITS[kind], kind, key, now)
        attempts.save_tally(guesses, kind, key, tally.cleared())


def _reset_before(stores: Stores, vault: Vault, token: str, password: str) -> Reset:
    """The same answer for a call that comes again; its password counts as a guess. Raises ResetLinkUsed."""
    with stores() as opened:
        account, _ = _just_reset(opened, token, _now())
        name = vault.name_index(account.account_name)
        pair = vault.subject_index(PAIR, f"{name.hex()}/link:{token_hash(token).hex()}")
        attempt = begin_attempt(opened.guesses, account, name, {NAME: name, PAIR: pair}, _now())
    matches = verified(attempt.password_hash, password)
    with stores() as opened:
        done = _settle_repeated(opened, token, attempt, matches=matches, now=_now())
    if done is None:
        raise ResetLinkUsed
    return done


def _settle_repeated(
    stores: ResetStores, token: str, attempt: Attempt, *, matches: bool, now: datetime
) -> Reset | None:
    """None for another password: what is counted then stays."""
    account, link = _just_reset(stores, token, now)
    right = not attempt.suspended and matches and account.password_hash == attempt.password_hash
    settle_attempt(stores.guesses, attempt, right=right, now=now)
    return (account, link) if right else None


def _just_reset(stores: ResetStores, token: str, now: datetime) -> Reset:
    """Raises ResetLinkUsed."""
    link = stores.resets.link(token_hash(token))
    if link is None or not link.was_just_used(now):
        raise ResetLinkUsed
    return registry.account(stores.accounts, link.account_id), link


def _now() -> datetime:
    return datetime.now(UTC)
