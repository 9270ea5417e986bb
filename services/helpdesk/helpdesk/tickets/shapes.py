"""What pages are shown of a ticket: addresses masked, and what the agent may do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from mtnet_chassis.data.database import Tx

from helpdesk.canned_answers.actions import canned_answers
from helpdesk.desk_people.rules import Agent
from helpdesk.requesters import actions as requesters
from helpdesk.ticket_list.actions import line_of
from helpdesk.tickets.actions import ticket, ticket_numbered
from helpdesk.tickets.answering import way_back
from helpdesk.tickets.rules import WAYS, NoWayBack, Ticket
from helpdesk.tickets.store import TicketStore

MOST_ENTRIES = 200


def ticket_view(
    tx: Tx, agent: Agent, number: str, now: datetime, before: int | None = None
) -> dict[str, Any]:
    """The ticket's page; `before`: with rows of its thread before that one. Raises TicketNotFound."""
    store, found = TicketStore(tx), ticket_numbered(tx, number)
    entries = store.newest_entries(found.ticket_id, before, MOST_ENTRIES + 1)
    older = len(entries) > MOST_ENTRIES
    lease = found.live_lease(now)
    requester, joined = requesters.person(tx, found.requester_id)
    return line_of(tx, found.ticket_id, now) | {
        "locale": found.locale,
        "account_id": next((each.account_id for each in (requester, *joined) if each.account_id), None),
        "answer_channel": _answer_channel(tx, found),
        "first_answer_due_at": found.deadlines.first_answer_due_at,
        "first_answered_at": found.first_answered_at,
        "solution_due_at": found.deadlines.solution_due_at,
        "paused_at": found.deadlines.paused_at,
        "resolved_at": found.resolved_at,
        "closed_at": found.closed_at,
        "lease_expires_at": lease and lease.expires_at,
        "leased_by_me": lease is not None and lease.account_id == agent.account_id,
        "may_take_over": found.may_be_taken_over_by(agent, now),
        "allowed_states": [state.value for state in WAYS if state in WAYS[found.state]],
        "satisfaction": found.satisfaction,
        "satisfaction_comment": found.satisfaction_comment,
        "link": f"/contact/{found.link_token}",
        "others": store.others_of(found.ticket_id),
        "entries": entries[-MOST_ENTRIES:],
        "older": older,
        "older_before": entries[1]["sequence"] if older else None,
    }


def _answer_channel(tx: Tx, ticket: Ticket) -> str:
    """`web`: on the person's page; `phone`: nobody can be written to."""
    try:
        way = way_back(tx, ticket)
    except NoWayBack:
        return "phone"
    return way[0] if way else "web"


def leased(ticket: Ticket, holder_changed: bool) -> dict[str, Any]:
    expires_at = ticket.lease and ticket.lease.expires_at
    return {"ticket_id": ticket.ticket_id, "lease_expires_at": expires_at, "holder_changed": holder_changed}


def written(ticket: Ticket, entry_id: UUID | None) -> dict[str, Any]:
    return {
        "ticket_id": ticket.ticket_id,
        "number": ticket.number,
        "entry_id": entry_id,
        "state": ticket.state,
        "version": ticket.version,
    }


def outcome(
    ticket_id: UUID, number: str | None, refused: Exception | None, refusals: Mapping[type[Exception], Any]
) -> dict[str, Any]:
    """Of one of many: done, or the code of what stood in the way."""
    return {
        "ticket_id": ticket_id,
        "number": number,
        "refusal": refusals[type(refused)] if refused is not None else None,
    }


def canned_for(tx: Tx, agent: Agent, ticket_id: UUID | None, portal_url: str) -> list[dict[str, Any]]:
    """Texts that are kept ready, filled in for a ticket. Raises TicketNotFound."""
    if ticket_id is None:
        return canned_answers(tx, None, {})
    found = ticket(tx, ticket_id)
    requester, _ = requesters.person(tx, found.requester_id)
    values = {
        "name": requester.name,
        "number": found.number,
        "agent": agent.name,
        "subject": found.subject,
        "link": f"{portal_url}/contact/{found.link_token}",
    }
    return canned_answers(tx, found.locale, values)
