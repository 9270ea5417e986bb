"""The threads of a process that run broadcasts: one takes up people and gathers outcomes, others send chunks."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import psycopg
from mtnet_chassis.data.containers import database_of, instance_of
from mtnet_chassis.runtime.background import BackgroundThreads
from mtnet_chassis.telemetry import logger
from nameko.extensions import DependencyProvider
from psycopg_pool import PoolTimeout

from notify.broadcasts.running import Runner
from notify.broadcasts.sender import ChunkSender
from notify.channels.registry import channel_plans
from notify.deliveries.sender import WakeSignal
from notify.deliveries.threads import AFTER_TROUBLE_SECONDS, now, senders_of
from notify.settings import settings
from notify.templates.rules import Links

# What another process started, and what became of deliveries, is looked for so often.
LOOK_AGAIN_SECONDS = 0.5
GATHER_SECONDS = 0.5

Method = TypeVar("Method", bound=Callable[..., Any])

log = logger()


class BroadcastWork(DependencyProvider):  # type: ignore[misc]
    """What an endpoint wakes when it has started something: `wake()` after the commit."""

    def setup(self) -> None:
        self.links = Links(settings().portal_url)
        self.work = WakeSignal()
        self.chunks = WakeSignal()

    def get_dependency(self, worker_ctx: Any) -> "BroadcastWork":
        return self

    def wake(self) -> None:
        self.work.wake_one()
        self.chunks.wake_all()


class BroadcastThread(BackgroundThreads):
    """Base: the shared signals of this process."""

    def broadcast_work(self) -> BroadcastWork:
        return next(each for each in self.container.dependencies if isinstance(each, BroadcastWork))

    def wake(self) -> None:
        work = self.broadcast_work()
        work.work.wake_all()
        work.chunks.wake_all()

    def turn_of(self, name: str, turn: Callable[[], int | bool]) -> int | bool | None:
        """None after trouble: the database is away, or something unforeseen. The thread goes on."""
        try:
            return turn()
        except (psycopg.Error, PoolTimeout) as problem:
            log.warning("broadcasts wait for the database", problem=type(problem).__name__)
        except Exception:
            log.exception("broadcasts go on after a mistake", thread=name)
        return None


class RunnerThread(BroadcastThread):
    """Calls `method(self, runner)` as long as people are taken up, and looks again every half second."""

    def start(self) -> None:
        senders, work = senders_of(self), self.broadcast_work()

        def wake(channel: str) -> None:
            if channel in together:
                work.chunks.wake_all()
            else:
                senders.states[channel].wake(urgent=False)

        together = frozenset(name for name, plan in channel_plans().items() if plan.to_many)
        runner = Runner(database_of(self.container), now, together, wake)
        turn = getattr(instance_of(self.container), self.method_name)
        self.spawn(self.method_name, partial(self._run, runner, turn))

    def _run(self, runner: Runner, turn: Callable[[Runner], int]) -> None:
        gathered = 0.0
        while not self.stopping.is_set():
            taken = self.turn_of(self.method_name, partial(turn, runner))
            if time.monotonic() - gathered >= GATHER_SECONDS:
                self.turn_of(self.method_name, runner.gather)
                gathered = time.monotonic()
            if taken is None:
                self.stopping.wait(AFTER_TROUBLE_SECONDS)
            elif not taken:
                self.broadcast_work().work.wait(LOOK_AGAIN_SECONDS)


class ChunkThreads(BroadcastThread):
    """One thread for each connection of every channel that takes many at once. The method sends one chunk."""

    def start(self) -> None:
        senders, links = senders_of(self), self.broadcast_work().links
        turn = getattr(instance_of(self.container), self.method_name)
        for name, plan in channel_plans().items():
            if plan.to_many is None:
                continue
            channel = settings().channels[name]
            for number in range(channel.connections):
                sender = ChunkSender(
                    plan.to_many(channel.values),
                    links,
                    database_of(self.container).transaction,
                    senders.presence.id_if_present,
                    now,
                )
                self.spawn(f"{self.method_name}.{name}.{number}", partial(self._run, sender, turn))

    def _run(self, sender: ChunkSender, turn: Callable[[ChunkSender], bool]) -> None:
        chunks = self.broadcast_work().chunks
        try:
            while not self.stopping.is_set():
                sent = self.turn_of(self.method_name, partial(turn, sender))
                if sent is None:
                    self.stopping.wait(AFTER_TROUBLE_SECONDS)
                elif sent:
                    # There is capacity for more people.
                    self.broadcast_work().work.wake_one()
                else:
                    chunks.wait(LOOK_AGAIN_SECONDS)
        finally:
            sender.close()


def while_broadcasts_run(method: Method) -> Method:
    """Call `method(self, runner)` as long as it takes up people, then every half second or when woken."""
    decorated: Method = RunnerThread.decorator(method)
    return decorated


def on_every_connection_to_many(method: Method) -> Method:
    """Call `method(self, sender)` on every connection of every channel that takes many people in one call."""
    decorated: Method = ChunkThreads.decorator(method)
    return decorated
