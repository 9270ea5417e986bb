"""What the search index holds of quick answers: each in both languages, under its id and language."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import gettempdir
from typing import Any
from uuid import UUID

from mtnet_chassis.data.database import Tx
from mtnet_chassis.settings import env
from mtnet_search.interface import Changes, Cursor, Document

from helpdesk.quick_answers.store import CHANNEL, QuickAnswerStore


def index_folder() -> Path:
    """Each process takes a folder of its own in it. It may be deleted at any time: the index is built anew."""
    return Path(env("HELPDESK_SEARCH_FOLDER", f"{gettempdir()}/mtnet-helpdesk-search")) / "quick-answers"


def key_of(answer_id: UUID, locale: str) -> str:
    return f"{answer_id}/{locale}"


def answer_of(key: str) -> tuple[UUID, str]:
    answer_id, _, locale = key.partition("/")
    return UUID(answer_id), locale


class QuickAnswerSource:
    """What `Search` follows."""

    channel = CHANNEL

    def changes_after(self, tx: Tx, cursor: Cursor, limit: int) -> Changes:
        store = QuickAnswerStore(tx)
        rows = store.changes_after(cursor.number, limit)
        number = rows[-1][-1] if rows else store.newest_change()
        return Changes(_documents(rows), (), Cursor(store.source_id(), number), len(rows) == limit)

    def everything(self, tx: Tx) -> tuple[Sequence[Document], Cursor]:
        store = QuickAnswerStore(tx)
        rows = store.changes_after(0, None)
        return _documents(rows), Cursor(store.source_id(), rows[-1][-1] if rows else 0)


def _documents(rows: Sequence[tuple[Any, ...]]) -> tuple[Document, ...]:
    return tuple(
        Document(key_of(answer_id, locale), question[locale], answer[locale], (state, category))
        for answer_id, state, category, question, answer, _ in rows
        for locale in question
    )
