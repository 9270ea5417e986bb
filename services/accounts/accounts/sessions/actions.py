"""Log in, stay logged in, log out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from mtnet_chassis.rpc.actor import Actor, ActorSigner

from accounts.audit.actions import record
from accounts.registry import actions as registry
from accounts.registry.rules import Account
from accounts.sessions.adapters import hashed, is_outdated, verified
from accounts.sessions.rules import (
    ACTOR_LIFE,
    DEVICE,
    LIMITS,
    MOST_OF_ONE,
    NAME,
    PAIR,
    SOURCE,
    AccountIsDisabled,
    AccountIsFrozen,
    Limits,
    LoginFailed,
    Session,
    SessionEnded,
    expires_at,
    is_normal,
    judge_login,
    worth_touching,
)
from accounts.sessions.store import SessionStore
from accounts.settings import Settings
from accounts.sources import UNKNOWN, source_of
from accounts.vault import Vault, new_token, token_hash
from accounts.verification import actions as verification

if TYPE_CHECKING:
    from accounts.audit.store import AuditStore
    from accounts.registry.store import AccountStore
    from accounts.verification.store import GuessStore

# Length of the mark that stands for a name in the audit log: the start of its keyed index, not what was typed.
NAME_MARK_LENGTH = 16
# Stands where the account would, so that a name nobody has costs the same queries.
NOBODY = UUID(int=0)
SESSIONS_KEPT = timedelta(days=90)


@dataclass(frozen=True)
class LoginStores:
    """What a login reads and writes, in one transaction."""

    accounts: AccountStore
    sessions: SessionStore
    guesses: GuessStore
    audit: AuditStore


@dataclass(frozen=True)
class SessionTerms:
    """How long sessions live, and who signs the actor."""

    limits: Limits
    signer: ActorSigner

    @classmethod
    def of(cls, settings: Settings) -> SessionTerms:
        limits = Limits(settings.session_idle, settings.session_absolute)
        return cls(limits, ActorSigner(settings.actor_private_key))


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A login that is being judged. It counts from the beginning, so that a burst of logins has no more guesses.

    `keys` say under what it is counted, by kind. `suspended`: it fails whatever the password is, and is no guess.
    `first_suspended`: the first such attempt since the last one that was judged.
    """

    name_index: bytes
    account_id: UUID | None
    password_hash: str | None
    suspended: bool
    began: datetime
    keys: dict[str, bytes] = field(default_factory=dict)
    first_suspended: bool = False

    def deserves_new_hash(self, password_matches: bool, password: str) -> bool:
        """Whether the stored hash is weaker than today's, or may be of the password as it was typed, not normalised.

        Only for an attempt that may succeed: else the time it takes would tell that the password was right.
        """
        return (
            password_matches
            and not self.suspended
            and self.password_hash is not None
            and (is_outdated(self.password_hash) or not is_normal(password))
        )


@dataclass(frozen=True)
class OpenSession:
    """An open session: whose, the signed actor for the next calls, and until when."""

    account: Account
    actor: str
    expires_at: datetime
    latest_at: datetime
    previous_login_at: datetime | None
    session_token: str | None = None
    device_token: str | None = None


# Log in


