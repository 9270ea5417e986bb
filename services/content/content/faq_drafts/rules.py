"""A proposed question: what an editor may do with it, and the page that it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from content.pages.rules import Page

MOST_WAITING_COUNTED = 1_000


class State(StrEnum):
    PROPOSED = "proposed"
    PUBLISHED = "published"
    DECLINED = "declined"


class FaqDraftNotFound(Exception):
    """There is no such draft."""


class FaqDraftChanged(Exception):
    """A colleague changed it since it was seen."""


class FaqDraftDecided(Exception):
    """It was published or declined already."""


class ReasonMissing(Exception):
    """Whoever proposed it is told why it is not published."""


@dataclass(frozen=True)
class FaqDraft:
    """`question` and `answer` are texts by locale, the answer in Markdown. `number`: None until it is kept."""

    draft_id: UUID
    category: str
    question: Mapping[str, str]
    answer: Mapping[str, str]
    ticket_number: str
    proposed_by: UUID
    proposed_by_name: str
    proposed_at: datetime
    number: int | None = None
    state: State = State.PROPOSED
    decided_by_name: str | None = None
    decided_at: datetime | None = None
    reason: str = ""
    slug: str | None = None
    version: int = 1

    def changed(
        self, version: int, category: str, question: Mapping[str, str], answer: Mapping[str, str]
    ) -> FaqDraft:
        """Raises FaqDraftDecided, FaqDraftChanged."""
        self._require_open(version)
        return replace(self, category=category, question=question, answer=answer, version=self.version + 1)

    def published(self, version: int, by_name: str, now: datetime) -> FaqDraft:
        """Raises FaqDraftDecided, FaqDraftChanged."""
        self._require_open(version)
        return replace(self._decided(State.PUBLISHED, by_name, now), slug=f"question-{self.number}")

    def declined(self, version: int, by_name: str, reason: str, now: datetime) -> FaqDraft:
        """Raises FaqDraftDecided, FaqDraftChanged, ReasonMissing."""
        self._require_open(version)
        if not reason.strip():
            raise ReasonMissing
        return replace(self._decided(State.DECLINED, by_name, now), reason=reason)

    def page(self, now: datetime) -> Page:
        """What everybody reads. The draft's id is the page's: published twice is published once."""
        return Page(
            page_id=self.draft_id,
            kind="faq",
            slug=str(self.slug),
            category=self.category,
            title=dict(self.question),
            body=dict(self.answer),
            pinned=False,
            published_at=now,
        )

    def _decided(self, state: State, by_name: str, now: datetime) -> FaqDraft:
        return replace(self, state=state, decided_by_name=by_name, decided_at=now, version=self.version + 1)

    def _require_open(self, version: int) -> None:
        if self.state != State.PROPOSED:
            raise FaqDraftDecided
        if self.version != version:
            raise FaqDraftChanged
