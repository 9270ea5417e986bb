"""Files that came in while nobody could look for viruses: looked at, and opened or kept away, once somebody can."""

from __future__ import annotations

from datetime import datetime, timedelta

from mtnet_chassis.data.database import Transactions
from mtnet_chassis.data.files import FileNotThere, Files
from mtnet_chassis.telemetry import logger
from prometheus_client import Gauge

from helpdesk.file_checks.adapters import Scanner, ScannerAway
from helpdesk.file_checks.rules import HeldBack, kind_of
from helpdesk.inbound.adapters import PAGED, drawn_pages
from helpdesk.inbound.rules import Channel
from helpdesk.ticket_files import actions as ticket_files
from helpdesk.ticket_files.rules import NotScanned

EVERY = timedelta(minutes=1)
FILES_AT_ONCE = 20

LEFT = Gauge("mtnet_inbound_not_scanned", "1 while files of tickets wait for somebody who looks for viruses.")

log = logger()


class Rescanner:
    """No transaction is open while somebody looks. Whoever asks is one at a time."""

    def __init__(self, database: Transactions, files: Files, scanner: Scanner | None) -> None:
        self._database, self._files, self._scanner = database, files, scanner
        self._next_at: datetime | None = None

    def work(self, now: datetime) -> int:
        """A few of those that wait, once a minute. Returns how many were looked at. Raises psycopg.Error."""
        if self._scanner is None or (self._next_at is not None and now < self._next_at):
            return 0
        with self._database.transaction() as tx:
            waiting = ticket_files.not_scanned(tx, FILES_AT_ONCE)
        LEFT.set(bool(waiting))
        looked_at = 0
        for each in waiting:
            try:
                self._look_at(each, self._scanner)
            except (ScannerAway, OSError) as away:
                log.info("files wait to be scanned", problem=type(away).__name__)
                break
            looked_at += 1
        # What is left is done at once, unless nobody is there.
        self._next_at = now if 0 < looked_at == FILES_AT_ONCE else now + EVERY
        return looked_at

    def _look_at(self, file: NotScanned, scanner: Scanner) -> None:
        """Raises ScannerAway, OSError."""
        try:
            content = self._files.get(file.key)
        except FileNotThere:
            self._settle(file, HeldBack.MISSING, 0)
            return
        kind = kind_of(file.filename, content)
        held_back = HeldBack.INFECTED if scanner.is_infected(content) else "" if kind else HeldBack.KIND
        pages = []
        if not held_back and file.channel == Channel.FAX and kind in PAGED:
            pages = drawn_pages(kind, content)
        for number, page in enumerate(pages, start=1):
            self._files.put(f"{file.key}-{number}.png", page)
        self._settle(file, held_back, len(pages))
        if held_back:
            # What is kept away is not stored: the raw mail has it.
            self._files.delete(file.key)

    def _settle(self, file: NotScanned, held_back: str, pages: int) -> None:
        with self._database.transaction() as tx:
            ticket_files.scanned(tx, file.attachment_id, held_back, pages)
        log.info("file scanned late", attachment=str(file.attachment_id), held_back=held_back or "nothing")
