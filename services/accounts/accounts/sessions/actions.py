"""Open a session, stay logged in, log out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from mtnet_chassis.rpc.actor import ACTOR_LIFE, Actor, ActorSigner

from accounts.registry import actions as registry
from accounts.registry.rules import Account
from accounts.sessions.rules import (
    Limits,
    Session,
    SessionEnded,
    expires_at,
    worth_touching,
)
from accounts.sessions.store import SessionStore
from accounts.settings import Settings
from accounts.vault import new_token, token_hash

if TYPE_CHECKING:
    from accounts.registry.store import AccountStore


# Made once for each key: to make it takes as long as to sign.
_signer = cache(ActorSigner)


@dataclass(frozen=True)
class SessionTerms:
    """How long sessions live, and who signs the actor."""

    limits: Limits
    signer: ActorSigner

    @classmethod
    def of(cls, settings: Settings) -> SessionTerms:
        limits = Limits(settings.session_idle, settings.session_absolute)
        return cls(limits, _signer(settings.actor_private_key))


@dataclass(frozen=True)
class OpenSession:
    """An open session: whose, the signed actor for the next calls, and until when."""

    account: Account
    session_id: UUID
    actor: str
    expires_at: datetime
    latest_at: datetime
    previous_login_at: datetime | None
    needs_consent: bool
    session_token: str | None = None
    device_token: str | None = None


def open_session(
    sessions: SessionStore,
    terms: SessionTerms,
    account: Account,
    *,
    ip: str | None,
    user_agent: str | None,
    device_token: str | None,
    former_session_token: str | None,
    needs_consent: bool,
    now: datetime,
) -> OpenSession:
    """A new session of somebody who has just proved who they are. The one that it replaces ends."""
    if former_session_token:
        log_out(sessions, former_session_token, now)
    session = Session(
        session_id=uuid4(),
        account_id=account.account_id,
        started_at=now,
        touched_at=now,
        previous_login_at=account.last_login_at,
        confirmed_at=now,
        needs_consent=needs_consent,
    )
    token = new_token()
    sessions.add_session(session, token_hash(token), ip=ip, user_agent=user_agent)
    return _opened(terms, account, session, now, ip=ip, now=now, token=token, device_token=device_token)


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
    session = live_session(sessions, terms, token, now)
    used_at = session.touched_at
    if touch and (force or worth_touching(touched_at=used_at, now=now)):
        sessions.touch(session.session_id, now)
        used_at = now
    account = registry.account(accounts, session.account_id)
    return _opened(terms, account, session, used_at, ip=ip, now=now)


def live_session(sessions: SessionStore, terms: SessionTerms, token: str, now: datetime) -> Session:
    """Raises SessionEnded."""
    session = sessions.open_session(token_hash(token))
    if session is None:
        raise SessionEnded
    if now >= expires_at(started_at=session.started_at, used_at=session.touched_at, limits=terms.limits):
        raise SessionEnded
    return session


def confirm_session(
    sessions: SessionStore,
    terms: SessionTerms,
    account: Account,
    session: Session,
    *,
    ip: str | None,
    now: datetime,
) -> OpenSession:
    """The owner has just proved once more who they are: the same session, used now, under a new token (ASVS 7.2.4)."""
    confirmed = replace(session, touched_at=now, confirmed_at=now)
    token = new_token()
    sessions.confirm(confirmed, token_hash(token))
    return _opened(terms, account, confirmed, now, ip=ip, now=now, token=token)


def log_out(sessions: SessionStore, token: str, now: datetime) -> None:
    """End the session of this token, if there is one."""
    sessions.end(token_hash(token), now)


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
        confirmed_at=session.confirmed_at,
        needs_consent=session.needs_consent,
    )
    return OpenSession(
        account=account,
        session_id=session.session_id,
        actor=terms.signer.sign(actor),
        expires_at=expires_at(started_at=session.started_at, used_at=used_at, limits=terms.limits),
        latest_at=session.started_at + terms.limits.absolute,
        previous_login_at=session.previous_login_at,
        needs_consent=session.needs_consent,
        session_token=token,
        device_token=device_token,
    )
