"""What somebody held who works here no more comes free."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox

from helpdesk.tickets import messages
from helpdesk.tickets.changes import differences
from helpdesk.tickets.store import TicketStore

FREED_AT_A_TIME = 500


def free_tickets(tx: Tx, outbox: Outbox, account_id: UUID, now: datetime) -> int:
    """Whom they were about to answer, anybody may answer; what is theirs and not done, anybody may take.

    What is solved stays theirs: it says who solved it. Returns how many there were.
    """
    store, freed = TicketStore(tx), 0
    while held := store.held_by(account_id, FREED_AT_A_TIME):
        changed = [(each, each.without(account_id, now)) for each in held]
        store.save_tickets([after for _, after in changed])
        rows = [(uuid4(), before, after) for before, after in changed if before.owner_id != after.owner_id]
        store.add_entries(
            [
                {"entry_id": entry_id, "ticket_id": after.ticket_id, "kind": "change", "at": now}
                for entry_id, _, after in rows
            ]
        )
        store.add_changes(
            [each for entry_id, before, after in rows for each in differences(entry_id, before, after)]
        )
        outbox.announce_many(messages.ticket_changed(after, "left", now) for _, after in changed)
        freed += len(held)
    return freed
