"""What was held: shown with what says what it is, let in or discarded for a reason that is kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.telemetry import logger

from helpdesk.desk_acts.actions import note_act
from helpdesk.inbound.reading import shown_headers
from helpdesk.inbound.rules import Channel, HeldItemNotFound, masked_addresses, one_shown
from helpdesk.inbound.store import HeldRow, InboundStore

AT_ONCE = 50

log = logger()


def held_items(tx: Tx, after: int, most: int = AT_ONCE) -> dict[str, Any]:
    """In the order in which they came; addresses are masked."""
    rows = InboundStore(tx).held(after, most + 1)
    return {
        "items": [_shown(row) for row in rows[:most]],
        "next": rows[most - 1].sequence if len(rows) > most else None,
    }


def held_item(tx: Tx, item_id: UUID) -> dict[str, Any]:
    """Raises HeldItemNotFound."""
    row = InboundStore(tx).held_item(item_id)
    if row is None:
        raise HeldItemNotFound
    return _shown(row)


def decide(tx: Tx, item_id: UUID, decision: str, reason: str, who: str, now: datetime) -> None:
    """`release`: it is understood again, and held no more. `discard`: it never becomes an entry.

    Raises HeldItemNotFound: it is not held, or no more.
    """
    store = InboundStore(tx)
    decided = (store.release if decision == "release" else store.discard)(item_id, who, reason, now)
    if not decided:
        raise HeldItemNotFound
    log.info("held item decided", item=str(item_id), decision=decision)


def decide_at_the_desk(
    tx: Tx, outbox: Outbox, actor: Actor, item_id: UUID, decision: str, reason: str, now: datetime
) -> dict[str, Any]:
    """The same, told to the audit log. Raises HeldItemNotFound."""
    decide(tx, item_id, decision, reason, actor.display_name, now)
    note_act(outbox, actor, f"{decision}_held_item", now, item=f"inbound {item_id}", reason=reason)
    return {"item_id": item_id, "decision": decision}


def _shown(row: HeldRow) -> dict[str, Any]:
    headers = shown_headers(row.head) if row.channel == Channel.EMAIL else []
    named = {name.lower(): value for name, value in reversed(headers)}
    return {
        "item_id": row.item_id,
        "channel": row.channel,
        "received_at": row.received_at,
        "size_bytes": row.size,
        "because": row.held_because,
        "sender": one_shown(named.get("from", "") or masked_addresses(row.address_key.partition(":")[2])),
        "subject": one_shown(named.get("subject", "")),
        "headers": [{"name": name, "value": value} for name, value in headers],
    }