def log_in(
    stores: Callable[[], AbstractContextManager[LoginStores]],
    vault: Vault,
    terms: SessionTerms,
    *,
    account_name: str,
    password: str,
    ip: str | None,
    user_agent: str | None,
    device_token: str | None,
    former_session_token: str | None,
) -> OpenSession:
    """Count the attempt, compare the password outside any transaction, judge.

    Two commits and one comparison whatever the outcome, so that the time tells nothing. `stores` opens a transaction.
    Raises LoginFailed, AccountIsFrozen, AccountIsDisabled.
    """
    with stores() as opened:
        attempt = begin_login(opened, vault, account_name, ip=ip, device_token=device_token, now=_now())
    try:
        matches = verified(attempt.password_hash, password)
        renewed = hashed(password) if attempt.deserves_new_hash(matches, password) else None
        with stores() as opened:
            outcome = finish_login(
                opened,
                vault,
                terms,
                attempt,
                password_matches=matches,
                new_hash=renewed,
                ip=ip,
                user_agent=user_agent,
                device_token=device_token,
                former_session_token=former_session_token,
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
    *,
    ip: str | None,
    device_token: str | None,
    now: datetime,
) -> Attempt:
    """Count an attempt before its password is compared.

    A device of the account's owner has a limit of its own, which nobody else can use up; all others are limited by
    name and source, by name, and by source. The work is the same for a name that nobody has, and while logins are
    suspended.
    """
    account = registry.account_named(stores.accounts, account_name)
    name_index = vault.name_index(account_name)
    subject = account_subject(vault, account.account_id if account else NOBODY)
    if verification.is_device_of(stores.guesses, subject, device_token):
        device = vault.subject_index(DEVICE, (subject + token_hash(device_token or "")).hex())
        return begin_attempt(stores.guesses, account, name_index, {DEVICE: device}, now)
    source = source_of(ip)
    keys = {NAME: name_index, PAIR: vault.subject_index(PAIR, f"{name_index.hex()}/{source}")}
    # Callers without a known address have no limit by source: they would all share one.
    if source != UNKNOWN:
        keys[SOURCE] = vault.subject_index(SOURCE, source)
    return begin_attempt(stores.guesses, account, name_index, keys, now)


def account_subject(vault: Vault, account_id: UUID) -> bytes:
    """The key under which the devices of an account are known."""
    return vault.subject_index("account", str(account_id))


def begin_attempt(
    guesses: GuessStore, account: Account | None, name_index: bytes, keys: dict[str, bytes], now: datetime
) -> Attempt:
    """Enter an attempt as pending before its password is looked at; `settle_attempt` takes it out again.

    While a limit refuses, nothing is entered; the limit of the caller's own pair or device counts one more failure.
    """
    tallies = {
        kind: verification.tally_of(guesses, LIMITS[kind], kind, key, now) for kind, key in keys.items()
    }
    refusing = [kind for kind, tally in tallies.items() if not LIMITS[kind].admits(tally, now)]
    # Whoever is suspended for failures of their own has further attempts counted; they prolong nothing.
    own = next((kind for kind in refusing if kind in (PAIR, DEVICE)), None)
    for kind, tally in tallies.items():
        after = tally if refusing else tally.begun(now)
        after = LIMITS[kind].failed(after, now) if kind == own else after
        verification.save_tally(guesses, kind, keys[kind], after)
    return Attempt(
        name_index=name_index,
        account_id=account.account_id if account else None,
        password_hash=account.password_hash if account else None,
        suspended=bool(refusing),
        began=now,
        keys=keys,
        first_suspended=own is not None and tallies[own].failures == MOST_OF_ONE,
    )


def give_up(guesses: GuessStore, attempt: Attempt, now: datetime) -> None:
    """The attempt could not be judged, through no fault of its caller: it does not count."""
    settle_attempt(guesses, attempt, right=None, now=now)


def settle_attempt(guesses: GuessStore, attempt: Attempt, *, right: bool | None, now: datetime) -> None:
    """Count the outcome of an attempt. `right` is None for one that was not judged."""
    for kind, key in attempt.keys.items():
        limit = LIMITS[kind]
        tally = verification.tally_of(guesses, limit, kind, key, now)
        if not attempt.suspended:
            tally = tally.ended(attempt.began)
            if right is False:
                tally = limit.failed(tally, now)
            elif right and kind in (PAIR, DEVICE):
                tally = tally.cleared()
        verification.save_tally(guesses, kind, key, tally)


