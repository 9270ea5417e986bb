"""The index as tantivy keeps it, with tokens of our own."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import tantivy

from mtnet_search import snippets
from mtnet_search.folders import OwnFolder
from mtnet_search.folding import fold
from mtnet_search.index import (
    FEW_HITS,
    LONGEST_BODY,
    MOST_DOCUMENTS,
    MOST_HITS,
    Changes,
    Cursor,
    Document,
    Hit,
    NotReady,
    TooManyDocuments,
)
from mtnet_search.queries import (
    BEGINNINGS,
    BODY,
    CHARACTERS,
    MISTYPED,
    TAGS,
    TITLE,
    TITLE_CHARACTERS,
    asked_pieces,
    exactly,
    nearly,
    scattered,
)
from mtnet_search.words import Piece, all_mistyped, beginnings, characters, tokens

# Raised when anything changes about what is indexed: an index of another format is rebuilt.
FORMAT = 1
MADE_BY: dict[str, str | int] = {"format": FORMAT, "tantivy": version("tantivy")}
KEY, SOURCE = "key", "source"
# The cursor is a document of the index, so that it is committed with the changes it speaks of.
CURSOR_KEY = "\x00cursor"
REBUILD_MEMORY, CHANGE_MEMORY = 100_000_000, 15_000_000


class TantivyIndex:
    """A SearchIndex in a folder of its own below `root`."""

    def __init__(self, root: Path) -> None:
        """Raises NoFreeFolder."""
        self._folder = OwnFolder(root, MADE_BY)
        self._schema = _schema()
        self._index: tantivy.Index | None = None
        self._searcher: tantivy.Searcher | None = None
        self._writer: tantivy.IndexWriter | None = None
        if (build := self._folder.current()) is not None:
            self._take(build)

    def search(self, text: str, limit: int = 10, tags: Collection[str] = ()) -> list[Hit]:
        """In the order of how well they fit. Raises NotReady."""
        searcher = self._searcher
        if searcher is None:
            raise NotReady
        asked, limit = asked_pieces(text), min(limit, MOST_HITS)
        if not asked:
            return []
        hits: dict[str, Hit] = {}
        for near, make in ((False, exactly), (True, nearly), (True, scattered)):
            query = make(self._schema, asked, tags) if len(hits) < min(limit, FEW_HITS) else None
            found = searcher.search(query, limit + len(hits), count=False).hits if query else []
            for _, address in found:
                hit = _hit(searcher.doc(address), asked, near=near)
                hits.setdefault(hit.key, hit)
        return list(hits.values())[:limit]

    def cursor(self) -> Cursor | None:
        if self._searcher is None:
            return None
        asked = tantivy.Query.term_query(self._schema, KEY, CURSOR_KEY, "basic")
        found = self._searcher.search(asked, 1, count=False).hits
        return Cursor(*_source(self._searcher.doc(found[0][1]))) if found else None

    def apply(self, changes: Changes) -> None:
        if self._index is None:
            raise NotReady
        if self._writer is None:
            self._writer = self._index.writer(heap_size=CHANGE_MEMORY, num_threads=1)
        for key in (*changes.removed, *(document.key for document in changes.changed), CURSOR_KEY):
            self._writer.delete_documents_by_term(KEY, key)
        for document in changes.changed:
            self._writer.add_document(_indexed(document))
        self._writer.add_document(_cursor(changes.cursor))
        self._writer.commit()
        self._look(self._index)

    def rebuild(self, documents: Iterable[Document], cursor: Cursor) -> None:
        build = self._folder.new_build()
        index = tantivy.Index(self._schema, path=str(build))
        writer = index.writer(heap_size=REBUILD_MEMORY, num_threads=1)
        for number, document in enumerate(documents):
            if number >= MOST_DOCUMENTS:
                raise TooManyDocuments
            writer.add_document(_indexed(document))
        writer.add_document(_cursor(cursor))
        writer.commit()
        writer.wait_merging_threads()
        self._end_writer()
        self._folder.use(build)
        self._take(build)
        self._folder.remove_others()

    def close(self) -> None:
        self._end_writer()
        self._index = self._searcher = None
        self._folder.close()

    def _end_writer(self) -> None:
        if self._writer is not None:
            self._writer.wait_merging_threads()
            self._writer = None

    def _take(self, build: Path) -> None:
        try:
            index = tantivy.Index.open(str(build))
            self._look(index)
        except (ValueError, OSError):  # damaged: as good as lost
            return
        self._index = index

    def _look(self, index: tantivy.Index) -> None:
        """Searches that have begun end with what they began with."""
        index.reload()
        self._searcher = index.searcher()


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for field in (KEY, TAGS):
        builder.add_text_field(field, tokenizer_name="raw", index_option="basic")
    for field in (TITLE, BODY):
        builder.add_text_field(field, tokenizer_name="whitespace", index_option="position")
    for field in (TITLE_CHARACTERS, CHARACTERS, BEGINNINGS, MISTYPED):
        builder.add_text_field(field, tokenizer_name="whitespace", index_option="basic")
    builder.add_bytes_field(SOURCE, stored=True)
    return builder.build()


def _indexed(document: Document) -> tantivy.Document:
    title, body = fold(document.title), fold(document.body[:LONGEST_BODY])
    made = tantivy.Document()
    made.add_text(KEY, document.key)
    for tag in document.tags:
        made.add_text(TAGS, tag)
    made.add_text(TITLE, " ".join(tokens(title)))
    made.add_text(BODY, " ".join(tokens(body)))
    made.add_text(TITLE_CHARACTERS, " ".join(characters(title)))
    made.add_text(CHARACTERS, " ".join(characters(body)))
    made.add_text(BEGINNINGS, " ".join(beginnings(f"{title} {body}")))
    made.add_text(MISTYPED, " ".join(all_mistyped(f"{title} {body}")))
    made.add_bytes(SOURCE, _stored(document.key, document.title, document.body[: snippets.LOOKED_THROUGH]))
    return made


def _cursor(cursor: Cursor) -> tantivy.Document:
    made = tantivy.Document()
    made.add_text(KEY, CURSOR_KEY)
    made.add_bytes(SOURCE, _stored(*cursor))
    return made


def _stored(*values: object) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode("utf-8", "replace")


def _source(document: tantivy.Document) -> Any:
    return json.loads(document.get_first(SOURCE) or b"null")


def _hit(document: tantivy.Document, asked: list[Piece], *, near: bool) -> Hit:
    key, title, body = _source(document)
    return Hit(key, snippets.marked(title, asked), snippets.marked(body, asked, snippets.LENGTH), near)
