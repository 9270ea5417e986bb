"""How others log in, in one step or two."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.endpoint import Anybody, Refused, endpoint
from mtnet_contracts.calls.accounts import login as calls
from mtnet_contracts.calls.accounts.sessions import LOG_IN

from accounts.attempts.store import GuessStore
from accounts.audit.store import AuditStore
from accounts.consents.store import ConsentStore
from accounts.devices.store import DeviceStore
from accounts.login import actions
from accounts.login.actions import LoginStores, LoginTerms
from accounts.login.rules import (
    AccountIsDisabled,
    AccountIsFrozen,
    LoginExpired,
    LoginFailed,
    NewPasswordRequired,
    PasswordExpired,
    SecondStepNeeded,
)
from accounts.login.shapes import caller_in, entered_view, proof_in, second_step_view
from accounts.login.store import PendingStore
from accounts.registry.store import AccountStore
from accounts.second_factors.store import FactorStore
from accounts.sessions.shapes import session_view
from accounts.sessions.store import SessionStore
from accounts.settings import settings
from accounts.vault import vault_of

Request = dict[str, Any]


def second_step_needed(needed: SecondStepNeeded) -> Refused:
    detail = {
        "login_token": needed.login_token,
        "expires_at": needed.expires_at.isoformat(),
        "enrol": needed.enrol,
    }
    return Refused("SECOND_FACTOR_REQUIRED", detail=detail)


class LoginEndpoints:
    refusals: ClassVar[dict[type[Exception], Any]] = {
        LoginFailed: "LOGIN_FAILED",
        AccountIsFrozen: "ACCOUNT_FROZEN",
        AccountIsDisabled: "ACCOUNT_DISABLED",
        NewPasswordRequired: "NEW_PASSWORD_REQUIRED",
        PasswordExpired: "PASSWORD_EXPIRED",
        SecondStepNeeded: second_step_needed,
        LoginExpired: "LOGIN_EXPIRED",
    }

    database: Transactions

    @endpoint(LOG_IN, transaction=False, authorise=Anybody("the password is judged each time"))
    def log_in(self, actor: None, request: Request) -> Any:
        vault, terms, caller = vault_of(settings()), LoginTerms.of(settings()), caller_in(request)
        return session_view(actions.log_in(self._stores, vault, terms, caller=caller, **request))

    @endpoint(calls.SECOND_STEP, authorise=Anybody("the token of the login is judged each time"))
    def second_step(self, tx: Tx, actor: None, request: Request) -> Any:
        terms = LoginTerms.of(settings())
        return second_step_view(actions.second_step(login_stores(tx), terms, **request, now=actions.now()))

    @endpoint(
        calls.TAKE_SECOND_STEP,
        transaction=False,
        authorise=Anybody("the token of the login and the second factor are judged each time"),
    )
    def take_second_step(self, actor: None, request: Request) -> Any:
        vault, terms = vault_of(settings()), LoginTerms.of(settings())
        who: Request = {"proof": proof_in(request), "caller": caller_in(request)}
        return entered_view(*actions.take_second_step(self._stores, vault, terms, **request, **who))

    @contextmanager
    def _stores(self) -> Iterator[LoginStores]:
        with self.database.transaction() as tx:
            yield login_stores(tx)


def login_stores(tx: Tx) -> LoginStores:
    return LoginStores(
        accounts=AccountStore(tx),
        factors=FactorStore(tx),
        guesses=GuessStore(tx),
        audit=AuditStore(tx),
        outbox=Outbox(tx),
        sessions=SessionStore(tx),
        pending=PendingStore(tx),
        devices=DeviceStore(tx),
        consents=ConsentStore(tx),
    )
