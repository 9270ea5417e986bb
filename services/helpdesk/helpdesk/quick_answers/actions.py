"""What can be done with quick answers: search, list, write, decide, use; and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_contracts.vocabulary.dates import taipei_day
from mtnet_search.folding import fold
from mtnet_search.interface import Hit, SearchIndex

from helpdesk.desk_acts.actions import note_act
from helpdesk.quick_answers.indexing import answer_of
from helpdesk.quick_answers.rules import (
    MOST_ANSWERS,
    Author,
    Decision,
    QuickAnswer,
    QuickAnswerNotFound,
    QuickAnswersEnough,
    State,
    Version,
    changed,
    checked_review_day,
    decided,
    may_be_personal,
)
from helpdesk.quick_answers.store import QuickAnswerStore


def search(index: SearchIndex, text: str, drafts: bool, limit: int) -> list[dict[str, Any]]:
    """The best first, each answer once, in the language in which it fits better. Raises NotReady."""
    found: dict[UUID, dict[str, Any]] = {}
    for hit in index.search(text, 2 * limit, () if drafts else (State.PUBLISHED,)):
        answer_id, locale = answer_of(hit.key)
        found.setdefault(answer_id, _found(answer_id, locale, hit))
    return list(found.values())[:limit]


def _found(answer_id: UUID, locale: str, hit: Hit) -> dict[str, Any]:
    return {
        "answer_id": answer_id,
        "locale": locale,
        "question": [part._asdict() for part in hit.title],
        "answer": [part._asdict() for part in hit.snippet],
        "near": hit.near,
    }


def note_missing(tx: Tx, index: SearchIndex, text: str, now: datetime) -> bool:
    """Whether it was counted: not what has an answer, and not what may be personal. Raises NotReady."""
    if may_be_personal(text) or any(not hit["near"] for hit in search(index, text, False, 1)):
        return False
    QuickAnswerStore(tx).note_missing(" ".join(fold(text).split()), text, now)
    return True


def missing(tx: Tx, limit: int) -> list[dict[str, Any]]:
    names = ("text", "times", "first_at", "last_at")
    return [dict(zip(names, row, strict=True)) for row in QuickAnswerStore(tx).missing(limit)]


def answers(
    tx: Tx, today: date, *, state: str | None, category: str | None, due: bool, before: int | None, limit: int
) -> tuple[list[QuickAnswer], int | None, int]:
    """Answers, what to ask for next, and how many are due."""
    store = QuickAnswerStore(tx)
    overdue = store.due_count(today)
    if due:
        return store.due(today, category, limit), None, overdue
    found = store.listed(state, category, before, limit + 1)
    return found[:limit], found[limit - 1].number if len(found) > limit else None, overdue


def answer(tx: Tx, answer_id: UUID) -> QuickAnswer:
    """Raises QuickAnswerNotFound."""
    return _known(QuickAnswerStore(tx).answer(answer_id))


def history(tx: Tx, answer_id: UUID, before: int | None, limit: int) -> tuple[list[Version], int | None]:
    """Raises QuickAnswerNotFound."""
    answer(tx, answer_id)
    found = QuickAnswerStore(tx).versions(answer_id, before, limit + 1)
    return found[:limit], found[limit - 1].version if len(found) > limit else None


def save(
    tx: Tx,
    outbox: Outbox,
    actor: Actor,
    author: Author,
    *,
    answer_id: UUID | None,
    version: int,
    category: str,
    question_zh: str,
    question_en: str,
    answer_zh: str,
    answer_en: str,
    review_on: date,
    note: str,
    now: datetime,
) -> QuickAnswer:
    """Raises ReviewDayNotValid, QuickAnswerNotFound, QuickAnswersEnough, and what `changed` raises."""
    store = QuickAnswerStore(tx)
    wanted = QuickAnswer(
        answer_id=answer_id or uuid4(),
        number=None,
        state=State.DRAFT,
        category=category,
        question={"zh-Hant": question_zh, "en": question_en},
        answer={"zh-Hant": answer_zh, "en": answer_en},
        owner_id=author.account_id,
        owner_name=author.name,
        review_on=checked_review_day(review_on, taipei_day(now)),
        version=version,
        changed_at=now,
    )
    if answer_id is not None:
        saved = changed(_known(store.answer_for_update(answer_id)), author, wanted, now)
    elif store.holds(MOST_ANSWERS):
        raise QuickAnswersEnough
    else:
        saved = first_version(wanted)
    store.save(saved, "written", note, author)
    return _noted(store, outbox, actor, saved, "save_quick_answer", now)


def first_version(wanted: QuickAnswer) -> QuickAnswer:
    return QuickAnswer(**(vars(wanted) | {"version": 1}))


def decide(
    tx: Tx,
    outbox: Outbox,
    actor: Actor,
    author: Author,
    *,
    answer_id: UUID,
    version: int,
    decision: str,
    review_on: date | None,
    note: str,
    now: datetime,
) -> QuickAnswer:
    """Raises ReviewDayNotValid, QuickAnswerNotFound, QuickAnswerChanged, DecisionNotAllowed."""
    store = QuickAnswerStore(tx)
    known = _known(store.answer_for_update(answer_id))
    day = checked_review_day(review_on, taipei_day(now))
    after = decided(known, author, Decision(decision), version, day, now)
    store.save(after, decision, note, author)
    return _noted(store, outbox, actor, after, f"{decision}_quick_answer", now)


def use(tx: Tx, answer_ids: Sequence[UUID], locale: str, now: datetime) -> list[dict[str, Any]]:
    """The texts of those that are published, in the order asked for; each is counted once."""
    texts = QuickAnswerStore(tx).use(answer_ids, locale, taipei_day(now))
    return [{"answer_id": each, "answer": texts[each]} for each in dict.fromkeys(answer_ids) if each in texts]


def most_used(tx: Tx, from_day: date, to_day: date, limit: int) -> list[dict[str, Any]]:
    """What was put into answers in these days, most often first."""
    found = QuickAnswerStore(tx).most_used(from_day, to_day, limit)
    return [{"answer_id": each, "question": question, "used": used} for each, question, used in found]


def _known(found: QuickAnswer | None) -> QuickAnswer:
    if found is None:
        raise QuickAnswerNotFound
    return found


def _noted(
    store: QuickAnswerStore, outbox: Outbox, actor: Actor, saved: QuickAnswer, act: str, now: datetime
) -> QuickAnswer:
    """Told to the audit log; and the answer as it now is, with its number."""
    found = _known(store.answer(saved.answer_id))
    note_act(outbox, actor, act, now, number=found.number, version=found.version)
    return found
