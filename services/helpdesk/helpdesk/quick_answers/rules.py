"""What a quick answer is, what may be decided about it by whom, and which searches are counted as unanswered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

LOCALES = ("zh-Hant", "en")
REVIEW_AFTER = timedelta(days=182)
LONGEST_REVIEW = timedelta(days=731)
MOST_ANSWERS = 100_000
MOST_DUE_COUNTED = 1_000
MOST_MISSING = 10_000
# A row of digits as long as a telephone number, an identity number or an address of mail.
PERSONAL = re.compile(r"@|(?:\d[\s().+-]*){7}|[a-z][12]\d{6}", re.IGNORECASE)


class State(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class Decision(StrEnum):
    PUBLISH = "publish"
    CONFIRM = "confirm"
    TAKE_OVER = "take_over"
    RETIRE = "retire"
    REOPEN = "reopen"


class QuickAnswerNotFound(Exception):
    """There is no such answer."""


class QuickAnswerChanged(Exception):
    """A colleague changed it since it was seen."""


class QuickAnswerRetired(Exception):
    """A retired answer is reopened before it is changed."""


class QuickAnswersEnough(Exception):
    """MOST_ANSWERS are kept."""


class DecisionNotAllowed(Exception):
    """Not in this state."""


class NotTheirs(Exception):
    """Only leads change what others wrote, and what is published."""


class ReviewDayNotValid(Exception):
    """Not after today, or more than two years away."""


@dataclass(frozen=True)
class Author:
    """Who writes. `lead`: decides about all answers; others propose, and change their own drafts."""

    account_id: UUID
    name: str
    lead: bool


@dataclass(frozen=True)
class QuickAnswer:
    """`question` and `answer` are texts by locale."""

    answer_id: UUID
    number: int | None
    state: State
    category: str
    question: Mapping[str, str]
    answer: Mapping[str, str]
    owner_id: UUID
    owner_name: str
    review_on: date
    version: int
    changed_at: datetime
    used: int = 0

    def is_due(self, today: date) -> bool:
        return self.state == State.PUBLISHED and self.review_on <= today


@dataclass(frozen=True)
class Version:
    version: int
    change: str
    note: str
    by_name: str
    at: datetime
    question: Mapping[str, str]
    answer: Mapping[str, str]


# From which states, and what becomes of it.
MACHINE: Mapping[Decision, tuple[tuple[State, ...], State | None]] = {
    Decision.PUBLISH: ((State.DRAFT,), State.PUBLISHED),
    Decision.CONFIRM: ((State.PUBLISHED,), None),
    Decision.TAKE_OVER: ((State.DRAFT, State.PUBLISHED), None),
    Decision.RETIRE: ((State.DRAFT, State.PUBLISHED), State.RETIRED),
    Decision.REOPEN: ((State.RETIRED,), State.DRAFT),
}


def may_change(known: QuickAnswer, author: Author) -> bool:
    if known.state == State.RETIRED:
        return False
    return author.lead or (known.state == State.DRAFT and known.owner_id == author.account_id)


def possible(known: QuickAnswer, author: Author) -> list[Decision]:
    """What the author may decide now."""
    if not author.lead:
        return []
    own = known.owner_id == author.account_id
    return [
        decision
        for decision, (states, _) in MACHINE.items()
        if known.state in states and not (own and decision == Decision.TAKE_OVER)
    ]


def changed(known: QuickAnswer, author: Author, wanted: QuickAnswer, now: datetime) -> QuickAnswer:
    """With the words, the category and the review day of `wanted`.

    Raises QuickAnswerChanged, QuickAnswerRetired, NotTheirs. `wanted.version`: that which was seen.
    """
    if not author.lead and not may_change(known, author):
        raise NotTheirs
    if known.version != wanted.version:
        raise QuickAnswerChanged
    if known.state == State.RETIRED:
        raise QuickAnswerRetired
    return replace(
        known,
        category=wanted.category,
        question=wanted.question,
        answer=wanted.answer,
        review_on=wanted.review_on,
        version=known.version + 1,
        changed_at=now,
    )


def decided(
    known: QuickAnswer, author: Author, decision: Decision, version: int, review_on: date, now: datetime
) -> QuickAnswer:
    """Raises QuickAnswerChanged, DecisionNotAllowed."""
    if known.version != version:
        raise QuickAnswerChanged
    if decision not in possible(known, author):
        raise DecisionNotAllowed
    after = replace(
        known, state=MACHINE[decision][1] or known.state, version=known.version + 1, changed_at=now
    )
    if decision in (Decision.PUBLISH, Decision.CONFIRM):
        return replace(after, review_on=review_on)
    if decision == Decision.TAKE_OVER:
        return replace(after, owner_id=author.account_id, owner_name=author.name)
    return after


def checked_review_day(day: date | None, today: date) -> date:
    """Half a year from today unless a day is given. Raises ReviewDayNotValid."""
    if day is None:
        return today + REVIEW_AFTER
    if not today < day <= today + LONGEST_REVIEW:
        raise ReviewDayNotValid
    return day


def may_be_personal(text: str) -> bool:
    """Whether a search may hold somebody's number or address: those are not kept."""
    return PERSONAL.search(text) is not None
