"""Mail from the desk's mailbox over IMAP: nothing is marked as read before it is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol

from mtnet_chassis.data.database import Transactions
from mtnet_chassis.data.files import Files
from mtnet_chassis.failpoints import failpoint
from prometheus_client import Gauge

from helpdesk.inbound.keeping import Raw, keep
from helpdesk.inbound.reading import key_of
from helpdesk.inbound.rules import LARGEST_RAW_BYTES, Channel

MOST_AT_ONCE = 100
# One more says that there is more.
LARGEST_READ = LARGEST_RAW_BYTES + 1
BATCH_BYTES = 16 * 1024 * 1024
KEEP_READ_FOR = timedelta(days=30)
# What was too large to be taken in as a whole waits in the mailbox for a person.
KEEP_ASIDE_FOR = timedelta(days=180)
MOST_ASIDE = 1_000
TIDY_EVERY = timedelta(hours=1)

AWAY = Gauge("mtnet_inbound_mailbox_away", "1 while the desk's mailbox cannot be read.")


class Mailbox(Protocol):
    """What is needed of a mailbox; see mtnet_chassis.runtime.imap.ImapMailbox."""

    def new_mails(self, most: int) -> list[str]: ...
    def content(self, uid: str) -> bytes: ...
    def mark_read(self, uids: Sequence[str]) -> None: ...
    def set_aside(self, uids: Sequence[str]) -> None: ...
    def remove_read_before(self, day: date) -> int: ...
    def keep_newest_aside(self, most: int, before: date) -> int: ...


class MailReader:
    def __init__(
        self, mailbox: Mailbox, database: Transactions, files: Files, clock: Callable[[], datetime]
    ) -> None:
        self._mailbox, self._database, self._files, self._clock = mailbox, database, files, clock
        self._tidied_at: datetime | None = None

    def read_new(self) -> int:
        """Keep a batch. Returns how many mails it was, 0 when there is nothing new.

        Raises MailboxAway, psycopg.Error, OSError: then nothing is marked, and all of it is read again.
        """
        now = self._clock()
        self._tidy(now)
        uids = self._mailbox.new_mails(MOST_AT_ONCE)
        for batch in self._batches(uids):
            present = {uid: content for uid, content in batch.items() if content}
            raws = [
                Raw(Channel.EMAIL, key_of(content), content[:LARGEST_READ], now)
                for content in present.values()
            ]
            if raws:
                keep(self._database, self._files, raws, now)
            whole = [uid for uid, content in batch.items() if len(content) <= LARGEST_RAW_BYTES]
            self._mailbox.set_aside([uid for uid in batch if uid not in set(whole)])
            self._mailbox.mark_read(whole)
            failpoint("inbound.after_mark")
        return len(uids)

    def _batches(self, uids: Sequence[str]) -> Iterator[dict[str, bytes]]:
        """No more in memory than BATCH_BYTES and one mail."""
        batch: dict[str, bytes] = {}
        size = 0
        for uid in uids:
            batch[uid] = self._mailbox.content(uid)
            size += len(batch[uid])
            if size >= BATCH_BYTES:
                yield batch
                batch, size = {}, 0
        if batch:
            yield batch

    def _tidy(self, now: datetime) -> None:
        if self._tidied_at is None or now - self._tidied_at >= TIDY_EVERY:
            self._mailbox.remove_read_before((now - KEEP_READ_FOR).date())
            self._mailbox.keep_newest_aside(MOST_ASIDE, (now - KEEP_ASIDE_FOR).date())
            self._tidied_at = now
