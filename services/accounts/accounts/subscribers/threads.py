"""The thread that brings the broker in line as soon as the records of downstream systems have changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
from mtnet_chassis.data.containers import instance_of
from mtnet_chassis.runtime.background import BackgroundThreads
from mtnet_chassis.settings import env
from mtnet_chassis.telemetry import logger
from psycopg_pool import PoolTimeout

from accounts.subscribers.rules import BrokerAway

log = logger()

Method = TypeVar("Method", bound=Callable[..., Any])

# What migration 0125 calls it.
WAKE_UP = "subscriber_changed"
# How soon the thread notices that the service stops.
LISTEN_SECONDS = 1.0
AFTER_TROUBLE_SECONDS = 5.0
# How soon a broker that was away is tried again, and how often one looks that no wake-up was lost.
TRY_AGAIN_SECONDS = 15.0
LOOK_AGAIN_SECONDS = 600.0


class RecordsChanged(BackgroundThreads):
    """Listens in a session of its own, which every replica has; the method itself lets one of them do the work."""

    def start(self) -> None:
        turn = getattr(instance_of(self.container), self.method_name)
        self.spawn(self.method_name, lambda: self._run(turn))

    def _run(self, turn: Callable[[], None]) -> None:
        while not self.stopping.is_set():
            try:
                with psycopg.connect(env("DATABASE_URL"), autocommit=True, connect_timeout=5) as session:
                    session.execute(f"LISTEN {WAKE_UP}")
                    while not self.stopping.is_set():
                        self._wait(session, LOOK_AGAIN_SECONDS if self._done(turn) else TRY_AGAIN_SECONDS)
            except (psycopg.Error, PoolTimeout) as problem:
                log.warning("broker waits for the database", problem=type(problem).__name__)
                self.stopping.wait(AFTER_TROUBLE_SECONDS)
            except Exception:
                log.exception("bringing the broker in line goes on after a mistake")
                self.stopping.wait(AFTER_TROUBLE_SECONDS)

    def _done(self, turn: Callable[[], None]) -> bool:
        try:
            turn()
        except BrokerAway as away:
            log.warning("downstream systems not applied yet", problem=str(away))
            return False
        return True

    def _wait(self, session: psycopg.Connection[Any], seconds: float) -> None:
        while seconds > 0 and not self.stopping.is_set():
            for _ in session.notifies(timeout=min(seconds, LISTEN_SECONDS), stop_after=1):
                return
            seconds -= LISTEN_SECONDS


def when_records_change(method: Method) -> Method:
    """Call `method(self)` at the start, after each change of the records, and again a while after BrokerAway."""
    decorated: Method = RecordsChanged.decorator(method)
    return decorated
