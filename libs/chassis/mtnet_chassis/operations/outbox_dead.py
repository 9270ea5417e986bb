"""What an operator does with events that can never be sent: list, requeue, discard. Every act is recorded.

A dead row holds up its aggregate: what was announced after it is put aside behind it. Requeueing puts the whole
aggregate back, in order, for when the cause is gone. Discarding has every subscriber pass over the one event, so that
ordered groups, which wait for its number, go on, and puts back what waited behind it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pika
import psycopg
from mtnet_contracts.event import UnknownEvent, catalogue, event_class
from psycopg.rows import class_row

from mtnet_chassis.events.envelope import DISCARDED, headers_for
from mtnet_chassis.events.relay.rows import COLUMNS
from mtnet_chassis.telemetry import logger

log = logger()


class NoSuchRow(LookupError):
    """No dead event has this position."""


@dataclass(frozen=True)
class DeadRow:
    """A row of outbox_dead; `reason` is why the relay could not send it, or that it waits behind another."""

    position: int
    event_id: Any
    name: str
    aggregate: str
    subject: str
    sequence: int
    occurred_at: Any
    traceparent: str | None
    payload: str
    reason: str


class OutboxDead:
    """Works on one service's database, and with that service's own right to send its events."""

    def __init__(self, service: str, dsn: str) -> None:
        self._service = service
        self._connection: psycopg.Connection[Any] = psycopg.connect(dsn, connect_timeout=5)

    def close(self) -> None:
        self._connection.close()

    def list(self) -> tuple[DeadRow, ...]:
        """By aggregate, in the order of its events: the first is what cannot be sent."""
        with (
            self._connection.transaction(),
            self._connection.cursor(row_factory=class_row(DeadRow)) as cursor,
        ):
            cursor.execute(f"SELECT {COLUMNS}, reason FROM outbox_dead ORDER BY aggregate, subject, sequence")
            return tuple(cursor.fetchall())

    def requeue(self, position: int, *, who: str, reason: str) -> int:
        """Put the row's whole aggregate back into the outbox; tells how many rows. Raises NoSuchRow."""
        with self._connection.transaction():
            row = self._row(position)
            self._record(row, "requeued", who, reason)
            return self._put_back(row)

    def discard(self, position: int, amqp_url: str, *, who: str, reason: str) -> int:
        """Tell subscribers to pass over the event, and put back what waited behind it; tells how many rows
        that were. Interrupted in between it may be told twice, which inboxes forgive. Raises NoSuchRow."""
        with self._connection.transaction():
            row = self._row(position)
            self._record(row, "discarded", who, reason)
            self._connection.execute("DELETE FROM outbox_dead WHERE position = %s", (position,))
            self._pass_over(row, amqp_url, f"{who}: {reason}"[:500])
            return self._put_back(row)

    def _row(self, position: int) -> DeadRow:
        # The relay must not put another row behind this one while its aggregate is being put back.
        self._connection.execute("LOCK TABLE outbox_dead IN EXCLUSIVE MODE")
        with self._connection.cursor(row_factory=class_row(DeadRow)) as cursor:
            cursor.execute(
                f"SELECT {COLUMNS}, reason FROM outbox_dead WHERE position = %s",
                (position,),
            )
            row = cursor.fetchone()
        if row is None:
            raise NoSuchRow(f"{self._service} has no dead event at position {position}.")
        return row

    def _record(self, row: DeadRow, action: str, who: str, why: str) -> None:
        if not who.strip() or not why.strip():
            raise ValueError("say who does it (--who) and why (--reason)")
        self._connection.execute(
            "INSERT INTO outbox_settled (who, why, action, event_id, name, aggregate, subject, sequence, reason)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                *(who, why, action, row.event_id, row.name),
                *(row.aggregate, row.subject, row.sequence, row.reason),
            ),
        )
        log.info(
            "dead event dealt with", action=action, service=self._service, event_id=str(row.event_id), who=who
        )

    def _put_back(self, row: DeadRow) -> int:
        """With new positions: the relay no longer looks where the old ones were."""
        columns = COLUMNS.removeprefix("position, ")
        return self._connection.execute(
            f"""
            WITH gone AS (
                DELETE FROM outbox_dead WHERE aggregate = %s AND subject = %s RETURNING {COLUMNS}
            )
            INSERT INTO outbox ({columns}) SELECT {columns} FROM gone ORDER BY sequence
            """,
            (row.aggregate, row.subject),
        ).rowcount

    def _pass_over(self, row: DeadRow, amqp_url: str, word: str) -> None:
        name = bearer_of(self._service, row)
        if name is None:  # no subscriber can know of it
            return
        headers = headers_for(
            event_id=row.event_id,
            source=self._service,
            name=name,
            aggregate=row.aggregate,
            subject=row.subject,
            sequence=row.sequence,
            occurred_at=row.occurred_at,
            traceparent=None,
        )
        with pika.BlockingConnection(pika.URLParameters(amqp_url)) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            channel.basic_publish(
                f"{self._service}.events",
                name,
                b"{}",  # inboxes pass it over unread, and a stranger finds no fact in it
                pika.BasicProperties(
                    content_type="application/json",
                    delivery_mode=2,
                    message_id=str(row.event_id),
                    type=name,
                    app_id=self._service,
                    headers=headers | {DISCARDED: word},
                ),
            )


def bearer_of(service: str, row: DeadRow) -> str | None:
    """The event under whose name the number reaches the aggregate's subscribers: its own, or, where the catalogue
    does not have that, another of the aggregate, since ordered groups are bound to all of them."""
    with suppress(UnknownEvent):
        return event_class(service, row.name).event_name()
    others = (e for e in catalogue() if (e.source, e.aggregate) == (service, row.aggregate))
    return next((event.event_name() for event in others), None)
