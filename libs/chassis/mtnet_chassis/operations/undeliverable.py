"""Undeliverable events: they fit into no message and lie in the table `outbox_dead` of the service that announced them.

Such a row holds up its aggregate: what was announced after it is put aside behind it. Retrying puts the whole aggregate
back, in order, for when the cause is gone. Discarding makes every subscriber skip the one event, so that ordered
groups, which wait for its number, go on, and puts back what waited behind it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pika
import psycopg
from mtnet_contracts.event import UnknownEvent, catalogue, event_class
from psycopg.rows import class_row

from mtnet_chassis.events.envelope import DISCARDED, headers_for
from mtnet_chassis.events.relay.rows import COLUMNS
from mtnet_chassis.operations.queues import confirmed_channel
from mtnet_chassis.operations.record import Operator, Record, StuckEvent, log_act


class NoSuchRow(LookupError):
    """No undeliverable event has this id."""


@dataclass(frozen=True)
class UndeliverableRow:
    """A row of outbox_dead; `reason` is why the relay could not send it, or that it waits behind another."""

    position: int
    event_id: UUID
    name: str
    aggregate: str
    subject: str
    sequence: int
    occurred_at: datetime
    traceparent: str | None
    payload: str
    reason: str


class Undeliverable:
    """Works on one service's database, and with the operator's right to send its events. `broker` is a pika
    connection."""

    def __init__(self, service: str, session: psycopg.Connection[Any], broker: Any) -> None:
        self._service = service
        self._session = session
        self._broker = broker

    @property
    def place(self) -> str:
        return f"{self._service}.outbox"

    def list(self) -> list[StuckEvent]:
        """By aggregate, in the order of its events: the first is what cannot be sent."""
        with (
            self._session.transaction(),
            self._session.cursor(row_factory=class_row(UndeliverableRow)) as cursor,
        ):
            cursor.execute(f"SELECT {COLUMNS}, reason FROM outbox_dead ORDER BY aggregate, subject, sequence")
            return [self._stuck(row) for row in cursor.fetchall()]

    def retry(self, event_id: str | None, by: Operator) -> int:
        """Put the event's whole aggregate back into the outbox (None: every aggregate). Returns how many rows. Raises
        NoSuchRow."""
        done = 0
        for each in self._firsts() if event_id is None else (event_id,):
            with self._session.transaction():
                row = self._row(each)
                Record(self._session).note("retried", self._stuck(row), by)
                done += self._put_back(row)
            log_act("retried", self._stuck(row), by)
        return done

    def discard(self, event_id: str, by: Operator) -> int:
        """Tell subscribers to skip the event, and put back what waited behind it. Returns how many rows that were. If
        this is interrupted, subscribers may be told twice, which does no harm. Raises NoSuchRow."""
        with self._session.transaction():
            row = self._row(event_id)
            Record(self._session).note("discarded", self._stuck(row), by)
            self._session.execute("DELETE FROM outbox_dead WHERE position = %s", (row.position,))
            self._pass_over(row, f"{by.who}: {by.why}"[:500])
            put_back = self._put_back(row)
        log_act("discarded", self._stuck(row), by)
        return put_back

    def _firsts(self) -> tuple[str, ...]:
        """The first undeliverable event of each aggregate."""
        with self._session.transaction():
            rows = self._session.execute(
                "SELECT DISTINCT ON (aggregate, subject) event_id FROM outbox_dead"
                " ORDER BY aggregate, subject, sequence"
            ).fetchall()
        return tuple(str(event_id) for (event_id,) in rows)

    def _row(self, event_id: str) -> UndeliverableRow:
        # The relay must not put another row behind this one while its aggregate is being put back.
        self._session.execute("LOCK TABLE outbox_dead IN EXCLUSIVE MODE")
        with self._session.cursor(row_factory=class_row(UndeliverableRow)) as cursor:
            cursor.execute(
                f"SELECT {COLUMNS}, reason FROM outbox_dead WHERE event_id::text = %s ORDER BY position LIMIT 1",
                (event_id,),
            )
            row = cursor.fetchone()
        if row is None:
            raise NoSuchRow(f"{self._service} has no undeliverable event {event_id}.")
        return row

    def _put_back(self, row: UndeliverableRow) -> int:
        """With new positions: the relay no longer looks where the old ones were."""
        columns = COLUMNS.removeprefix("position, ")
        return self._session.execute(
            f"""
            WITH gone AS (
                DELETE FROM outbox_dead WHERE aggregate = %s AND subject = %s RETURNING {COLUMNS}
            )
            INSERT INTO outbox ({columns}) SELECT {columns} FROM gone ORDER BY sequence
            """,
            (row.aggregate, row.subject),
        ).rowcount

    def _pass_over(self, row: UndeliverableRow, word: str) -> None:
        name = known_name(self._service, row.name, row.aggregate)
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
        with confirmed_channel(self._broker) as channel:
            channel.basic_publish(
                f"{self._service}.events",
                name,
                b"{}",  # inboxes skip it unread, and a stranger learns nothing from it
                pika.BasicProperties(
                    content_type="application/json",
                    delivery_mode=2,
                    message_id=str(row.event_id),
                    type=name,
                    app_id=self._service,
                    headers=headers | {DISCARDED: word},
                ),
            )

    def _stuck(self, row: UndeliverableRow) -> StuckEvent:
        return StuckEvent(
            kind="undeliverable",
            place=self.place,
            id=str(row.event_id),
            event=f"{self._service}.{row.name}",
            stream=f"{row.aggregate}/{row.subject}",
            sequence=row.sequence,
            reason=row.reason,
            body=row.payload.encode("utf-8", "replace"),
        )


def known_name(service: str, name: str, aggregate: str) -> str | None:
    """The event under whose name a number reaches the aggregate's subscribers: its own, or, where the catalogue does
    not have that, another of the aggregate, since ordered groups are bound to all of them."""
    with suppress(UnknownEvent):
        return event_class(service, name).event_name()
    others = (e for e in catalogue() if (e.source, e.aggregate) == (service, aggregate))
    return next((event.event_name() for event in others), None)
