"""Check what somebody brings as a second factor."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from mtnet_chassis.events.outbox import Outbox

from accounts.attempts.actions import begin_attempt, keys_of, settle_attempt
from accounts.audit.actions import record
from accounts.devices.actions import account_subject
from accounts.registry import actions as registry
from accounts.registry.rules import Account
from accounts.second_factors import adapters, messages
from accounts.second_factors.adapters import RelyingParty
from accounts.second_factors.rules import (
    CHALLENGE_LIVES,
    PASSKEY,
    RECOVERY,
    TOTP,
    SecondFactorWrong,
    Totp,
    is_recovery,
    is_required,
    is_totp,
    steps_to_try,
    typed_code,
)
from accounts.second_factors.store import FactorStore
from accounts.settings import Settings
from accounts.vault import Vault, vault_of

if TYPE_CHECKING:
    from accounts.attempts.store import GuessStore
    from accounts.audit.store import AuditStore
    from accounts.registry.store import AccountStore

# What a passkey signs a challenge for.
LOGIN, CONFIRMATION, REGISTRATION = "login", "confirmation", "registration"


@dataclass(frozen=True)
class FactorStores:
    """What is read and written about second factors, in one transaction."""

    accounts: AccountStore
    factors: FactorStore
    guesses: GuessStore
    audit: AuditStore
    outbox: Outbox


@dataclass(frozen=True)
class FactorTerms:
    """Whose role requires a second factor, how secrets are kept, and how passkeys know the portal."""

    enforced: bool
    vault: Vault
    party: RelyingParty

    @classmethod
    def of(cls, settings: Settings) -> FactorTerms:
        return cls(settings.second_factor_required, vault_of(settings), RelyingParty.of(settings.portal_url))

    def required_of(self, account: Account) -> bool:
        return is_required(account.roles, enforced=self.enforced)


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What somebody brings as the second factor: a typed code, or what a passkey signed (JSON of the browser)."""

    code: str | None = None
    passkey: str | None = None
    ip: str | None = None
    device_token: str | None = None


def judge_proof(
    stores: FactorStores, terms: FactorTerms, account: Account, proof: Proof, *, purpose: str, now: datetime
) -> str | SecondFactorWrong:
    """The method by which the account's second factor was proved; or what is wrong, returned so that it is counted.

    Tries are limited as those of passwords are: by device, or by account and source, and over all sources.
    """
    subject = account_subject(terms.vault, account.account_id)
    index = terms.vault.subject_index("second-factor", str(account.account_id))
    keys = keys_of(stores.guesses, terms.vault, index, subject, ip=proof.ip, device_token=proof.device_token)
    attempt = begin_attempt(stores.guesses, account, index, keys, now)
    try:
        if attempt.suspended:
            raise SecondFactorWrong
        method = _proved(stores, terms, account, proof, purpose, now)
    except SecondFactorWrong as wrong:
        settle_attempt(stores.guesses, attempt, right=False, now=now)
        if not attempt.suspended or attempt.first_suspended:
            reason = "suspended" if attempt.suspended else "wrong"
            detail = {"reason": reason, "purpose": purpose}
            record(
                stores.audit,
                "second_step_failed",
                now=now,
                subject_id=account.account_id,
                detail=detail,
                ip=proof.ip,
            )
        return wrong
    settle_attempt(stores.guesses, attempt, right=True, now=now)
    return method


def _proved(
    stores: FactorStores, terms: FactorTerms, account: Account, proof: Proof, purpose: str, now: datetime
) -> str:
    """Raises SecondFactorWrong."""
    if proof.passkey:
        _judge_passkey(stores.factors, terms.party, account.account_id, proof.passkey, purpose, now)
        return PASSKEY
    typed = typed_code(proof.code or "")
    if is_totp(typed):
        _judge_totp(stores.factors, terms.vault, account.account_id, typed, now)
        return TOTP
    if is_recovery(typed):
        _use_recovery_code(stores, terms.vault, account, typed, now)
        return RECOVERY
    raise SecondFactorWrong


def _judge_totp(factors: FactorStore, vault: Vault, account_id: UUID, typed: str, now: datetime) -> None:
    totp = factors.totp_for_update(account_id, confirmed=True)
    step = fitting_step(vault, totp, typed, now) if totp else None
    if totp is None or step is None:
        raise SecondFactorWrong
    factors.accept_step(totp.totp_id, step)


def fitting_step(vault: Vault, totp: Totp, typed: str, now: datetime) -> int | None:
    secret = vault.open_secret(totp.secret, totp.secret_key, totp.totp_id)
    return adapters.fitting_step(secret, typed, steps_to_try(now, totp.last_step))


def _use_recovery_code(
    stores: FactorStores, vault: Vault, account: Account, typed: str, now: datetime
) -> None:
    """Raises SecondFactorWrong."""
    if not stores.factors.use_recovery_code(
        account.account_id, recovery_hash(vault, account.account_id, typed), now
    ):
        raise SecondFactorWrong
    left = stores.factors.factors_of(account.account_id).codes_left
    emails = registry.emails_of(stores.accounts, account.account_id)
    stores.outbox.announce(
        messages.second_factor_changed(account, emails, "recovery_code_used", now, remaining=left)
    )


def _judge_passkey(
    factors: FactorStore, party: RelyingParty, account_id: UUID, signed: str, purpose: str, now: datetime
) -> None:
    """Raises SecondFactorWrong."""
    challenge, credential_id = adapters.challenge_in(signed), adapters.credential_id_in(signed)
    if challenge is None or not factors.take_challenge(account_id, purpose, challenge, now):
        raise SecondFactorWrong
    known = [one for one in factors.passkeys_of(account_id) if one.credential_id == credential_id]
    if not known:
        raise SecondFactorWrong
    factors.passkey_used(known[0].passkey_id, party.signed(signed, challenge, known[0]), now)


def passkey_question(
    factors: FactorStore, party: RelyingParty, account_id: UUID, purpose: str, now: datetime
) -> str | None:
    """What the browser is to ask a passkey of the account to sign; None if it has none."""
    known = factors.passkeys_of(account_id)
    if not known:
        return None
    challenge = new_challenge(factors, account_id, purpose, now)
    return party.authentication_options(challenge, [one.credential_id for one in known])


def new_challenge(factors: FactorStore, account_id: UUID, purpose: str, now: datetime) -> bytes:
    challenge = secrets.token_bytes(32)
    factors.add_challenge(account_id, purpose, challenge, expires_at=now + CHALLENGE_LIVES)
    return challenge


def recovery_hash(vault: Vault, account_id: UUID, typed: str) -> bytes:
    return vault.subject_index("recovery-code", f"{account_id}/{typed}")
