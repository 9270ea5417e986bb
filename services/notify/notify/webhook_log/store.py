"""SQL of what operators look for among the events of a webhook."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from mtnet_chassis.data.database import Tx
from psycopg.rows import class_row, dict_row

from notify.webhook_log.rules import Asked, SentEvent

COLUMNS = (
    "d.number, d.event_id, d.event, d.subject, d.state, d.attempts, a.status, coalesce(a.problem, '') AS problem,"
    " d.received_at, CASE WHEN d.state = 'waiting' THEN d.next_attempt_at END AS next_attempt_at, d.finished_at"
)
LAST_TRY = (
    " FROM webhook_delivery d LEFT JOIN webhook_attempt a"
    " ON a.webhook_id = d.webhook_id AND a.number = d.number AND a.attempt = d.attempts"
)


class WebhookLogStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def newest(self, webhook_id: UUID, asked: Asked) -> list[SentEvent]:
        """One more than asked for, where there are more."""
        with self._tx.cursor(row_factory=class_row(SentEvent)) as cursor:
            return cursor.execute(
                f"SELECT {COLUMNS}{LAST_TRY} WHERE d.webhook_id = %(webhook)s"
                " AND (%(state)s::text IS NULL OR d.state = %(state)s)"
                " AND (%(event)s::text IS NULL OR d.event = %(event)s)"
                " AND (%(event_id)s::uuid IS NULL OR d.event_id = %(event_id)s)"
                " AND (%(before)s::uuid IS NULL OR d.number < (SELECT number FROM webhook_delivery"
                " WHERE webhook_id = %(webhook)s AND event_id = %(before)s))"
                " ORDER BY d.number DESC LIMIT %(limit)s",
                {
                    "webhook": webhook_id,
                    "state": asked.state,
                    "event": asked.event,
                    "event_id": asked.event_id,
                    "before": asked.before,
                    "limit": asked.limit + 1,
                },
            ).fetchall()

    def sent(self, webhook_id: UUID, event_id: UUID) -> SentEvent | None:
        with self._tx.cursor(row_factory=class_row(SentEvent)) as cursor:
            return cursor.execute(
                f"SELECT {COLUMNS}{LAST_TRY} WHERE d.webhook_id = %s AND d.event_id = %s",
                (webhook_id, event_id),
            ).fetchone()

    def content(self, webhook_id: UUID, event_id: UUID) -> tuple[dict[str, str], bytes]:
        """Attributes and body of one that is there."""
        row = self._tx.execute(
            "SELECT attributes, body FROM webhook_delivery WHERE webhook_id = %s AND event_id = %s",
            (webhook_id, event_id),
        ).fetchone()
        return (row[0], row[1]) if row else ({}, b"")

    def tries(self, webhook_id: UUID, number: int, most: int) -> list[dict[str, Any]]:
        """The last ones, oldest first."""
        with self._tx.cursor(row_factory=dict_row) as cursor:
            found = cursor.execute(
                "SELECT attempt, at, (seconds * 1000)::int AS milliseconds, status, problem, answer"
                " FROM webhook_attempt WHERE webhook_id = %s AND number = %s ORDER BY attempt DESC LIMIT %s",
                (webhook_id, number, most),
            ).fetchall()
        return found[::-1]

    def put_back(self, webhook_id: UUID, event_id: UUID, now: datetime) -> bool:
        """One that has ended is due once more, as if it were new. False where it waits already."""
        return (
            self._tx.execute(
                "UPDATE webhook_delivery SET state = 'waiting', deferrals = 0, deferred_since = NULL,"
                " next_attempt_at = %s, finished_at = NULL"
                " WHERE webhook_id = %s AND event_id = %s AND state <> 'waiting'",
                (now, webhook_id, event_id),
            ).rowcount
            == 1
        )

    def waits(self, webhook_id: UUID, event: str) -> bool:
        """Whether an event of this name has not ended yet."""
        row = self._tx.execute(
            "SELECT EXISTS (SELECT FROM webhook_delivery WHERE webhook_id = %s AND state = 'waiting' AND subject = %s"
            " AND event = %s)",
            (webhook_id, f"webhook/{webhook_id}", event),
        ).fetchone()
        return row is not None and bool(row[0])

    def pause(self, webhook_id: UUID, by: str, reason: str, now: datetime) -> bool:
        """False where somebody has paused it."""
        return (
            self._tx.execute(
                "UPDATE webhook SET paused_at = %s, paused_by = %s, pause_reason = %s"
                " WHERE webhook_id = %s AND paused_at IS NULL",
                (now, by, reason, webhook_id),
            ).rowcount
            == 1
        )

    def resume(self, webhook_id: UUID) -> bool:
        """Whatever has stopped it: an operator, or its receiver. False where nothing has."""
        return (
            self._tx.execute(
                "UPDATE webhook SET paused_at = NULL, paused_by = '', pause_reason = '', stopped_at = NULL"
                " WHERE webhook_id = %s AND (paused_at IS NOT NULL OR stopped_at IS NOT NULL)",
                (webhook_id,),
            ).rowcount
            == 1
        )
