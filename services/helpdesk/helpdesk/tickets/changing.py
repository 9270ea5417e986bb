"""What agents do with tickets besides answering: notes, changes of one or of many, a look at what is masked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor

from helpdesk.deadlines.actions import working_calendar
from helpdesk.desk_acts.actions import note_act
from helpdesk.desk_people import actions as desk_people
from helpdesk.desk_people.rules import Agent
from helpdesk.requesters import actions as requesters
from helpdesk.tickets import rules
from helpdesk.tickets.actions import add_entry, save
from helpdesk.tickets.rules import NotAnAgent, Ticket, TicketNotFound
from helpdesk.tickets.store import TicketStore


def add_note(tx: Tx, agent: Agent, ticket_id: UUID, text: str, now: datetime) -> tuple[Ticket, UUID]:
    """Raises TicketNotFound, TicketMerged."""
    store = TicketStore(tx)
    before = store.ticket_for_update(ticket_id)
    before.require_unmerged()
    # What an agent has begun to write is not refused because of a colleague's note: the version stays.
    ticket = replace(before, updated_at=max(now, before.updated_at))
    store.save_ticket(ticket)
    entry_id = add_entry(store, ticket_id, "note", agent, text, now)
    return ticket, entry_id


def change_ticket(
    tx: Tx,
    outbox: Outbox,
    agent: Agent,
    ticket_id: UUID,
    *,
    version: int | None,
    changes: Mapping[str, Any],
    now: datetime,
) -> tuple[Ticket, UUID | None]:
    """Raises TicketNotFound, TicketMerged, TicketChanged, StateNotAllowed, NotAnAgent."""
    store = TicketStore(tx)
    wanted = _with_owner(tx, agent, changes, now)
    before = store.ticket_for_update(ticket_id)
    before.require_version(version)
    return _change(tx, store, outbox, agent, before, wanted, now)


def change_tickets(
    tx: Tx,
    outbox: Outbox,
    agent: Agent,
    ticket_ids: Collection[UUID],
    changes: Mapping[str, Any],
    now: datetime,
) -> list[tuple[UUID, str | None, Exception | None]]:
    """Each by itself: id, number, and what stood in the way. Raises NotAnAgent."""
    store = TicketStore(tx)
    wanted = _with_owner(tx, agent, changes, now)
    found = store.tickets_for_update(ticket_ids)
    results: list[tuple[UUID, str | None, Exception | None]] = []
    for ticket_id in dict.fromkeys(ticket_ids):
        ticket = found.get(ticket_id)
        if ticket is None:
            results.append((ticket_id, None, TicketNotFound()))
            continue
        try:
            _change(tx, store, outbox, agent, ticket, wanted, now)
            results.append((ticket_id, ticket.number, None))
        except (rules.TicketMerged, rules.StateNotAllowed) as refused:
            results.append((ticket_id, ticket.number, refused))
    return results


def _change(
    tx: Tx,
    store: TicketStore,
    outbox: Outbox,
    agent: Agent,
    before: Ticket,
    changes: Mapping[str, Any],
    now: datetime,
) -> tuple[Ticket, UUID | None]:
    before.require_unmerged()
    after = before.changed(changes, now, working_calendar())
    if after == before:
        return before, None
    return after, save(store, outbox, before, after, "agent", now, agent)


def _with_owner(tx: Tx, agent: Agent, changes: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """With the name of whom it is given to. Raises NotAnAgent."""
    wanted = dict(changes)
    if "owner_id" in wanted:
        owner_id = wanted["owner_id"]
        if owner_id is None:
            wanted["owner_name"] = None
        elif owner_id == agent.account_id:
            wanted["owner_name"] = agent.name
        else:
            wanted["owner_name"] = desk_people.name_of(tx, owner_id, now)
            if wanted["owner_name"] is None:
                raise NotAnAgent
    return wanted


def reveal_addresses(
    tx: Tx, outbox: Outbox, actor: Actor, ticket_id: UUID, reason: str, now: datetime
) -> list[dict[str, str]]:
    """What is masked elsewhere; who looked, and why, stands in the audit log. Raises TicketNotFound."""
    ticket = TicketStore(tx).ticket(ticket_id)
    found = requesters.addresses_of(tx, requesters.person_ids(tx, ticket.requester_id))
    if ticket.address and ticket.address not in {address for _, address in found}:
        found.insert(0, (ticket.channel, ticket.address))
    note_act(outbox, actor, "reveal_requester_addresses", now, number=ticket.number, reason=reason)
    return [{"channel": channel, "address": address} for channel, address in found]
