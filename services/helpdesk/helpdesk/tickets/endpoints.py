"""How others reach tickets: agents' calls, what notify says of answers, and the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.events.consumer import on_event
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Refused, endpoint
from mtnet_chassis.runtime.timers import timer_once
from mtnet_contracts.calls.helpdesk import canned_answers as canned
from mtnet_contracts.calls.helpdesk import kept_files
from mtnet_contracts.calls.helpdesk import tickets as calls
from mtnet_contracts.vocabulary.desk import DESK

from helpdesk.canned_answers.actions import count_use
from helpdesk.desk_people.access import agent_of, desk_person
from helpdesk.settings import settings
from helpdesk.tickets import actions, answering, changing, messages
from helpdesk.tickets.rules import (
    LeasedByAnother,
    NotAnAgent,
    NoWayBack,
    StateNotAllowed,
    TicketChanged,
    TicketMerged,
    TicketNotFound,
)
from helpdesk.tickets.shapes import canned_for, leased, outcome, ticket_view, written

Request = dict[str, Any]
Reply = dict[str, Any]


def leased_by_another(leased: LeasedByAnother) -> Refused:
    """Tells the agent who is answering, and until when."""
    facts = {"holder": leased.holder, "expires_at": leased.expires_at.isoformat()}
    return Refused("LEASED_BY_ANOTHER", detail=facts)


class TicketEndpoints:
    """Everybody of the desk works on every ticket; a lead may take over what a colleague is answering."""

    database: Transactions

    refusals: ClassVar[dict[type[Exception], str | Callable[[Any], Refused]]] = {
        TicketNotFound: "TICKET_NOT_FOUND",
        TicketMerged: "TICKET_MERGED",
        TicketChanged: "TICKET_CHANGED",
        StateNotAllowed: "STATE_NOT_ALLOWED",
        NotAnAgent: "NOT_AN_AGENT",
        NoWayBack: "NO_WAY_BACK",
        LeasedByAnother: leased_by_another,
    }

    @endpoint(calls.TICKET, roles=DESK)
    def ticket(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return ticket_view(tx, agent_of(actor), now=_now(), **request)

    @endpoint(calls.LEASE_TICKET, roles=DESK, authorise=desk_person)
    def lease_ticket(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return leased(*answering.lease_ticket(tx, agent_of(actor), **request, now=_now()))

    @endpoint(calls.RELEASE_TICKET, roles=DESK, authorise=desk_person)
    def release_ticket(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        changed = answering.release_ticket(tx, agent_of(actor), **request, now=_now())
        return {**request, "holder_changed": changed}

    @endpoint(calls.ANSWER_TICKET, roles=DESK, authorise=desk_person)
    def answer_ticket(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        count_use(tx, request.pop("canned_answer_id"))
        return written(*answering.answer_ticket(tx, Outbox(tx), agent_of(actor), **request, now=_now()))

    @endpoint(kept_files.KEEP_FILES, transaction=False, roles=DESK, authorise=desk_person)
    def keep_files(self, actor: Actor, request: Request) -> Reply:
        kept = answering.keep_files(self.database, settings(), agent_of(actor), **request, now=_now())
        return {"files": kept}

    @endpoint(calls.ADD_NOTE, roles=DESK, authorise=desk_person)
    def add_note(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return written(*changing.add_note(tx, agent_of(actor), **request, now=_now()))

    @endpoint(calls.LOG_CALL, roles=DESK, authorise=desk_person)
    def log_call(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return written(*answering.log_call(tx, Outbox(tx), agent_of(actor), **request, now=_now()))

    @endpoint(calls.CHANGE_TICKET, roles=DESK, authorise=desk_person)
    def change_ticket(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return written(*changing.change_ticket(tx, Outbox(tx), agent_of(actor), **request, now=_now()))

    @endpoint(calls.CHANGE_TICKETS, roles=DESK, authorise=desk_person)
    def change_tickets(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        results = changing.change_tickets(tx, Outbox(tx), agent_of(actor), **request, now=_now())
        return {"results": [outcome(*each, self.refusals) for each in results]}

    @endpoint(canned.CANNED_ANSWERS, roles=DESK)
    def canned_answers(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return {"items": canned_for(tx, agent_of(actor), request["ticket_id"], settings().portal_url)}

    @endpoint(calls.REVEAL_ADDRESSES, roles=DESK, authorise=desk_person)
    def reveal_addresses(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return {"addresses": changing.reveal_addresses(tx, Outbox(tx), actor, **request, now=_now())}

    @on_event(messages.DeskAnswerFinished, group="answers")
    def note_delivery(self, tx: Tx, event: messages.DeskAnswerFinished) -> None:
        answering.note_delivery(tx, Outbox(tx), event.entry_id, event.failure, event.finished_at, _now())

    @timer_once(60, variable="HELPDESK_CLOSE_SECONDS")
    def close_resolved_tickets(self, tx: Tx) -> None:
        """Looks every minute which solved tickets nobody has written to for 14 days."""
        actions.close_resolved(tx, Outbox(tx), _now())


def _now() -> datetime:
    return datetime.now(UTC)
