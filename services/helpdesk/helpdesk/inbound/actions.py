"""Understand what was kept, and hand it to the tickets: each item once, in the order in which they came."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import psycopg
from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.data.files import FileNotThere, Files
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.failpoints import failpoint
from mtnet_chassis.telemetry import logger
from prometheus_client import Counter, Gauge

from helpdesk.file_checks.adapters import ScannerAway
from helpdesk.inbound.rescanning import Rescanner
from helpdesk.inbound.rules import (
    HELD_FROM_IN_CHAT,
    MOST_TRIES,
    RATE_WINDOW,
    State,
    held_because,
    rate_verdict,
    retry_delay,
)
from helpdesk.inbound.store import InboundStore, Settled, StoredItem
from helpdesk.inbound.understanding import Reader, Understood
from helpdesk.recording.actions import record_all
from helpdesk.tickets.rules import Recorded

MOST_AT_ONCE = 50
# Of what is in the object store a few at a time: they are large.
KEEP_RAW_FILES_FOR = timedelta(days=180)
FILES_AT_ONCE = 200
# What fails even as a plain file is a mistake of ours: it is tried again, and somebody is told.
AFTER_A_MISTAKE = timedelta(minutes=10)

UNDERSTOOD = Counter(
    "mtnet_inbound_understood_total", "What became of things that came in.", ["channel", "outcome"]
)
AGE = Gauge(
    "mtnet_inbound_waiting_seconds", "How long the oldest thing that came in has waited to be understood."
)

log = logger()


class Understander:
    """Works through what waits. One process at a time does: threads keep their order, and rates their count."""

    def __init__(self, database: Transactions, reader: Reader, clock: Callable[[], datetime]) -> None:
        self._database, self._reader, self._clock = database, reader, clock
        self._rescanner = Rescanner(database, reader.files, reader.scanner)

    def work(self) -> int:
        """A batch. Returns how many it was. Raises psycopg.Error."""
        now = self._clock()
        with self._database.transaction() as tx:
            items = InboundStore(tx).waiting(now, MOST_AT_ONCE)
        AGE.set((now - items[0].received_at).total_seconds() if items else 0)
        understood = [each for item in items if (each := self._understood(item, now)) is not None]
        self._record(understood)
        # Whoever writes comes first.
        return len(items) or self._rescanner.work(now)

    def seconds_until_next(self, most: float) -> float:
        """How long nothing has to be done, as far as is known. Raises psycopg.Error."""
        with self._database.transaction() as tx:
            at = InboundStore(tx).next_try_at()
        return most if at is None else max(0.05, min(most, (at - self._clock()).total_seconds()))

    def _understood(self, item: StoredItem, now: datetime) -> Understood | None:
        """None: it is tried again later."""
        try:
            return self._reader.understood(item, plainly=item.tries >= MOST_TRIES)
        except (ScannerAway, OSError, FileNotThere) as away:
            log.warning("inbound item waits", item=str(item.item_id), problem=type(away).__name__)
            self._try_again(item, now + retry_delay(min(item.tries + 1, 4)), counts=False)
        except Exception as mistake:
            log.exception(
                "inbound item not understood", item=str(item.item_id), problem=type(mistake).__name__
            )
            self._try_again(item, now + self._delay(item))
        return None

    def _delay(self, item: StoredItem) -> timedelta:
        return retry_delay(item.tries + 1) if item.tries < MOST_TRIES else AFTER_A_MISTAKE

    def _try_again(self, item: StoredItem, at: datetime, *, counts: bool = True) -> None:
        with self._database.transaction() as tx:
            InboundStore(tx).try_again(item.item_id, at, counts=counts)

    def _record(self, understood: Sequence[Understood]) -> None:
        if not understood:
            return
        now = self._clock()
        try:
            failpoint("inbound.before_record")
            with self._database.transaction() as tx:
                settled = record(tx, understood, now)
                failpoint("inbound.before_commit_of_record")
            failpoint("inbound.after_record")
        except psycopg.OperationalError:
            raise
        except Exception as mistake:
            if len(understood) > 1:
                # One of them is not as it should be: the others go on.
                for each in understood:
                    self._record([each])
                return
            item = understood[0].item
            log.exception("inbound item not recorded", item=str(item.item_id), problem=type(mistake).__name__)
            self._try_again(item, now + self._delay(item))
            return
        channels = {each.item.item_id: each.inbound.channel for each in understood}
        for outcome in settled:
            UNDERSTOOD.labels(channels[outcome.item_id], outcome.state).inc()


def record(tx: Tx, understood: Sequence[Understood], now: datetime) -> list[Settled]:
    """What nobody has settled meanwhile becomes an entry, unless it is ours, or more than a person writes."""
    store = InboundStore(tx)
    waiting = store.still_stored([each.item.item_id for each in understood])
    fresh = [each for each in understood if each.item.item_id in waiting]
    since = now - RATE_WINDOW
    of_sender = store.counts_since(
        [each.address_key for each in fresh], "address_key", since, HELD_FROM_IN_CHAT + 1
    )
    of_thread = store.counts_since(
        [each.thread_key for each in fresh], "thread_key", since, HELD_FROM_IN_CHAT + 1
    )
    judged = []
    for each in fresh:
        earlier = max(of_sender.get(each.address_key, 0), of_thread.get(each.thread_key, 0))
        because = held_because(of_sender.get(each.address_key, 0), of_thread.get(each.thread_key, 0))
        judged.append((each, *_judged(each, earlier), because))
        of_sender[each.address_key] = of_sender.get(each.address_key, 0) + bool(each.address_key)
        of_thread[each.thread_key] = of_thread.get(each.thread_key, 0) + bool(each.thread_key)
    coming_in = [
        replace(each.inbound, automatic=each.inbound.automatic or automatic)
        for each, state, automatic, _ in judged
        if state is State.RECORDED
    ]
    went = {
        inbound.item_id: recorded
        for inbound, recorded in zip(coming_in, record_all(tx, Outbox(tx), coming_in, now), strict=True)
    }
    settled = [
        _settled(each, state, went.get(each.item.item_id), because) for each, state, _, because in judged
    ]
    store.settle(settled, now)
    if held := sum(each.state is State.HELD for each in settled):
        log.warning("inbound items held: more than a person writes", items=held)
    return settled


def _judged(each: Understood, earlier: int) -> tuple[State, bool]:
    """What becomes of it, and whether it is taken for automatic."""
    if each.own:
        return State.OWN, False
    automatic, held = (False, False) if each.item.released else rate_verdict(each.inbound.channel, earlier)
    return State.HELD if held else State.RECORDED, automatic


def _settled(each: Understood, state: State, recorded: Recorded | None, because: str) -> Settled:
    return Settled(
        each.item.item_id,
        state,
        each.address_key,
        each.thread_key,
        recorded.ticket_id if recorded else None,
        recorded.entry_id if recorded else None,
        because if state is State.HELD else None,
    )


def forget_raw_files(tx: Tx, files: Files, now: datetime) -> int:
    """Raw mails of the object store whose time is over; those in rows are forgotten by retention. Returns how many."""
    store = InboundStore(tx)
    old = store.raw_files_settled_before(now - KEEP_RAW_FILES_FOR, FILES_AT_ONCE)
    for _, key in old:
        files.delete(key)
    store.forget_raw_files([item_id for item_id, _ in old])
    return len(old)
