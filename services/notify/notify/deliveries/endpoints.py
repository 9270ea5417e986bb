"""The threads that send, and those that see to it that all is sent."""

from collections.abc import Mapping
from uuid import UUID

from notify.deliveries import actions
from notify.deliveries.actions import LeaseRecovery
from notify.deliveries.sender import ChannelState, Sender
from notify.deliveries.threads import every_second_while_present, on_every_connection, on_work_of_others


class DeliveryEndpoints:
    """Every replica sends; a delivery is held by one sender at a time."""

    senders: Mapping[str, ChannelState]

    @on_every_connection
    def send_due_deliveries(self, sender: Sender) -> int:
        return sender.send_due()

    @on_work_of_others
    def wake_senders(self, note: str) -> None:
        actions.wake(self.senders, note)

    @every_second_while_present
    def release_abandoned_deliveries(self, recovery: LeaseRecovery, own_id: UUID) -> int:
        return recovery.release_abandoned(own_id)
