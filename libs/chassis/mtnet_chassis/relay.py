"""The relay: sends what the outbox holds, in order, and deletes what the broker has confirmed.

A plain process without eventlet. Two threads: one owns the database session (it holds the advisory lock that makes
this relay the active one, reads batches and deletes), the other owns the AMQP connection (it publishes with
pipelined confirms). Nothing is remembered between runs: what is in the table has not been confirmed.

Order: every read starts at the lowest row that may still come, so a read that shows an aggregate's event n+1 also
shows n, unless n is in flight already or confirmed. One channel keeps the order of what is published. After any
trouble everything unconfirmed is sent again from the lowest row: duplicates are possible, holes are not.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pika
import psycopg
from pika.exceptions import AMQPError

from mtnet_chassis.envelope import headers_for
from mtnet_chassis.failpoints import failpoint
from mtnet_chassis.telemetry import (
    EVENTS_RELAYED,
    OUTBOX_AGE_SECONDS,
    OUTBOX_DEAD,
    OUTBOX_DEPTH,
    RELAY_ACTIVE,
    logger,
)

log = logger()

BATCH = 1000
WINDOW = 2000
DELETE_BATCH = 500
HEARTBEAT_SECONDS = 15
CONFIRM_SECONDS = 15.0
STANDBY_SECONDS = 0.5
IDLE_SECONDS = (0.005, 0.01, 0.02, 0.05)
RECONNECT_SECONDS = (0.2, 0.5, 1, 2, 5)
MEASURE_SECONDS = 5.0
LOCK_SPACE = 0x6D746E74  # "mtnt"; the second half of the key is 1: one relay for each service's database


class BrokerTrouble(Exception):
    """The connection failed, a message was nacked or returned, or confirms stopped coming."""


class LockLost(Exception):
    """The session that holds the advisory lock is gone; another relay may be active by now."""


@dataclass(frozen=True, slots=True)
class Row:
    position: int
    event_id: UUID
    name: str
    aggregate: str
    subject: str
    sequence: int
    occurred_at: datetime
    traceparent: str | None
    payload: str


class OutboxReader:
    """The relay's database session. Every statement is its own transaction."""

    def __init__(self, dsn: str) -> None:
        self._connection = psycopg.connect(
            dsn,
            autocommit=True,
            connect_timeout=5,
            keepalives_idle=15,
            keepalives_interval=5,
            keepalives_count=3,
            application_name="relay",
        )
        self._floor = 0
        self._pending_floor: tuple[int, int] | None = None

    def try_lock(self) -> bool:
        row = self._connection.execute("SELECT pg_try_advisory_lock(%s, 1)", (LOCK_SPACE,)).fetchone()
        return bool(row and row[0])

    def read(self, in_flight: list[int], most: int) -> list[Row]:
        """The lowest rows that are not in flight. Rows of an aggregate with a dead row wait for an operator."""
        rows = self._connection.execute(
            """
            SELECT position, event_id, name, aggregate, subject, sequence, occurred_at, traceparent, payload,
                   pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
                   pg_snapshot_xmax(pg_current_snapshot())::text::bigint
            FROM outbox
            WHERE position > %s AND position <> ALL (%s::bigint[])
              AND NOT EXISTS (SELECT 1 FROM outbox_dead AS dead
                              WHERE dead.aggregate = outbox.aggregate AND dead.subject = outbox.subject)
            ORDER BY position LIMIT %s
            """,
            (self._floor, in_flight, most),
            prepare=True,
            binary=True,
        ).fetchall()
        self._raise_floor(rows, in_flight)
        return [Row(*row[:9]) for row in rows]

    def _raise_floor(self, rows: list[Any], in_flight: list[int]) -> None:
        """Skip what can never come any more, so that a read does not wade through rows deleted long ago.

        A position is given after its transaction got its id. So once every transaction that was running when
        position P was seen has ended, whatever is to come at or below P is there, and the lowest row now in
        the table (or in flight) is a safe floor up to P.
        """
        if not rows:
            return
        lowest = min(rows[0][0], min(in_flight, default=rows[0][0]))
        xmin, xmax = rows[0][9], rows[0][10]
        if self._pending_floor is None:
            self._pending_floor = (rows[-1][0], xmax)
            return
        seen, ended = self._pending_floor
        if xmin >= ended:
            self._floor = max(self._floor, min(seen, lowest - 1))
            self._pending_floor = (rows[-1][0], xmax)

    def delete(self, positions: list[int]) -> None:
        self._connection.execute(
            "DELETE FROM outbox WHERE position = ANY (%s::bigint[])", (positions,), prepare=True
        )

    def bury(self, position: int, reason: str) -> None:
        """Put a row aside that can never be sent."""
        self._connection.execute(
            """
            WITH gone AS (DELETE FROM outbox WHERE position = %s RETURNING *)
            INSERT INTO outbox_dead (position, event_id, name, aggregate, subject, sequence, occurred_at,
                                     traceparent, payload, reason)
            SELECT position, event_id, name, aggregate, subject, sequence, occurred_at, traceparent, payload, %s
            FROM gone
            """,
            (position, reason[:500]),
        )

    def measure(self) -> tuple[int, float, int]:
        """Depth (estimated once large), age of the oldest in seconds, dead rows."""
        row = self._connection.execute(
            """
            SELECT (SELECT count(*) FROM (SELECT 1 FROM outbox WHERE position > %(floor)s LIMIT 10000) AS some),
                   (SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'outbox'::regclass),
                   coalesce(extract(epoch FROM now() - (
                       SELECT occurred_at FROM outbox WHERE position > %(floor)s ORDER BY position LIMIT 1)), 0),
                   (SELECT count(*) FROM outbox_dead)
            """,
            {"floor": self._floor},
        ).fetchone()
        if row is None:
            return 0, 0.0, 0
        depth = int(row[0]) if row[0] < 10_000 else max(int(row[0]), int(row[1]))
        return depth, max(0.0, float(row[2])), int(row[3])

    def close(self) -> None:
        self._connection.close()


