"""The threads of a process that send: one for each connection to a provider, and one that recovers lost leases."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from mtnet_chassis.data.containers import database_of, instance_of
from mtnet_chassis.data.presence import Presence
from mtnet_chassis.runtime.background import BackgroundThreads
from mtnet_chassis.settings import env
from mtnet_chassis.telemetry import logger
from nameko.extensions import DependencyProvider
from psycopg_pool import PoolTimeout

from notify.channels.registry import channel_plans
from notify.deliveries.actions import LOCK_SPACE, LeaseRecovery, erase_worthless_secrets, measure_message_age
from notify.deliveries.sender import ChannelState, Sender, longest_wait
from notify.deliveries.store import DeliveryStore
from notify.providers.rules import WAKE_UP, RateLimit
from notify.settings import settings
from notify.templates.rules import Links

# Whoever queues a delivery wakes a sender of its own process, and the others by the database. This is for a wake-up
# that got lost with a session.
LOOK_AGAIN = timedelta(seconds=5)
IDLE_CLOSE_SECONDS = 10.0
RECOVERY_SECONDS = 1.0
# How soon the listener sees that it is time to stop.
LISTEN_SECONDS = 0.5
MEASURE_EVERY = 5
AFTER_TROUBLE_SECONDS = 0.5

Method = TypeVar("Method", bound=Callable[..., Any])

log = logger()


def now() -> datetime:
    return datetime.now(UTC)


class Senders(DependencyProvider):  # type: ignore[misc]
    """The senders of this process, and what those of one channel share. The service gets the latter, by channel."""

    def setup(self) -> None:
        self._settings = settings()
        self._plans = channel_plans()
        self._links = Links(self._settings.portal_url)
        self._senders: list[Sender] = []
        self.presence = Presence(env("DATABASE_URL"), LOCK_SPACE)
        self.states = {
            name: ChannelState(
                name,
                self._links,
                self._settings.unsealing_key,
                RateLimit(channel.per_second),
                self._plans[name].retry,
            )
            for name, channel in self._settings.channels.items()
        }

    def stop(self) -> None:
        """The senders, which are entrypoints, have stopped by now."""
        self.presence.withdraw()

    def get_dependency(self, worker_ctx: Any) -> Mapping[str, ChannelState]:
        return self.states

    def new_senders(self, channel: str) -> list[Sender]:
        """One for each connection of the channel. The first is kept free for what is urgent."""
        channel_settings = self._settings.channels[channel]
        new = [
            Sender(
                self.states[channel],
                self._plans[channel].connect(channel_settings.values, self._links),
                database_of(self.container).transaction,
                self.presence.id_if_present,
                now,
                urgent_only=number == 0,
            )
            for number in range(channel_settings.connections)
        ]
        self._senders.extend(new)
        return new

    def leases(self) -> set[UUID]:
        """What the senders of this process know they hold."""
        return {lease for sender in self._senders for lease in sender.leases()}


def senders_of(threads: BackgroundThreads) -> Senders:
    return next(each for each in threads.container.dependencies if isinstance(each, Senders))


class SenderThreads(BackgroundThreads):
    """One thread for each connection of every channel. The method sends one batch and returns how many it tried."""

    def start(self) -> None:
        senders = senders_of(self)
        self._states = senders.states.values()
        turn = getattr(instance_of(self.container), self.method_name)
        for channel in senders.states:
            for number, sender in enumerate(senders.new_senders(channel)):
                self.spawn(f"{self.method_name}.{channel}.{number}", partial(self._run, sender, turn))

    def wake(self) -> None:
        for state in self._states:
            state.urgent_work.wake_all()
            state.work.wake_all()

    def _run(self, sender: Sender, turn: Callable[[Sender], int]) -> None:
        work = sender.state.urgent_work if sender.urgent_only else sender.state.work
        idle_seconds = 0.0
        try:
            while not self.stopping.is_set():
                before = sender.batch
                tried = self._turn(sender, turn)
                if tried is None:
                    self.stopping.wait(AFTER_TROUBLE_SECONDS)
                elif tried:
                    idle_seconds = 0.0
                    if tried >= before:
                        # A full batch: there may be enough for another connection.
                        work.wake_one()
                else:
                    wait = longest_wait(sender.state, sender.next_due_at, now(), LOOK_AGAIN)
                    work.wait(wait)
                    idle_seconds += wait
                    if idle_seconds > IDLE_CLOSE_SECONDS:
                        sender.connection.close()
        finally:
            try:
                sender.close()
            except (psycopg.Error, PoolTimeout) as problem:
                log.warning("not recorded before the end", problem=type(problem).__name__)

    def _turn(self, sender: Sender, turn: Callable[[Sender], int]) -> int | None:
        """None after trouble: the database is away, or something unforeseen. The thread goes on."""
        try:
            return turn(sender)
        except (psycopg.Error, PoolTimeout) as problem:
            log.warning("sender waits for the database", problem=type(problem).__name__)
        except Exception:
            log.exception("sender goes on after a mistake", channel=sender.state.channel)
        return None


class WakeUpThread(BackgroundThreads):
    """Listens, in a session of its own, for work that other processes have queued; calls the method for each note."""

    def start(self) -> None:
        turn = getattr(instance_of(self.container), self.method_name)
        self.spawn(self.method_name, partial(self._run, turn))

    def _run(self, turn: Callable[[str], None]) -> None:
        while not self.stopping.is_set():
            try:
                with psycopg.connect(env("DATABASE_URL"), autocommit=True, connect_timeout=5) as session:
                    session.execute(f"LISTEN {WAKE_UP}")
                    for channel in senders_of(self).states:
                        turn(f"{channel} urgent")  # what was queued while nobody listened
                    while not self.stopping.is_set():
                        for note in session.notifies(timeout=LISTEN_SECONDS):
                            turn(note.payload)
            except psycopg.Error as problem:
                log.warning("wake-ups wait for the database", problem=type(problem).__name__)
                self.stopping.wait(AFTER_TROUBLE_SECONDS)


class RecoveryThread(BackgroundThreads):
    """Shows other processes that this one lives, and calls the method every second while it does."""

    def start(self) -> None:
        senders = senders_of(self)
        recovery = LeaseRecovery(database_of(self.container), senders.leases, now)
        turn = getattr(instance_of(self.container), self.method_name)
        self.spawn(self.method_name, partial(self._run, senders, recovery, turn))

    def _run(self, senders: Senders, recovery: LeaseRecovery, turn: Callable[..., int]) -> None:
        rounds = 0
        while not self.stopping.is_set():
            try:
                senders.presence.show()
                own_id = senders.presence.id_if_present()
                if own_id is not None and turn(recovery, own_id):
                    for state in senders.states.values():
                        state.wake(urgent=True)
                if rounds % MEASURE_EVERY == 0:
                    self._measure(senders.states)
                rounds += 1
            except (psycopg.Error, PoolTimeout) as problem:
                log.warning("recovery waits for the database", problem=type(problem).__name__)
            except Exception:
                log.exception("recovery goes on after a mistake")
            self.stopping.wait(RECOVERY_SECONDS)

    def _measure(self, channels: Mapping[str, ChannelState]) -> None:
        for channel in channels:
            with database_of(self.container).transaction() as tx:
                measure_message_age(DeliveryStore(tx), channel, now())
        with database_of(self.container).transaction() as tx:
            erase_worthless_secrets(DeliveryStore(tx), now())


def on_every_connection(method: Method) -> Method:
    """Call `method(self, sender)` on every connection of every channel for as long as there is something to send."""
    decorated: Method = SenderThreads.decorator(method)
    return decorated


def on_work_of_others(method: Method) -> Method:
    """Call `method(self, note)` when another process has queued deliveries. The note says of which channel."""
    decorated: Method = WakeUpThread.decorator(method)
    return decorated


def every_second_while_present(method: Method) -> Method:
    """Call `method(self, recovery, own_id)` every second for as long as this process can show that it lives."""
    decorated: Method = RecoveryThread.decorator(method)
    return decorated
