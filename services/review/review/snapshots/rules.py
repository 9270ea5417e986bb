"""What a downstream system is told of a case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True)
class ToldCase:
    """A case as its events tell it; `sequence` is that of the last of them, zero where there is none."""

    application_id: UUID
    case_number: str
    state: str
    submission: int
    unit: str
    stage: int
    stages: int
    waiting_since: datetime
    due_on: date
    resubmit_by: date | None
    sequence: int


@dataclass(frozen=True)
class Page:
    """`next` is the last id of it where there are more."""

    as_of: datetime
    items: Sequence[ToldCase]
    next: UUID | None


def page_of(as_of: datetime, found: Sequence[ToldCase], limit: int) -> Page:
    """`found` has one more than `limit` where there is a next page."""
    items = found[:limit]
    return Page(as_of, items, items[-1].application_id if len(found) > limit else None)
