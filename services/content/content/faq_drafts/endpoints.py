"""How editors reach proposed questions, and how the helpdesk's reach them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.consumer import on_event
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Refused, caller_of, endpoint
from mtnet_contracts.calls.call import INVALID
from mtnet_contracts.calls.content import faq_drafts as calls
from mtnet_contracts.vocabulary.editing import EDITORS

from content.faq_drafts import actions, messages
from content.faq_drafts.rules import (
    FaqDraft,
    FaqDraftChanged,
    FaqDraftDecided,
    FaqDraftNotFound,
    ReasonMissing,
)

Request = dict[str, Any]


def editor(service: Any, tx: Tx, actor: Actor, request: Request) -> str:
    """The role is what it takes: editors work on every draft."""
    return caller_of(actor)


class FaqDraftEndpoints:
    refusals: ClassVar[dict[type[Exception], Any]] = {
        FaqDraftNotFound: "FAQ_DRAFT_NOT_FOUND",
        FaqDraftChanged: "FAQ_DRAFT_CHANGED",
        FaqDraftDecided: "FAQ_DRAFT_DECIDED",
        ReasonMissing: lambda _: Refused(INVALID, fields={"reason": ["REQUIRED"]}),
    }

    @endpoint(calls.FAQ_DRAFTS, roles=EDITORS)
    def faq_drafts(self, tx: Tx, actor: Actor, request: Request) -> dict[str, Any]:
        items, next_before, waiting = actions.drafts(tx, **request)
        return {"items": items, "next_before": next_before, "waiting": waiting}

    @endpoint(calls.FAQ_DRAFT, roles=EDITORS)
    def faq_draft(self, tx: Tx, actor: Actor, request: Request) -> FaqDraft:
        return actions.draft(tx, request["draft_id"])

    @endpoint(calls.SAVE_FAQ_DRAFT, roles=EDITORS, authorise=editor)
    def save_faq_draft(self, tx: Tx, actor: Actor, request: Request) -> FaqDraft:
        return actions.save(tx, Outbox(tx), actor, **request, now=_now())

    @endpoint(calls.DECIDE_FAQ_DRAFT, roles=EDITORS, authorise=editor)
    def decide_faq_draft(self, tx: Tx, actor: Actor, request: Request) -> FaqDraft:
        return actions.decide(tx, Outbox(tx), actor, **request, now=_now())

    @on_event(messages.FaqDraftProposed, group="faq_drafts")
    def keep_faq_draft(self, tx: Tx, event: messages.FaqDraftProposed) -> None:
        actions.keep(tx, messages.draft_of(event))


def _now() -> datetime:
    return datetime.now(UTC)
