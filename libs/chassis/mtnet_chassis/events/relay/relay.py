"""The relay's loop: read a batch while another is in flight, delete what is confirmed.

A plain process without eventlet. It remembers nothing between runs: what is in the table has not been confirmed.

Order: a read that shows event n+1 of an aggregate also shows n, unless n is in flight or confirmed, because announcing
takes a lock on the aggregate until the commit. One channel keeps the order of what is sent. After any failure
everything unconfirmed is sent again from the lowest row: duplicates are possible, gaps are not.
"""

from __future__ import annotations

import math
import sys
import threading
import time

import psycopg

from mtnet_chassis.events.relay.publisher import BrokerTrouble, Publisher
from mtnet_chassis.events.relay.rows import OutboxRows, Row
from mtnet_chassis.failpoints import failpoint
from mtnet_chassis.fastpath.frames import Frames, NotSendable
from mtnet_chassis.telemetry import (
    EVENTS_RELAYED,
    RELAY_ACTIVE,
    logger,
)

log = logger()

BATCH = 1000
WINDOW = 2000
STANDBY_SECONDS = 0.5
# Pauses after a read that found little; they grow while it finds nothing.
IDLE_SECONDS = (0.005, 0.005, 0.01, 0.02, 0.05)
RECONNECT_SECONDS = (0.1, 0.2, 0.5, 1, 2, 5)
LOOK_SECONDS = 5.0
# How long a relay that is asked to stop waits for confirms; a blocked broker may give none for hours.
LEAVE_SECONDS = 10.0


class Relay:
    """Runs until stopped: takes the lock, sends, deletes; waits while another relay has the lock."""

    def __init__(self, *, service: str, dsn: str, amqp_url: str) -> None:
        self._service = service
        self._dsn = dsn
        self._amqp_url = amqp_url
        self._frames = Frames(service)
        self._stopping = threading.Event()
        self._leave_at = math.inf
        self._set_active(False)
        self.healthy = False
        self.relayed = 0

    def stop(self) -> None:
        """Finish what is in flight, unless that takes too long, then leave `run`."""
        self._leave_at = min(self._leave_at, time.monotonic() + LEAVE_SECONDS)
        self._stopping.set()

    def check_database(self) -> None:
        """Ready when it has the lock or waits for it. Raises ConnectionError."""
        if not (self.active or self.healthy):
            raise ConnectionError("database not reached")

    def check_broker(self) -> None:
        """Ready when it can send, or is on standby. Raises ConnectionError."""
        if self.active and not self.healthy:
            raise ConnectionError("broker not reached, or it takes nothing")

    def run(self) -> None:
        """A database or broker that is away is tried again, and raises nothing."""
        # Two threads share the interpreter; the default of 5 ms makes each wait for the other too long.
        sys.setswitchinterval(0.001)
        failures = 0
        while not self._stopping.is_set():
            rows = publisher = None
            try:
                rows = OutboxRows(self._dsn)
                if not self._await_lock(rows):
                    return
                self._set_active(True)
                while not self._stopping.is_set():
                    rows.load_blocked_streams()  # which also keeps the session alive
                    publisher = Publisher(self._amqp_url, self._service)
                    try:
                        publisher.open()
                        self.healthy, failures = True, 0
                        self._relay(rows, publisher)
                    except BrokerTrouble as trouble:
                        self.healthy = False
                        log.warning("broker trouble", service=self._service, problem=str(trouble))
                        publisher.close()
                        rows.load_blocked_streams()
                        self._pause(failures)
                        failures += 1
            except Exception as problem:
                # The database is away, or something unforeseen: either way, from the lowest row again.
                level = log.warning if isinstance(problem, psycopg.Error) else log.exception
                level("relay starts again", service=self._service, problem=type(problem).__name__)
                self.healthy = False
                self._let_go(rows, publisher)
                self._pause(failures)
                failures += 1
            finally:
                self._let_go(rows, publisher)

    def _let_go(self, rows: OutboxRows | None, publisher: Publisher | None) -> None:
        """First the publisher: whoever takes the lock next must be the only one who sends."""
        if publisher is not None:
            publisher.close()
        if rows is not None:
            rows.close()
        self._set_active(False)

    def _await_lock(self, rows: OutboxRows) -> bool:
        standing_by = False
        while not self._stopping.is_set():
            if rows.try_lock():
                log.info("relay active", service=self._service)
                return True
            if not standing_by:
                log.info("relay on standby", service=self._service)
                self.healthy = standing_by = True
            self._stopping.wait(STANDBY_SECONDS)
        return False

    def _relay(self, rows: OutboxRows, publisher: Publisher) -> None:
        in_flight: set[int] = set()
        idle = 0
        next_read_at = next_look_at = 0.0
        while True:
            now = time.monotonic()
            if now >= next_read_at and len(in_flight) <= WINDOW - BATCH and not self._stopping.is_set():
                found = rows.read(in_flight, BATCH)
                in_flight.update(self._send(rows, publisher, found))
                idle = 0 if found else idle + 1
                if len(found) < BATCH // 2:
                    next_read_at = time.monotonic() + IDLE_SECONDS[min(idle, len(IDLE_SECONDS) - 1)]
            if in_flight and now > self._leave_at:
                log.warning("leaves without confirms", service=self._service, events=len(in_flight))
                return
            if in_flight:
                # While another batch fits in, only look; the next read is worth more than waiting.
                may_read = len(in_flight) <= WINDOW - BATCH and not self._stopping.is_set()
                wait_seconds = max(0.0, next_read_at - time.monotonic()) if may_read else 0.05
                self._delete(rows, in_flight, publisher.confirmed(wait_seconds))
            elif self._stopping.is_set():
                return
            else:
                publisher.confirmed(0.0)  # raises if there is trouble
                self._stopping.wait(max(0.0, next_read_at - time.monotonic()))
            if now >= next_look_at:
                next_look_at = now + LOOK_SECONDS
                rows.advance_low_water_mark()
                rows.load_blocked_streams()

    def _send(self, rows: OutboxRows, publisher: Publisher, found: list[Row]) -> list[int]:
        """Tells which positions are in flight now."""
        frames: list[bytes] = []
        positions: list[int] = []
        behind: list[int] = []
        for row in found:
            position, _, _, aggregate, subject, *_ = row
            if rows.blocked_streams and (aggregate, subject) in rows.blocked_streams:
                behind.append(position)
                continue
            try:
                frames.append(self._frames.publish(*row[1:]))
            except NotSendable as problem:
                log.error(
                    "event cannot be sent", service=self._service, position=position, reason=str(problem)
                )
                rows.set_aside(position, str(problem))
                continue
            positions.append(position)
        if behind:
            rows.set_aside_behind(behind)
        if positions:
            publisher.send(frames, positions)
        return positions

    def _delete(self, rows: OutboxRows, in_flight: set[int], confirmed: list[int]) -> None:
        if not confirmed:
            return
        failpoint("relay.before_delete")
        rows.delete(confirmed)
        failpoint("relay.after_delete")
        in_flight.difference_update(confirmed)
        self.relayed += len(confirmed)
        EVENTS_RELAYED.labels(self._service).inc(len(confirmed))

    def _set_active(self, active: bool) -> None:
        self.active: bool = active
        RELAY_ACTIVE.labels(self._service).set(1 if active else 0)

    def _pause(self, failures: int) -> None:
        self._stopping.wait(RECONNECT_SECONDS[min(failures, len(RECONNECT_SECONDS) - 1)])
