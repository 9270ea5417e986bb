"""How others log in, stay logged in and log out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.rpc.endpoint import Anybody, endpoint
from mtnet_contracts.calls.accounts import sessions as calls

from accounts.audit.store import AuditStore
from accounts.registry.store import AccountStore
from accounts.sessions import actions
from accounts.sessions.actions import LoginStores, SessionTerms
from accounts.sessions.rules import AccountIsDisabled, AccountIsFrozen, LoginFailed, SessionEnded
from accounts.sessions.shapes import session_view
from accounts.sessions.store import SessionStore
from accounts.settings import settings
from accounts.vault import vault_of
from accounts.verification.store import GuessStore

Request = dict[str, Any]


class SessionEndpoints:
    refusals: ClassVar[dict[type[Exception], Any]] = {
        LoginFailed: "LOGIN_FAILED",
        AccountIsFrozen: "ACCOUNT_FROZEN",
        AccountIsDisabled: "ACCOUNT_DISABLED",
        SessionEnded: "SESSION_ENDED",
    }

    database: Transactions

    @endpoint(calls.LOG_IN, transaction=False, authorise=Anybody("the password is judged each time"))
    def log_in(self, actor: None, request: Request) -> Any:
        vault, terms = vault_of(settings()), SessionTerms.of(settings())
        return session_view(actions.log_in(self._login_stores, vault, terms, **request))

    @contextmanager
    def _login_stores(self) -> Iterator[LoginStores]:
        with self.database.transaction() as tx:
            yield LoginStores(AccountStore(tx), SessionStore(tx), GuessStore(tx), AuditStore(tx))

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
