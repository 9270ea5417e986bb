"""What the search index holds of pages: each in both languages, under its id and language, without Markdown's marks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from tempfile import gettempdir
from typing import Any
from uuid import UUID

from mtnet_chassis.data.database import Tx
from mtnet_chassis.settings import env
from mtnet_search.interface import LONGEST_TITLE, Changes, Cursor, Document

from content.pages.store import CHANNEL, PageStore

LINK = re.compile(r"!?\[([^\]\n]*)\]\([^)\n]*\)")
MARKS = re.compile(r"^[ \t]*(?:#+|>|[-*+]|\d+\.)[ \t]+|^[ \t|:-]+$|[*`|]+", re.MULTILINE)


def index_folder() -> Path:
    """Each process takes a folder of its own in it. It may be deleted at any time: the index is built anew."""
    return Path(env("CONTENT_SEARCH_FOLDER", f"{gettempdir()}/mtnet-content-search")) / "pages"


def key_of(page_id: UUID, locale: str) -> str:
    return f"{page_id}/{locale}"


def page_of(key: str) -> tuple[UUID, str]:
    page_id, _, locale = key.partition("/")
    return UUID(page_id), locale


def plain(markdown: str) -> str:
    """As one reads it: what a link is called, without its address; no marks."""
    return "\n".join(line for line in MARKS.sub("", LINK.sub(r"\1", markdown)).splitlines() if line.strip())


class PageSource:
    """What `Search` follows. Whether a page is public just now is asked of the table: an hour changes no row."""

    channel = CHANNEL

    def changes_after(self, tx: Tx, cursor: Cursor, limit: int) -> Changes:
        store = PageStore(tx)
        rows = store.changes_after(cursor.number, limit)
        number = rows[-1][-1] if rows else store.newest_change()
        return Changes(_documents(rows), (), Cursor(store.source_id(), number), len(rows) == limit)

    def everything(self, tx: Tx) -> tuple[Sequence[Document], Cursor]:
        store = PageStore(tx)
        rows = store.changes_after(0, None)
        return _documents(rows), Cursor(store.source_id(), rows[-1][-1] if rows else 0)


def _documents(rows: Sequence[tuple[Any, ...]]) -> tuple[Document, ...]:
    return tuple(
        Document(key_of(page_id, locale), title[locale][:LONGEST_TITLE], plain(body[locale]), (kind,))
        for page_id, kind, _, title, body, _ in rows
        for locale in title
    )
