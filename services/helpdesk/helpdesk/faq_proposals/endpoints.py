"""How agents propose questions, and how the editors' decisions reach their tickets."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.consumer import on_event
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Refused, endpoint
from mtnet_contracts.calls.content.pages import FAQ_CATEGORIES
from mtnet_contracts.calls.helpdesk import faq_proposals as calls
from mtnet_contracts.vocabulary.desk import DESK

from helpdesk.desk_people.access import agent_of, desk_person
from helpdesk.faq_proposals import actions, messages
from helpdesk.faq_proposals.rules import NotAnsweredYet, PersonalData, Proposal, ProposedAlready, State

Request = dict[str, Any]


def personal_data(found: PersonalData) -> Refused:
    """Names the passages, for whoever wrote them."""
    return Refused("PERSONAL_DATA", detail={"personal": [vars(each) for each in found.passages]})


class FaqProposalEndpoints:
    refusals: ClassVar[dict[type[Exception], Any]] = {
        NotAnsweredYet: "NOT_ANSWERED_YET",
        ProposedAlready: "PROPOSED_ALREADY",
        PersonalData: personal_data,
    }

    @endpoint(calls.FAQ_BEGINNING, roles=DESK)
    def faq_beginning(self, tx: Tx, actor: Actor, request: Request) -> Request:
        return actions.beginning(tx, request["ticket_id"], FAQ_CATEGORIES)

    @endpoint(calls.PROPOSE_FAQ, roles=DESK, authorise=desk_person)
    def propose_faq(self, tx: Tx, actor: Actor, request: Request) -> Proposal:
        return actions.propose(tx, Outbox(tx), actor, agent_of(actor), **request, now=datetime.now(UTC))

    @on_event(messages.FaqDraftPublished, group="faq")
    def note_published_faq(self, tx: Tx, event: messages.FaqDraftPublished) -> None:
        actions.note_decision(tx, event.draft_id, State.PUBLISHED, event.decided_at, slug=event.slug)

    @on_event(messages.FaqDraftDeclined, group="faq")
    def note_declined_faq(self, tx: Tx, event: messages.FaqDraftDeclined) -> None:
        actions.note_decision(tx, event.draft_id, State.DECLINED, event.decided_at, reason=event.reason)
