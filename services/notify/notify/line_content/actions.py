"""What can be done with a message of LINE: hand it over, and before that fetch its file, if it has one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.data.files import Files
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.failpoints import failpoint
from mtnet_chassis.telemetry import logger
from prometheus_client import Counter

from notify.channels.rules import Doubt, Outage
from notify.line_content import messages
from notify.line_content.rules import FILES_KEPT, NotFetched, Received, Wanted, again_after, name_of
from notify.line_content.store import LineContentStore

FETCHES = Counter("mtnet_line_content_total", "Tries to fetch a file from LINE.", ["outcome"])

log = logger()


class ContentApi(Protocol):
    """LINE, as it is asked for content."""

    def content(self, content_id: str) -> tuple[bytes, str]:
        """The bytes and their media type. Raises NotFetched, Outage, Doubt."""
        ...


def hand_over(tx: Tx, outbox: Outbox, received: Received, now: datetime) -> None:
    """Once for its `message_id`. One that brings a file is kept, and goes on with it, or with why it is missing."""
    if received.brings_a_file:
        LineContentStore(tx).want(received, now)
    else:
        outbox.announce(messages.message_received(received))


class Fetcher:
    """Fetches what is due, one after the other. No transaction is open while LINE is asked."""

    def __init__(
        self, database: Transactions, files: Files, api: ContentApi, clock: Callable[[], datetime]
    ) -> None:
        self._database, self._files, self._api, self._clock = database, files, api, clock

    def work(self) -> bool:
        """One of those that are due; False: there is none. Raises psycopg.Error."""
        with self._database.transaction() as tx:
            wanted = LineContentStore(tx).lease(self._clock())
        if wanted is None:
            return False
        try:
            self._fetch(wanted)
        except NotFetched as missing:
            self._hand_over(wanted, not_fetched=missing.because)
        except (Outage, Doubt, OSError) as away:
            self._failed(wanted, type(away).__name__)
        return True

    def seconds_until_next(self, most: float) -> float:
        """How long nothing has to be done, as far as is known. Raises psycopg.Error."""
        with self._database.transaction() as tx:
            at = LineContentStore(tx).next_try_at()
        return most if at is None else max(0.05, min(most, (at - self._clock()).total_seconds()))

    def _fetch(self, wanted: Wanted) -> None:
        content, media_type = self._api.content(wanted.received.content_id)
        self._files.put_durably(wanted.key, content)
        failpoint("line_content.after_store")
        self._hand_over(wanted, (name_of(wanted.received, media_type), len(content)))

    def _failed(self, wanted: Wanted, problem: str) -> None:
        log.warning("LINE content not fetched", problem=problem, tries=wanted.tries, last=wanted.last)
        if wanted.last:
            self._hand_over(wanted, not_fetched="away")
            return
        FETCHES.labels("again").inc()
        message_id, at = wanted.received.message_id, self._clock() + again_after(wanted.tries)
        with self._database.transaction() as tx:
            LineContentStore(tx).try_again(message_id, wanted.tries, at)

    def _hand_over(
        self, wanted: Wanted, named: tuple[str, int] | None = None, *, not_fetched: str = ""
    ) -> None:
        """`named`: the file's name and size."""
        file = messages.line_file(wanted.key, *named) if named else None
        with self._database.transaction() as tx:
            if LineContentStore(tx).done(wanted.received.message_id):
                Outbox(tx).announce(messages.message_received(wanted.received, file, not_fetched))
                FETCHES.labels(not_fetched or "fetched").inc()


def forget_files(files: Files, now: datetime) -> int:
    """What helpdesk has long taken. Returns how many."""
    return files.delete_all("line/", older_than=now - FILES_KEPT)
