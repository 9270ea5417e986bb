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
from mtnet_search.interface import (
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
from mtnet_search.nearness import OF_THE_BEST, about, enough, nearness
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
# Of so many that have something of what was asked, the nearest are looked for; and so many are shown at most.
MOST_OFFERED, MOST_NEAR = 30, 5
# Of a long text its beginning says what it is about.
LONGEST_JUDGED = 2_000
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
        found = searcher.search(exactly(self._schema, asked, tags), limit, count=False).hits
        hits = [_hit(_source(searcher.doc(address)), asked, near=False) for _, address in found]
        if len(hits) < min(limit, FEW_HITS):
            known = {hit.key for hit in hits}
            hits += self._near(searcher, asked, tags, known)
        return hits[:limit]

    def _near(
        self, searcher: tantivy.Searcher, asked: list[Piece], tags: Collection[str], known: set[str]
    ) -> list[Hit]:
        """The nearest first, and none that has little of what was asked."""
        meant = about(asked)
        offered = self._offered(searcher, nearly(self._schema, meant, tags))
        judged = [
            (nearness(meant, fold(title), fold(body[:LONGEST_JUDGED])), key)
            for key, title, body in offered.values()
        ]
        least = max(enough(meant), OF_THE_BEST * max([1.0 if known else 0.0, *(near for near, _ in judged)]))
        chosen = [key for near, key in sorted(judged, key=lambda each: -each[0]) if near >= least]
        if not known and not chosen:
            # One character is wrong, and none of those beside it is as it was typed.
            offered = self._offered(searcher, scattered(self._schema, meant, tags))
            chosen = list(offered)
        return [_hit(offered[key], asked, near=True) for key in chosen if key not in known][:MOST_NEAR]

    def _offered(self, searcher: tantivy.Searcher, query: tantivy.Query | None) -> dict[str, Any]:
        """What the index would say, its best first, by key."""
        found = searcher.search(query, MOST_OFFERED, count=False).hits if query else []
        sources = (_source(searcher.doc(address)) for _, address in found)
        return {source[0]: source for source in sources}

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


def _hit(source: Any, asked: list[Piece], *, near: bool) -> Hit:
    key, title, body = source
    return Hit(key, snippets.marked(title, asked), snippets.marked(body, asked, snippets.LENGTH), near)
