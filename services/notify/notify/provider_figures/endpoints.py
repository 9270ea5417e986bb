"""How operators see the providers."""

from datetime import UTC, datetime
from typing import Any

from mtnet_chassis.data.database import Tx
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import endpoint
from mtnet_contracts.calls.notify import providers as calls

from notify.provider_figures import actions
from notify.provider_figures.store import ProviderFigureStore


class ProviderFigureEndpoints:
    @endpoint(calls.PROVIDERS, roles={"operator"})
    def providers(self, tx: Tx, actor: Actor, request: dict[str, Any]) -> Any:
        return actions.providers(ProviderFigureStore(tx), request["days"], datetime.now(UTC))
