"""What the helpdesk says of faults becomes announcements."""

from __future__ import annotations

from datetime import UTC, datetime

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.consumer import on_event
from mtnet_chassis.events.outbox import Outbox

from content.fault_notices import actions, messages


class FaultNoticeEndpoints:
    """In the order in which the desk said it: what is over is not shown again."""

    @on_event(messages.FaultAnnounced, group="fault_notices", ordered=True)
    def show_fault(self, tx: Tx, event: messages.FaultAnnounced) -> None:
        actions.show_fault(tx, Outbox(tx), messages.notice_in(event), datetime.now(UTC))

    @on_event(messages.FaultResolved, group="fault_notices", ordered=True)
    def take_down_fault(self, tx: Tx, event: messages.FaultResolved) -> None:
        actions.take_down_fault(tx, event.number, datetime.now(UTC))
