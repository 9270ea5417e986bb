"""Tell the audit log what an operator did."""

from datetime import datetime
from typing import Any
from uuid import UUID

from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor

from notify.operator_acts import messages


def note_act(
    outbox: Outbox,
    actor: Actor,
    action: str,
    now: datetime,
    *,
    subject_id: UUID | None = None,
    **detail: Any,
) -> None:
    """In the transaction of what is done. `detail`: facts such as `version=1004`, never a person's name or address.

    `subject_id`: the account or application that it was done about.
    """
    outbox.announce(messages.operator_acted(actor, action, now, subject_id, detail))
