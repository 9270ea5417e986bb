"""An index of many texts that follows a table: new changes first, and between them what is not filled in yet."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any, Protocol

from eventlet import tpool
from mtnet_chassis.data.containers import database_of
from mtnet_chassis.data.database import Tx
from mtnet_chassis.telemetry import logger
from nameko.extensions import DependencyProvider
from psycopg import Error
from psycopg_pool import PoolTimeout

from mtnet_search.number_index import NumberedText, NumberIndex, Progress

# One step: so much is read, indexed and committed before new changes are looked for again.
STEP = 1_000
LOOK_SECONDS = 0.25
AFTER_TROUBLE_SECONDS = 1.0
STOP_SECONDS = 25.0

log = logger()


@dataclass(frozen=True)
class Step:
    """What has changed, and up to which change, or down to which while an index is filled."""

    changed: tuple[NumberedText, ...]
    removed: tuple[str, ...]
    number: int


class NumberedSource(Protocol):
    """What is indexed. Each change has a number; one is never visible before a smaller one."""

    def place(self, tx: Tx) -> tuple[str, int, int]:
        """Which database this is, its newest change, and up to which change removed texts are known no more.

        It may number what has changed since, in this transaction.
        """

    def after(self, tx: Tx, number: int, limit: int) -> Step:
        """The next changes after that one, oldest first."""

    def up_to(self, tx: Tx, number: int, limit: int) -> Step:
        """The last changes up to that one, newest first; the step's number is the smallest of them, or 0 at the end."""


class Filling:
    """Brings an index up to date with its source, in steps."""

    def __init__(
        self,
        index: NumberIndex,
        source: NumberedSource,
        transaction: Callable[[], AbstractContextManager[Any]],
        apart: Callable[..., Any] = tpool.execute,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        """`apart` runs what takes long in a thread of its own, while green threads go on."""
        self._index = index
        self._source = source
        self._transaction = transaction
        self._apart = apart
        self._stopping = stopping

    def catch_up(self) -> None:
        """Until all is there, or until it is to stop. An index that is lost, damaged, of another database or ahead of
        it, and one that has missed what was removed, is filled anew."""
        while not self._stopping() and self._step():
            pass

    def _step(self) -> bool:
        """One; whether another is to follow."""
        with self._transaction() as tx:
            name, newest, forgotten_to = self._source.place(tx)
        at = self._index.progress()
        if at is None or at.source != name or not forgotten_to <= at.number <= newest:
            self._apart(self._index.begin, Progress(name, newest, newest))
            log.info("search index is filled", changes=newest)
            return newest > 0
        if at.number < newest:
            return self._follow(at)
        return at.unfilled > 0 and self._fill(at)

    def _follow(self, at: Progress) -> bool:
        with self._transaction() as tx:
            step = self._source.after(tx, at.number, STEP)
        return self._applied(step, at._replace(number=step.number))

    def _fill(self, at: Progress) -> bool:
        with self._transaction() as tx:
            step = self._source.up_to(tx, at.unfilled, STEP)
        unfilled = max(step.number - 1, 0)
        done = self._applied(step, at._replace(unfilled=unfilled))
        if not unfilled:
            log.info("search index is filled wholly")
        return done

    def _applied(self, step: Step, progress: Progress) -> bool:
        try:
            self._apart(self._index.apply, step.changed, step.removed, progress)
        except (ValueError, OSError) as problem:  # its folder is lost, or the disk was full
            log.warning("search index is filled anew", problem=type(problem).__name__)
            self._apart(self._index.begin, progress._replace(unfilled=progress.number, newest=0))
        return True


class NumberSearch(DependencyProvider):  # type: ignore[misc]
    """A service's index of many texts: `tickets = NumberSearch(folder, TicketSource())`; it gets a NumberIndex.

    The service starts at once: what is not filled in yet is found later, and `progress().unfilled` says so. Changes are
    looked for four times a second: a notice of the database would have the commits of all who change something wait for
    each other.
    """

    def __init__(self, folder: Callable[[], Path], source: NumberedSource, apart: int = 1) -> None:
        super().__init__()
        self._folder = folder
        self._source = source
        self._apart = apart

    def setup(self) -> None:
        self._stopping, self._done = Event(), Event()
        self._index = NumberIndex(self._folder(), self._apart)

    def start(self) -> None:
        filling = Filling(
            self._index,
            self._source,
            database_of(self.container).transaction,
            stopping=self._stopping.is_set,
        )
        self.container.spawn_managed_thread(lambda: self._run(filling), identifier="search.numbers")

    def stop(self) -> None:
        self._stopping.set()
        self._done.wait(STOP_SECONDS)
        self._index.close()

    def get_dependency(self, worker_ctx: Any) -> NumberIndex:
        return self._index

    def _run(self, filling: Filling) -> None:
        try:
            while not self._stopping.is_set():
                pause = LOOK_SECONDS
                try:
                    filling.catch_up()
                except (Error, PoolTimeout) as problem:
                    pause = AFTER_TROUBLE_SECONDS
                    log.warning("search waits for the database", problem=type(problem).__name__)
                except Exception:
                    pause = AFTER_TROUBLE_SECONDS
                    log.exception("search goes on after a mistake")
                self._stopping.wait(pause)
        finally:
            self._done.set()
