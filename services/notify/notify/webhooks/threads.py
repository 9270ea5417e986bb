"""The threads of webhooks: one process sends to a webhook, and has two threads for it, so that none waits for another.

That process holds an advisory lock of the webhook in a session of its own, which ends with the process: then another
one takes over. What was not recorded by then is sent again, under the same id.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from threading import Event
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from mtnet_chassis.data.containers import database_of, instance_of
from mtnet_chassis.runtime.background import BackgroundThreads
from mtnet_chassis.runtime.webhook_hosts import LOCAL, local_allowed
from mtnet_chassis.settings import env, env_int
from mtnet_chassis.telemetry import logger
from psycopg_pool import PoolTimeout

from notify.deliveries.sender import WakeSignal
from notify.providers.rules import RateLimit
from notify.settings import settings
from notify.webhooks.adapters import Receiver
from notify.webhooks.intake import Intake
from notify.webhooks.sending import WebhookSender
from notify.webhooks.store import HeldWebhooks, WebhookStore

# How long a note of the database is waited for; then the session shows that it lives.
LISTEN_SECONDS = 0.5
# For a note that got lost with a session.
LOOK_AGAIN_SECONDS = 5.0
# Without an answer of the database for so long, others may take us for dead, and we send nothing.
TRUSTED_SECONDS = 10.0
AFTER_TROUBLE_SECONDS = 0.5
# How often what is more than may be kept is forgotten.
FORGET_SECONDS = 60.0

Method = TypeVar("Method", bound=Callable[..., Any])

log = logger()


def now() -> datetime:
    return datetime.now(UTC)


class Held:
    """One webhook that this process sends to: it ends when another one may hold it."""

    def __init__(self, webhook_id: UUID, intake: Intake, sender: WebhookSender) -> None:
        self.webhook_id, self.intake, self.sender = webhook_id, intake, sender
        self.work, self.ending = WakeSignal(), Event()

    def wake(self) -> None:
        self.work.wake_all()
        self.intake.wake()

    def end(self) -> None:
        self.ending.set()
        self.wake()
        self.intake.end()


class WebhookThreads(BackgroundThreads):
    """A thread that finds out which webhooks are ours, and for each of these one that takes in and one that sends.

    The method is called with a sender, sends one round and returns how many it tried.
    """

    def setup(self) -> None:
        super().setup()
        self._held: dict[UUID, Held] = {}
        self._shown_at = self._forgot_at = 0.0
        self._settings = settings()
        self._pace = RateLimit(env_int("NOTIFY_WEBHOOKS_PER_SECOND", 100))
        if local_allowed():
            log.warning(f"{LOCAL}=yes: webhooks may go to http and to this machine. Never in production")

    def start(self) -> None:
        self.spawn(self.method_name, self._run)

    def wake(self) -> None:
        for held in list(self._held.values()):
            held.end()

    def _run(self) -> None:
        while not self.stopping.is_set():
            try:
                with psycopg.connect(
                    env("DATABASE_URL"),
                    autocommit=True,
                    connect_timeout=5,
                    application_name="webhooks",
                    options="-c idle_session_timeout=20s",
                    keepalives_idle=5,
                    keepalives_interval=5,
                    keepalives_count=2,
                    tcp_user_timeout=20_000,
                ) as session:
                    self._hold(session, HeldWebhooks(session))
            except (psycopg.Error, PoolTimeout) as problem:
                log.warning("webhooks wait for the database", problem=type(problem).__name__)
            except Exception:
                log.exception("webhooks go on after a mistake")
            finally:
                self._end_all()
            self.stopping.wait(AFTER_TROUBLE_SECONDS)

    def _hold(self, session: psycopg.Connection[Any], held: HeldWebhooks) -> None:
        """Until it is time to stop. Raises psycopg.Error: then none of them is ours any more."""
        looked_at = 0.0
        while not self.stopping.is_set():
            asked_at = time.monotonic()
            notes = {UUID(note.payload) for note in session.notifies(timeout=LISTEN_SECONDS, stop_after=1)}
            held.show()
            self._shown_at = asked_at
            if notes or time.monotonic() - looked_at >= LOOK_AGAIN_SECONDS:
                looked_at = time.monotonic()
                self._look(held)
            for webhook_id in notes & self._held.keys():
                self._held[webhook_id].wake()

    def _look(self, held: HeldWebhooks) -> None:
        """Begin with those that are new and nobody else's, end those that are no more."""
        with database_of(self.container).transaction() as tx:
            active = set(WebhookStore(tx).active())
            if time.monotonic() - self._forgot_at >= FORGET_SECONDS:
                self._forgot_at = time.monotonic()
                WebhookStore(tx).forget_beyond(self._held.keys())
        for webhook_id in self._held.keys() - active:
            self._end(webhook_id)
            held.release(webhook_id)
        for webhook_id in active - self._held.keys():
            if held.hold(webhook_id):
                self._begin(webhook_id)

    def _begin(self, webhook_id: UUID) -> None:
        transaction = database_of(self.container).transaction
        held = Held(
            webhook_id,
            Intake(webhook_id, env("AMQP_URL"), transaction, now),
            WebhookSender(webhook_id, transaction, self._settings.unsealing_key, self._pace, Receiver, now),
        )
        self._held[webhook_id] = held
        turn = getattr(instance_of(self.container), self.method_name)
        self.spawn(f"{self.method_name}.intake.{webhook_id}", partial(self._take_in, held))
        self.spawn(f"{self.method_name}.send.{webhook_id}", partial(self._send, held, turn))

    def _end(self, webhook_id: UUID) -> None:
        self._held.pop(webhook_id).end()

    def _end_all(self) -> None:
        for webhook_id in list(self._held):
            self._end(webhook_id)

    def _is_ours(self, held: Held) -> bool:
        return (
            not self.stopping.is_set()
            and not held.ending.is_set()
            and time.monotonic() - self._shown_at < TRUSTED_SECONDS
        )

    def _take_in(self, held: Held) -> None:
        while not held.ending.is_set() and not self.stopping.is_set():
            try:
                if self._is_ours(held) and held.intake.take_in():
                    held.work.wake_all()
                    continue
            except (psycopg.Error, PoolTimeout) as problem:
                log.warning("webhook waits for the database", problem=type(problem).__name__)
            except Exception:
                log.exception("intake of a webhook goes on after a mistake", webhook_id=str(held.webhook_id))
            held.ending.wait(AFTER_TROUBLE_SECONDS)
        held.intake.end()

    def _send(self, held: Held, turn: Callable[[WebhookSender], int]) -> None:
        try:
            while not held.ending.is_set() and not self.stopping.is_set():
                try:
                    if self._is_ours(held) and turn(held.sender):
                        held.intake.wake()
                        continue
                    held.work.wait(_seconds_until(held.sender.next_look_at))
                except (psycopg.Error, PoolTimeout) as problem:
                    log.warning("webhook waits for the database", problem=type(problem).__name__)
                    held.ending.wait(AFTER_TROUBLE_SECONDS)
                except Exception:
                    log.exception("webhook goes on after a mistake", webhook_id=str(held.webhook_id))
                    held.ending.wait(AFTER_TROUBLE_SECONDS)
        finally:
            held.sender.close()


def _seconds_until(moment: datetime | None) -> float:
    if moment is None:
        return LOOK_AGAIN_SECONDS
    return min(max((moment - now()).total_seconds(), 0.02), LOOK_AGAIN_SECONDS)


def on_every_webhook(method: Method) -> Method:
    """Call `method(self, sender)` for each webhook that is ours for as long as there is something to send to it."""
    decorated: Method = WebhookThreads.decorator(method)
    return decorated
