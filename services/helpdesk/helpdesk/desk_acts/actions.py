"""Tell the audit log what somebody of the desk did."""

from datetime import datetime
from typing import Any
from uuid import UUID

from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor

from helpdesk.desk_acts import messages


def note_act(
    outbox: Outbox,
    actor: Actor,
    action: str,
    now: datetime,
    *,
    subject_id: UUID | None = None,
    **detail: Any,
) -> None:
    """In the transaction of what is done. `detail`: facts such as `number="HD2026-000123"`, never a person's name or
    address. `subject_id`: the account that it was done about.
    """
    outbox.announce(messages.desk_acted(actor, action, now, subject_id, detail))
