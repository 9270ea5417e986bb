"""Prove once more who one is: by the password, and by the second factor where there is one."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from accounts.attempts.actions import give_up, settle_attempt
from accounts.attempts.rules import Attempt
from accounts.audit.actions import record
from accounts.confirmation.rules import ConfirmationFailed
from accounts.login.actions import Caller, LoginStores, LoginTerms, Open, begin_login
from accounts.registry import actions as registry
from accounts.second_factors import actions as second_factors
from accounts.second_factors.proofs import CONFIRMATION, Proof, judge_proof, passkey_question
from accounts.second_factors.rules import SecondFactorWrong
from accounts.sessions import actions as sessions
from accounts.sessions.actions import OpenSession
from accounts.sessions.adapters import verified
from accounts.vault import Vault


@dataclass(frozen=True)
class Confirmation:
    """What is asked beside the password. `passkey_question` is JSON for the browser, where there are passkeys."""

    methods: tuple[str, ...]
    passkey_question: str | None


def confirmation(stores: LoginStores, terms: LoginTerms, account_id: UUID, now: datetime) -> Confirmation:
    factors = second_factors.factors_of(stores.factors, account_id)
    question = passkey_question(stores.factors, terms.factors.party, account_id, CONFIRMATION, now)
    return Confirmation(factors.methods, question)


def confirm_identity(
    stores: Open,
    vault: Vault,
    terms: LoginTerms,
    *,
    session_token: str,
    password: str,
    proof: Proof,
    caller: Caller,
) -> OpenSession:
    """Compare the password of whoever is logged in; the session counts as confirmed from now, under a new token.

    Tries are counted as those of a login. Raises SessionEnded, ConfirmationFailed, SecondFactorWrong.
    """
    with stores() as opened:
        session = sessions.live_session(opened.sessions, terms.sessions, session_token, _now())
        account = registry.account(opened.accounts, session.account_id)
        attempt = begin_login(opened, vault, account.account_name, caller, _now())
    try:
        matches = verified(attempt.password_hash, password)
        with stores() as opened:
            outcome = _finish_confirmation(
                opened,
                terms,
                attempt,
                session_token,
                proof,
                password_matches=matches,
                caller=caller,
                now=_now(),
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
    terms: LoginTerms,
    attempt: Attempt,
    session_token: str,
    proof: Proof,
    *,
    password_matches: bool,
    caller: Caller,
    now: datetime,
) -> OpenSession | ConfirmationFailed | SecondFactorWrong:
    """A refusal is returned, so that the failure is counted. Raises SessionEnded."""
    session = sessions.live_session(stores.sessions, terms.sessions, session_token, now)
    account = registry.account(stores.accounts, session.account_id)
    right = password_matches and not attempt.suspended and account.password_hash == attempt.password_hash
    settle_attempt(stores.guesses, attempt, right=right, now=now)
    wrong: ConfirmationFailed | SecondFactorWrong | None = None if right else ConfirmationFailed()
    if right and second_factors.factors_of(stores.factors, account.account_id).any:
        outcome = judge_proof(stores, terms.factors, account, proof, purpose=CONFIRMATION, now=now)
        wrong = outcome if isinstance(outcome, SecondFactorWrong) else None
    if wrong is None or not attempt.suspended or attempt.first_suspended:
        action = "identity_confirmed" if wrong is None else "confirmation_failed"
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
    if wrong is not None:
        return wrong
    return sessions.confirm_session(stores.sessions, terms.sessions, account, session, ip=caller.ip, now=now)


def _now() -> datetime:
    return datetime.now(UTC)
