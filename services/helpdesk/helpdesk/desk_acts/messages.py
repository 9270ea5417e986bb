"""What people of the desk do becomes an event."""

from datetime import datetime
from typing import Any
from uuid import UUID

from mtnet_chassis.rpc.actor import Actor
from mtnet_contracts.event import new_event_id
from mtnet_contracts.events import DeskActed, DeskFact

LONGEST_VALUE = 300


def desk_acted(
    actor: Actor, action: str, now: datetime, subject_id: UUID | None, detail: dict[str, Any]
) -> DeskActed:
    return DeskActed(
        act_id=new_event_id(),
        action=action,
        actor_account_id=actor.account_id,
        subject_id=subject_id,
        facts=tuple(
            DeskFact(name=name, value=str(value)[:LONGEST_VALUE])
            for name, value in detail.items()
            if value is not None
        ),
        ip=actor.ip,
        acted_at=now,
    )
