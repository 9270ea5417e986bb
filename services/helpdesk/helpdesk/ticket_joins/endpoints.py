"""How agents join tickets and part them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import endpoint
from mtnet_contracts.calls.helpdesk import ticket_joins as calls
from mtnet_contracts.vocabulary.desk import DESK

from helpdesk.desk_people.access import agent_of, desk_person
from helpdesk.ticket_joins import actions
from helpdesk.ticket_joins.rules import (
    EntryNotHere,
    LinkedOftenEnough,
    MergedOftenEnough,
    NothingLeft,
    NothingToUndo,
    SameTicket,
)
from helpdesk.tickets.rules import Ticket
from helpdesk.tickets.shapes import written

Request = dict[str, Any]
Reply = dict[str, Any]


class TicketJoinEndpoints:
    """Everybody of the desk; the thread says who did it, and each can be undone."""

    refusals: ClassVar[dict[type[Exception], Any]] = {
        SameTicket: "SAME_TICKET",
        NothingToUndo: "NOTHING_TO_UNDO",
        MergedOftenEnough: "MERGED_OFTEN_ENOUGH",
        LinkedOftenEnough: "LINKED_OFTEN_ENOUGH",
        EntryNotHere: "ENTRY_NOT_HERE",
        NothingLeft: "NOTHING_LEFT",
    }

    @endpoint(calls.MERGE_TICKET, roles=DESK, authorise=desk_person)
    def merge_ticket(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return _reply(actions.merge(tx, Outbox(tx), agent_of(actor), **request, now=_now()))

    @endpoint(calls.UNDO_MERGE, roles=DESK, authorise=desk_person)
    def undo_merge(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return _reply(actions.undo_merge(tx, Outbox(tx), agent_of(actor), **request, now=_now()))

    @endpoint(calls.SPLIT_TICKET, roles=DESK, authorise=desk_person)
    def split_ticket(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return _reply(actions.split(tx, Outbox(tx), agent_of(actor), **request, now=_now()))

    @endpoint(calls.UNDO_SPLIT, roles=DESK, authorise=desk_person)
    def undo_split(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return _reply(actions.undo_split(tx, Outbox(tx), agent_of(actor), **request, now=_now()))

    @endpoint(calls.LINK_TICKETS, roles=DESK, authorise=desk_person)
    def link_tickets(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return _reply(actions.link(tx, Outbox(tx), agent_of(actor), **request, now=_now()))

    @endpoint(calls.UNLINK_TICKETS, roles=DESK, authorise=desk_person)
    def unlink_tickets(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return _reply(actions.unlink(tx, Outbox(tx), agent_of(actor), **request, now=_now()))


def _reply(ticket: Ticket) -> Reply:
    return written(ticket, None)


def _now() -> datetime:
    return datetime.now(UTC)
