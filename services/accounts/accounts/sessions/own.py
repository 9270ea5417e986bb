"""One's own sessions: where one is logged in, and how each of them is ended."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from mtnet_chassis.rpc.actor import Actor

from accounts.audit.actions import record
from accounts.registry import actions as registry
from accounts.sessions.rules import Limits, OwnSession, SessionEnded, SessionNotFound
from accounts.sessions.store import SessionStore

if TYPE_CHECKING:
    from accounts.audit.store import AuditStore
    from accounts.registry.store import AccountStore

MOST_LISTED = 50


def require_open(sessions: SessionStore, session_id: UUID) -> None:
    """The session behind a signed actor, which lives two minutes longer, has not ended. Raises SessionEnded."""
    if not sessions.is_open(session_id):
        raise SessionEnded


def own_sessions(
    sessions: SessionStore, limits: Limits, actor: Actor, now: datetime
) -> tuple[list[OwnSession], int]:
    """The open sessions of whoever asks, this one first, at most 50; and how many there are."""
    return sessions.sessions_of(
        actor.account_id,
        touched_after=now - limits.idle,
        started_after=now - limits.absolute,
        first=actor.session_id,
        most=MOST_LISTED,
    )


def end_session(
    sessions: SessionStore, audit: AuditStore, actor: Actor, session_id: UUID, now: datetime
) -> None:
    """End one of one's own sessions; twice is once. Raises SessionNotFound."""
    if not sessions.has_session(actor.account_id, session_id):
        raise SessionNotFound
    if sessions.end_one(session_id, now):
        _record(audit, "session_ended", actor, {"session_id": str(session_id)}, now)


def end_other_sessions(accounts: AccountStore, audit: AuditStore, actor: Actor, now: datetime) -> int:
    """End all of one's own sessions but this one. Returns how many there were."""
    ended = registry.end_other_sessions(accounts, actor.account_id, actor.session_id, now)
    if ended:
        _record(audit, "other_sessions_ended", actor, {"ended": ended}, now)
    return ended


def asked_for_consent_no_more(sessions: SessionStore, account_id: UUID) -> None:
    """The owner has agreed to the privacy notice: no session of theirs waits for it any more."""
    sessions.need_consent_no_more(account_id)


def decline_consent(sessions: SessionStore, session_id: UUID, now: datetime) -> bool:
    """The owner did not agree to the privacy notice that this session waits for. Whether that is new."""
    return sessions.decline_consent(session_id, now)


def _record(audit: AuditStore, action: str, actor: Actor, detail: dict[str, object], now: datetime) -> None:
    record(
        audit,
        action,
        now=now,
        subject_id=actor.account_id,
        detail=detail,
        ip=actor.ip,
        actor_account_id=actor.account_id,
    )
