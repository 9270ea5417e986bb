"""SQL of webhooks: which there are, what waits for each of them, and what was answered."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from mtnet_chassis.data.database import Tx
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from notify.webhooks.rules import MOST_KEPT, DueEvent, NewEvent, Result, Webhook

COLUMNS = (
    "webhook_id, name, title, contact_email, url, state, secrets, changed_at, paused_at, paused_by, pause_reason,"
    " stopped_at, failing_since, problem"
)
# The processes that send listen here: something about a webhook has changed, or waits for it.
WAKE_UP = "notify_webhooks"
# The advisory locks of webhooks: 'hook' in ASCII.
LOCK_SPACE = 0x686F6F6B


class WebhookStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def keep(self, webhook: Webhook) -> None:
        """As accounts says. Another address lets a stopped webhook go on; one that is removed begins anew if it comes
        back."""
        self._tx.execute(
            "INSERT INTO webhook (webhook_id, name, title, contact_email, url, state, secrets, changed_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (webhook_id) DO UPDATE SET title = EXCLUDED.title, contact_email = EXCLUDED.contact_email,"
            " url = EXCLUDED.url, state = EXCLUDED.state, secrets = EXCLUDED.secrets,"
            " changed_at = EXCLUDED.changed_at,"
            " stopped_at = CASE WHEN webhook.url = EXCLUDED.url THEN webhook.stopped_at END,"
            " paused_at = CASE WHEN EXCLUDED.state <> 'removed' THEN webhook.paused_at END,"
            " paused_by = CASE WHEN EXCLUDED.state <> 'removed' THEN webhook.paused_by ELSE '' END,"
            " pause_reason = CASE WHEN EXCLUDED.state <> 'removed' THEN webhook.pause_reason ELSE '' END,"
            " failing_since = CASE WHEN EXCLUDED.state <> 'removed' THEN webhook.failing_since END,"
            " told_at = CASE WHEN EXCLUDED.state <> 'removed' THEN webhook.told_at END,"
            " problem = CASE WHEN EXCLUDED.state <> 'removed' THEN webhook.problem ELSE '' END"
            " WHERE webhook.changed_at <= EXCLUDED.changed_at",
            (
                webhook.webhook_id,
                webhook.name,
                webhook.title,
                webhook.contact_email,
                webhook.url,
                webhook.state,
                Jsonb(webhook.secrets),
                webhook.changed_at,
            ),
        )

    def drop_waiting(self, webhook_id: UUID, now: datetime) -> int:
        """Of one that was removed. Returns how many will not be sent."""
        return self._tx.execute(
            "UPDATE webhook_delivery SET state = 'failed', finished_at = %s"
            " WHERE webhook_id = %s AND state = 'waiting'",
            (now, webhook_id),
        ).rowcount

    def wake(self, webhook_id: UUID) -> None:
        """After the commit, the process that sends to it looks again."""
        self._tx.execute("SELECT pg_notify(%s, %s)", (WAKE_UP, str(webhook_id)))

    def active(self) -> list[UUID]:
        """Those whose queues are read."""
        rows = self._tx.execute("SELECT webhook_id FROM webhook WHERE state = 'active' ORDER BY webhook_id")
        return [row[0] for row in rows.fetchall()]

    def webhook(self, webhook_id: UUID) -> Webhook | None:
        return self._found("webhook_id = %s", webhook_id)

    def named(self, name: str, *, hold: bool = False) -> Webhook | None:
        """A removed one is not found. `hold`: nobody else changes it until the transaction ends."""
        return self._found(f"name = %s AND state <> 'removed'{' FOR UPDATE' if hold else ''}", name)

    def waiting(self, webhook_id: UUID, most: int) -> int:
        """How many wait; counted no further than `most`."""
        row = self._tx.execute(
            "SELECT count(*) FROM (SELECT FROM webhook_delivery"
            " WHERE webhook_id = %s AND state = 'waiting' LIMIT %s) w",
            (webhook_id, most),
        ).fetchone()
        return row[0] if row else 0

    def add(self, webhook_id: UUID, events: Sequence[NewEvent], now: datetime) -> int:
        """In their order. One that is known already is passed over. Returns how many were new."""
        return self._tx.execute(
            "INSERT INTO webhook_delivery (webhook_id, event_id, event, subject, attributes, body, next_attempt_at,"
            " received_at) SELECT %(webhook)s, event_id, event, subject, attributes, body, %(now)s, %(now)s"
            " FROM unnest(%(ids)s::uuid[], %(events)s::text[], %(subjects)s::text[], %(attributes)s::jsonb[],"
            " %(bodies)s::bytea[]) WITH ORDINALITY"
            " AS new (event_id, event, subject, attributes, body, place) ORDER BY place"
            " ON CONFLICT (webhook_id, event_id) DO NOTHING",
            {
                "webhook": webhook_id,
                "now": now,
                "ids": [each.event_id for each in events],
                "events": [each.event for each in events],
                "subjects": [each.subject for each in events],
                "attributes": [Jsonb(each.attributes) for each in events],
                "bodies": [each.body for each in events],
            },
        ).rowcount

    def due(self, webhook_id: UUID, now: datetime, limit: int) -> list[DueEvent]:
        """What may be sent now: of each subject its oldest that waits, so that none overtakes another."""
        with self._tx.cursor(row_factory=class_row(DueEvent)) as cursor:
            return cursor.execute(
                "SELECT number, event_id, event, subject, attributes, body, attempts, deferrals, deferred_since"
                " FROM webhook_delivery d WHERE webhook_id = %s AND state = 'waiting' AND next_attempt_at <= %s"
                " AND NOT EXISTS (SELECT FROM webhook_delivery e WHERE e.webhook_id = d.webhook_id"
                " AND e.state = 'waiting' AND e.subject = d.subject AND e.number < d.number)"
                " ORDER BY next_attempt_at, number LIMIT %s",
                (webhook_id, now, limit),
            ).fetchall()

    def next_due(self, webhook_id: UUID, now: datetime) -> datetime | None:
        """When the next one is due that is not due yet."""
        row = self._tx.execute(
            "SELECT min(next_attempt_at) FROM webhook_delivery WHERE webhook_id = %s AND state = 'waiting'"
            " AND next_attempt_at > %s",
            (webhook_id, now),
        ).fetchone()
        return row[0] if row else None

    def record(self, webhook_id: UUID, results: Sequence[Result]) -> None:
        """What became of events, and what was answered. One that has ended meanwhile stays as it is."""
        columns = {
            "webhook": webhook_id,
            "numbers": [each.due.number for each in results],
            "states": [each.state for each in results],
            "at": [each.at for each in results],
            "next": [each.next_attempt_at for each in results],
            "deferrals": [each.deferrals for each in results],
            "since": [each.deferred_since for each in results],
            "seconds": [each.answer.seconds for each in results],
            "statuses": [each.answer.status for each in results],
            "problems": [each.answer.problem for each in results],
            "answers": [each.answer.text for each in results],
        }
        self._tx.execute(
            "WITH result AS (SELECT * FROM unnest(%(numbers)s::bigint[], %(states)s::text[], %(at)s::timestamptz[],"
            " %(next)s::timestamptz[], %(deferrals)s::int[], %(since)s::timestamptz[], %(seconds)s::real[],"
            " %(statuses)s::smallint[], %(problems)s::text[], %(answers)s::text[])"
            " AS r (number, state, at, next_attempt_at, deferrals, since, seconds, status, problem, answer)),"
            " changed AS (UPDATE webhook_delivery d SET attempts = d.attempts + 1, deferrals = r.deferrals,"
            " deferred_since = r.since, next_attempt_at = r.next_attempt_at,"
            " state = CASE WHEN d.state = 'waiting' THEN r.state ELSE d.state END,"
            " finished_at = CASE WHEN d.state <> 'waiting' THEN d.finished_at"
            " WHEN r.state <> 'waiting' THEN r.at END"
            " FROM result r WHERE d.webhook_id = %(webhook)s AND d.number = r.number"
            " RETURNING d.number, d.attempts)"
            " INSERT INTO webhook_attempt (webhook_id, number, attempt, at, seconds, status, problem, answer)"
            " SELECT %(webhook)s, number, attempts, at, seconds, status, problem, answer"
            " FROM changed JOIN result USING (number)",
            columns,
        )

    def taken(self, webhook_id: UUID) -> None:
        """Its receiver takes events."""
        self._tx.execute(
            "UPDATE webhook SET failing_since = NULL, problem = '', told_at = NULL WHERE webhook_id = %s"
            " AND (failing_since IS NOT NULL OR problem <> '')",
            (webhook_id,),
        )

    def failing(self, webhook_id: UUID, problem: str, now: datetime) -> None:
        self._tx.execute(
            "UPDATE webhook SET failing_since = coalesce(failing_since, %s), problem = %s WHERE webhook_id = %s",
            (now, problem, webhook_id),
        )

    def owner_to_be_told(self, webhook_id: UUID, before: datetime, now: datetime) -> datetime | None:
        """Since when nothing has been taken, where that is before this moment and nobody was told: once."""
        row = self._tx.execute(
            "UPDATE webhook SET told_at = %s WHERE webhook_id = %s AND failing_since <= %s AND told_at IS NULL"
            " RETURNING failing_since",
            (now, webhook_id, before),
        ).fetchone()
        return row[0] if row else None

    def stop(self, webhook_id: UUID, url: str, now: datetime) -> bool:
        """Its receiver wants no more at this address. False where it is stopped, or has another address by now."""
        return (
            self._tx.execute(
                "UPDATE webhook SET stopped_at = %s WHERE webhook_id = %s AND url = %s AND stopped_at IS NULL",
                (now, webhook_id, url),
            ).rowcount
            == 1
        )

    def forget_beyond(self, webhook_ids: Collection[UUID]) -> int:
        """Of each, the newest that have ended stay. Returns how many went."""
        return self._tx.execute(
            "DELETE FROM webhook_delivery d USING unnest(%s::uuid[]) AS w (webhook_id)"
            " WHERE d.webhook_id = w.webhook_id AND d.state <> 'waiting' AND d.number <="
            " (SELECT number FROM webhook_delivery e WHERE e.webhook_id = w.webhook_id AND e.state <> 'waiting'"
            " ORDER BY number DESC OFFSET %s LIMIT 1)",
            (list(webhook_ids), MOST_KEPT),
        ).rowcount

    def _found(self, where: str, value: object) -> Webhook | None:
        with self._tx.cursor(row_factory=class_row(Webhook)) as cursor:
            return cursor.execute(f"SELECT {COLUMNS} FROM webhook WHERE {where}", (value,)).fetchone()


class HeldWebhooks:
    """The webhooks that this process sends to, held by a session of its own: they are free when it ends."""

    def __init__(self, session: psycopg.Connection[Any]) -> None:
        """From then on the session hears notes. Raises psycopg.Error, as all of it does."""
        self._session = session
        session.execute(f"LISTEN {WAKE_UP}")

    def show(self) -> None:
        """The session lives."""
        self._session.execute("SELECT 1")

    def hold(self, webhook_id: UUID) -> bool:
        """False where another process has it."""
        row = self._session.execute(
            "SELECT pg_try_advisory_lock(%s, %s)", (LOCK_SPACE, _key(webhook_id))
        ).fetchone()
        return row is not None and bool(row[0])

    def release(self, webhook_id: UUID) -> None:
        self._session.execute("SELECT pg_advisory_unlock(%s, %s)", (LOCK_SPACE, _key(webhook_id)))


def _key(webhook_id: UUID) -> int:
    """31 of its random bits: PostgreSQL's lock keys are signed."""
    return webhook_id.int & 0x7FFFFFFF
