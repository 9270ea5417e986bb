"""How providers reach us, through the gateway."""

from datetime import UTC, datetime
from typing import Any

from mtnet_chassis.data.database import Tx
from mtnet_chassis.rpc.endpoint import Anybody, endpoint
from mtnet_contracts.calls.notify import receipts as calls

from notify.receipts import actions
from notify.receipts.threads import Poll, while_receipts_are_awaited
from notify.settings import settings


class ReceiptEndpoints:
    @endpoint(calls.RECEIVE_RECEIPTS, authorise=Anybody("the provider's signature is judged each time"))
    def receive_receipts(self, tx: Tx, actor: None, request: dict[str, Any]) -> Any:
        return {"outcome": actions.receive(tx, settings(), datetime.now(UTC), **request)}

    @while_receipts_are_awaited
    def ask_for_receipts(self, ask: Poll) -> int:
        return ask()
