"""Timers: they tick in every replica, and one of them does the work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import eventlet
from nameko.extensions import Entrypoint

from mtnet_chassis.data.containers import database_of, instance_of
from mtnet_chassis.data.database import Transactions
from mtnet_chassis.settings import env_int
from mtnet_chassis.telemetry import logger

log = logger()

Method = TypeVar("Method", bound=Callable[..., Any])


class TimerOnce(Entrypoint):  # type: ignore[misc]
    """Ticks in every replica; whichever gets the lock does the work, in the lock's transaction if it wants one."""

    def __init__(self, seconds: float, variable: str | None, transaction: bool = True) -> None:
        super().__init__()
        self.seconds = seconds
        self.variable = variable
        self.transaction = transaction

    def setup(self) -> None:
        self._stopped = eventlet.event.Event()
        self._finished = eventlet.event.Event()

    def start(self) -> None:
        self.container.spawn_managed_thread(self._run, identifier=f"timer.{self.method_name}")

    def stop(self) -> None:
        """Let a tick that has begun finish."""
        if not self._stopped.ready():
            self._stopped.send(True)
        self._finished.wait()

    def _run(self) -> None:
        try:
            seconds = env_int(self.variable, int(self.seconds)) if self.variable else self.seconds
            database = database_of(self.container)
            while not self._stopped.wait(timeout=seconds):
                try:
                    self.tick(database)
                except (Exception, eventlet.Timeout) as problem:  # the latter is not an Exception
                    log.error("timer failed", timer=self.method_name, exc_info=problem)
        finally:
            self._finished.send(None)

    def tick(self, database: Transactions) -> bool:
        """Do the work, unless another replica is doing it. Returns whether it was done here."""
        name = f"timer.{self.container.service_name}.{self.method_name}"
        with database.transaction() as tx:
            row = tx.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", (name,)).fetchone()
            if row is None or not row[0]:
                return False
            work = getattr(instance_of(self.container), self.method_name)
            work(tx) if self.transaction else work()
        return True


def timer_once(
    seconds: float, *, variable: str | None = None, transaction: bool = True
) -> Callable[[Method], Method]:
    """Call `method(self, tx)` every `seconds`; the environment variable, if set, gives another number.

    Without a `transaction` it is `method(self)`, for one that asks another system: it begins its own, after the answer.
    The lock's transaction stays open beside it, and holds nothing but the lock.
    """

    def decorate(method: Method) -> Method:
        decorated: Method = TimerOnce.decorator(seconds, variable, transaction)(method)
        return decorated

    return decorate
