"""A relay and an inbox with the mistakes that people make. The checker has to catch each of them."""

from __future__ import annotations

import time

import pika
import psycopg
from mtnet_chassis.events.envelope import envelope_of, event_of, headers_for

COLUMNS = "position, event_id, name, aggregate, subject, sequence, occurred_at, traceparent, payload"


class CursorRelay:
    """Remembers the highest position it has sent: whoever commits a lower one later is passed over."""

    def __init__(self, dsn: str, amqp_url: str) -> None:
        self._session = psycopg.connect(dsn, autocommit=True)
        self._connection = pika.BlockingConnection(pika.URLParameters(amqp_url))
        self._channel = self._connection.channel()
        self._channel.confirm_delivery()
        self._last = 0

    def send(self) -> int:
        rows = self._session.execute(
            f"SELECT {COLUMNS} FROM outbox WHERE position > %s ORDER BY position", (self._last,)
        ).fetchall()
        for row in rows:
            self.publish(row)
            self._last = row[0]
        return len(rows)

    def publish(self, row) -> None:
        _, event_id, name, aggregate, subject, sequence, occurred_at, traceparent, payload = row
        headers = headers_for(
            event_id=event_id,
            source="tests",
            name=name,
            aggregate=aggregate,
            subject=subject,
            sequence=sequence,
            occurred_at=occurred_at,
            traceparent=traceparent,
        )
        self._channel.basic_publish(
            "tests.events", name, payload.encode(), pika.BasicProperties(headers=headers, delivery_mode=2)
        )

    def close(self) -> None:
        self._connection.close()
        self._session.close()


class EagerRelay(CursorRelay):
    """Deletes before it publishes; and it takes the rows from the wrong end."""

    def __init__(self, dsn: str, amqp_url: str, *, dies_after: int = 10**9) -> None:
        super().__init__(dsn, amqp_url)
        self._left = dies_after

    def send(self) -> int:
        rows = self._session.execute(f"DELETE FROM outbox RETURNING {COLUMNS}").fetchall()
        for row in sorted(rows, reverse=True):
            if not self._left:
                raise ConnectionError("died")
            self._left -= 1
            self.publish(row)
        return len(rows)


def forgetful_inbox(dsn: str, amqp_url: str, queue: str, *, fails_at: int, remember: bool) -> None:
    """Remembers an event in one transaction and books it in another, or does not remember at all.

    At the message number `fails_at` it dies in between, and reads the queue again from the start.
    """
    count = 0
    session = psycopg.connect(dsn, autocommit=True)
    connection = pika.BlockingConnection(pika.URLParameters(amqp_url))
    channel = connection.channel()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        method, properties, body = channel.basic_get(queue)
        if method is None:
            break
        count += 1
        event = event_of(envelope_of(properties.headers), body)
        if remember:
            fresh = session.execute(
                "INSERT INTO inbox (handler, day, event_id) VALUES ('broken', '2026-01-01', %s)"
                " ON CONFLICT DO NOTHING RETURNING 1",
                (event.event_id,),
            ).fetchone()
            if count == fails_at:
                channel.basic_nack(method.delivery_tag)
                continue
            if not fresh:
                channel.basic_ack(method.delivery_tag)
                continue
        session.execute(
            "INSERT INTO booking (handler, event_id, account_id, number) VALUES ('broken', %s, %s, %s)",
            (event.event_id, event.account_id, event.number),
        )
        if count == fails_at:
            channel.basic_nack(method.delivery_tag)
            continue
        channel.basic_ack(method.delivery_tag)
    connection.close()
    session.close()
