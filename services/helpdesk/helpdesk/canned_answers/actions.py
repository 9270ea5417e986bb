"""What can be done with texts that are kept ready, and with the views that an agent keeps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor

from helpdesk.canned_answers.rules import (
    CannedAnswer,
    CannedAnswerChanged,
    CannedAnswersEnough,
    filled,
    require_known_fields,
)
from helpdesk.canned_answers.store import CannedAnswerStore
from helpdesk.desk_acts.actions import note_act
from helpdesk.desk_people.rules import Agent

MOST_ANSWERS = 500
MOST_VIEWS = 20


class SavedViewsEnough(Exception):
    """An agent keeps so many already."""


def canned_answers(tx: Tx, locale: str | None, values: Mapping[str, str]) -> list[dict[str, Any]]:
    """Most used first. With a language, `text` is filled in in it; without one it is empty."""
    return [
        vars(each) | {"text": filled(each.body(locale), values) if locale else ""}
        for each in CannedAnswerStore(tx).all(MOST_ANSWERS)
    ]


def save(
    tx: Tx,
    outbox: Outbox,
    actor: Actor,
    agent: Agent,
    *,
    canned_answer_id: UUID | None,
    version: int,
    title: str,
    category: str | None,
    body_zh: str,
    body_en: str,
    now: datetime,
) -> CannedAnswer:
    """Raises UnknownField, CannedAnswerNotFound, CannedAnswerChanged, CannedAnswersEnough."""
    require_known_fields(body_zh, body_en)
    store = CannedAnswerStore(tx)
    used = 0
    if canned_answer_id is not None:
        found = store.for_update(canned_answer_id)
        if found.version != version:
            raise CannedAnswerChanged
        used = found.used
    elif len(store.all(MOST_ANSWERS)) >= MOST_ANSWERS:
        raise CannedAnswersEnough
    answer = CannedAnswer(
        canned_answer_id or uuid4(), title, category, body_zh, body_en, used, version + 1, now, agent.name
    )
    store.save(answer)
    note_act(outbox, actor, "save_canned_answer", now, title=title, version=answer.version)
    return answer


def retire(tx: Tx, outbox: Outbox, actor: Actor, canned_answer_id: UUID, now: datetime) -> None:
    """Raises CannedAnswerNotFound."""
    store = CannedAnswerStore(tx)
    title = store.for_update(canned_answer_id).title
    store.retire(canned_answer_id, now)
    note_act(outbox, actor, "retire_canned_answer", now, title=title)


def count_use(tx: Tx, canned_answer_id: UUID | None) -> None:
    if canned_answer_id is not None:
        CannedAnswerStore(tx).count_use(canned_answer_id)


def views_of(tx: Tx, account_id: UUID) -> dict[str, Any]:
    found = CannedAnswerStore(tx).views_of(account_id)
    return {"items": [{"view_id": each[0], "name": each[1], "query": each[2]} for each in found]}


def save_view(tx: Tx, account_id: UUID, name: str, query: str) -> dict[str, Any]:
    """Raises SavedViewsEnough."""
    store = CannedAnswerStore(tx)
    store.lock_views_of(account_id)
    known = {each[1] for each in store.views_of(account_id)}
    if name not in known and len(known) >= MOST_VIEWS:
        raise SavedViewsEnough
    store.save_view(account_id, name, query)
    return views_of(tx, account_id)


def remove_view(tx: Tx, account_id: UUID, view_id: UUID) -> dict[str, Any]:
    CannedAnswerStore(tx).remove_view(account_id, view_id)
    return views_of(tx, account_id)
