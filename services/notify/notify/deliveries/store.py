"""SQL of deliveries: leases, attempts and outcomes. What is to be said is read from the message."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from mtnet_chassis.data.database import Tx
from psycopg.rows import class_row

from notify.deliveries.rules import BULK, NORMAL, URGENT, LeasedDelivery, NewDelivery, Outcome

# A provider's answer in codes, or our own sentence.
LONGEST_DETAIL = 500
# How far a lease moves the next attempt, for processes that do not know `sender_id`.
LEASE_DURATION = timedelta(minutes=5)


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
    """One attempt: when, how it ended, and the provider's answer in codes, never in its words."""

    message_id: UUID
    channel: str
    at: datetime
    outcome: str
    detail: str


class DeliveryStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add(self, deliveries: Sequence[NewDelivery], due_at: datetime) -> None:
        """One that is there already stays as it is."""
        with self._tx.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO delivery (message_id, channel, recipient, priority, next_attempt_at)"
                " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (message_id, channel) DO NOTHING",
                [
                    (each.message_id, each.channel, each.recipient, each.priority, due_at)
                    for each in deliveries
                ],
            )

    def lease_due(
        self,
        channel: str,
        now: datetime,
        limit: int,
        sender_id: UUID,
        *,
        urgent_only: bool = False,
        without_doubt: bool = False,
    ) -> list[LeasedDelivery]:
        """Lease the most urgent deliveries that are due, each to one sender only.

        One index range per priority: what waits for later is never read. `next_attempt_at` moves on for processes of
        the release before this one, which know no `sender_id`.
        """
        with self._tx.cursor(row_factory=class_row(LeasedDelivery)) as cursor:
            leased = cursor.execute(
                "WITH due AS ("
                " SELECT d.message_id, d.channel FROM unnest(%(priorities)s::smallint[]) AS p (priority)"
                " CROSS JOIN LATERAL ("
                " SELECT message_id, channel FROM delivery"
                " WHERE channel = %(channel)s AND state = 'waiting' AND priority = p.priority"
                " AND next_attempt_at <= %(now)s AND sender_id IS NULL"
                " AND NOT (doubtful AND %(without_doubt)s)"
                " ORDER BY next_attempt_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED) d"
                " LIMIT %(limit)s)"
                " UPDATE delivery SET sender_id = %(sender_id)s, next_attempt_at = %(until)s"
                " FROM due JOIN message m USING (message_id)"
                " WHERE delivery.message_id = due.message_id AND delivery.channel = due.channel"
                " RETURNING delivery.message_id, delivery.channel, delivery.sender_id, delivery.recipient,"
                " delivery.priority, m.kind, m.subject_id, m.locale, m.template_version, m.details,"
                " m.sealed_secret, m.secret_context, m.created_at, m.expires_at, delivery.deferrals,"
                " delivery.deferred_since",
                {
                    "priorities": [URGENT] if urgent_only else [URGENT, NORMAL, BULK],
                    "channel": channel,
                    "now": now,
                    "limit": limit,
                    "sender_id": sender_id,
                    "until": now + LEASE_DURATION,
                    "without_doubt": without_doubt,
                },
            ).fetchall()
        return sorted(leased, key=lambda delivery: (delivery.priority, delivery.created_at))

    def release_untried(self, deliveries: Sequence[LeasedDelivery], due_at: datetime) -> None:
        """Leased, but not tried: due again, with no attempt counted."""
        for channel, sender_id in {(d.channel, d.sender_id) for d in deliveries}:
            self._tx.execute(
                "UPDATE delivery SET sender_id = NULL, next_attempt_at = %s"
                " WHERE message_id = ANY(%s) AND channel = %s AND sender_id = %s",
                (due_at, [d.message_id for d in deliveries], channel, sender_id),
            )

    def senders_with_leases(self) -> list[UUID]:
        rows = self._tx.execute(
            "SELECT DISTINCT sender_id FROM delivery WHERE sender_id IS NOT NULL"
        ).fetchall()
        return [row[0] for row in rows]

    def leased_to(self, sender_id: UUID) -> set[tuple[UUID, str]]:
        rows = self._tx.execute(
            "SELECT message_id, channel FROM delivery WHERE sender_id = %s", (sender_id,)
        ).fetchall()
        return {(row[0], row[1]) for row in rows}

    def release_one(self, sender_id: UUID, message_id: UUID, channel: str, due_at: datetime) -> None:
        self._tx.execute(
            "UPDATE delivery SET sender_id = NULL, next_attempt_at = %s"
            " WHERE message_id = %s AND channel = %s AND sender_id = %s",
            (due_at, message_id, channel, sender_id),
        )

    def release_all_of(self, sender_id: UUID, due_at: datetime) -> int:
        """What a dead sender held is due again. Returns how many."""
        return self._tx.execute(
            "UPDATE delivery SET sender_id = NULL, next_attempt_at = %s WHERE sender_id = %s",
            (due_at, sender_id),
        ).rowcount

    def record(self, outcomes: Sequence[Outcome]) -> dict[tuple[UUID, str], int]:
        """Store outcomes. Returns numbers of attempts by delivery, without those that another sender holds by now."""
        rows = self._tx.execute(
            "WITH tried AS ("
            " SELECT * FROM unnest(%(message_ids)s::uuid[], %(channels)s::text[], %(sender_ids)s::uuid[],"
            " %(ats)s::timestamptz[], %(outcomes)s::text[], %(details)s::text[], %(states)s::text[],"
            " %(failures)s::text[], %(nexts)s::timestamptz[], %(deferrals)s::integer[], %(sinces)s::timestamptz[],"
            " %(doubtful)s::boolean[])"
            " AS t (message_id, channel, sender_id, at, outcome, detail, state, failure, next_attempt_at,"
            " deferrals, deferred_since, doubtful)), "
            "recorded AS ("
            " UPDATE delivery d SET attempts = d.attempts + 1, sender_id = NULL, state = tried.state,"
            " next_attempt_at = tried.next_attempt_at, failure = tried.failure, deferrals = tried.deferrals,"
            " deferred_since = tried.deferred_since, doubtful = tried.doubtful,"
            " finished_at = CASE WHEN tried.state = 'waiting' THEN NULL ELSE tried.at END"
            " FROM tried WHERE d.message_id = tried.message_id AND d.channel = tried.channel"
            " AND d.sender_id = tried.sender_id"
            " RETURNING d.message_id, d.channel, d.attempts, tried.at, tried.outcome, tried.detail), "
            "kept AS ("
            " INSERT INTO attempt (message_id, channel, attempt, at, outcome, detail)"
            " SELECT message_id, channel, attempts, at, outcome, detail FROM recorded)"
            " SELECT message_id, channel, attempts FROM recorded",
            {
                "message_ids": [each.delivery.message_id for each in outcomes],
                "channels": [each.delivery.channel for each in outcomes],
                "sender_ids": [each.delivery.sender_id for each in outcomes],
                "ats": [each.at for each in outcomes],
                "outcomes": [each.outcome for each in outcomes],
                "details": [each.detail[:LONGEST_DETAIL] for each in outcomes],
                "states": [each.state for each in outcomes],
                "failures": [each.failure for each in outcomes],
                "nexts": [each.next_attempt_at for each in outcomes],
                "deferrals": [each.deferrals for each in outcomes],
                "sinces": [each.deferred_since for each in outcomes],
                "doubtful": [each.doubtful for each in outcomes],
            },
        ).fetchall()
        return {(row[0], row[1]): row[2] for row in rows}

    def erase_secrets(self, message_ids: Sequence[UUID]) -> None:
        """Of messages that no delivery needs any more."""
        self._tx.execute(
            "UPDATE message SET sealed_secret = NULL WHERE message_id = ANY(%s) AND sealed_secret IS NOT NULL"
            " AND NOT EXISTS (SELECT FROM delivery d"
            " WHERE d.message_id = message.message_id AND d.state = 'waiting')",
            (list(message_ids),),
        )

    def accepted_between_doubts(self, delivery: LeasedDelivery, now: datetime, rounds: int) -> int:
        """In how many of the last `rounds` pauses between doubtful refusals a message to somebody else was accepted."""
        row = self._tx.execute(
            "SELECT count(*) FROM ("
            " SELECT at, lead(at, 1, %(now)s) OVER (ORDER BY attempt) AS until FROM attempt"
            " WHERE message_id = %(message_id)s AND channel = %(channel)s AND outcome = 'doubtful'"
            " ORDER BY attempt DESC LIMIT %(rounds)s) pause"
            " WHERE EXISTS (SELECT FROM attempt JOIN delivery d USING (message_id, channel)"
            " WHERE attempt.at > pause.at AND attempt.at < pause.until AND attempt.channel = %(channel)s"
            " AND attempt.outcome = 'accepted' AND d.recipient <> %(recipient)s)",
            {
                "now": now,
                "message_id": delivery.message_id,
                "channel": delivery.channel,
                "recipient": delivery.recipient,
                "rounds": rounds,
            },
        ).fetchone()
        return row[0] if row else 0

    def bring_forward(self, channel: str, now: datetime) -> int:
        """What the provider refused in doubt is due now, since it accepts again. Returns how many."""
        return self._tx.execute(
            "UPDATE delivery SET next_attempt_at = %s WHERE channel = %s AND doubtful AND state = 'waiting'"
            " AND sender_id IS NULL AND next_attempt_at > %s",
            (now, channel, now),
        ).rowcount

    def waiting_since(self, channel: str, now: datetime) -> datetime | None:
        """Since when the oldest due delivery has been due, or None."""
        row = self._tx.execute(
            "SELECT min(d.next_attempt_at) FROM unnest(%s::smallint[]) AS p (priority) CROSS JOIN LATERAL ("
            " SELECT next_attempt_at FROM delivery WHERE channel = %s AND state = 'waiting'"
            " AND priority = p.priority AND sender_id IS NULL AND next_attempt_at <= %s"
            " ORDER BY next_attempt_at LIMIT 1) d",
            ([URGENT, NORMAL, BULK], channel, now),
        ).fetchone()
        return row[0] if row else None

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
        with self._tx.cursor(row_factory=class_row(DeliveryLine)) as cursor:
            lines = cursor.execute(
                "SELECT m.message_id, m.kind, d.channel, d.recipient, d.state, m.subject_id, m.created_at,"
                " d.next_attempt_at FROM message m JOIN delivery d USING (message_id)"
                f" WHERE {where} ORDER BY m.created_at DESC, m.message_id LIMIT %(limit)s OFFSET %(offset)s",
                values,
            ).fetchall()
        counted = self._tx.execute(
            f"SELECT count(*) FROM message m JOIN delivery d USING (message_id) WHERE {where}", values
        ).fetchone()
        return lines, counted[0] if counted else 0

    def attempts_of(self, message_ids: Sequence[UUID]) -> list[Attempt]:
        """Oldest first."""
        with self._tx.cursor(row_factory=class_row(Attempt)) as cursor:
            return cursor.execute(
                "SELECT message_id, channel, at, outcome, detail FROM attempt WHERE message_id = ANY(%s)"
                " ORDER BY message_id, channel, attempt",
                (list(message_ids),),
            ).fetchall()
