"""What is proposed to content's editors, and what they say became of it."""

from __future__ import annotations

from mtnet_contracts.events import FaqDraftDeclined, FaqDraftProposed, FaqDraftPublished

from helpdesk.faq_proposals.rules import Proposal

__all__ = ["FaqDraftDeclined", "FaqDraftPublished", "proposed"]


def proposed(
    proposal: Proposal, ticket_number: str, category: str, answer_zh: str, answer_en: str
) -> FaqDraftProposed:
    return FaqDraftProposed(
        draft_id=proposal.draft_id,
        ticket_number=ticket_number,
        category=category,
        question_zh=proposal.question["zh-Hant"],
        question_en=proposal.question["en"],
        answer_zh=answer_zh,
        answer_en=answer_en,
        proposed_by=proposal.proposed_by,
        proposed_by_name=proposal.proposed_by_name,
        proposed_at=proposal.proposed_at,
    )
