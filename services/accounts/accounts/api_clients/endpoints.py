"""How a downstream system gets an access token, and what the gateway asks of one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Tx
from mtnet_chassis.rpc.client import ClientPassSigner
from mtnet_chassis.rpc.endpoint import Anybody, Refused, endpoint
from mtnet_contracts.calls.accounts import api_clients as calls

from accounts.api_clients import actions
from accounts.api_clients.rules import (
    ClientNotProved,
    ClientSuspended,
    ScopeMissing,
    ScopeNotGranted,
    TokenNotValid,
)
from accounts.api_clients.store import ApiTokenStore
from accounts.audit.store import AuditStore
from accounts.settings import settings
from accounts.subscribers.store import SubscriberStore

Request = dict[str, Any]


class ApiClientEndpoints:
    refusals: ClassVar[dict[type[Exception], Any]] = {
        ClientNotProved: "CLIENT_NOT_PROVED",
        ClientSuspended: "CLIENT_SUSPENDED",
        ScopeNotGranted: "SCOPE_NOT_GRANTED",
        TokenNotValid: "CLIENT_TOKEN_INVALID",
        ScopeMissing: lambda problem: Refused("SCOPE_MISSING", detail={"scope": str(problem)}),
    }

    @endpoint(calls.ISSUE_CLIENT_TOKEN, authorise=Anybody("the secret is judged each time"))
    def issue_client_token(self, tx: Tx, actor: None, request: Request) -> Any:
        stores, now = (ApiTokenStore(tx), SubscriberStore(tx), AuditStore(tx)), datetime.now(UTC)
        name, secret = request["client_id"], request["client_secret"]
        return actions.issue(*stores, name, secret, request["scopes"], request["ip"], now)

    @endpoint(calls.REVOKE_CLIENT_TOKEN, authorise=Anybody("the secret is judged each time"))
    def revoke_client_token(self, tx: Tx, actor: None, request: Request) -> None:
        stores, now = (ApiTokenStore(tx), SubscriberStore(tx), AuditStore(tx)), datetime.now(UTC)
        name, secret = request["client_id"], request["client_secret"]
        actions.revoke(*stores, name, secret, request["access_token"], request["ip"], now)

    @endpoint(calls.CLIENT_PASS)
    def client_pass(self, tx: Tx, actor: None, request: Request) -> Any:
        stores, key = (ApiTokenStore(tx), SubscriberStore(tx)), settings().actor_private_key
        token, scope, ip = request["access_token"], request["scope"], request["ip"]
        return actions.client_pass(*stores, ClientPassSigner(key), token, scope, ip, datetime.now(UTC))
