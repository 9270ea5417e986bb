"""Somebody works at the desk no more: their tickets are anybody's again, and their shifts are open."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox

from helpdesk.desk_people import actions as desk_people
from helpdesk.shifts import actions as shifts
from helpdesk.tickets import leaving as tickets


def leave(tx: Tx, outbox: Outbox, account_id: UUID, at: datetime, now: datetime) -> None:
    """Since `at`. Twice is once; for whoever has been here again since then, nothing."""
    if not desk_people.note_ended(tx, account_id, at):
        return
    tickets.free_tickets(tx, outbox, account_id, now)
    shifts.free_shifts(tx, account_id, now)
