"""The thread that fetches files from LINE: it is woken when a message with one was heard, or when a try is due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import psycopg
from mtnet_chassis.data.containers import database_of, instance_of
from mtnet_chassis.data.files import Files
from mtnet_chassis.runtime.background import BackgroundThreads
from mtnet_chassis.settings import env
from mtnet_chassis.telemetry import logger
from psycopg_pool import PoolTimeout

from notify.line_content.actions import Fetcher
from notify.line_content.adapters import LineContent
from notify.line_content.store import WAKE_UP
from notify.settings import settings

# For a wake-up that got lost.
LOOK_AGAIN_SECONDS = 10.0
# How soon the listener sees that it is time to stop.
LISTEN_SECONDS = 0.5

Method = TypeVar("Method", bound=Callable[..., Any])

log = logger()


class FetchingThread(BackgroundThreads):
    """Calls the method with a Fetcher for as long as something is due. Every replica does: each takes its own."""

    def start(self) -> None:
        told = settings()
        api = LineContent(told.channels["line"].values)
        fetcher = Fetcher(database_of(self.container), Files(told.files_url), api, lambda: datetime.now(UTC))
        self.spawn(self.method_name, lambda: self._run(fetcher))

    def _run(self, fetcher: Fetcher) -> None:
        turn = getattr(instance_of(self.container), self.method_name)
        while not self.stopping.is_set():
            try:
                with psycopg.connect(env("DATABASE_URL"), autocommit=True, connect_timeout=5) as listener:
                    listener.execute(f"LISTEN {WAKE_UP}")
                    while not self.stopping.is_set():
                        if not turn(fetcher):
                            self._wait(listener, fetcher.seconds_until_next(LOOK_AGAIN_SECONDS))
            except (psycopg.Error, PoolTimeout) as problem:
                log.warning("LINE content waits for the database", problem=type(problem).__name__)
                self.stopping.wait(1.0)
            except Exception:
                log.exception("fetching from LINE goes on after a mistake")
                self.stopping.wait(1.0)

    def _wait(self, listener: psycopg.Connection[Any], seconds: float) -> None:
        while seconds > 0 and not self.stopping.is_set():
            for _ in listener.notifies(timeout=min(seconds, LISTEN_SECONDS), stop_after=1):
                return
            seconds -= LISTEN_SECONDS


def while_files_are_fetched(method: Method) -> Method:
    """Call `method(self, fetcher)` for each file that is due."""
    decorated: Method = FetchingThread.decorator(method)
    return decorated