class Publisher:
    """The relay's AMQP connection, on a thread of its own: publishes in order, collects confirms."""

    def __init__(self, amqp_url: str, service: str) -> None:
        self.exchange = f"{service}.events"
        self._service = service
        self._url = amqp_url
        self._work: deque[list[Row]] = deque()
        self._unconfirmed: deque[tuple[int, int]] = deque()  # delivery tag, position
        self._out_of_order: set[int] = set()
        self._confirmed: queue.SimpleQueue[list[int]] = queue.SimpleQueue()
        self._buried: queue.SimpleQueue[tuple[int, str]] = queue.SimpleQueue()
        self._trouble: str | None = None
        self._opened = threading.Event()
        self._ended = threading.Event()
        self._next_tag = 1
        self._blocked = False
        self._last_progress = time.monotonic()
        self._channel: Any = None
        self._connection: Any = None
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)

    def open(self) -> None:
        """Raises BrokerTrouble."""
        self._thread.start()
        if not self._opened.wait(10) or self._trouble:
            self.close()
            raise BrokerTrouble(self._trouble or "no connection in 10 s")

    def send(self, rows: list[Row]) -> None:
        self._work.append(rows)
        self._connection.ioloop.add_callback_threadsafe(self._publish_next)

    def confirmed(self, timeout_seconds: float) -> list[int]:
        """Positions that the broker has safe; waits a moment for the first. Raises BrokerTrouble."""
        found: list[int] = []
        try:
            found += (
                self._confirmed.get(timeout=timeout_seconds)
                if timeout_seconds
                else self._confirmed.get_nowait()
            )
            while True:
                found += self._confirmed.get_nowait()
        except queue.Empty:
            pass
        if not found:
            if self._trouble:
                raise BrokerTrouble(self._trouble)
            waited = time.monotonic() - self._last_progress
            if self._unconfirmed and not self._blocked and waited > CONFIRM_SECONDS:
                raise BrokerTrouble(f"no confirm for {waited:.0f} s")
        return found

    def buried(self) -> list[tuple[int, str]]:
        """Rows that cannot be encoded, with the reason."""
        found = []
        while not self._buried.empty():
            found.append(self._buried.get_nowait())
        return found

    def close(self) -> None:
        """Drop the connection; what is unconfirmed will be sent again."""
        if self._connection is not None and not self._ended.is_set():
            try:
                self._connection.ioloop.add_callback_threadsafe(self._stop)
            except Exception as problem:
                log.debug("loop already ended", problem=type(problem).__name__)
        self._ended.wait(3)

    def _run(self) -> None:
        try:
            parameters = pika.URLParameters(self._url)
            parameters.heartbeat = HEARTBEAT_SECONDS
            parameters.socket_timeout = 5
            parameters.stack_timeout = 8
            parameters.client_properties = {"connection_name": f"{self._service}-relay"}
            self._connection = pika.SelectConnection(
                parameters,
                on_open_callback=lambda c: c.channel(on_open_callback=self._on_channel),
                on_open_error_callback=lambda _, error: self._fail(f"cannot connect: {type(error).__name__}"),
                on_close_callback=lambda _, error: self._fail(f"closed: {type(error).__name__}"),
            )
            self._connection.add_on_connection_blocked_callback(lambda *_: self._set_blocked(True))
            self._connection.add_on_connection_unblocked_callback(lambda *_: self._set_blocked(False))
            self._connection.ioloop.start()
        except (AMQPError, OSError) as problem:
            self._fail(type(problem).__name__)
        finally:
            self._ended.set()
            self._opened.set()

    def _on_channel(self, channel: Any) -> None:
        self._channel = channel
        channel.add_on_close_callback(lambda _, error: self._fail(f"channel closed: {error}"))
        channel.confirm_delivery(ack_nack_callback=self._on_confirm, callback=lambda _: self._opened.set())

    def _publish_next(self) -> None:
        if self._trouble or not self._work:
            return
        rows = self._work.popleft()
        if not self._unconfirmed:
            self._last_progress = time.monotonic()
        for row in rows:
            failpoint("relay.before_publish")
            try:
                self._publish(row)
            except (ValueError, TypeError, AssertionError) as problem:
                self._buried.put((row.position, f"{type(problem).__name__}: {problem}"))
                continue
            self._unconfirmed.append((self._next_tag, row.position))
            self._next_tag += 1
            failpoint("relay.after_publish")

    def _publish(self, row: Row) -> None:
        headers = headers_for(
            event_id=row.event_id,
            source=self._service,
            name=row.name,
            aggregate=row.aggregate,
            subject=row.subject,
            sequence=row.sequence,
            occurred_at=row.occurred_at,
            traceparent=row.traceparent,
        )
        self._channel.basic_publish(
            self.exchange,
            row.name,
            row.payload.encode(),
            pika.BasicProperties(
                content_type="application/json",
                delivery_mode=2,
                message_id=headers["cloudEvents_id"],
                type=row.name,
                timestamp=int(row.occurred_at.timestamp()),
                app_id=self._service,
                headers=headers,
            ),
        )

    def _on_confirm(self, frame: Any) -> None:
        method = frame.method
        if method.NAME != "Basic.Ack":
            self._fail("nacked")
            return
        self._last_progress = time.monotonic()
        done: list[int] = []
        if method.multiple:
            while self._unconfirmed and self._unconfirmed[0][0] <= method.delivery_tag:
                tag, position = self._unconfirmed.popleft()
                if tag in self._out_of_order:
                    self._out_of_order.discard(tag)
                else:
                    done.append(position)
        elif self._unconfirmed and self._unconfirmed[0][0] == method.delivery_tag:
            done.append(self._unconfirmed.popleft()[1])
        else:
            late = next((p for t, p in self._unconfirmed if t == method.delivery_tag), None)
            if late is not None and method.delivery_tag not in self._out_of_order:
                self._out_of_order.add(method.delivery_tag)
                done.append(late)
        while self._unconfirmed and self._unconfirmed[0][0] in self._out_of_order:
            self._out_of_order.discard(self._unconfirmed.popleft()[0])
        if done:
            failpoint("relay.after_confirm")
            self._confirmed.put(done)

    def _set_blocked(self, blocked: bool) -> None:
        self._blocked = blocked
        self._last_progress = time.monotonic()
        log.warning("broker blocks publishing" if blocked else "broker takes messages again")

    def _fail(self, reason: str) -> None:
        if self._trouble is None:
            self._trouble = reason
        self._opened.set()
        self._stop()

    def _stop(self) -> None:
        self._trouble = self._trouble or "stopped"
        if self._connection is None:
            return
        if self._connection.is_open:
            self._connection.close()
        else:
            self._connection.ioloop.stop()


