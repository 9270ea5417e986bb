"""Log in: by a password, and by a second step where there is one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from accounts.attempts.actions import begin_attempt, give_up, keys_of, settle_attempt
from accounts.attempts.rules import Attempt
from accounts.audit.actions import record
from accounts.consents.actions import needs_consent
from accounts.devices import actions as devices
from accounts.devices.actions import DeviceStores, account_subject
from accounts.login.rules import (
    SECOND_STEP_LIVES,
    AccountIsDisabled,
    AccountIsFrozen,
    LoginExpired,
    LoginFailed,
    NewPasswordRequired,
    PasswordExpired,
    PendingLogin,
    SecondStepNeeded,
    judge_login,
)
from accounts.login.store import PendingStore
from accounts.registry import actions as registry
from accounts.registry.rules import Account, PasswordAge, State
from accounts.second_factors import actions as second_factors
from accounts.second_factors.actions import SharedSecret
from accounts.second_factors.proofs import (
    LOGIN,
    FactorStores,
    FactorTerms,
    Proof,
    judge_proof,
    passkey_question,
)
from accounts.second_factors.rules import NothingBegun, SecondFactorWrong
from accounts.sessions import actions as sessions
from accounts.sessions.actions import OpenSession, SessionTerms
from accounts.sessions.adapters import hashed, is_outdated, verified
from accounts.sessions.rules import is_normal
from accounts.settings import Settings
from accounts.vault import Vault, new_token, token_hash

if TYPE_CHECKING:
    from accounts.consents.store import ConsentStore
    from accounts.devices.store import DeviceStore
    from accounts.registry.store import AccountStore
    from accounts.sessions.store import SessionStore

# Length of the mark that stands for a name in the audit log: the start of its keyed index, not what was typed.
NAME_MARK_LENGTH = 16
# Stands where the account would, so that a name nobody has costs the same queries.
NOBODY = UUID(int=0)
# What the audit log says of a right password that did not log in.
REFUSED_FOR: dict[type[Exception], str] = {
    AccountIsFrozen: "frozen",
    AccountIsDisabled: "disabled",
    NewPasswordRequired: "new_password_required",
    PasswordExpired: "password_expired",
}


@dataclass(frozen=True)
class LoginStores(FactorStores):
    """What a login reads and writes, in one transaction."""

    sessions: SessionStore
    pending: PendingStore
    devices: DeviceStore
    consents: ConsentStore


# Opens a transaction.
Open = Callable[[], AbstractContextManager[LoginStores]]


@dataclass(frozen=True)
class LoginTerms:
    """How long sessions live, who needs a second factor, how old passwords may be, and the key that seals links."""

    sessions: SessionTerms
    factors: FactorTerms
    password_age: PasswordAge
    sealing_key: str

    @classmethod
    def of(cls, settings: Settings) -> LoginTerms:
        age = PasswordAge(settings.password_shortest, settings.password_longest)
        return cls(SessionTerms.of(settings), FactorTerms.of(settings), age, settings.sealing_public_key)


@dataclass(frozen=True, kw_only=True)
class Caller:
    """What is known of whoever logs in: the address, the browser or program, its device and its session of before."""

    ip: str | None
    user_agent: str | None = None
    device_token: str | None = None
    former_session_token: str | None = None


def log_in(
    stores: Open,
    vault: Vault,
    terms: LoginTerms,
    *,
    account_name: str,
    password: str,
    caller: Caller,
) -> OpenSession:
    """Count the attempt, compare the password outside any transaction, judge.

    Two commits and one comparison whatever the outcome, so that the time tells nothing.
    Raises LoginFailed, AccountIsFrozen, AccountIsDisabled, NewPasswordRequired, PasswordExpired,
    SecondStepNeeded.
    """
    with stores() as opened:
        attempt = begin_login(opened, vault, account_name, caller, now())
    try:
        matches = verified(attempt.password_hash, password)
        renewed = hashed(password) if _deserves_new_hash(attempt, matches, password) else None
        with stores() as opened:
            outcome = finish_login(
                opened,
                vault,
                terms,
                attempt,
                password_matches=matches,
                new_hash=renewed,
                caller=caller,
                now=now(),
            )
    except Exception:
        # If this fails too, the attempt stops counting after half a minute.
        with suppress(Exception), stores() as opened:
            give_up(opened.guesses, attempt, now())
        raise
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def begin_login(
    stores: LoginStores,
    vault: Vault,
    account_name: str,
    caller: Caller,
    now: datetime,
) -> Attempt:
    """Count an attempt before its password is compared.

    The work is the same for a name that nobody has, and while logins are suspended.
    """
    account = registry.account_named(stores.accounts, account_name)
    name_index = vault.name_index(account_name)
    subject = account_subject(vault, account.account_id if account else NOBODY)
    keys = keys_of(stores.guesses, vault, name_index, subject, ip=caller.ip, device_token=caller.device_token)
    return begin_attempt(stores.guesses, account, name_index, keys, now)


def finish_login(
    stores: LoginStores,
    vault: Vault,
    terms: LoginTerms,
    attempt: Attempt,
    *,
    password_matches: bool,
    new_hash: str | None,
    caller: Caller,
    now: datetime,
) -> (
    OpenSession
    | LoginFailed
    | AccountIsFrozen
    | AccountIsDisabled
    | NewPasswordRequired
    | PasswordExpired
    | SecondStepNeeded
):
    """Judge an attempt whose password was compared, and record it in the audit log.

    A refusal is returned, not raised, so that what was written of it is committed. A login ends the session that it
    replaces.
    """
    guesses, audit = stores.guesses, stores.audit
    try:
        account = _judged(stores.accounts, attempt, password_matches, terms.password_age, now)
    except LoginFailed as failed:
        settle_attempt(guesses, attempt, right=False, now=now)
        reason = "suspended" if attempt.suspended else "wrong"
        detail = {"name": attempt.name_index.hex()[:NAME_MARK_LENGTH], "reason": reason}
        # A burst of suspended attempts is one entry: writers of the log wait for each other.
        if not attempt.suspended or attempt.first_suspended:
            record(audit, "login_failed", now=now, subject_id=attempt.account_id, detail=detail, ip=caller.ip)
        return failed
    except (AccountIsFrozen, AccountIsDisabled, NewPasswordRequired, PasswordExpired) as refused:
        settle_attempt(guesses, attempt, right=True, now=now)
        detail = {"reason": REFUSED_FOR[type(refused)]}
        record(audit, "login_refused", now=now, subject_id=attempt.account_id, detail=detail, ip=caller.ip)
        return refused
    settle_attempt(guesses, attempt, right=True, now=now)
    if new_hash is not None:
        account = registry.renew_password_hash(stores.accounts, account, new_hash)
    has_one = second_factors.factors_of(stores.factors, account.account_id).any
    if has_one or terms.factors.required_of(account):
        return _second_step_of(stores, account, enrol=not has_one, caller=caller, now=now)
    return _entered(stores, vault, terms, account, caller, now)


def _second_step_of(
    stores: LoginStores, account: Account, *, enrol: bool, caller: Caller, now: datetime
) -> SecondStepNeeded:
    """Remember for a while that the password was right."""
    token, expires_at = new_token(), now + SECOND_STEP_LIVES
    stores.pending.add(token_hash(token), PendingLogin(account.account_id, _mark(account), expires_at))
    detail = {"enrol": enrol}
    record(
        stores.audit, "second_step_asked", now=now, subject_id=account.account_id, detail=detail, ip=caller.ip
    )
    return SecondStepNeeded(token, expires_at, enrol=enrol)


def _entered(
    stores: LoginStores, vault: Vault, terms: LoginTerms, account: Account, caller: Caller, now: datetime
) -> OpenSession:
    """Everything was proved: a session is opened, the device is known from now on, and the account was in use today."""
    account_id = account.account_id
    registry.record_login(stores.accounts, account_id, now)
    device = devices.used_on(
        DeviceStores(stores.accounts, stores.devices, stores.audit, stores.outbox),
        stores.guesses,
        vault,
        account,
        device_token=caller.device_token,
        user_agent=caller.user_agent,
        ip=caller.ip,
        sealing_key=terms.sealing_key,
        now=now,
    )
    opened = sessions.open_session(
        stores.sessions,
        terms.sessions,
        account,
        ip=caller.ip,
        user_agent=caller.user_agent,
        device_token=device,
        former_session_token=caller.former_session_token,
        needs_consent=needs_consent(stores.consents, account_id, now),
        now=now,
    )
    record(
        stores.audit,
        "logged_in",
        now=now,
        subject_id=account_id,
        detail={"session_id": str(opened.session_id)},
        ip=caller.ip,
        actor_account_id=account_id,
    )
    return opened


# The second step


@dataclass(frozen=True)
class SecondStep:
    """How the second step can be done: by one of `methods`; or by a code of the secret that is to be put into an app.

    `passkey_question` is JSON for the browser, where the account has passkeys.
    """

    account_name: str
    methods: tuple[str, ...]
    expires_at: datetime
    secret: SharedSecret | None
    passkey_question: str | None


def second_step(stores: LoginStores, terms: LoginTerms, login_token: str, now: datetime) -> SecondStep:
    """Raises LoginExpired."""
    pending, account = _pending(stores, login_token, now)
    factors = second_factors.factors_of(stores.factors, account.account_id)
    party, vault = terms.factors.party, terms.factors.vault
    secret = None if factors.any else second_factors.begin_totp(stores.factors, vault, account, now)
    question = passkey_question(stores.factors, party, account.account_id, LOGIN, now)
    return SecondStep(account.account_name, factors.methods, pending.expires_at, secret, question)


def take_second_step(
    stores: Open, vault: Vault, terms: LoginTerms, *, login_token: str, proof: Proof, caller: Caller
) -> tuple[OpenSession, list[str]]:
    """The session, and the recovery codes of somebody who has just set up a second factor.

    Raises LoginExpired, SecondFactorWrong.
    """
    with stores() as opened:
        outcome = _taken(opened, vault, terms, login_token, proof, caller, now())
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _taken(
    stores: LoginStores,
    vault: Vault,
    terms: LoginTerms,
    login_token: str,
    proof: Proof,
    caller: Caller,
    now: datetime,
) -> tuple[OpenSession, list[str]] | SecondFactorWrong:
    """A wrong proof is returned, so that it is counted. Raises LoginExpired."""
    _, account = _pending(stores, login_token, now)
    codes: list[str] = []
    if second_factors.factors_of(stores.factors, account.account_id).any:
        outcome = judge_proof(stores, terms.factors, account, proof, purpose=LOGIN, now=now)
        if isinstance(outcome, SecondFactorWrong):
            return outcome
    else:
        try:
            codes = second_factors.confirm_totp(
                stores, vault, account, proof.code or "", ip=caller.ip, now=now
            )
        except (NothingBegun, SecondFactorWrong):
            return SecondFactorWrong()
    stores.pending.remove(token_hash(login_token))
    return _entered(stores, vault, terms, account, caller, now), codes


def _pending(stores: LoginStores, login_token: str, now: datetime) -> tuple[PendingLogin, Account]:
    """The login, and its account, locked. Raises LoginExpired."""
    pending = stores.pending.pending(token_hash(login_token))
    if pending is None or now >= pending.expires_at:
        raise LoginExpired
    account = registry.locked_account(stores.accounts, pending.account_id)
    if account.state is not State.ACTIVE or _mark(account) != pending.password_mark:
        raise LoginExpired
    return pending, account


def _mark(account: Account) -> bytes:
    """Tells a password from another one, without the hash that could be guessed at."""
    return token_hash(account.password_hash or "")


def _judged(
    accounts: AccountStore, attempt: Attempt, password_matches: bool, age: PasswordAge, now: datetime
) -> Account:
    """Raises LoginFailed, AccountIsFrozen, AccountIsDisabled, NewPasswordRequired, PasswordExpired."""
    if attempt.account_id is None or attempt.suspended or not password_matches:
        raise LoginFailed
    account = registry.locked_account(accounts, attempt.account_id)
    # A password that was changed after the comparison has not been compared.
    matches = account.password_hash == attempt.password_hash
    return judge_login(account, password_matches=matches, age=age, now=now)


def _deserves_new_hash(attempt: Attempt, password_matches: bool, password: str) -> bool:
    """Whether the stored hash is weaker than today's, or may be of the password as it was typed, not normalised.

    Only for an attempt that may succeed: else the time it takes would tell that the password was right.
    """
    return (
        password_matches
        and not attempt.suspended
        and attempt.password_hash is not None
        and (is_outdated(attempt.password_hash) or not is_normal(password))
    )


def now() -> datetime:
    return datetime.now(UTC)
