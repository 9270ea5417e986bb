"""What downstream systems ask of accounts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Tx
from mtnet_chassis.rpc.client import Client, client_caller
from mtnet_chassis.rpc.endpoint import Refused, endpoint
from mtnet_contracts.calls.accounts import system_accounts as calls
from mtnet_contracts.vocabulary.scopes import ACCOUNTS_READ, SNAPSHOTS_READ

from accounts.audit.store import AuditStore
from accounts.settings import settings
from accounts.system_accounts import actions, keys
from accounts.system_accounts.rules import NoSuchAccount, NotActive, SystemNotFound
from accounts.system_accounts.store import SystemAccountStore

Request = dict[str, Any]


class SystemAccountEndpoints:
    """Whose system it is, is judged before anything is looked up."""

    refusals: ClassVar[dict[type[Exception], Any]] = {
        SystemNotFound: "SYSTEM_NOT_FOUND",
        # That it was looked for is recorded.
        NoSuchAccount: lambda _: Refused("ACCOUNT_NOT_FOUND", keeps_changes=True),
        NotActive: lambda _: Refused("ACCOUNT_NOT_ACTIVE", keeps_changes=True),
    }

    @endpoint(calls.SYSTEM_ACCOUNTS, scope=ACCOUNTS_READ, authorise=client_caller)
    def system_accounts(self, tx: Tx, client: Client, request: Request) -> Any:
        stores = SystemAccountStore(tx), AuditStore(tx)
        return actions.accounts_of(*stores, client, now=datetime.now(UTC), **request)

    @endpoint(calls.SYSTEM_ACCOUNT, scope=ACCOUNTS_READ, authorise=client_caller)
    def system_account(self, tx: Tx, client: Client, request: Request) -> Any:
        stores, asked = (SystemAccountStore(tx), AuditStore(tx)), (request["system"], request["account_id"])
        return actions.account_of(*stores, client, *asked, datetime.now(UTC))

    @endpoint(calls.SYSTEM_ACCOUNT_STATEMENT, scope=ACCOUNTS_READ, authorise=client_caller)
    def system_account_statement(self, tx: Tx, client: Client, request: Request) -> Any:
        stores, asked = (SystemAccountStore(tx), AuditStore(tx)), (request["system"], request["account_id"])
        signing = settings().actor_private_key, settings().portal_url
        return actions.statement(*stores, *signing, client, *asked, datetime.now(UTC))

    @endpoint(calls.STATEMENT_KEYS)
    def statement_keys(self, tx: Tx, actor: None, request: Request) -> Any:
        return {"keys": keys.public_keys(settings().actor_private_key, datetime.now(UTC))}

    @endpoint(calls.ACCOUNTS_SNAPSHOT, scope=SNAPSHOTS_READ, authorise=client_caller)
    def accounts_snapshot(self, tx: Tx, client: Client, request: Request) -> Any:
        stores = SystemAccountStore(tx), AuditStore(tx)
        return actions.snapshot(*stores, client, now=datetime.now(UTC), **request)
