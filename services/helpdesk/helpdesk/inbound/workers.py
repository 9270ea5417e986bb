"""What works by itself, each in one replica at a time: one worker reads the mailbox, one understands what was kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import psycopg
from mtnet_chassis.data.containers import database_of, instance_of
from mtnet_chassis.data.files import Files
from mtnet_chassis.data.only_one import OnlyOne
from mtnet_chassis.runtime.background import BackgroundThreads
from mtnet_chassis.runtime.imap import ImapMailbox, MailboxAway
from mtnet_chassis.settings import env
from mtnet_chassis.telemetry import logger
from psycopg_pool import PoolTimeout

from helpdesk.file_checks.adapters import Scanner
from helpdesk.inbound.actions import Understander
from helpdesk.inbound.mailbox import AWAY, LARGEST_READ, MailReader
from helpdesk.inbound.rules import OurAddresses
from helpdesk.inbound.store import WAKE_UP
from helpdesk.inbound.understanding import Reader
from helpdesk.settings import Settings, settings

# 'imap' and 'inbd' in ASCII.
MAILBOX_LOCK, UNDERSTANDING_LOCK = 0x696D6170, 0x696E6264
# A server that tells of new mails is asked all the same after so long.
LOOK_AGAIN_SECONDS = 30.0
# For a wake-up that got lost.
LOOK_FOR_ITEMS_SECONDS = 5.0
# How soon the listener sees that it is time to stop.
LISTEN_SECONDS = 0.5
ASK_FOR_THE_LOCK_SECONDS = 2.0
LONGEST_COOLDOWN_SECONDS = 60.0

Method = TypeVar("Method", bound=Callable[..., Any])

log = logger()


def our_addresses(told: Settings) -> OurAddresses:
    return OurAddresses(told.desk_addresses, told.fax_addresses, told.fax_gateways, told.senders)


def reader_of(told: Settings) -> Reader:
    """Raises ValueError where the address of ClamAV is none."""
    scanner = Scanner(told.clamav) if told.clamav else None
    return Reader(Files(told.files_url), scanner, our_addresses(told), now)


def now() -> datetime:
    return datetime.now(UTC)


class MailboxThread(BackgroundThreads):
    """Calls the method with a MailReader for as long as there is something new, and then waits for more."""

    def setup(self) -> None:
        super().setup()
        self._mailbox: ImapMailbox | None = None

    def start(self) -> None:
        told = settings()
        if not told.imap_url:
            return
        self._mailbox = ImapMailbox(told.imap_url, "HELPDESK_IMAP_URL", LARGEST_READ)
        reader = MailReader(self._mailbox, database_of(self.container), Files(told.files_url), now)
        only_one = OnlyOne(env("DATABASE_URL"), MAILBOX_LOCK, "mailbox of the desk")
        self.spawn(self.method_name, lambda: self._run(reader, only_one))

    def wake(self) -> None:
        if self._mailbox is not None:
            self._mailbox.interrupt()

    def _run(self, reader: MailReader, only_one: OnlyOne) -> None:
        turn = getattr(instance_of(self.container), self.method_name)
        failures = 0
        try:
            while not self.stopping.is_set():
                failures = 0 if self._turn(reader, only_one, turn, failures) else failures + 1
                if failures:
                    self.stopping.wait(min(2.0 ** min(failures, 10), LONGEST_COOLDOWN_SECONDS))
        finally:
            only_one.withdraw()
            if self._mailbox is not None:
                self._mailbox.close()

    def _turn(self, reader: MailReader, only_one: OnlyOne, turn: Callable[..., int], failures: int) -> bool:
        """False after trouble."""
        try:
            if not only_one.is_us():
                self.stopping.wait(ASK_FOR_THE_LOCK_SECONDS)
                return True
            if not turn(reader):
                AWAY.set(0)
                if failures:
                    log.warning("mailbox of the desk is back")
                if not self.stopping.is_set() and self._mailbox is not None:
                    self._mailbox.wait(LOOK_AGAIN_SECONDS)
            return True
        except MailboxAway as away:
            if not self.stopping.is_set():
                AWAY.set(1)
                if not failures:
                    log.error("mailbox of the desk is away", problem=str(away))
        except (psycopg.Error, PoolTimeout, OSError) as problem:
            log.warning("mails wait to be kept", problem=type(problem).__name__)
        except Exception:
            log.exception("reader of the mailbox goes on after a mistake")
        return False


class UnderstandingThread(BackgroundThreads):
    """Calls the method with an Understander for as long as something waits; others wake it by the database."""

    def start(self) -> None:
        told = settings()
        work = Understander(database_of(self.container), reader_of(told), now)
        only_one = OnlyOne(env("DATABASE_URL"), UNDERSTANDING_LOCK, "understanding")
        self.spawn(self.method_name, lambda: self._run(work, only_one))

    def _run(self, work: Understander, only_one: OnlyOne) -> None:
        turn = getattr(instance_of(self.container), self.method_name)
        try:
            while not self.stopping.is_set():
                try:
                    with psycopg.connect(env("DATABASE_URL"), autocommit=True, connect_timeout=5) as listener:
                        listener.execute(f"LISTEN {WAKE_UP}")
                        self._while_listening(listener, work, only_one, turn)
                except (psycopg.Error, PoolTimeout) as problem:
                    log.warning("inbound items wait for the database", problem=type(problem).__name__)
                    self.stopping.wait(1.0)
                except Exception:
                    log.exception("understanding goes on after a mistake")
                    self.stopping.wait(1.0)
        finally:
            only_one.withdraw()

    def _while_listening(
        self,
        listener: psycopg.Connection[Any],
        work: Understander,
        only_one: OnlyOne,
        turn: Callable[..., int],
    ) -> None:
        while not self.stopping.is_set():
            if not only_one.is_us():
                self.stopping.wait(ASK_FOR_THE_LOCK_SECONDS)
            elif not turn(work):
                self._wait(listener, work.seconds_until_next(LOOK_FOR_ITEMS_SECONDS))

    def _wait(self, listener: psycopg.Connection[Any], seconds: float) -> None:
        while seconds > 0 and not self.stopping.is_set():
            for _ in listener.notifies(timeout=min(seconds, LISTEN_SECONDS), stop_after=1):
                return
            seconds -= LISTEN_SECONDS


def while_mails_come_in(method: Method) -> Method:
    """Call `method(self, reader)` for every batch of mails in the desk's mailbox."""
    decorated: Method = MailboxThread.decorator(method)
    return decorated


def while_items_wait(method: Method) -> Method:
    """Call `method(self, understander)` for every batch of what was kept and not understood yet."""
    decorated: Method = UnderstandingThread.decorator(method)
    return decorated
