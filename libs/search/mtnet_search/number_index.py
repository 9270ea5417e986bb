"""Many texts of which only numbers are asked for, newest first; no text is stored in it.

Whoever asks reads the rows of the numbers from the table, with the rights and filters that hold there. A common word
would have a million texts compared, so the newest are looked through first, then more, then all; a rare one is looked
for in all at once.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import tantivy
from tantivy import FieldType, Occur, Order, Query

from mtnet_search.folders import OwnFolder
from mtnet_search.folding import fold
from mtnet_search.interface import LONGEST_BODY, LONGEST_KEY, MOST_TAGS, NotReady
from mtnet_search.queries import BEGINNINGS, BODY, CHARACTERS, TAGS, asked_pieces, in_body, spellings
from mtnet_search.words import Piece, beginnings, characters, tokens

# Raised when anything changes about what is indexed: an index of another format is filled anew.
FORMAT = 1
MADE_BY: dict[str, str | int] = {"numbers": FORMAT, "tantivy": version("tantivy")}
KEY, NUMBER, WINDOW, STATE = "key", "number", "window", "state"
# How far the index has come is a document of it, so that it is committed with the changes it speaks of.
STATE_KEY = "\x00state"
MEMORY = 50_000_000
MOST_NUMBERS = 1_000
# Texts whose numbers lie in one window are looked through together: the two newest small ones, two large ones, all.
WINDOWS = (1 << 14, 1 << 17)
# What occurs in no more texts than this is looked for in all of them.
FEW_TEXTS = 20_000


@dataclass(frozen=True)
class NumberedText:
    """`number` rises with time; `tags` are what a search can be narrowed to.

    Raises ValueError for what is too long; the first LONGEST_BODY characters can be found.
    """

    key: str
    number: int
    body: str
    tags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 < len(self.key) <= LONGEST_KEY or self.number < 0:
            raise ValueError("key or number of a text")
        if len(self.tags) > MOST_TAGS or any(not 0 < len(tag) <= LONGEST_KEY for tag in self.tags):
            raise ValueError("tags of a text")


class Progress(NamedTuple):
    """All changes of `source` after `after` up to `number` are in the index, and after the filling those before it.

    `unfilled`: changes up to this one are still to be filled in, newest first; 0 when all are there. `newest`: the
    highest number of a text.
    """

    source: str
    number: int
    unfilled: int
    newest: int = 0


class NumberIndex:
    """One process' index, in a folder of its own below `root`. Searches come from any green thread, changes from one
    thread at a time. `apart`: how far the numbers of two texts that follow each other lie apart."""

    def __init__(self, root: Path, apart: int = 1) -> None:
        """Raises NoFreeFolder."""
        self._folder = OwnFolder(root, MADE_BY)
        self._apart = apart
        self._schema = _schema()
        self._index: tantivy.Index | None = None
        self._searcher: tantivy.Searcher | None = None
        self._writer: tantivy.IndexWriter | None = None
        self._progress: Progress | None = None
        if (build := self._folder.current()) is not None:
            self._take(build)

    # What is asked.

    def numbers(
        self,
        text: str,
        *,
        tags: Collection[str] = (),
        any_of: Sequence[Collection[str]] = (),
        below: int | None = None,
        limit: int = 50,
    ) -> list[int]:
        """Of texts that have all that is asked for, all tags, and of each of `any_of` at least one; highest first.

        Raises NotReady.
        """
        searcher, progress = self._searcher, self._progress
        if searcher is None or progress is None:
            raise NotReady
        asked, limit = asked_pieces(text), min(limit, MOST_NUMBERS)
        if not asked:
            return []
        clauses = in_body(self._schema, asked)
        clauses += [self._tagged([tag]) for tag in tags] + [self._tagged(each) for each in any_of]
        if below is not None:
            if below <= 0:
                return []
            clauses.append(Query.range_query(self._schema, NUMBER, FieldType.Unsigned, 0, below - 1))
        top = progress.newest if below is None else min(below - 1, progress.newest)
        found: list[int] = []
        for window in self._windows(searcher, asked, tags, top):
            narrowed = [*clauses, window] if window is not None else clauses
            query = Query.boolean_query([(Occur.Must, clause) for clause in narrowed])
            hits = searcher.search(query, limit, count=False, order_by_field=NUMBER, order=Order.Desc).hits
            found = [int(number) for number, _ in hits]
            if len(found) == limit:
                break
        return found

    def progress(self) -> Progress | None:
        return self._progress

    def _tagged(self, tags: Collection[str]) -> Query:
        return Query.const_score_query(Query.term_set_query(self._schema, TAGS, list(tags)), 0.0)

    def _windows(
        self, searcher: tantivy.Searcher, asked: list[Piece], tags: Collection[str], top: int
    ) -> list[Query | None]:
        """Where to look, one after the other; None: everywhere."""
        if searcher.num_docs <= WINDOWS[0] or self._texts_with(searcher, asked, tags) <= FEW_TEXTS:
            return [None]
        found: list[Query | None] = []
        for size in WINDOWS:
            newest = top // self._apart // size
            names = [_window(size, each) for each in (newest, newest - 1)]
            found.append(Query.term_set_query(self._schema, WINDOW, names))
        return [*found, None]

    def _texts_with(self, searcher: tantivy.Searcher, asked: list[Piece], tags: Collection[str]) -> int:
        """In how many texts the rarest thing that is asked for stands, at most."""
        most = [searcher.doc_freq(TAGS, tag) for tag in tags]
        for piece in asked:
            if piece.unspaced and len(piece.text) == 1:
                most.append(searcher.doc_freq(CHARACTERS, piece.text))
            elif piece.unspaced:
                most += [searcher.doc_freq(BODY, pair) for pair in piece.pairs()]
            else:
                each = [min(searcher.doc_freq(BODY, part) for part in way) for way in spellings(piece) if way]
                begun = searcher.doc_freq(BEGINNINGS, piece.text) if piece is asked[-1] else 0
                most.append(sum(each) + begun)
        return min(most)

    # What is changed.

    def begin(self, progress: Progress) -> None:
        """An empty index in place of the one that there is."""
        build = self._folder.new_build()
        index = tantivy.Index(self._schema, path=str(build))
        writer = index.writer(heap_size=MEMORY, num_threads=1)
        writer.add_document(_state(progress))
        writer.commit()
        writer.wait_merging_threads()
        self._end_writer()
        self._folder.use(build)
        self._take(build)
        self._folder.remove_others()

    def apply(self, changed: Iterable[NumberedText], removed: Iterable[str], progress: Progress) -> None:
        """All of them and how far it has come at once; found by the next search. Raises NotReady."""
        if self._index is None or self._progress is None:
            raise NotReady
        if self._writer is None:
            self._writer = self._index.writer(heap_size=MEMORY, num_threads=1)
        newest = self._progress.newest
        for key in (*removed, STATE_KEY):
            self._writer.delete_documents_by_term(KEY, key)
        for text in changed:
            self._writer.delete_documents_by_term(KEY, text.key)
            self._writer.add_document(_indexed(text, self._apart))
            newest = max(newest, text.number)
        reached = progress._replace(newest=newest)
        self._writer.add_document(_state(reached))
        self._writer.commit()
        self._index.reload()
        self._searcher, self._progress = self._index.searcher(), reached

    def close(self) -> None:
        self._end_writer()
        self._index = self._searcher = self._progress = None
        self._folder.close()

    def _end_writer(self) -> None:
        if self._writer is not None:
            self._writer.wait_merging_threads()
            self._writer = None

    def _take(self, build: Path) -> None:
        try:
            index = tantivy.Index.open(str(build))
            index.reload()
            searcher = index.searcher()
            asked = Query.term_query(self._schema, KEY, STATE_KEY, "basic")
            hits = searcher.search(asked, 1, count=False).hits
            progress = (
                Progress(*json.loads(searcher.doc(hits[0][1]).get_first(STATE) or b"")) if hits else None
            )
        except (ValueError, OSError, TypeError):  # damaged: as good as lost
            return
        self._index, self._searcher, self._progress = index, searcher, progress


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for field in (KEY, TAGS, WINDOW):
        builder.add_text_field(field, tokenizer_name="raw", index_option="basic")
    builder.add_text_field(BODY, tokenizer_name="whitespace", index_option="position")
    for field in (CHARACTERS, BEGINNINGS):
        builder.add_text_field(field, tokenizer_name="whitespace", index_option="basic")
    builder.add_unsigned_field(NUMBER, fast=True)
    builder.add_bytes_field(STATE, stored=True)
    return builder.build()


def _indexed(text: NumberedText, apart: int) -> tantivy.Document:
    body = fold(text.body[:LONGEST_BODY])
    made = tantivy.Document()
    made.add_text(KEY, text.key)
    made.add_unsigned(NUMBER, text.number)
    for tag in text.tags:
        made.add_text(TAGS, tag)
    for size in WINDOWS:
        made.add_text(WINDOW, _window(size, text.number // apart // size))
    made.add_text(BODY, " ".join(tokens(body)))
    made.add_text(CHARACTERS, " ".join(characters(body)))
    made.add_text(BEGINNINGS, " ".join(beginnings(body)))
    return made


def _window(size: int, which: int) -> str:
    return f"{size}/{which}"


def _state(progress: Progress) -> tantivy.Document:
    made = tantivy.Document()
    made.add_text(KEY, STATE_KEY)
    made.add_bytes(STATE, json.dumps(progress).encode())
    return made
