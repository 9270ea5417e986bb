"""What timers look for on the broker: it is asked first, and what is decided is stored after that.

The broker may take seconds to answer; no transaction that has read or changed something waits for it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox

from accounts.subscribers import actions, telling
from accounts.subscribers.applying import Broker
from accounts.subscribers.store import NoticeStore, SubscriberStore

if TYPE_CHECKING:
    from accounts.audit.store import AuditStore


def tell_of_full_queues(broker: Broker, now: datetime) -> None:
    """Raises BrokerAway."""
    queues = broker.queues(now)
    with broker.transactions.transaction() as tx:
        telling.raise_alarms(NoticeStore(tx), Outbox(tx), queues, now)


def end_misused_queues(broker: Broker, audit_in: Callable[[Tx], AuditStore], now: datetime) -> None:
    """`audit_in`: where it is put on record. Raises BrokerAway."""
    with broker.transactions.transaction() as tx:
        nobody = not actions.has_own_queues(SubscriberStore(tx))
    names = [] if nobody else broker.misused_by()
    with broker.transactions.transaction() as tx:
        actions.end_own_queues(SubscriberStore(tx), audit_in(tx), names, now)
