"""What a search index is to those who use it: put texts in, ask, get hits with what to mark."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

LONGEST_QUERY = 200
LONGEST_KEY = 64
LONGEST_TITLE = 500
LONGEST_BODY = 50_000
MOST_TAGS = 16
MOST_HITS = 50
MOST_DOCUMENTS = 1_000_000
# With fewer hits, what is nearly the same is shown as well.
FEW_HITS = 3


class NotReady(Exception):
    """The index has never been filled: what it would answer is not known."""


class TooManyDocuments(Exception):
    """More than MOST_DOCUMENTS."""


@dataclass(frozen=True)
class Document:
    """A text under its key. `tags` are what a search can be narrowed to.

    Raises ValueError for what is too long; of a body, the first LONGEST_BODY characters can be found.
    """

    key: str
    title: str
    body: str
    tags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 < len(self.key) <= LONGEST_KEY or len(self.title) > LONGEST_TITLE:
            raise ValueError("key or title of a document")
        if len(self.tags) > MOST_TAGS or any(not 0 < len(tag) <= LONGEST_KEY for tag in self.tags):
            raise ValueError("tags of a document")


class Part(NamedTuple):
    """A part of a text; whoever shows it escapes it, and marks it if it is `marked`."""

    text: str
    marked: bool


@dataclass(frozen=True)
class Hit:
    """`near`: not what was asked for, but nearly. `title` and `snippet` in parts, in the order of the text."""

    key: str
    title: tuple[Part, ...]
    snippet: tuple[Part, ...]
    near: bool


class Cursor(NamedTuple):
    """Up to which change of which source: a database that was made anew is another one."""

    source: str
    number: int


@dataclass(frozen=True)
class Changes:
    """What has changed since a cursor, and the cursor after it. `more`: ask again."""

    changed: tuple[Document, ...]
    removed: tuple[str, ...]
    cursor: Cursor
    more: bool = False


class SearchIndex(Protocol):
    """One process' index. Searches come from any green thread, changes from one thread at a time."""

    def search(self, text: str, limit: int = 10, tags: Collection[str] = ()) -> list[Hit]:
        """The best first; documents with all of these tags. Raises NotReady."""

    def cursor(self) -> Cursor | None:
        """Up to where the index holds the changes of its source; None when it is to be rebuilt."""

    def apply(self, changes: Changes) -> None:
        """All of them and the cursor at once; found by the next search."""

    def rebuild(self, documents: Iterable[Document], cursor: Cursor) -> None:
        """A new index in place of the old one, which answers until then. Raises TooManyDocuments."""

    def close(self) -> None:
        """Other processes may have its folder now."""