def finish_login(
    stores: LoginStores,
    vault: Vault,
    terms: SessionTerms,
    attempt: Attempt,
    *,
    password_matches: bool,
    new_hash: str | None,
    ip: str | None,
    user_agent: str | None,
    device_token: str | None,
    former_session_token: str | None,
    now: datetime,
) -> OpenSession | LoginFailed | AccountIsFrozen | AccountIsDisabled:
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
            record(audit, "login_failed", now=now, subject_id=attempt.account_id, detail=detail, ip=ip)
        return failed
    except (AccountIsFrozen, AccountIsDisabled) as refused:
        settle_attempt(guesses, attempt, right=True, now=now)
        detail = {"reason": "frozen" if isinstance(refused, AccountIsFrozen) else "disabled"}
        record(audit, "login_refused", now=now, subject_id=attempt.account_id, detail=detail, ip=ip)
        return refused
    settle_attempt(guesses, attempt, right=True, now=now)
    account_id = account.account_id
    registry.record_login(stores.accounts, account_id, now, password_hash=new_hash)
    if former_session_token:
        log_out(stores.sessions, former_session_token, now)
    session = Session(uuid4(), account_id, now, now, account.last_login_at)
    token = new_token()
    stores.sessions.add_session(session, token_hash(token), ip=ip, user_agent=user_agent)
    detail = {"session_id": str(session.session_id)}
    record(
        audit,
        "logged_in",
        now=now,
        subject_id=account_id,
        detail=detail,
        ip=ip,
        actor_account_id=account_id,
    )
    device = verification.new_device(guesses, account_subject(vault, account_id), device_token, now)
    return _opened(terms, account, session, now, ip=ip, now=now, token=token, device_token=device)


def _judged(accounts: AccountStore, attempt: Attempt, password_matches: bool) -> Account:
    """Raises LoginFailed, AccountIsFrozen, AccountIsDisabled."""
    if attempt.account_id is None or attempt.suspended or not password_matches:
        raise LoginFailed
    account = registry.locked_account(accounts, attempt.account_id)
    # A password that was changed after the comparison has not been compared.
    return judge_login(account, password_matches=account.password_hash == attempt.password_hash)


# Stay logged in, log out


def resume_session(
    sessions: SessionStore,
    accounts: AccountStore,
    terms: SessionTerms,
    token: str,
    *,
    ip: str | None,
    touch: bool,
    now: datetime,
    force: bool = False,
) -> OpenSession:
    """The session as it now is. `touch` prolongs it, at most once a minute unless `force`. Raises SessionEnded."""
    session = sessions.open_session(token_hash(token))
    if session is None:
        raise SessionEnded
    used_at = session.touched_at
    if now >= expires_at(started_at=session.started_at, used_at=used_at, limits=terms.limits):
        raise SessionEnded
    if touch and (force or worth_touching(touched_at=used_at, now=now)):
        sessions.touch(session.session_id, now)
        used_at = now
    account = registry.account(accounts, session.account_id)
    return _opened(terms, account, session, used_at, ip=ip, now=now)


def log_out(sessions: SessionStore, token: str, now: datetime) -> None:
    """End the session of this token, if there is one."""
    sessions.end(token_hash(token), now)


def remove_old_sessions(sessions: SessionStore, now: datetime) -> None:
    sessions.remove_old_sessions(now - SESSIONS_KEPT)


def _opened(
    terms: SessionTerms,
    account: Account,
    session: Session,
    used_at: datetime,
    *,
    ip: str | None,
    now: datetime,
    token: str | None = None,
    device_token: str | None = None,
) -> OpenSession:
    actor = Actor(
        account_id=account.account_id,
        account_name=account.account_name,
        display_name=account.name,
        roles=frozenset(account.roles),
        session_id=session.session_id,
        expires_at=now + ACTOR_LIFE,
        unit=account.unit,
        organisation_id=account.organisation_id,
        person_key=account.person_key,
        ip=ip,
    )
    return OpenSession(
        account=account,
        actor=terms.signer.sign(actor),
        expires_at=expires_at(started_at=session.started_at, used_at=used_at, limits=terms.limits),
        latest_at=session.started_at + terms.limits.absolute,
        previous_login_at=session.previous_login_at,
        session_token=token,
        device_token=device_token,
    )


def _now() -> datetime:
    return datetime.now(UTC)
