"""Apply events in the subscriber's own transactions; what fails is kept there and tried again."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar

from mtnet_subscriber.event import LONGEST_REASON, Event, Message, Undecodable
from mtnet_subscriber.failpoints import failpoint
from mtnet_subscriber.ledger import DAY_MS, FORGOTTEN_AT_ONCE, Ledger
from mtnet_subscriber.rules import KEEP_INBOX_DAYS, Poison, Stopping, Verdict, delay_after, judge
from mtnet_subscriber.stores import Store

log = logging.getLogger("mtnet_subscriber")

Handler = Callable[[Event, Any], None]
Result = TypeVar("Result")
AWAY_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class Arrived(NamedTuple):
    """`suspect`: it was delivered before and not acknowledged; perhaps the process ended while handling it."""

    message: Message
    suspect: bool = False


class Applying:
    """`stopping` waits up to some seconds and says whether the process is asked to stop."""

    def __init__(
        self,
        store: Store,
        ledger: Ledger,
        handlers: dict[tuple[str, str], Handler],
        *,
        delays: Sequence[float],
        tables: Sequence[str] = (),
        stopping: Callable[[float], bool],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._ledger = ledger
        self.handlers = handlers
        self._delays = delays
        self._tables = tables
        self._stopping = stopping
        self._clock = clock
        self.counts: Counter[str] = Counter()

    def prepare(self) -> None:
        """Make the tables, ours and those of the handlers."""
        self._patiently(self._store.prepare)
        if self._tables:
            self._in_transaction(lambda db: [self._store.run(statement) for statement in self._tables])

    def forget(self) -> None:
        """Ids of long ago, some at a time. Raises Stopping."""
        while self._in_transaction(lambda db: self._ledger.forget(self._now_ms())) == FORGOTTEN_AT_ONCE:
            if self._stopping(0):
                raise Stopping

    @property
    def kept_so_far(self) -> int:
        """How often something was kept since the start."""
        return self.counts["wait"] + self.counts["failed"] + self.counts["dead"] + self.counts["late"]

    def count_kept(self, most: int) -> int:
        """No further than `most`."""
        return self._patiently(lambda: self._ledger.count_kept(most))

    def stream_reached(self, stream: str) -> tuple[str, int] | None:
        return self._patiently(lambda: self._ledger.stream_reached(stream))

    def alone(self, work: Callable[[], Result]) -> Result:
        """Something of the ledger, in a transaction of its own. Raises Stopping."""
        return self._in_transaction(lambda db: work())

    def read_so_far(self, most: int) -> list[Message]:
        return self._patiently(lambda: self._ledger.read_so_far(most))

    # Events that come

    def take(
        self, arrived: Sequence[Arrived], *, old: bool = False, also: Callable[[], None] | None = None
    ) -> None:
        """Apply or keep each of them; afterwards all may be acknowledged. `also` runs in the same transaction.

        `old` says that they were read from a stream: what is earlier than the aggregate's position is skipped.
        Raises Stopping.
        """
        # Also one by one, when the batch fails, each aggregate goes in its order.
        arrived = sorted(arrived, key=lambda each: each.message.sequence)
        try:
            counts = self._in_transaction(lambda db: self._apply(db, arrived, old, also))
        except Stopping:
            raise
        except Exception as problem:
            if len(arrived) == 1:
                self._fail_first(arrived[0].message, problem)
            else:
                log.info(
                    "a batch failed and is applied one by one: %s", type(problem).__name__, exc_info=problem
                )
                for each in arrived:
                    self.take([each], old=old)
            if also is not None:
                self._in_transaction(lambda db: also())
            return
        self.counts.update(counts)
        failpoint("committed")

    def _apply(
        self,
        db: Any,
        arrived: Sequence[Arrived],
        old: bool,
        also: Callable[[], None] | None,
    ) -> Counter[str]:
        counts: Counter[str] = Counter()
        streams = [each.message.stream for each in arrived]
        positions = self._ledger.locked_positions(streams)
        known = self._ledger.known([each.message.id for each in arrived])
        held = self._ledger.held(streams)
        now_ms = self._now_ms()
        forgotten_before = now_ms - KEEP_INBOX_DAYS * DAY_MS
        applied: list[Message] = []
        for message, suspect in arrived:
            verdict = judge(
                message.sequence,
                known=message.id in known,
                forgotten=message.occurred_ms < forgotten_before,
                position=positions[message.stream],
                held=message.stream in held,
            )
            known.add(message.id)
            if verdict is Verdict.LATE and old:
                counts["earlier"] += 1
                continue
            counts[verdict.value] += 1
            if verdict is Verdict.WAIT:
                self._ledger.keep(message, "waiting", attempts=0, next_ms=None, now_ms=now_ms)
            elif verdict is Verdict.LATE:
                reason = f"came after number {positions[message.stream]} of its aggregate was applied"
                log.error("event %s is late: %s", message.id, reason)
                self._ledger.keep(message, "dead", attempts=0, next_ms=None, now_ms=now_ms, reason=reason)
            elif verdict is Verdict.APPLY and suspect and self.wanted(message):
                # It may be what ended the process: kept first, so that its attempts are counted.
                reason = "delivered again without an acknowledgement"
                self._ledger.keep(
                    message, "retrying", attempts=0, next_ms=now_ms, now_ms=now_ms, reason=reason
                )
                held.add(message.stream)
            elif verdict is Verdict.APPLY:
                self._handle(message, db)
                positions[message.stream] = message.sequence
                applied.append(message)
        if applied:
            failpoint("effect_made")
            self._ledger.save_applied(applied, positions)
        if also is not None:
            also()
        return counts

    def wanted(self, message: Message) -> bool:
        return (message.source, message.name) in self.handlers

    def _handle(self, message: Message, db: Any) -> None:
        """An event that nobody handles counts as applied."""
        handler = self.handlers.get((message.source, message.name))
        if handler is not None:
            handler(message.event, db)
            self._store.check_transaction()

    def _fail_first(self, message: Message, problem: Exception) -> None:
        """The first attempt failed: keep it, and with it its aggregate."""

        def keep(db: Any) -> None:
            self._ledger.locked_positions([message.stream])
            if self._ledger.known([message.id]):
                return  # another process has done it meanwhile
            delay = None if _hopeless(problem) else delay_after(1, self._delays)
            state, next_ms = (
                ("dead", None) if delay is None else ("retrying", self._now_ms() + int(delay * 1000))
            )
            self._ledger.keep(
                message, state, attempts=1, next_ms=next_ms, now_ms=self._now_ms(), reason=_worded(problem)
            )
            self._tell(message, state, problem)

        self._in_transaction(keep)

    # Events that are kept

    def work_due(self) -> None:
        """Try again what is due, one event after the other. Raises Stopping."""
        while (due := self._ledger_due()) and not self._stopping(0):
            for event_id in due:
                if self._stopping(0):
                    return
                self._try_again(event_id)

    def _ledger_due(self) -> list[str]:
        return self._patiently(lambda: self._ledger.due(self._now_ms()))

    def next_due(self) -> float | None:
        """When the next kept event is due, in seconds since 1970."""
        next_ms = self._patiently(self._ledger.next_due_ms)
        return None if next_ms is None else next_ms / 1000

    def _try_again(self, event_id: str) -> None:
        claimed = self._in_transaction(lambda db: self._claim(event_id))
        if claimed is None:
            return
        message, attempts = claimed
        failpoint("claimed")
        try:
            self._in_transaction(lambda db: self._apply_kept(message, db))
        except Stopping:
            raise
        except Exception as problem:
            self._in_transaction(partial(self._fail_again, message, attempts, problem))

    def _claim(self, event_id: str) -> tuple[Message, int] | None:
        """Count the attempt before it is made, so that one that ends the process is counted, too."""
        message = self._ledger.kept_message(event_id)
        if message is None:
            return None
        position = self._ledger.locked_positions([message.stream])[message.stream]
        kept = self._ledger.kept_one(event_id)
        now_ms = self._now_ms()
        if kept is None or kept.next_ms is None or kept.next_ms > now_ms:
            return None  # somebody else was faster
        first = self._ledger.first_kept(message.stream, position)
        if message.sequence > position and first != event_id:
            self._ledger.postpone(event_id)
            self._ledger.wake(message.stream, position, now_ms)
            return None
        attempts = kept.attempts + 1
        if attempts > len(self._delays) + 1:
            reason = "the process ended while this was handled, at the last attempt, too"
            self._ledger.change_kept(event_id, "dead", attempts=kept.attempts, next_ms=None, reason=reason)
            log.error("event %s became a dead letter: %s", event_id, reason)
            return None
        delay = delay_after(attempts, self._delays) or self._delays[-1]
        self._ledger.change_kept(
            event_id,
            "retrying",
            attempts=attempts,
            next_ms=now_ms + int(delay * 1000),
            reason=kept.reason,
        )
        return message, attempts

    def _apply_kept(self, message: Message, db: Any) -> None:
        positions = self._ledger.locked_positions([message.stream])
        if not self._ledger.take_kept(str(message.id)):
            return
        self._handle(message, db)
        failpoint("retry_effect_made")
        positions[message.stream] = max(positions[message.stream], message.sequence)
        self._ledger.save_applied([message], positions)
        self._ledger.wake(message.stream, positions[message.stream], self._now_ms())
        self.counts["apply"] += 1

    def _fail_again(self, message: Message, attempts: int, problem: Exception, db: Any) -> None:
        delay = None if _hopeless(problem) else delay_after(attempts, self._delays)
        state, next_ms = ("dead", None) if delay is None else ("retrying", self._now_ms() + int(delay * 1000))
        self._ledger.change_kept(
            str(message.id), state, attempts=attempts, next_ms=next_ms, reason=_worded(problem)
        )
        self._tell(message, state, problem)

    # The database

    def _in_transaction(self, work: Callable[[Any], Result]) -> Result:
        def whole() -> Result:
            with self._store.transaction() as db:
                return work(db)

        return self._patiently(whole)

    def _patiently(self, work: Callable[[], Result]) -> Result:
        """Do it; while the database is away, wait, which is no attempt. Raises Stopping."""
        failures = 0
        while True:
            try:
                return work()
            except Exception as problem:
                if not self._store.away(problem):
                    raise
                pause = AWAY_SECONDS[min(failures, len(AWAY_SECONDS) - 1)]
                failures += 1
                log.warning(
                    "the database is away (%s: %s), again in %s s",
                    type(problem).__name__,
                    str(problem).strip()[:LONGEST_REASON],
                    pause,
                )
                if self._stopping(pause):
                    raise Stopping from problem

    def _tell(self, message: Message, state: str, problem: Exception) -> None:
        self.counts["dead" if state == "dead" else "failed"] += 1
        log.error(
            "event %s (%s.%s) %s",
            message.id,
            message.source,
            message.name,
            "became a dead letter" if state == "dead" else "failed and will be tried again",
            exc_info=problem,
        )

    def _now_ms(self) -> int:
        return int(self._clock() * 1000)


def _hopeless(problem: Exception) -> bool:
    return isinstance(problem, Poison | Undecodable)


def _worded(problem: Exception) -> str:
    return f"{type(problem).__name__}: {problem}"
