"""What joins tickets and parts them again: merge, split, link. Nothing is copied, so each can be undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox

from helpdesk.desk_people.rules import Agent
from helpdesk.ticket_joins.rules import (
    MOST_LINKED,
    EntryNotHere,
    LinkedOftenEnough,
    MergedOftenEnough,
    NothingLeft,
    NothingToUndo,
    SameTicket,
)
from helpdesk.ticket_joins.store import TicketJoinStore
from helpdesk.tickets import actions as tickets
from helpdesk.tickets.rules import MOST_MERGED, Ticket


def merge(tx: Tx, outbox: Outbox, agent: Agent, ticket_id: UUID, other: str, now: datetime) -> Ticket:
    """The thread goes on in the other one, which shows both; the number leads there.

    Raises TicketNotFound, TicketMerged, SameTicket, MergedOftenEnough.
    """
    store = TicketJoinStore(tx)
    target = tickets.ticket_numbered(tx, other)
    store.lock([ticket_id, target.ticket_id])
    source, target = (tickets.ticket_for_update(tx, each) for each in (ticket_id, target.ticket_id))
    source.require_unmerged()
    target.require_unmerged()
    if source.ticket_id == target.ticket_id:
        raise SameTicket
    if store.size_of(source.ticket_id) + store.size_of(target.ticket_id) > MOST_MERGED:
        raise MergedOftenEnough
    merged = replace(source, merged_into=target.ticket_id, lease=None).touched(now)
    tickets.save_ticket(tx, outbox, source, merged, now, agent)
    into = _with_latest_address(source, target).touched(now)
    tickets.save_ticket(tx, outbox, target, into, now, agent)
    tickets.note_relation(tx, target.ticket_id, "merged", None, source.number, agent, now)
    return into


def _with_latest_address(source: Ticket, target: Ticket) -> Ticket:
    """Of one person: an answer goes where they wrote from last."""
    if source.requester_id != target.requester_id or source.last_inbound_at <= target.last_inbound_at:
        return target
    return replace(
        target, channel=source.channel, address=source.address, last_inbound_at=source.last_inbound_at
    )


def undo_merge(tx: Tx, outbox: Outbox, agent: Agent, ticket_id: UUID, now: datetime) -> Ticket:
    """By itself again, in the state it was in. What came in meanwhile stays where it went.

    Raises TicketNotFound, NothingToUndo.
    """
    target_id = tickets.ticket(tx, ticket_id).merged_into
    if target_id is None:
        raise NothingToUndo
    TicketJoinStore(tx).lock([ticket_id, target_id])
    before = tickets.ticket_for_update(tx, ticket_id)
    if before.merged_into != target_id:
        raise NothingToUndo
    after = replace(before, merged_into=None).touched(now)
    tickets.save_ticket(tx, outbox, before, after, now, agent)
    target = tickets.ticket_for_update(tx, target_id)
    tickets.save_ticket(tx, outbox, target, target.touched(now), now, agent)
    tickets.note_relation(tx, target_id, "merged", before.number, None, agent, now)
    return after


def split(
    tx: Tx,
    outbox: Outbox,
    agent: Agent,
    ticket_id: UUID,
    entry_ids: Sequence[UUID],
    subject: str,
    now: datetime,
) -> Ticket:
    """These rows become a ticket of their own, of the same person, open and with deadlines from now.

    Raises TicketNotFound, TicketMerged, EntryNotHere, NothingLeft.
    """
    store = TicketJoinStore(tx)
    source = tickets.ticket_for_update(tx, ticket_id)
    source.require_unmerged()
    made = tickets.new_ticket(
        tx,
        requester_id=source.requester_id,
        channel=source.channel,
        address=source.address,
        locale=source.locale,
        subject=subject,
        category=source.category,
        priority=source.priority,
        team=source.team,
        now=now,
    )
    made = replace(made, split_from=source.ticket_id)
    tickets.add_ticket(tx, outbox, made)
    wanted = list(dict.fromkeys(entry_ids))
    if store.move_entries(wanted, source.ticket_id, made.ticket_id) != len(wanted):
        raise EntryNotHere
    if not store.movable_left(source.ticket_id):
        raise NothingLeft
    store.keep_split(wanted, made.ticket_id)
    tickets.save_ticket(tx, outbox, source, source.touched(now), now, agent)
    tickets.note_relation(tx, source.ticket_id, "split", None, made.number, agent, now)
    return made


def undo_split(tx: Tx, outbox: Outbox, agent: Agent, ticket_id: UUID, now: datetime) -> Ticket:
    """The rows go back; what was written since goes along by a merge, and the number leads to where it came from.

    Raises TicketNotFound, TicketMerged, NothingToUndo.
    """
    source_id = tickets.ticket(tx, ticket_id).split_from
    if source_id is None:
        raise NothingToUndo
    store = TicketJoinStore(tx)
    source = tickets.ticket(tx, source_id)
    root = tickets.ticket_numbered(tx, source.number)
    store.lock([ticket_id, root.ticket_id])
    before = tickets.ticket_for_update(tx, ticket_id)
    before.require_unmerged()
    root = tickets.ticket_for_update(tx, root.ticket_id)
    if root.ticket_id == before.ticket_id:
        raise NothingToUndo
    moved = store.split_entries(ticket_id)
    if not moved:
        raise NothingToUndo
    store.move_entries(moved, ticket_id, source_id)
    after = replace(before, merged_into=root.ticket_id, split_from=None, lease=None).touched(now)
    tickets.save_ticket(tx, outbox, before, after, now, agent)
    back = root.touched(now)
    tickets.save_ticket(tx, outbox, root, back, now, agent)
    tickets.note_relation(tx, root.ticket_id, "split", before.number, None, agent, now)
    return back


def link(tx: Tx, outbox: Outbox, agent: Agent, ticket_id: UUID, other: str, now: datetime) -> Ticket:
    """They have to do with each other. Raises TicketNotFound, SameTicket, LinkedOftenEnough."""
    store, one, two = _both(tx, ticket_id, other)
    if max(store.links_of(one.ticket_id), store.links_of(two.ticket_id)) >= MOST_LINKED:
        raise LinkedOftenEnough
    if store.add_link(one.ticket_id, two.ticket_id):
        return _noted(tx, outbox, agent, one, two, (None, two.number), (None, one.number), now)
    return one


def unlink(tx: Tx, outbox: Outbox, agent: Agent, ticket_id: UUID, other: str, now: datetime) -> Ticket:
    """Raises TicketNotFound, SameTicket, NothingToUndo."""
    store, one, two = _both(tx, ticket_id, other)
    if not store.remove_link(one.ticket_id, two.ticket_id):
        raise NothingToUndo
    return _noted(tx, outbox, agent, one, two, (two.number, None), (one.number, None), now)


def _both(tx: Tx, ticket_id: UUID, other: str) -> tuple[TicketJoinStore, Ticket, Ticket]:
    store, two = TicketJoinStore(tx), tickets.ticket_numbered(tx, other)
    store.lock([ticket_id, two.ticket_id])
    one, two = (tickets.ticket_for_update(tx, each) for each in (ticket_id, two.ticket_id))
    if one.ticket_id == two.ticket_id:
        raise SameTicket
    return store, one, two


def _noted(
    tx: Tx,
    outbox: Outbox,
    agent: Agent,
    one: Ticket,
    two: Ticket,
    of_one: tuple[str | None, str | None],
    of_two: tuple[str | None, str | None],
    now: datetime,
) -> Ticket:
    """In both threads."""
    for ticket, said in ((one, of_one), (two, of_two)):
        tickets.note_relation(tx, ticket.ticket_id, "linked", *said, agent, now)
        tickets.save_ticket(tx, outbox, ticket, ticket.touched(now), now, agent)
    return one.touched(now)
