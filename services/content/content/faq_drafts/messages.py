"""What the helpdesk proposes, and what is announced of it: the decision, and the editor's act for the audit log."""

from __future__ import annotations

from datetime import datetime

from mtnet_chassis.rpc.actor import Actor
from mtnet_contracts.event import new_event_id
from mtnet_contracts.events import (
    EditorActed,
    EditorFact,
    FaqDraftDeclined,
    FaqDraftProposed,
    FaqDraftPublished,
)

from content.faq_drafts.rules import FaqDraft

__all__ = ["FaqDraftProposed", "declined", "draft_of", "editor_acted", "published"]


def draft_of(event: FaqDraftProposed) -> FaqDraft:
    return FaqDraft(
        draft_id=event.draft_id,
        category=event.category,
        question={"zh-Hant": event.question_zh, "en": event.question_en},
        answer={"zh-Hant": event.answer_zh, "en": event.answer_en},
        ticket_number=event.ticket_number,
        proposed_by=event.proposed_by,
        proposed_by_name=event.proposed_by_name,
        proposed_at=event.proposed_at,
    )


def published(draft: FaqDraft, now: datetime) -> FaqDraftPublished:
    return FaqDraftPublished(draft_id=draft.draft_id, slug=str(draft.slug), decided_at=now)


def declined(draft: FaqDraft, now: datetime) -> FaqDraftDeclined:
    return FaqDraftDeclined(draft_id=draft.draft_id, reason=draft.reason, decided_at=now)


def editor_acted(actor: Actor, action: str, draft: FaqDraft, now: datetime) -> EditorActed:
    facts = {"number": draft.number, "version": draft.version, "ticket": draft.ticket_number}
    return EditorActed(
        act_id=new_event_id(),
        action=action,
        actor_account_id=actor.account_id,
        facts=tuple(EditorFact(name=name, value=str(value)) for name, value in facts.items()),
        acted_at=now,
        ip=actor.ip,
    )
