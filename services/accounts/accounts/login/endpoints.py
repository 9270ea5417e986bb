"""How others log in, and prove once more who they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from mtnet_chassis.data.database import Transactions
from mtnet_chassis.rpc.endpoint import Anybody, endpoint
from mtnet_contracts.calls.accounts import login as calls
from mtnet_contracts.calls.accounts.sessions import LOG_IN

from accounts.audit.store import AuditStore
from accounts.login import actions
from accounts.login.actions import Caller, LoginStores
from accounts.login.rules import (
    AccountIsDisabled,
    AccountIsFrozen,
    ConfirmationFailed,
    LoginFailed,
    NewPasswordRequired,
)
from accounts.registry.store import AccountStore
from accounts.sessions.actions import SessionTerms
from accounts.sessions.shapes import session_view
from accounts.sessions.store import SessionStore
from accounts.settings import settings
from accounts.vault import vault_of
from accounts.verification.store import GuessStore

Request = dict[str, Any]
OF_CALLER = ("ip", "user_agent", "device_token", "former_session_token")


class LoginEndpoints:
    refusals: ClassVar[dict[type[Exception], Any]] = {
        LoginFailed: "LOGIN_FAILED",
        AccountIsFrozen: "ACCOUNT_FROZEN",
        AccountIsDisabled: "ACCOUNT_DISABLED",
        NewPasswordRequired: "NEW_PASSWORD_REQUIRED",
        ConfirmationFailed: "CONFIRMATION_FAILED",
    }

    database: Transactions

    @endpoint(LOG_IN, transaction=False, authorise=Anybody("the password is judged each time"))
    def log_in(self, actor: None, request: Request) -> Any:
        vault, terms, caller = vault_of(settings()), SessionTerms.of(settings()), _caller(request)
        return session_view(actions.log_in(self._stores, vault, terms, caller=caller, **request))

    @endpoint(
        calls.CONFIRM_IDENTITY,
        transaction=False,
        authorise=Anybody("session and password are judged each time"),
    )
    def confirm_identity(self, actor: None, request: Request) -> Any:
        vault, terms, caller = vault_of(settings()), SessionTerms.of(settings()), _caller(request)
        return session_view(actions.confirm_identity(self._stores, vault, terms, caller=caller, **request))

    @contextmanager
    def _stores(self) -> Iterator[LoginStores]:
        with self.database.transaction() as tx:
            yield LoginStores(AccountStore(tx), SessionStore(tx), GuessStore(tx), AuditStore(tx))


def _caller(request: Request) -> Caller:
    """Takes what is about the caller out of the request."""
    return Caller(**{name: request.pop(name, None) for name in OF_CALLER})
