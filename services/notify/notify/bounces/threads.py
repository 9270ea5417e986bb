"""The thread that reads the mailbox of bounces: in one replica, since the others need not do it again."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import psycopg
from mtnet_chassis.data.containers import database_of, instance_of
from mtnet_chassis.data.only_one import OnlyOne
from mtnet_chassis.runtime.background import BackgroundThreads
from mtnet_chassis.runtime.imap import ImapMailbox, MailboxAway
from mtnet_chassis.settings import env
from mtnet_chassis.telemetry import logger
from psycopg_pool import PoolTimeout

from notify.bounces.actions import LARGEST_BYTES, MAILBOX_AWAY, BounceReader
from notify.bounces.store import LOCK_SPACE
from notify.channels.email.adapters import return_paths
from notify.settings import settings

# A server that tells of new mails is asked all the same after so long.
LOOK_AGAIN_SECONDS = 30.0
ASK_FOR_THE_LOCK_SECONDS = 5.0
LONGEST_COOLDOWN_SECONDS = 60.0

Method = TypeVar("Method", bound=Callable[..., Any])

log = logger()


class BounceThread(BackgroundThreads):
    """Calls the method with a reader for as long as there is something new, and then waits for more."""

    def setup(self) -> None:
        super().setup()
        self._mailbox: ImapMailbox | None = None

    def start(self) -> None:
        told = settings()
        paths = return_paths(told.channels["email"].values)
        if not told.bounces_url or paths is None:
            return
        self._mailbox = ImapMailbox(told.bounces_url, "NOTIFY_BOUNCES_URL", LARGEST_BYTES)
        reader = BounceReader(
            self._mailbox, database_of(self.container), paths.delivery_of, lambda: datetime.now(UTC)
        )
        self.spawn(
            self.method_name, lambda: self._run(reader, OnlyOne(env("DATABASE_URL"), LOCK_SPACE, "bounces"))
        )

    def wake(self) -> None:
        if self._mailbox is not None:
            self._mailbox.interrupt()

    def _run(self, reader: BounceReader, only_reader: OnlyOne) -> None:
        turn = getattr(instance_of(self.container), self.method_name)
        failures = 0
        try:
            while not self.stopping.is_set():
                failures = 0 if self._turn(reader, only_reader, turn, failures) else failures + 1
                if failures:
                    self.stopping.wait(min(2.0 ** min(failures, 10), LONGEST_COOLDOWN_SECONDS))
        finally:
            only_reader.withdraw()
            if self._mailbox is not None:
                self._mailbox.close()

    def _turn(
        self, reader: BounceReader, only_reader: OnlyOne, turn: Callable[..., int], failures: int
    ) -> bool:
        """False after trouble."""
        try:
            if not only_reader.is_us():
                self.stopping.wait(ASK_FOR_THE_LOCK_SECONDS)
                return True
            if not turn(reader):
                MAILBOX_AWAY.set(0)
                if failures:
                    log.warning("mailbox of bounces is back")
                if not self.stopping.is_set() and self._mailbox is not None:
                    self._mailbox.wait(LOOK_AGAIN_SECONDS)
            return True
        except MailboxAway as away:
            if not self.stopping.is_set():
                MAILBOX_AWAY.set(1)
                if not failures:
                    log.error("mailbox of bounces is away", problem=str(away))
        except (psycopg.Error, PoolTimeout) as problem:
            log.warning("bounces wait for the database", problem=type(problem).__name__)
        except Exception:
            log.exception("reader of bounces goes on after a mistake")
        return False


def while_mails_come_back(method: Method) -> Method:
    """Call `method(self, reader)` for every batch of what came back to our return paths."""
    decorated: Method = BounceThread.decorator(method)
    return decorated
