"""Add and remove second factors. Each change is on record, and its owner is told by mail."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from accounts.audit.actions import record
from accounts.registry import actions as registry
from accounts.registry.rules import Account
from accounts.second_factors import adapters, messages
from accounts.second_factors.proofs import (
    REGISTRATION,
    FactorStores,
    FactorTerms,
    fitting_step,
    new_challenge,
    recovery_hash,
)
from accounts.second_factors.rules import (
    BEGUN_LIVES,
    MOST_PASSKEYS,
    PASSKEY,
    RECOVERY_ALPHABET,
    RECOVERY_CODES,
    RECOVERY_LENGTH,
    TOTP,
    Factors,
    NoSecondFactor,
    NothingBegun,
    Passkey,
    PasskeyNotFound,
    PasskeyRefused,
    SecondFactorWrong,
    TooManyPasskeys,
    Totp,
    recovery_code,
    require_another,
    typed_code,
)
from accounts.second_factors.store import FactorStore
from accounts.vault import Vault


def factors_of(factors: FactorStore, account_id: UUID) -> Factors:
    return factors.factors_of(account_id)


def own_factors(stores: FactorStores, terms: FactorTerms, account_id: UUID) -> tuple[Factors, bool]:
    """What an account has, and whether its role requires one."""
    account = registry.account(stores.accounts, account_id)
    return stores.factors.factors_of(account_id), terms.required_of(account)


# An authenticator app


@dataclass(frozen=True)
class SharedSecret:
    """To be put into an authenticator app: typed, or by the QR code that holds `uri`."""

    secret: str
    uri: str


def begin_totp(factors: FactorStore, vault: Vault, account: Account, now: datetime) -> SharedSecret:
    """A secret for an authenticator app; the one begun before, if it is not old. It counts once a code of it came."""
    begun = factors.totp_for_update(account.account_id, confirmed=False)
    if begun is not None and now - begun.created_at < BEGUN_LIVES:
        secret = vault.open_secret(begun.secret, begun.secret_key, begun.totp_id)
    else:
        totp_id, secret = uuid4(), adapters.new_secret()
        sealed, key = vault.seal_secret(secret, totp_id)
        factors.begin_totp(account.account_id, Totp(totp_id, sealed, key, now, None, None))
    return SharedSecret(secret, adapters.enrolment_uri(secret, account.account_name))


def begin_own_totp(stores: FactorStores, terms: FactorTerms, account_id: UUID, now: datetime) -> SharedSecret:
    account = registry.locked_account(stores.accounts, account_id)
    return begin_totp(stores.factors, terms.vault, account, now)


def confirm_own_totp(
    stores: FactorStores, terms: FactorTerms, account_id: UUID, *, code: str, ip: str | None, now: datetime
) -> list[str]:
    """Raises NothingBegun, SecondFactorWrong."""
    account = registry.locked_account(stores.accounts, account_id)
    return confirm_totp(stores, terms.vault, account, code, ip=ip, now=now)


def confirm_totp(
    stores: FactorStores, vault: Vault, account: Account, code: str, *, ip: str | None, now: datetime
) -> list[str]:
    """The app is in use from now on, in place of one before. Returns new recovery codes where none were left.

    Raises NothingBegun, SecondFactorWrong.
    """
    begun = stores.factors.totp_for_update(account.account_id, confirmed=False)
    if begun is None or now - begun.created_at >= BEGUN_LIVES:
        raise NothingBegun
    step = fitting_step(vault, begun, typed_code(code), now)
    if step is None:
        raise SecondFactorWrong
    stores.factors.confirm_totp(account.account_id, begun.totp_id, step, now)
    return _added(stores, vault, account, "totp_added", ip, now)


def remove_totp(
    stores: FactorStores, terms: FactorTerms, account_id: UUID, *, ip: str | None, now: datetime
) -> None:
    """Raises SecondFactorNeeded. Removing what is not there changes nothing."""
    account = registry.locked_account(stores.accounts, account_id)
    factors = stores.factors.factors_of(account_id)
    if factors.totp_since is None:
        return
    require_another(factors, removing=TOTP, required=terms.required_of(account))
    stores.factors.remove_totp(account_id)
    _tell(stores, account, "totp_removed", ip, now)


# Passkeys


def begin_passkey(stores: FactorStores, terms: FactorTerms, account_id: UUID, now: datetime) -> str:
    """What the browser is to make a passkey for. Raises TooManyPasskeys."""
    account = registry.account(stores.accounts, account_id)
    known = stores.factors.passkeys_of(account_id)
    if len(known) >= MOST_PASSKEYS:
        raise TooManyPasskeys
    challenge = new_challenge(stores.factors, account_id, REGISTRATION, now)
    return terms.party.registration_options(
        challenge,
        account_id=account_id,
        account_name=account.account_name,
        name=account.name,
        known=[one.credential_id for one in known],
    )


def add_passkey(
    stores: FactorStores,
    terms: FactorTerms,
    account_id: UUID,
    *,
    passkey: str,
    label: str,
    ip: str | None,
    now: datetime,
) -> tuple[Passkey, list[str]]:
    """The passkey, and recovery codes where none were left. Raises PasskeyRefused, TooManyPasskeys."""
    account = registry.locked_account(stores.accounts, account_id)
    challenge = adapters.challenge_in(passkey)
    if challenge is None or not stores.factors.take_challenge(account_id, REGISTRATION, challenge, now):
        raise PasskeyRefused
    if len(stores.factors.passkeys_of(account_id)) >= MOST_PASSKEYS:
        raise TooManyPasskeys
    credential_id, public_key, sign_count = terms.party.registered(passkey, challenge)
    added = Passkey(
        passkey_id=uuid4(),
        account_id=account_id,
        credential_id=credential_id,
        public_key=public_key,
        sign_count=sign_count,
        label=label,
        created_at=now,
    )
    stores.factors.add_passkey(added)
    return added, _added(stores, terms.vault, account, "passkey_added", ip, now, label=label)


def rename_passkey(factors: FactorStore, account_id: UUID, passkey_id: UUID, label: str) -> None:
    """Raises PasskeyNotFound."""
    if not factors.rename_passkey(account_id, passkey_id, label):
        raise PasskeyNotFound(passkey_id)


def remove_passkey(
    stores: FactorStores,
    terms: FactorTerms,
    account_id: UUID,
    *,
    passkey_id: UUID,
    ip: str | None,
    now: datetime,
) -> None:
    """Raises SecondFactorNeeded, PasskeyNotFound."""
    account = registry.locked_account(stores.accounts, account_id)
    factors = stores.factors.factors_of(account_id)
    found = next((one for one in factors.passkeys if one.passkey_id == passkey_id), None)
    if found is None:
        raise PasskeyNotFound(passkey_id)
    require_another(factors, removing=PASSKEY, required=terms.required_of(account))
    stores.factors.remove_passkey(account_id, passkey_id)
    _tell(stores, account, "passkey_removed", ip, now, label=found.label)


# Recovery codes, and everything at once


def renew_recovery_codes(
    stores: FactorStores, vault: Vault, account: Account, *, ip: str | None, now: datetime
) -> list[str]:
    """Ten new ones; the former ones are good no more."""
    codes = _replace_recovery_codes(stores, vault, account, now)
    _tell(stores, account, "recovery_codes_issued", ip, now, remaining=len(codes))
    return codes


def _replace_recovery_codes(stores: FactorStores, vault: Vault, account: Account, now: datetime) -> list[str]:
    """They are shown once: only their hashes are kept."""
    codes = [
        recovery_code(tuple(secrets.randbelow(len(RECOVERY_ALPHABET)) for _ in range(RECOVERY_LENGTH)))
        for _ in range(RECOVERY_CODES)
    ]
    hashes = [recovery_hash(vault, account.account_id, typed_code(code)) for code in codes]
    stores.factors.replace_recovery_codes(account.account_id, hashes, now)
    return codes


def renew_own_recovery_codes(
    stores: FactorStores, terms: FactorTerms, account_id: UUID, *, ip: str | None, now: datetime
) -> list[str]:
    """Raises NoSecondFactor."""
    account = registry.locked_account(stores.accounts, account_id)
    if not stores.factors.factors_of(account_id).any:
        raise NoSecondFactor
    return renew_recovery_codes(stores, terms.vault, account, ip=ip, now=now)


def reset_factors(
    stores: FactorStores, account_name: str, *, who: str, reason: str, now: datetime
) -> Account:
    """Remove all second factors of somebody who lost them, once it is known who asks; all sessions end.

    `who` is the operator, `reason` how the owner was recognised. Raises AccountNotFound.
    """
    account = registry.locked_account_named(stores.accounts, account_name)
    stores.factors.remove_all(account.account_id)
    registry.end_sessions_of(stores.accounts, [account.account_id], now)
    emails = registry.emails_of(stores.accounts, account.account_id)
    stores.outbox.announce(messages.second_factor_changed(account, emails, "reset_by_operator", now))
    detail = {"who": who, "reason": reason}
    record(stores.audit, "second_factors_reset", now=now, subject_id=account.account_id, detail=detail)
    return account


def _added(
    stores: FactorStores,
    vault: Vault,
    account: Account,
    change: str,
    ip: str | None,
    now: datetime,
    *,
    label: str | None = None,
) -> list[str]:
    """A factor counts from now on. Returns the recovery codes that came with it, where none were left.

    The owner did one thing and is told once; the record has both.
    """
    codes: list[str] = []
    if not stores.factors.factors_of(account.account_id).codes_left:
        codes = _replace_recovery_codes(stores, vault, account, now)
    _tell(stores, account, change, ip, now, label=label, remaining=len(codes) or None)
    if codes:
        _record(stores, account, "recovery_codes_issued", ip, now)
    return codes


def _tell(
    stores: FactorStores,
    account: Account,
    change: str,
    ip: str | None,
    now: datetime,
    *,
    label: str | None = None,
    remaining: int | None = None,
) -> None:
    """Announce a change, and put it on record."""
    stores.outbox.announce(
        messages.second_factor_changed(
            account,
            registry.emails_of(stores.accounts, account.account_id),
            change,
            now,
            label=label,
            remaining=remaining,
        )
    )
    _record(stores, account, change, ip, now, label=label)


def _record(
    stores: FactorStores,
    account: Account,
    change: str,
    ip: str | None,
    now: datetime,
    *,
    label: str | None = None,
) -> None:
    record(
        stores.audit,
        change,
        now=now,
        subject_id=account.account_id,
        detail={"label": label} if label else {},
        ip=ip,
        actor_account_id=account.account_id,
    )
