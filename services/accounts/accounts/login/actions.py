"""Log in, and prove once more who one is."""

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
from accounts.devices.actions import account_subject
from accounts.login.rules import (
    AccountIsDisabled,
    AccountIsFrozen,
    ConfirmationFailed,
    LoginFailed,
    NewPasswordRequired,
    judge_login,
)
from accounts.registry import actions as registry
from accounts.registry.rules import Account
from accounts.sessions import actions as sessions
from accounts.sessions.actions import OpenSession, SessionTerms
from accounts.sessions.adapters import hashed, is_outdated, verified
from accounts.sessions.rules import is_normal
from accounts.vault import Vault
from accounts.verification import actions as verification

if TYPE_CHECKING:
    from accounts.audit.store import AuditStore
    from accounts.registry.store import AccountStore
    from accounts.sessions.store import SessionStore
    from accounts.verification.store import GuessStore

# Length of the mark that stands for a name in the audit log: the start of its keyed index, not what was typed.
NAME_MARK_LENGTH = 16
# Stands where the account would, so that a name nobody has costs the same queries.
NOBODY = UUID(int=0)
# What the audit log says of a right password that did not log in.
REFUSED_FOR: dict[type[Exception], str] = {
    AccountIsFrozen: "frozen",
    AccountIsDisabled: "disabled",
    NewPasswordRequired: "new_password_required",
}


@dataclass(frozen=True)
class LoginStores:
    """What a login reads and writes, in one transaction."""

    accounts: AccountStore
    sessions: SessionStore
    guesses: GuessStore
    audit: AuditStore


# Opens a transaction.
Open = Callable[[], AbstractContextManager[LoginStores]]


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
    terms: SessionTerms,
    *,
    account_name: str,
    password: str,
    caller: Caller,
) -> OpenSession:
    """Count the attempt, compare the password outside any transaction, judge.

    Two commits and one comparison whatever the outcome, so that the time tells nothing.
    Raises LoginFailed, AccountIsFrozen, AccountIsDisabled, NewPasswordRequired.
    """
    with stores() as opened:
        attempt = begin_login(opened, vault, account_name, caller, _now())
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
                now=_now(),
            )
    except Exception:
        # If this fails too, the attempt stops counting after half a minute.
        with suppress(Exception), stores() as opened:
            give_up(opened.guesses, attempt, _now())
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
    terms: SessionTerms,
    attempt: Attempt,
    *,
    password_matches: bool,
    new_hash: str | None,
    caller: Caller,
    now: datetime,
) -> OpenSession | LoginFailed | AccountIsFrozen | AccountIsDisabled | NewPasswordRequired:
    """Judge an attempt whose password was compared, and record it in the audit log.

    A refusal is returned, not raised, so that what was written of it is committed. A login ends the session that it
    replaces.
    """
    guesses, audit = stores.guesses, stores.audit
    try:
        account = _judged(stores.accounts, attempt, password_matches)
    except LoginFailed as failed:
        settle_attempt(guesses, attempt, right=False, now=now)
        reason = "suspended" if attempt.suspended else "wrong"
        detail = {"name": attempt.name_index.hex()[:NAME_MARK_LENGTH], "reason": reason}
        # A burst of suspended attempts is one entry: writers of the log wait for each other.
        if not attempt.suspended or attempt.first_suspended:
            record(audit, "login_failed", now=now, subject_id=attempt.account_id, detail=detail, ip=caller.ip)
        return failed
    except (AccountIsFrozen, AccountIsDisabled, NewPasswordRequired) as refused:
        settle_attempt(guesses, attempt, right=True, now=now)
        detail = {"reason": REFUSED_FOR[type(refused)]}
        record(audit, "login_refused", now=now, subject_id=attempt.account_id, detail=detail, ip=caller.ip)
        return refused
    settle_attempt(guesses, attempt, right=True, now=now)
    account_id = account.account_id
    registry.record_login(stores.accounts, account_id, now, password_hash=new_hash)
    device = verification.new_device(guesses, account_subject(vault, account_id), caller.device_token, now)
    opened = sessions.open_session(
        stores.sessions,
        terms,
        account,
        ip=caller.ip,
        user_agent=caller.user_agent,
        device_token=device,
        former_session_token=caller.former_session_token,
        now=now,
    )
    detail = {"session_id": str(opened.session_id)}
    record(
        audit,
        "logged_in",
        now=now,
        subject_id=account_id,
        detail=detail,
        ip=caller.ip,
        actor_account_id=account_id,
    )
    return opened


# Once more, before what is dangerous


def confirm_identity(
    stores: Open, vault: Vault, terms: SessionTerms, *, session_token: str, password: str, caller: Caller
) -> OpenSession:
    """Compare the password of whoever is logged in; the session counts as confirmed from now, under a new token.

    Tries are counted as those of a login. Raises SessionEnded, ConfirmationFailed.
    """
    with stores() as opened:
        session = sessions.live_session(opened.sessions, terms, session_token, _now())
        account = registry.account(opened.accounts, session.account_id)
        attempt = begin_login(opened, vault, account.account_name, caller, _now())
    try:
        matches = verified(attempt.password_hash, password)
        with stores() as opened:
            outcome = _finish_confirmation(
                opened, terms, attempt, session_token, password_matches=matches, caller=caller, now=_now()
            )
    except Exception:
        with suppress(Exception), stores() as opened:
            give_up(opened.guesses, attempt, _now())
        raise
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _finish_confirmation(
    stores: LoginStores,
    terms: SessionTerms,
    attempt: Attempt,
    session_token: str,
    *,
    password_matches: bool,
    caller: Caller,
    now: datetime,
) -> OpenSession | ConfirmationFailed:
    """A refusal is returned, so that the failure is counted. Raises SessionEnded."""
    session = sessions.live_session(stores.sessions, terms, session_token, now)
    account = registry.account(stores.accounts, session.account_id)
    right = password_matches and not attempt.suspended and account.password_hash == attempt.password_hash
    settle_attempt(stores.guesses, attempt, right=right, now=now)
    if right or not attempt.suspended or attempt.first_suspended:
        action = "identity_confirmed" if right else "confirmation_failed"
        detail = {"session_id": str(session.session_id)}
        record(
            stores.audit,
            action,
            now=now,
            subject_id=account.account_id,
            detail=detail,
            ip=caller.ip,
            actor_account_id=account.account_id,
        )
    if not right:
        return ConfirmationFailed()
    return sessions.confirm_session(stores.sessions, terms, account, session, ip=caller.ip, now=now)


def _judged(accounts: AccountStore, attempt: Attempt, password_matches: bool) -> Account:
    """Raises LoginFailed, AccountIsFrozen, AccountIsDisabled, NewPasswordRequired."""
    if attempt.account_id is None or attempt.suspended or not password_matches:
        raise LoginFailed
    account = registry.locked_account(accounts, attempt.account_id)
    # A password that was changed after the comparison has not been compared.
    return judge_login(account, password_matches=account.password_hash == attempt.password_hash)


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


def _now() -> datetime:
    return datetime.now(UTC)