class Relay:
    """Runs until stopped: take the lock, send, delete; stand by while another relay has the lock."""

    def __init__(self, *, service: str, dsn: str, amqp_url: str) -> None:
        self._service = service
        self._dsn = dsn
        self._amqp_url = amqp_url
        self._stopping = threading.Event()
        self.active = False
        self.healthy = False

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        """Never raises for what passes: a database or broker that is away is tried again."""
        failures = 0
        while not self._stopping.is_set():
            reader = publisher = None
            try:
                reader = OutboxReader(self._dsn)
                if not self._await_lock(reader):
                    return
                self._set_active(True)
                while not self._stopping.is_set():
                    publisher = Publisher(self._amqp_url, self._service)
                    try:
                        publisher.open()
                        failures = 0
                        self.healthy = True
                        self._relay(reader, publisher)
                    except BrokerTrouble as trouble:
                        self.healthy = False
                        log.warning("broker trouble", service=self._service, problem=str(trouble))
                        publisher.close()
                        self._pause(failures)
                        failures += 1
            except psycopg.Error as problem:
                self.healthy = False
                log.warning("database trouble", service=self._service, problem=type(problem).__name__)
                self._pause(failures)
                failures += 1
            finally:
                # First the publisher: whoever takes the lock next must be the only one who sends.
                if publisher is not None:
                    publisher.close()
                if reader is not None:
                    reader.close()
                self._set_active(False)

    def check(self) -> None:
        """Ready when it sends or stands by with both ends reached. Raises ConnectionError."""
        if not self.healthy:
            raise ConnectionError("database or broker not reached")

    def _await_lock(self, reader: OutboxReader) -> bool:
        announced = False
        while not self._stopping.is_set():
            if reader.try_lock():
                log.info("relay active", service=self._service)
                return True
            if not announced:
                log.info("relay stands by", service=self._service)
                self.healthy = True
                announced = True
            self._stopping.wait(STANDBY_SECONDS)
        return False

    def _relay(self, reader: OutboxReader, publisher: Publisher) -> None:
        in_flight: set[int] = set()
        finished: list[int] = []
        idle = 0
        measured = 0.0
        while True:
            room = WINDOW - len(in_flight)
            rows = []
            if room >= min(BATCH, WINDOW) // 2 and not self._stopping.is_set():
                rows = reader.read(list(in_flight), min(BATCH, room))
                if rows:
                    in_flight.update(row.position for row in rows)
                    publisher.send(rows)
                    idle = 0
            done = publisher.confirmed(0.0 if rows or not in_flight else 0.05)
            finished += done
            for position, reason in publisher.buried():
                log.error("event cannot be sent", service=self._service, position=position, reason=reason)
                reader.bury(position, reason)
                in_flight.discard(position)
            if finished and (len(finished) >= DELETE_BATCH or len(finished) == len(in_flight) or not rows):
                failpoint("relay.before_delete")
                reader.delete(finished)
                failpoint("relay.after_delete")
                in_flight.difference_update(finished)
                EVENTS_RELAYED.labels(self._service).inc(len(finished))
                finished = []
            if self._stopping.is_set() and not in_flight:
                return
            if not rows and not in_flight:
                self._stopping.wait(IDLE_SECONDS[min(idle, len(IDLE_SECONDS) - 1)])
                idle += 1
            if time.monotonic() - measured > MEASURE_SECONDS:
                measured = time.monotonic()
                self._measure(reader)

    def _measure(self, reader: OutboxReader) -> None:
        depth, age, dead = reader.measure()
        OUTBOX_DEPTH.labels(self._service).set(depth)
        OUTBOX_AGE_SECONDS.labels(self._service).set(age)
        OUTBOX_DEAD.labels(self._service).set(dead)

    def _set_active(self, active: bool) -> None:
        self.active = active
        RELAY_ACTIVE.labels(self._service).set(1 if active else 0)

    def _pause(self, failures: int) -> None:
        self._stopping.wait(RECONNECT_SECONDS[min(failures, len(RECONNECT_SECONDS) - 1)])
