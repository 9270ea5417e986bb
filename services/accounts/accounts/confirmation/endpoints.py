"""How whoever is logged in proves once more who they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Anybody, caller_of, endpoint
from mtnet_contracts.calls.accounts import login as calls
from mtnet_contracts.vocabulary.choices import ROLES

from accounts.confirmation import actions
from accounts.confirmation.rules import ConfirmationFailed
from accounts.login.actions import LoginStores, LoginTerms
from accounts.login.endpoints import login_stores
from accounts.login.shapes import caller_in, proof_in
from accounts.sessions.shapes import session_view
from accounts.settings import settings
from accounts.vault import vault_of

Request = dict[str, Any]


class ConfirmationEndpoints:
    refusals: ClassVar[dict[type[Exception], Any]] = {ConfirmationFailed: "CONFIRMATION_FAILED"}

    database: Transactions

    @endpoint(
        calls.CONFIRMATION,
        roles=ROLES,
        authorise=lambda service, tx, actor, request: caller_of(actor),
        before_consent=True,
    )
    def confirmation(self, tx: Tx, actor: Actor, request: Request) -> Any:
        terms = LoginTerms.of(settings())
        return vars(actions.confirmation(login_stores(tx), terms, actor.account_id, datetime.now(UTC)))

    @endpoint(
        calls.CONFIRM_IDENTITY,
        transaction=False,
        authorise=Anybody("session and password are judged each time"),
    )
    def confirm_identity(self, actor: None, request: Request) -> Any:
        vault, terms = vault_of(settings()), LoginTerms.of(settings())
        who: Request = {"proof": proof_in(request), "caller": caller_in(request)}
        return session_view(actions.confirm_identity(self._stores, vault, terms, **request, **who))

    @contextmanager
    def _stores(self) -> Iterator[LoginStores]:
        with self.database.transaction() as tx:
            yield login_stores(tx)
