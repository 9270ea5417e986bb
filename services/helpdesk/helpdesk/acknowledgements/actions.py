"""Acknowledge what opened a ticket: in the transaction that records it, so that it is told once and not without it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.telemetry import logger
from prometheus_client import Counter

from helpdesk.acknowledgements import messages
from helpdesk.acknowledgements.rules import (
    MOST_OF_ALL,
    MOST_OF_ONE_MAILBOX,
    WITHIN,
    Wanted,
    allowed,
    is_wanted,
    mailbox_of,
)
from helpdesk.acknowledgements.store import AcknowledgementStore
from helpdesk.tickets.rules import Inbound, Ticket

ACKNOWLEDGED = Counter(
    "mtnet_desk_acknowledgements_total",
    "Tickets whose sender was told, or was not for the bounds.",
    ["outcome"],
)

log = logger()


def acknowledge(
    tx: Tx, outbox: Outbox, opened: Sequence[tuple[Ticket, Inbound, UUID]], now: datetime
) -> None:
    """`opened`: tickets with what opened each of them, and its row of the thread."""
    wanted = {
        ticket.ticket_id: (ticket, inbound, entry_id)
        for ticket, inbound, entry_id in opened
        if is_wanted(inbound)
    }
    if not wanted:
        return
    store, since = AcknowledgementStore(tx), now - WITHIN
    asked = [Wanted(ticket_id, mailbox_of(each[1].address)) for ticket_id, each in wanted.items()]
    mailboxes = [each.mailbox for each in asked]
    store.lock_mailboxes(mailboxes)
    sent = store.sent_since(mailboxes, since, MOST_OF_ONE_MAILBOX)
    told = allowed(asked, sent, store.sent_to_all_since(since, MOST_OF_ALL))
    store.add(told, now)
    outbox.announce_many([messages.acknowledged(*wanted[each.ticket_id], now) for each in told])
    ACKNOWLEDGED.labels("sent").inc(len(told))
    if left_out := len(asked) - len(told):
        ACKNOWLEDGED.labels("left_out").inc(left_out)
        log.warning(
            "tickets not acknowledged: more than one mailbox, or the desk, sends in an hour", tickets=left_out
        )
