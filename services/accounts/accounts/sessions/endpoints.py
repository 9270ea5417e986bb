"""How others stay logged in and log out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Tx
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Anybody, caller_of, endpoint
from mtnet_contracts.calls.accounts import sessions as calls
from mtnet_contracts.vocabulary.choices import ROLES

from accounts.audit.store import AuditStore
from accounts.registry.store import AccountStore
from accounts.sessions import actions, own
from accounts.sessions.actions import SessionTerms
from accounts.sessions.rules import SessionEnded, SessionNotFound
from accounts.sessions.shapes import own_sessions_view, session_view
from accounts.sessions.store import SessionStore
from accounts.settings import settings

Request = dict[str, Any]


def own_session(service: Any, tx: Tx, actor: Actor, request: Request) -> str:
    """Only whoever is still logged in: a signed actor outlives its session by two minutes."""
    own.require_open(SessionStore(tx), actor.session_id)
    return caller_of(actor)


class SessionEndpoints:
    refusals: ClassVar[dict[type[Exception], Any]] = {
        SessionEnded: "SESSION_ENDED",
        SessionNotFound: "SESSION_NOT_FOUND",
    }

    @endpoint(calls.RESUME_SESSION, autocommit=True)
    def resume_session(self, tx: Tx, actor: None, request: Request) -> Any:
        return session_view(_resumed(tx, request, touch=request["touch"]))

    @endpoint(calls.EXTEND_SESSION, authorise=Anybody("the session's token is judged each time"))
    def extend_session(self, tx: Tx, actor: None, request: Request) -> Any:
        return session_view(_resumed(tx, request, touch=True, force=True))

    @endpoint(calls.SESSIONS, roles=ROLES, authorise=own_session)
    def sessions(self, tx: Tx, actor: Actor, request: Request) -> Any:
        limits = SessionTerms.of(settings()).limits
        found, total = own.own_sessions(SessionStore(tx), limits, actor, datetime.now(UTC))
        return own_sessions_view(found, total, limits, actor.session_id)

    @endpoint(calls.END_SESSION, roles=ROLES, authorise=own_session)
    def end_session(self, tx: Tx, actor: Actor, request: Request) -> Any:
        stores = SessionStore(tx), AuditStore(tx)
        own.end_session(*stores, actor, request["session_id"], datetime.now(UTC))

    @endpoint(calls.END_OTHER_SESSIONS, roles=ROLES, authorise=own_session)
    def end_other_sessions(self, tx: Tx, actor: Actor, request: Request) -> Any:
        stores = AccountStore(tx), AuditStore(tx)
        return {"ended": own.end_other_sessions(*stores, actor, datetime.now(UTC))}

    @endpoint(calls.LOG_OUT, authorise=Anybody("ends the session whose token it brings, known or not"))
    def log_out(self, tx: Tx, actor: None, request: Request) -> Any:
        actions.log_out(SessionStore(tx), request["session_token"], datetime.now(UTC))


def _resumed(tx: Tx, request: Request, *, touch: bool, force: bool = False) -> actions.OpenSession:
    return actions.resume_session(
        SessionStore(tx),
        AccountStore(tx),
        SessionTerms.of(settings()),
        request["session_token"],
        ip=request["ip"],
        touch=touch,
        now=datetime.now(UTC),
        force=force,
    )
