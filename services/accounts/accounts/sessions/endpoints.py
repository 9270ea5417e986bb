"""How others stay logged in and log out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Tx
from mtnet_chassis.rpc.endpoint import Anybody, endpoint
from mtnet_contracts.calls.accounts import sessions as calls

from accounts.registry.store import AccountStore
from accounts.sessions import actions
from accounts.sessions.actions import SessionTerms
from accounts.sessions.rules import SessionEnded
from accounts.sessions.shapes import session_view
from accounts.sessions.store import SessionStore
from accounts.settings import settings

Request = dict[str, Any]


class SessionEndpoints:
    refusals: ClassVar[dict[type[Exception], Any]] = {
        SessionEnded: "SESSION_ENDED",
    }

    @endpoint(calls.RESUME_SESSION)
    def resume_session(self, tx: Tx, actor: None, request: Request) -> Any:
        return session_view(_resumed(tx, request, touch=request["touch"]))

    @endpoint(calls.EXTEND_SESSION, authorise=Anybody("the session's token is judged each time"))
    def extend_session(self, tx: Tx, actor: None, request: Request) -> Any:
        return session_view(_resumed(tx, request, touch=True, force=True))

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
