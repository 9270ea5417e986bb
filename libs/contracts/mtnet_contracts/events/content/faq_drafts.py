"""What editors decided about questions that were proposed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mtnet_contracts.event import Event


@dataclass(frozen=True, kw_only=True)
class FaqDraftPublished(Event):
    """A proposed question is a public page now: `/questions/{slug}`."""

    source = "content"
    aggregate = "faq_draft"
    subject = "draft_id"

    draft_id: UUID
    slug: str
    decided_at: datetime


@dataclass(frozen=True, kw_only=True)
class FaqDraftDeclined(Event):
    """A proposed question is not published; `reason` is for the agent who proposed it."""

    source = "content"
    aggregate = "faq_draft"
    subject = "draft_id"

    draft_id: UUID
    reason: str
    decided_at: datetime
