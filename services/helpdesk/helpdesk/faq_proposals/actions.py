"""What can be done with proposals: begin one from a ticket, propose it, hear what became of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor

from helpdesk.desk_acts.actions import note_act
from helpdesk.desk_people.rules import Agent
from helpdesk.faq_proposals import messages
from helpdesk.faq_proposals.rules import (
    NotAnsweredYet,
    PersonalData,
    Proposal,
    ProposedAlready,
    State,
    passages,
)
from helpdesk.faq_proposals.store import ProposalStore
from helpdesk.requesters import actions as requesters
from helpdesk.tickets import actions as tickets
from helpdesk.tickets.rules import Ticket

MOST_SHOWN = 20


def beginning(tx: Tx, ticket_id: UUID, categories: Collection[str]) -> dict[str, Any]:
    """What a proposal begins with, and what was proposed before. Raises TicketNotFound."""
    ticket = tickets.ticket(tx, ticket_id)
    texts = dict.fromkeys(("question_zh", "question_en", "answer_zh", "answer_en"), "")
    suffix = "zh" if ticket.locale == "zh-Hant" else "en"
    texts |= {f"question_{suffix}": ticket.subject, f"answer_{suffix}": tickets.last_answer(tx, ticket_id)}
    proposals = ProposalStore(tx).of_ticket(ticket_id, MOST_SHOWN)
    undecided = any(each.state == State.PROPOSED for each in proposals)
    return {
        **texts,
        "may_propose": ticket.first_answered_at is not None and not undecided,
        "category": ticket.category if ticket.category and ticket.category in categories else None,
        "personal": passages(texts, _known_of(tx, ticket)),
        "proposals": proposals,
    }


def propose(
    tx: Tx,
    outbox: Outbox,
    actor: Actor,
    agent: Agent,
    *,
    ticket_id: UUID,
    category: str,
    checked: bool,
    now: datetime,
    **texts: str,
) -> Proposal:
    """`texts`: question_zh, question_en, answer_zh, answer_en.

    Raises TicketNotFound, TicketMerged, NotAnsweredYet, PersonalData, ProposedAlready.
    """
    ticket = tickets.ticket_for_update(tx, ticket_id)
    ticket.require_unmerged()
    if ticket.first_answered_at is None:
        raise NotAnsweredYet
    found = [] if checked else passages(texts, _known_of(tx, ticket))
    if found:
        raise PersonalData(found)
    proposal = Proposal(
        draft_id=uuid4(),
        ticket_id=ticket_id,
        state=State.PROPOSED,
        question={"zh-Hant": texts["question_zh"], "en": texts["question_en"]},
        proposed_by=agent.account_id,
        proposed_by_name=agent.name,
        proposed_at=now,
    )
    if not ProposalStore(tx).add(proposal):
        raise ProposedAlready
    answers = texts["answer_zh"], texts["answer_en"]
    outbox.announce(messages.proposed(proposal, ticket.number, category, *answers))
    tickets.note_relation(tx, ticket_id, "faq_draft", None, State.PROPOSED, agent, now)
    note_act(outbox, actor, "propose_faq", now, number=ticket.number, checked=checked)
    return proposal


def note_decision(
    tx: Tx, draft_id: UUID, state: State, decided_at: datetime, *, reason: str = "", slug: str | None = None
) -> None:
    """Once; it stands in the ticket's history."""
    ticket_id = ProposalStore(tx).decide(draft_id, state, decided_at, reason, slug)
    if ticket_id is not None:
        tickets.note_relation(tx, ticket_id, "faq_draft", State.PROPOSED, state, None, decided_at)


def _known_of(tx: Tx, ticket: Ticket) -> list[str]:
    """Names and addresses of the person."""
    person, joined = requesters.person(tx, ticket.requester_id)
    ids = [each.requester_id for each in (person, *joined)]
    addresses = [address for _, address in requesters.addresses_of(tx, ids)]
    return [*(each.name for each in (person, *joined)), *addresses]
