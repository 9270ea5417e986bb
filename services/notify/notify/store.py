"""All SQL of the notify service."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from notify.domain.messages import BULK, NORMAL, URGENT, Contact, Kind, Message


@dataclass(frozen=True)
class LeasedDelivery:
    """A delivery that one sender works on. Another may take it when the lease has run out."""

    message_id: UUID
    channel: str
    lease_id: UUID
    recipient: str
    kind: str
    subject_id: UUID
    locale: str
    template_version: int
    details: dict[str, Any]
    sealed_secret: str | None
    secret_context: str | None
    created_at: datetime
    expires_at: datetime | None
    attempts: int


@dataclass(frozen=True)
class DeliveryLine:
    """A delivery as an operator sees it."""

    message_id: UUID
    kind: str
    channel: str
    recipient: str
    state: str
    subject_id: UUID
    created_at: datetime
    next_attempt_at: datetime | None


@dataclass(frozen=True)
class Attempt:
    """One try: when, how it ended, and the provider's answer in codes, never in its words."""

    message_id: UUID
    channel: str
    at: datetime
    outcome: str
    detail: str


class Store:
    """The questions notify asks its database, inside the caller's transaction."""

    def __init__(self, tx: psycopg.Connection[Any]) -> None:
        self.tx = tx

    # Contacts.

    def keep_applicant(
        self, application_id: UUID, case_number: str, contact: Contact, submission: int
    ) -> None:
        """The contact of the latest submission stays, in whatever order the events arrive."""
        self.tx.execute(
            "INSERT INTO application_contact AS known"
            " (application_id, case_number, name, email, locale, submission)"
            " VALUES (%s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (application_id) DO UPDATE SET name = EXCLUDED.name, email = EXCLUDED.email,"
            " locale = EXCLUDED.locale, submission = EXCLUDED.submission"
            " WHERE known.submission <= EXCLUDED.submission",
            (application_id, case_number, contact.name, contact.email, contact.locale, submission),
        )

    def keep_account(self, account_id: UUID, contact: Contact) -> None:
        self.tx.execute(
            "INSERT INTO account_contact (account_id, name, email, locale) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (account_id) DO UPDATE SET name = EXCLUDED.name, email = EXCLUDED.email,"
            " locale = EXCLUDED.locale",
            (account_id, contact.name, contact.email, contact.locale),
        )

    def applicant(self, application_id: UUID) -> Contact | None:
        with self.tx.cursor(row_factory=class_row(Contact)) as cursor:
            return cursor.execute(
                "SELECT name, email, locale FROM application_contact WHERE application_id = %s",
                (application_id,),
            ).fetchone()

    def account_contacts(self, account_ids: Sequence[UUID]) -> Mapping[UUID, Contact]:
        rows = self.tx.execute(
            "SELECT account_id, name, email, locale FROM account_contact WHERE account_id = ANY(%s)",
            (list(account_ids),),
        ).fetchall()
        return {row[0]: Contact(*row[1:]) for row in rows}

    # Messages.

    def add_messages(
        self, messages: Sequence[Message], versions: Mapping[Kind, int], created_at: datetime
    ) -> None:
        """A message that is there already stays as it is: an event makes one message for good."""
        with self.tx.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO message (message_id, event_id, kind, subject_id, locale, template_version,"
                " details, sealed_secret, secret_context, created_at, expires_at)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (message_id) DO NOTHING",
                [
                    (
                        message.message_id,
                        message.event_id,
                        message.kind,
                        message.subject_id,
                        message.locale,
                        versions[message.kind],
                        Jsonb(message.details),
                        message.sealed_secret,
                        message.secret_context,
                        created_at,
                        message.expires_at,
                    )
                    for message in messages
                ],
            )
            cursor.executemany(
                "INSERT INTO delivery (message_id, channel, recipient, priority, next_attempt_at)"
                " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (message_id, channel) DO NOTHING",
                [
                    (message.message_id, message.channel, message.recipient, message.priority, created_at)
                    for message in messages
                ],
            )

    # Sending.

    def lease_due(
        self, channel: str, now: datetime, limit: int, lease_id: UUID, lease: timedelta
    ) -> list[LeasedDelivery]:
        """The most urgent that are due, each for one sender only; a lease is a next attempt put off.

        One index range per priority: what waits for later is never read.
        """
        with self.tx.cursor(row_factory=class_row(LeasedDelivery)) as cursor:
            leased = cursor.execute(
                "WITH due AS ("
                " SELECT d.message_id, d.channel FROM unnest(%(priorities)s::smallint[]) AS p (priority)"
                " CROSS JOIN LATERAL ("
                " SELECT message_id, channel FROM delivery"
                " WHERE channel = %(channel)s AND state = 'waiting' AND priority = p.priority"
                " AND next_attempt_at <= %(now)s"
                " ORDER BY next_attempt_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED) d"
                " LIMIT %(limit)s)"
                " UPDATE delivery SET lease_id = %(lease_id)s, next_attempt_at = %(until)s"
                " FROM due JOIN message m USING (message_id)"
                " WHERE delivery.message_id = due.message_id AND delivery.channel = due.channel"
                " RETURNING delivery.message_id, delivery.channel, delivery.lease_id, delivery.recipient,"
                " m.kind, m.subject_id, m.locale, m.template_version, m.details, m.sealed_secret,"
                " m.secret_context, m.created_at, m.expires_at, delivery.attempts",
                {
                    "priorities": [URGENT, NORMAL, BULK],
                    "channel": channel,
                    "now": now,
                    "limit": limit,
                    "lease_id": lease_id,
                    "until": now + lease,
                },
            ).fetchall()
        return sorted(leased, key=lambda delivery: delivery.created_at)

    def give_back(self, deliveries: Sequence[LeasedDelivery], due_at: datetime) -> None:
        """Leased, but not tried: due again, with no attempt counted."""
        with self.tx.cursor() as cursor:
            cursor.executemany(
                "UPDATE delivery SET lease_id = NULL, next_attempt_at = %s"
                " WHERE message_id = %s AND channel = %s AND lease_id = %s",
                [(due_at, d.message_id, d.channel, d.lease_id) for d in deliveries],
            )

    def record_attempt(
        self,
        delivery: LeasedDelivery,
        now: datetime,
        outcome: str,
        detail: str,
        *,
        state: str,
        next_attempt_at: datetime | None = None,
        failure: str | None = None,
    ) -> int | None:
        """How many attempts there were now, or None when the lease ran out and somebody else has it."""
        row = self.tx.execute(
            "UPDATE delivery SET attempts = attempts + 1, lease_id = NULL, state = %s, next_attempt_at = %s,"
            " failure = %s, finished_at = CASE WHEN %s = 'waiting' THEN NULL ELSE %s END"
            " WHERE message_id = %s AND channel = %s AND lease_id = %s RETURNING attempts",
            (
                state,
                next_attempt_at,
                failure,
                state,
                now,
                delivery.message_id,
                delivery.channel,
                delivery.lease_id,
            ),
        ).fetchone()
        if row is None:
            return None
        self.tx.execute(
            "INSERT INTO attempt (message_id, channel, attempt, at, outcome, detail)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            (delivery.message_id, delivery.channel, row[0], now, outcome, detail[:500]),
        )
        attempts: int = row[0]
        return attempts

    def erase_secret(self, message_id: UUID) -> None:
        """Once no delivery needs it."""
        self.tx.execute(
            "UPDATE message SET sealed_secret = NULL WHERE message_id = %s AND sealed_secret IS NOT NULL"
            " AND NOT EXISTS (SELECT FROM delivery d"
            " WHERE d.message_id = message.message_id AND d.state = 'waiting')",
            (message_id,),
        )

    # What an operator asks.

    def deliveries(
        self, state: str | None, subject_id: UUID | None, limit: int, offset: int
    ) -> tuple[list[DeliveryLine], int]:
        """Newest first, and how many there are in all."""
        conditions = ["true"]
        if state:
            conditions.append("d.state = %(state)s")
        if subject_id:
            conditions.append("m.subject_id = %(subject_id)s")
        where = " AND ".join(conditions)
        values = {"state": state, "subject_id": subject_id, "limit": limit, "offset": offset}
        with self.tx.cursor(row_factory=class_row(DeliveryLine)) as cursor:
            lines = cursor.execute(
                "SELECT m.message_id, m.kind, d.channel, d.recipient, d.state, m.subject_id, m.created_at,"
                " d.next_attempt_at FROM message m JOIN delivery d USING (message_id)"
                f" WHERE {where} ORDER BY m.created_at DESC, m.message_id LIMIT %(limit)s OFFSET %(offset)s",
                values,
            ).fetchall()
        counted = self.tx.execute(
            f"SELECT count(*) FROM message m JOIN delivery d USING (message_id) WHERE {where}", values
        ).fetchone()
        return lines, counted[0] if counted else 0

    def attempts_of(self, message_ids: Sequence[UUID]) -> list[Attempt]:
        """Oldest first."""
        with self.tx.cursor(row_factory=class_row(Attempt)) as cursor:
            return cursor.execute(
                "SELECT message_id, channel, at, outcome, detail FROM attempt WHERE message_id = ANY(%s)"
                " ORDER BY message_id, channel, attempt",
                (list(message_ids),),
            ).fetchall()
