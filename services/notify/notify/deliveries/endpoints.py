"""How others reach the deliveries: the operator's call, and the threads that send."""

from typing import Any
from uuid import UUID

from mtnet_chassis.data.database import Tx
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import endpoint
from mtnet_contracts.calls.notify import deliveries as calls

from notify.deliveries import actions
from notify.deliveries.actions import LeaseRecovery
from notify.deliveries.sender import Sender
from notify.deliveries.store import DeliveryStore
from notify.deliveries.threads import every_second_while_present, on_every_connection


class DeliveryEndpoints:
    """Every replica sends; a delivery is held by one sender at a time."""

    @endpoint(calls.DELIVERIES, roles={"operator"})
    def deliveries(self, tx: Tx, actor: Actor, request: dict[str, Any]) -> dict[str, Any]:
        return actions.deliveries(DeliveryStore(tx), **request)

    @on_every_connection
    def send_due_deliveries(self, sender: Sender) -> int:
        return sender.send_due()

    @every_second_while_present
    def release_abandoned_deliveries(self, recovery: LeaseRecovery, own_id: UUID) -> int:
        return recovery.release_abandoned(own_id)
