"""Read the portal's streams by AMQP 0-9-1 up to their ends, as they are at the start, and apply what is new of it.

The portal keeps one stream for each kind of event, so the events of one aggregate lie in several. Hence all is read
into the subscriber's database first, and applied from there in the order of each aggregate.

What is applied must have no gap: if number 7 of an account is applied, so is number 4 in another stream, and everything
later comes by the live queue. So the ends are looked for twice. An event before the first end was announced before the
second look, and so was all that precedes it in its aggregate: that lies before the second ends. Of what lies between
the two, just this is applied.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from mtnet_subscriber.applying import Applying, Arrived
from mtnet_subscriber.ends import OFFSET, ends_of
from mtnet_subscriber.event import Message, Undecodable, message_of
from mtnet_subscriber.failpoints import failpoint
from mtnet_subscriber.intake import Delivery, Intake, Url
from mtnet_subscriber.ledger import Ledger
from mtnet_subscriber.rules import Stopping, StreamRefused

log = logging.getLogger("mtnet_subscriber")

BATCH = 200
GATHER_SECONDS = 0.005
LOOK_SECONDS = 0.5
# How long nothing may come on a good connection before somebody looks why.
SILENT_SECONDS = 5.0
FULL_SECONDS = 1.0


@dataclass(frozen=True)
class CaughtUp:
    """`applied` new ones, `doubles` known before, `earlier` ones of aggregates that were further already (skipped),
    `kept` in the database now, since they failed or wait behind one that did, `unreadable` ones; `removed` had left the
    stream before they were read. `reached` is the last offset of each stream, -1 for none. `stopped`: the process was
    asked to stop before the ends were reached; the next call goes on from there, and `kept` is None."""

    applied: int
    doubles: int
    earlier: int
    kept: int | None
    unreadable: int
    removed: int
    reached: dict[str, int] = field(default_factory=dict)
    stopped: bool = False


class CatchingUp:
    """`since` is a time or, of a single stream, an offset; None is the beginning."""

    def __init__(
        self,
        url: Url,
        *,
        name: str,
        prefetch: int,
        most_kept: int,
        applying: Applying,
        ledger: Ledger,
        stopping: Callable[[float], bool],
    ) -> None:
        self._url = url
        self._name = name
        self._prefetch = prefetch
        self._most_kept = most_kept
        self._applying = applying
        self._ledger = ledger
        self._stopping = stopping

    def catch_up(self, streams: Sequence[str], since: datetime | int | None) -> CaughtUp:
        """See Subscriber.catch_up."""
        before = self._applying.counts.copy()
        readers: list[_Reader] = []
        stopped = False
        try:
            self._applying.prepare()
            self._applying.alone(self._ledger.begin_reading)
            first_ends, ends = self._ends(streams), self._ends(streams)
            readers += (
                _Reader(each, since, first_ends[each], self._applying, self._ledger) for each in streams
            )
            for reader in readers:
                self._read_up_to(ends[reader.stream], reader)
            self._applying.alone(self._ledger.end_reading)
            failpoint("read")
            self._apply()
        except Stopping:
            log.info("stopped before the streams' ends were reached; the next call goes on from there")
            stopped = True
        counts = self._applying.counts - before
        return CaughtUp(
            applied=counts["apply"],
            doubles=counts["double"],
            earlier=counts["earlier"],
            kept=None if stopped else self._applying.count_kept(self._most_kept),
            unreadable=sum(reader.unreadable for reader in readers),
            removed=sum(reader.removed for reader in readers),
            reached={reader.stream: reader.reached for reader in readers},
            stopped=stopped,
        )

    def _ends(self, streams: Sequence[str]) -> dict[str, int]:
        return ends_of(self._url, streams, name=self._name, stopping=self._stopping)

    def _read_up_to(self, end: int, reader: _Reader) -> None:
        reader.begin(end)
        if reader.reached >= end:
            return
        log.info("%s: read from %s to offset %s", reader.stream, reader.begin_at(), end)
        intake = Intake(
            self._url,
            reader.stream,
            name=self._name,
            prefetch=self._prefetch,
            arguments=lambda: {OFFSET: reader.begin_at()},
        )
        intake.start()
        silent, patience = 0.0, SILENT_SECONDS
        try:
            while reader.reached < end:
                if self._stopping(0):
                    raise Stopping
                if intake.refused is not None:
                    raise StreamRefused(intake.refused)
                if reader.read(intake.take(BATCH, GATHER_SECONDS, LOOK_SECONDS)):
                    silent, patience = 0.0, SILENT_SECONDS
                elif intake.connected:
                    silent += LOOK_SECONDS
                if silent >= patience:
                    if reader.by_time:
                        return  # nothing is so new
                    end = self._ends([reader.stream])[reader.stream]
                    reader.begin(end)
                    intake.reconnect()
                    # A broker that is busy may need longer than that for the first message of a connection.
                    silent, patience = 0.0, 2 * patience
        finally:
            intake.close()

    def _apply(self) -> None:
        while messages := self._applying.read_so_far(BATCH):
            if self._stopping(0):
                raise Stopping
            self._applying.work_due()
            if self._applying.count_kept(self._most_kept) >= self._most_kept:
                log.error("%s events are kept, so no more are taken until some are applied", self._most_kept)
                self._stopping(FULL_SECONDS)
                continue
            self._applying.take(
                [Arrived(message) for message in messages],
                old=True,
                also=partial(self._ledger.forget_read, messages),
            )
        self._applying.work_due()


class _Reader:
    """Brings a stream into the database, and remembers its offset in the same transactions."""

    def __init__(
        self, stream: str, since: datetime | int | None, first_end: int, applying: Applying, ledger: Ledger
    ) -> None:
        self.stream = stream
        self.unreadable = self.removed = 0
        self._since = since.astimezone(UTC) if isinstance(since, datetime) else since
        self._named = str(self._since)
        self._first_end = first_end
        self._applying = applying
        self._ledger = ledger
        before = applying.stream_reached(stream)
        self.reached = before[1] if before and before[0] == self._named else -1

    @property
    def by_time(self) -> bool:
        """Whether it begins at a time, and nothing has come yet."""
        return self.reached < 0 and isinstance(self._since, datetime)

    def begin(self, end: int) -> None:
        if self.reached > end:
            log.error(
                "%s: offset %s was reached, but the stream ends at %s: it was made anew, and is read from its"
                " beginning",
                self.stream,
                self.reached,
                end,
            )
            self.reached = -1

    def begin_at(self) -> datetime | int | str:
        if self.reached >= 0:
            return self.reached + 1
        return "first" if self._since is None else self._since

    def read(self, deliveries: list[Delivery]) -> bool:
        """Store and acknowledge them; False if there were none."""
        fresh = [(int(each.headers.get(OFFSET, -1)), each) for each in deliveries]
        fresh = [(offset, each) for offset, each in fresh if offset > self.reached]
        if fresh:
            self._note_removed([offset for offset, _ in fresh])
            messages = [(m, offset > self._first_end) for offset, each in fresh if (m := self._read(each))]
            reached = fresh[-1][0]
            self._applying.alone(partial(self._save, messages, reached))
            self.reached = reached
            failpoint("offset_saved")
        if deliveries:
            deliveries[-1].session.ack(deliveries[-1].tag)
        return bool(deliveries)

    def _save(self, messages: list[tuple[Message, bool]], reached: int) -> None:
        self._ledger.save_read(messages)
        # What lies beyond the first end may be left to the live queue; the next time it is read again.
        self._ledger.save_stream(self.stream, self._named, min(reached, self._first_end))

    def _read(self, delivery: Delivery) -> Message | None:
        if "cloudEvents_id" not in delivery.headers:
            return None  # filler: the portal closes a segment with it, so that old events can be removed
        try:
            message = message_of(delivery.headers, delivery.body)
            if not self._applying.wanted(message):
                return None
            _ = message.event
        except Undecodable as problem:
            self.unreadable += 1
            log.error("%s: a message was skipped: %s", self.stream, problem)
            return None
        return message

    def _note_removed(self, offsets: Sequence[int]) -> None:
        begin: Any = self.begin_at()
        expected = begin if isinstance(begin, int) else offsets[0]
        for offset in offsets:
            if offset > expected:
                self.removed += offset - expected
                log.error(
                    "%s: %s events had left the stream before they were read; the portal keeps them for a time only",
                    self.stream,
                    offset - expected,
                )
            expected = offset + 1
