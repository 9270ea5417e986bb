"""What keeps the senders at work: green threads that look for work when they are woken, and one that watches."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event
from typing import Any, TypeVar

import psycopg
from mtnet_chassis.data.containers import database_of, instance_of
from mtnet_chassis.data.presence import Presence
from mtnet_chassis.settings import env
from mtnet_chassis.telemetry import logger
from nameko.extensions import DependencyProvider, Entrypoint
from psycopg_pool import PoolTimeout

from notify.actions.sending import ByMail, BySms, Outlet, Sender, Way, longest_wait
from notify.actions.watching import LOCK_SPACE, Watch
from notify.clients import HttpSmsChannel, SmtpChannel
from notify.domain.delivering import Pace
from notify.domain.messages import EMAIL, SMS
from notify.settings import Settings, settings
from notify.templates.rules import Links

# Whoever writes a message wakes a sender of its own process; this is for retries, and for other replicas.
LOOK_AGAIN = timedelta(seconds=0.5)
IDLE_CLOSE_SECONDS = 10.0
WATCH_SECONDS = 1.0
MEASURE_EVERY = 5
AFTER_TROUBLE_SECONDS = 0.5
STOP_SECONDS = 25.0

Method = TypeVar("Method", bound=Callable[..., Any])

log = logger()


def now() -> datetime:
    return datetime.now(UTC)


class Outlets(DependencyProvider):  # type: ignore[misc]
    """One outlet per channel and process; what it knows of its provider outlives a connection."""

    def setup(self) -> None:
        self.told = settings()
        self.links = Links(self.told.portal_url)
        self.presence = Presence(env("DATABASE_URL"), LOCK_SPACE)
        self.outlets = {
            EMAIL: Outlet(EMAIL, self.links, self.told.unsealing_key, Pace(self.told.mails_per_second)),
            SMS: Outlet(SMS, self.links, self.told.unsealing_key, Pace(self.told.sms_per_second)),
        }
        self.senders: list[Sender] = []

    def stop(self) -> None:
        """The senders, which are entrypoints, have stopped by now."""
        self.presence.withdraw()

    def get_dependency(self, worker_ctx: Any) -> dict[str, Outlet]:
        return self.outlets

    def new_senders(self, channel: str) -> list[Sender]:
        """The first is kept free for what somebody waits for at a screen."""
        database = database_of(self.container)
        new = [
            Sender(
                self.outlets[channel],
                _way(channel, self.told, self.links),
                database.transaction,
                self.presence.id_if_present,
                now,
                urgent_only=number == 0,
            )
            for number in range(self.told.connections[channel])
        ]
        self.senders.extend(new)
        return new


def _way(channel: str, told: Settings, links: Links) -> Way:
    if channel == EMAIL:
        return ByMail(SmtpChannel(told.smtp_url, told.mail_from), links)
    return BySms(HttpSmsChannel(told.sms_url, told.sms_token), links)


class Repeated(Entrypoint):  # type: ignore[misc]
    """Runs green threads of its own until the service stops, and then waits for what they have begun."""

    def setup(self) -> None:
        self.stopping = Event()
        self.running: list[Event] = []

    def outlets(self) -> Outlets:
        return next(each for each in self.container.dependencies if isinstance(each, Outlets))

    def spawn(self, name: str, run: Callable[[], None]) -> None:
        done = Event()
        self.running.append(done)

        def to_the_end() -> None:
            try:
                run()
            finally:
                done.set()

        self.container.spawn_managed_thread(to_the_end, identifier=name)

    def stop(self) -> None:
        self.stopping.set()
        self.wake()
        for done in self.running:
            done.wait(STOP_SECONDS)

    def wake(self) -> None:
        """Those who wait hear at once that it is time to stop."""


class Lanes(Repeated):
    """A green thread for each connection to a provider; the method sends one batch and says how many it tried."""

    def __init__(self, channel: str) -> None:
        super().__init__()
        self.channel = channel

    def start(self) -> None:
        outlets = self.outlets()
        self.outlet = outlets.outlets[self.channel]
        turn = getattr(instance_of(self.container), self.method_name)
        for number, sender in enumerate(outlets.new_senders(self.channel)):
            self.spawn(f"{self.method_name}.{number}", partial(self._run, sender, turn))

    def wake(self) -> None:
        self.outlet.urgent_work.ring_for_all()
        self.outlet.work.ring_for_all()

    def _run(self, sender: Sender, turn: Callable[[Sender], int]) -> None:
        bell = sender.outlet.urgent_work if sender.urgent_only else sender.outlet.work
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
                        bell.ring()
                else:
                    wait = longest_wait(sender.outlet, now(), LOOK_AGAIN)
                    bell.wait(wait)
                    idle_seconds += wait
                    if idle_seconds > IDLE_CLOSE_SECONDS:
                        sender.way.close()
        finally:
            try:
                sender.close()
            except (psycopg.Error, PoolTimeout) as problem:
                log.warning("not recorded before the end", problem=type(problem).__name__)

    def _turn(self, sender: Sender, turn: Callable[[Sender], int]) -> int | None:
        """None after trouble: the database is away, or something unforeseen. No thread ends because of it."""
        try:
            return turn(sender)
        except (psycopg.Error, PoolTimeout) as problem:
            log.warning("sender waits for the database", problem=type(problem).__name__)
        except Exception:
            log.exception("sender goes on after a mistake", channel=self.channel)
        return None


class Watcher(Repeated):
    """Shows that this process lives, and calls the method every second while it does."""

    def start(self) -> None:
        outlets = self.outlets()
        watch = Watch(database_of(self.container), outlets.senders, now)
        turn = getattr(instance_of(self.container), self.method_name)
        self.spawn(self.method_name, partial(self._run, outlets, watch, turn))

    def _run(self, outlets: Outlets, watch: Watch, turn: Callable[..., int]) -> None:
        looks = 0
        while not self.stopping.is_set():
            try:
                outlets.presence.show()
                own_id = outlets.presence.id_if_present()
                if own_id is not None and turn(watch, own_id):
                    for outlet in outlets.outlets.values():
                        outlet.call(urgent=True)
                if looks % MEASURE_EVERY == 0:
                    watch.measure()
                looks += 1
            except (psycopg.Error, PoolTimeout) as problem:
                log.warning("watch waits for the database", problem=type(problem).__name__)
            except Exception:
                log.exception("watch goes on after a mistake")
            self.stopping.wait(WATCH_SECONDS)


def lanes(channel: str) -> Callable[[Method], Method]:
    """Call `method(self, sender)` on every connection of the channel for as long as there is something to send."""

    def decorate(method: Method) -> Method:
        decorated: Method = Lanes.decorator(channel)(method)
        return decorated

    return decorate


def watcher(method: Method) -> Method:
    """Call `method(self, watch, own_id)` every second for as long as this process can show that it lives."""
    decorated: Method = Watcher.decorator(method)
    return decorated
