"""How owners read what happened to their account."""

from __future__ import annotations

from typing import Any

from mtnet_chassis.data.database import Tx
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import endpoint
from mtnet_contracts.calls.accounts import history as calls
from mtnet_contracts.vocabulary.choices import ROLES

from accounts.audit.store import AuditStore
from accounts.history import actions
from accounts.history.shapes import history_view
from accounts.registry.store import AccountStore


class HistoryEndpoints:
    @endpoint(calls.OWN_HISTORY, roles=ROLES)
    def own_history(self, tx: Tx, actor: Actor, request: dict[str, Any]) -> Any:
        stores = AuditStore(tx), AccountStore(tx)
        return history_view(request, *actions.own_history(*stores, actor.account_id, **request))
