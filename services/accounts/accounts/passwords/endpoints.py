"""How a password is changed, and a forgotten one replaced."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Anybody, endpoint
from mtnet_contracts.calls.accounts import passwords as calls
from mtnet_contracts.vocabulary.choices import ROLES

from accounts.attempts.store import GuessStore
from accounts.audit.store import AuditStore
from accounts.passwords import changing, resets
from accounts.passwords.changing import Asking, ChangeStores
from accounts.passwords.resets import ResetStores
from accounts.passwords.rules import ResetLinkInvalid, ResetLinkUsed, TooManyResets
from accounts.passwords.shapes import reset_view
from accounts.passwords.store import PasswordStore, ResetStore
from accounts.registry.rules import PasswordAge
from accounts.registry.store import AccountStore
from accounts.sessions.endpoints import own_session
from accounts.settings import settings
from accounts.vault import vault_of

Request = dict[str, Any]


class PasswordEndpoints:
    refusals: ClassVar[dict[type[Exception], Any]] = {
        TooManyResets: "TOO_MANY_RESETS",
        ResetLinkInvalid: "RESET_LINK_INVALID",
        ResetLinkUsed: "RESET_LINK_USED",
    }

    database: Transactions

    @endpoint(calls.CHANGE_PASSWORD, transaction=False, roles=ROLES, authorise=own_session)
    def change_password(self, actor: Actor, request: Request) -> Any:
        device = request["device_token"]
        who = Asking(actor.account_id, actor.session_id, request["ip"], device)
        current, new = request["current_password"], request["password"]
        changing.change_password(self._change_stores, vault_of(settings()), _age(), who, current, new)

    @endpoint(calls.REQUEST_PASSWORD_RESET, authorise=Anybody("a stranger learns nothing"))
    def request_password_reset(self, tx: Tx, actor: None, request: Request) -> Any:
        vault, key, now = vault_of(settings()), settings().sealing_public_key, datetime.now(UTC)
        resets.request_password_reset(_reset_stores(tx), vault, key, **request, now=now)

    @endpoint(calls.PASSWORD_RESET)
    def password_reset(self, tx: Tx, actor: None, request: Request) -> Any:
        token, now = request["reset_token"], datetime.now(UTC)
        return reset_view(*resets.password_reset(ResetStore(tx), AccountStore(tx), token, now))

    @endpoint(
        calls.RESET_PASSWORD,
        transaction=False,
        authorise=Anybody("the link, once used the password, is judged each time"),
    )
    def reset_password(self, actor: None, request: Request) -> Any:
        token, password, vault = request["reset_token"], request["password"], vault_of(settings())
        done = resets.reset_password(self._reset_transaction, vault, token, password, request["ip"])
        return reset_view(*done)

    @contextmanager
    def _change_stores(self) -> Iterator[ChangeStores]:
        with self.database.transaction() as tx:
            yield ChangeStores(
                AccountStore(tx), GuessStore(tx), AuditStore(tx), PasswordStore(tx), Outbox(tx)
            )

    @contextmanager
    def _reset_transaction(self) -> Iterator[ResetStores]:
        with self.database.transaction() as tx:
            yield _reset_stores(tx)


def _age() -> PasswordAge:
    return PasswordAge(settings().password_shortest, settings().password_longest)


def _reset_stores(tx: Tx) -> ResetStores:
    return ResetStores(
        AccountStore(tx), PasswordStore(tx), ResetStore(tx), GuessStore(tx), AuditStore(tx), Outbox(tx)
    )
