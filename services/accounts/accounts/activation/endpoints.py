"""How an account is activated."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.endpoint import Anybody, endpoint
from mtnet_contracts.calls.accounts import sessions as calls

from accounts.activation import actions
from accounts.activation.actions import ActivationStores
from accounts.activation.rules import ActivationLinkInvalid, ActivationLinkUsed, NotAwaitingActivation
from accounts.activation.shapes import activation_view
from accounts.activation.store import LinkStore
from accounts.attempts.store import GuessStore
from accounts.passwords.store import PasswordStore
from accounts.registry.store import AccountStore, NameStore
from accounts.settings import settings
from accounts.vault import vault_of

Request = dict[str, Any]


class ActivationEndpoints:
    refusals: ClassVar[dict[type[Exception], Any]] = {
        NotAwaitingActivation: "NOT_AWAITING_ACTIVATION",
        ActivationLinkInvalid: "ACTIVATION_LINK_INVALID",
        ActivationLinkUsed: "ACTIVATION_LINK_USED",
    }

    database: Transactions

    @endpoint(calls.ACTIVATION)
    def activation(self, tx: Tx, actor: None, request: Request) -> Any:
        token, now = request["activation_token"], datetime.now(UTC)
        return activation_view(*actions.activation(LinkStore(tx), AccountStore(tx), token, now))

    @endpoint(
        calls.ACTIVATE_ACCOUNT,
        transaction=False,
        authorise=Anybody("the link, once used the password, is judged each time"),
    )
    def activate_account(self, actor: None, request: Request) -> Any:
        token, password, name = request["activation_token"], request["password"], request["account_name"]
        vault = vault_of(settings())
        return activation_view(
            *actions.activate_account(self._activation_stores, vault, token, password, name)
        )

    @contextmanager
    def _activation_stores(self) -> Iterator[ActivationStores]:
        with self.database.transaction() as tx:
            yield ActivationStores(
                AccountStore(tx), NameStore(tx), LinkStore(tx), GuessStore(tx), PasswordStore(tx), Outbox(tx)
            )
