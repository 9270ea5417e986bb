"""What the panel shows, and what an agent does in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_contracts.vocabulary.masking import masked_contact

from helpdesk.desk_acts.actions import note_act
from helpdesk.requesters import actions as requesters
from helpdesk.ticket_list.actions import newest_of

MOST_TICKETS = 20


def panel(tx: Tx, requester_id: UUID, now: datetime) -> dict[str, Any]:
    """Addresses masked. What accounts and review know, they are asked for by whoever shows it.

    Raises RequesterNotFound.
    """
    found, joined = requesters.person(tx, requester_id)
    everybody = [found, *joined]
    ids = [each.requester_id for each in everybody]
    return {
        "requester_id": found.requester_id,
        "name": found.name,
        "account_id": next((each.account_id for each in everybody if each.account_id), None),
        "first_seen_at": min(each.first_seen_at for each in everybody),
        "addresses": [
            {"channel": channel, "address": masked_contact(address)}
            for channel, address in requesters.addresses_of(tx, ids)
            if address
        ],
        "joined": [{"requester_id": each.requester_id, "name": each.name} for each in joined],
        "tickets": newest_of(tx, ids, now, MOST_TICKETS),
    }


def join(tx: Tx, outbox: Outbox, actor: Actor, requester_id: UUID, other_id: UUID, now: datetime) -> None:
    """Raises RequesterNotFound, SameRequester, TwoAccounts."""
    requesters.join(tx, requester_id, other_id)
    note_act(
        outbox,
        actor,
        "join_requesters",
        now,
        requester=f"requester:{requester_id}",
        other=f"requester:{other_id}",
    )


def undo_join(tx: Tx, outbox: Outbox, actor: Actor, requester_id: UUID, now: datetime) -> None:
    """Raises RequesterNotFound, NotJoined."""
    requesters.undo_join(tx, requester_id)
    note_act(outbox, actor, "undo_join_requesters", now, requester=f"requester:{requester_id}")
