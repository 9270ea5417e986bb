"""An answer that others may need, too."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mtnet_contracts.event import Event


@dataclass(frozen=True, kw_only=True)
class FaqDraftProposed(Event):
    """An agent of the helpdesk proposes a question with its answer for everybody; what was of a person is taken out.

    `category` is one of content's FAQ_CATEGORIES. Question and answer are plain text in both languages.
    """

    source = "helpdesk"
    aggregate = "faq_draft"
    subject = "draft_id"

    draft_id: UUID
    ticket_number: str
    category: str
    question_zh: str
    question_en: str
    answer_zh: str
    answer_en: str
    proposed_by: UUID
    proposed_by_name: str
    proposed_at: datetime
