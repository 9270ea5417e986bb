"""An index that follows a table: filled at the start, then changed whenever the database says that something was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from threading import Event
from typing import Any, Protocol

import psycopg
from eventlet import tpool
from mtnet_chassis.data.containers import database_of
from mtnet_chassis.data.database import Tx
from mtnet_chassis.settings import env
from mtnet_chassis.telemetry import logger
from nameko.extensions import DependencyProvider
from psycopg_pool import PoolTimeout

from mtnet_search.interface import Changes, Cursor, Document, SearchIndex
from mtnet_search.tantivy_index import TantivyIndex

BATCH = 500
# How soon the listener sees that it is time to stop.
LISTEN_SECONDS = 0.5
AFTER_TROUBLE_SECONDS = 0.5
STOP_SECONDS = 25.0

log = logger()

Transaction = Callable[[], AbstractContextManager[Any]]


class Source(Protocol):
    """What is indexed. Each change has a number; a number is never visible before a smaller one, and the transaction
    that gives it notifies `channel`."""

    channel: str

    def changes_after(self, tx: Tx, cursor: Cursor, limit: int) -> Changes:
        """In the order of their numbers; the cursor is that of the last, or the newest of all if there is none."""

    def everything(self, tx: Tx) -> tuple[Sequence[Document], Cursor]:
        """As it is in one instant, and the number of the newest change."""


class Follower:
    """Brings an index up to date with its source."""

    def __init__(
        self,
        index: SearchIndex,
        source: Source,
        transaction: Transaction,
        apart: Callable[..., Any] = tpool.execute,
    ) -> None:
        """`apart` runs what takes long in a thread of its own, while green threads go on."""
        self._index = index
        self._source = source
        self._transaction = transaction
        self._apart = apart

    def catch_up(self) -> None:
        """Apply what has changed. An index that is empty, ahead of its source or cannot be changed is rebuilt."""
        cursor, more = self._index.cursor(), True
        while more:
            if cursor is None:
                self._rebuild()
                return
            with self._transaction() as tx:
                changes = self._source.changes_after(tx, cursor, BATCH)
            if changes.cursor.source != cursor.source or changes.cursor.number < cursor.number:
                cursor = None  # the database is another one than that which was indexed, or an older one
            elif changes.cursor.number > cursor.number and not self._applied(changes):
                cursor = None
            else:
                cursor, more = changes.cursor, changes.more

    def _applied(self, changes: Changes) -> bool:
        try:
            self._apart(self._index.apply, changes)
        except (ValueError, OSError) as problem:  # its folder is lost, or the disk was full
            log.warning("search index is rebuilt", problem=type(problem).__name__)
            return False
        log.info("search index changed", documents=len(changes.changed), removed=len(changes.removed))
        return True

    def _rebuild(self) -> None:
        with self._transaction() as tx:
            documents, cursor = self._source.everything(tx)
        self._apart(self._index.rebuild, documents, cursor)
        log.info("search index built", documents=len(documents))


class Search(DependencyProvider):  # type: ignore[misc]
    """A service's index of its own texts: `answers = Search(folder, AnswerSource())`. The service gets a SearchIndex.

    It is filled before the first call comes; when the database is away then, searches raise NotReady until it is back.
    """

    def __init__(self, folder: Callable[[], Path], source: Source) -> None:
        super().__init__()
        self._folder = folder
        self._source = source

    def setup(self) -> None:
        self._stopping, self._done = Event(), Event()
        self._index = TantivyIndex(self._folder())
        try:
            with psycopg.connect(env("DATABASE_URL"), connect_timeout=5) as session:
                Follower(self._index, self._source, lambda: nullcontext(session)).catch_up()
        except psycopg.Error as problem:
            log.warning("search waits for the database", problem=type(problem).__name__)

    def start(self) -> None:
        follower = Follower(self._index, self._source, database_of(self.container).transaction)
        self.container.spawn_managed_thread(
            lambda: self._run(follower), identifier=f"search.{self._source.channel}"
        )

    def stop(self) -> None:
        self._stopping.set()
        self._done.wait(STOP_SECONDS)
        self._index.close()

    def get_dependency(self, worker_ctx: Any) -> SearchIndex:
        return self._index

    def _run(self, follower: Follower) -> None:
        try:
            while not self._stopping.is_set():
                try:
                    self._listen(follower)
                except (psycopg.Error, PoolTimeout) as problem:
                    log.warning("search waits for the database", problem=type(problem).__name__)
                except Exception:
                    log.exception("search goes on after a mistake")
                self._stopping.wait(AFTER_TROUBLE_SECONDS)
        finally:
            self._done.set()

    def _listen(self, follower: Follower) -> None:
        with psycopg.connect(env("DATABASE_URL"), autocommit=True, connect_timeout=5) as session:
            session.execute(f"LISTEN {self._source.channel}")
            follower.catch_up()  # what changed while nobody listened
            while not self._stopping.is_set():
                if list(session.notifies(timeout=LISTEN_SECONDS, stop_after=1)):
                    follower.catch_up()
