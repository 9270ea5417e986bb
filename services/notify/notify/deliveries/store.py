"""SQL of deliveries: leases, attempts and outcomes. What is to be said is read from the message."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from mtnet_chassis.data.database import Tx
from mtnet_chassis.fastpath.arrays import bigints, texts, uuids
from psycopg.rows import class_row

from notify.channels.rules import Failure
from notify.deliveries.rules import (
    SENDING_ORDER,
    URGENT,
    AwaitedDelivery,
    Change,
    LeasedDelivery,
    NewDelivery,
    Outcome,
    Receipt,
    State,
    Way,
)

# A provider's answer in codes, or our own sentence.
LONGEST_DETAIL = 500
LONGEST_REF = 200
# How far a lease moves the next attempt, for processes that do not know `sender_id`.
LEASE_DURATION = timedelta(minutes=5)


class DeliveryStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add(self, deliveries: Sequence[tuple[NewDelivery, datetime]]) -> None:
        """Each with the moment at which it is due. One that is there already stays as it is."""
        with self._tx.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO delivery (delivery_id, message_id, channel, recipient, priority, not_before,"
                " fallback_from, next_attempt_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
                " ON CONFLICT (message_id, channel, recipient) DO NOTHING",
                [
                    (
                        each.delivery_id,
                        each.message_id,
                        each.channel,
                        each.recipient,
                        each.priority,
                        each.not_before,
                        each.fallback_from,
                        due_at,
                    )
                    for each, due_at in deliveries
                ],
            )

    def add_finished(
        self, deliveries: Sequence[NewDelivery], state: State, failure: Failure | None, at: datetime
    ) -> None:
        """Each was tried once, with the others."""
        self._tx.execute(
            "INSERT INTO delivery (delivery_id, message_id, channel, recipient, priority, state, failure, attempts,"
            " finished_at) SELECT delivery_id, message_id, channel, recipient, priority, %s, %s, 1, %s"
            " FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::smallint[])"
            " AS sent (delivery_id, message_id, channel, recipient, priority)"
            " ON CONFLICT (message_id, channel, recipient) DO NOTHING",
            (
                state,
                failure,
                at,
                uuids(each.delivery_id for each in deliveries),
                uuids(each.message_id for each in deliveries),
                texts(each.channel for each in deliveries),
                texts(each.recipient for each in deliveries),
                bigints(each.priority for each in deliveries),
            ),
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
                "WITH due AS MATERIALIZED ("
                " SELECT d.delivery_id, d.message_id FROM unnest(%(priorities)s::smallint[]) AS p (priority)"
                " CROSS JOIN LATERAL ("
                " SELECT delivery_id, message_id FROM delivery"
                " WHERE channel = %(channel)s AND state = 'waiting' AND priority = p.priority"
                " AND next_attempt_at <= %(now)s AND sender_id IS NULL"
                " AND NOT (doubtful AND %(without_doubt)s)"
                " ORDER BY next_attempt_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED) d"
                " LIMIT %(limit)s)"
                " UPDATE delivery SET sender_id = %(sender_id)s, next_attempt_at = %(until)s,"
                " first_tried_at = coalesce(first_tried_at, %(now)s)"
                " FROM due JOIN message m USING (message_id)"
                " WHERE delivery.delivery_id = due.delivery_id"
                " RETURNING delivery.delivery_id, delivery.message_id, delivery.channel, delivery.sender_id,"
                " delivery.recipient, delivery.priority, m.kind, m.subject_id, m.locale, m.template_version, m.details,"
                " m.sealed_secret, m.secret_context, m.created_at, m.expires_at, m.category, m.person_kind,"
                " m.person_id, delivery.deferrals, delivery.deferred_since, delivery.first_tried_at,"
                " delivery.not_before",
                {
                    "priorities": [URGENT] if urgent_only else list(SENDING_ORDER),
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
        for sender_id in {d.sender_id for d in deliveries}:
            self._tx.execute(
                "UPDATE delivery SET sender_id = NULL, next_attempt_at = %s"
                " WHERE delivery_id = ANY(%s) AND sender_id = %s",
                (due_at, [d.delivery_id for d in deliveries], sender_id),
            )

    def senders_with_leases(self) -> list[UUID]:
        rows = self._tx.execute(
            "SELECT DISTINCT sender_id FROM delivery WHERE sender_id IS NOT NULL"
        ).fetchall()
        return [row[0] for row in rows]

    def leased_to(self, sender_id: UUID) -> set[UUID]:
        rows = self._tx.execute(
            "SELECT delivery_id FROM delivery WHERE sender_id = %s", (sender_id,)
        ).fetchall()
        return {row[0] for row in rows}

    def release_some_of(self, sender_id: UUID, delivery_ids: Sequence[UUID], due_at: datetime) -> int:
        """Returns how many it held."""
        return self._tx.execute(
            "UPDATE delivery SET sender_id = NULL, next_attempt_at = %s"
            " WHERE delivery_id = ANY(%s) AND sender_id = %s",
            (due_at, list(delivery_ids), sender_id),
        ).rowcount

    def release_all_of(self, sender_id: UUID, due_at: datetime) -> int:
        """What a dead sender held is due again. Returns how many."""
        return self._tx.execute(
            "UPDATE delivery SET sender_id = NULL, next_attempt_at = %s WHERE sender_id = %s",
            (due_at, sender_id),
        ).rowcount

    def record(self, outcomes: Sequence[Outcome]) -> dict[UUID, int]:
        """Store outcomes. Returns numbers of attempts by delivery, without those that another sender holds by now."""
        rows = self._tx.execute(
            "WITH tried AS ("
            " SELECT * FROM unnest(%(delivery_ids)s::uuid[], %(sender_ids)s::uuid[],"
            " %(ats)s::timestamptz[], %(outcomes)s::text[], %(details)s::text[], %(states)s::text[],"
            " %(failures)s::text[], %(nexts)s::timestamptz[], %(deferrals)s::integer[], %(sinces)s::timestamptz[],"
            " %(doubtful)s::boolean[], %(provider_refs)s::text[])"
            " AS t (delivery_id, sender_id, at, outcome, detail, state, failure, next_attempt_at,"
            " deferrals, deferred_since, doubtful, provider_ref)), "
            "recorded AS ("
            " UPDATE delivery d SET attempts = d.attempts + 1, sender_id = NULL, state = tried.state,"
            " next_attempt_at = tried.next_attempt_at, failure = tried.failure, deferrals = tried.deferrals,"
            " deferred_since = tried.deferred_since, doubtful = tried.doubtful,"
            " provider_ref = coalesce(tried.provider_ref, d.provider_ref),"
            " finished_at = CASE WHEN tried.state = 'waiting' THEN NULL ELSE tried.at END"
            " FROM tried WHERE d.delivery_id = tried.delivery_id AND d.sender_id = tried.sender_id"
            " RETURNING d.delivery_id, d.channel, d.attempts, tried.at, tried.outcome, tried.detail,"
            " tried.provider_ref), "
            "kept AS ("
            " INSERT INTO attempt (delivery_id, channel, attempt, at, outcome, detail, provider_ref)"
            " SELECT delivery_id, channel, attempts, at, outcome, detail, provider_ref FROM recorded)"
            " SELECT delivery_id, attempts FROM recorded",
            {
                "delivery_ids": [each.delivery.delivery_id for each in outcomes],
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
                "provider_refs": [each.provider_ref and each.provider_ref[:LONGEST_REF] for each in outcomes],
            },
        ).fetchall()
        return {row[0]: row[1] for row in rows}

    def recipients_of(self, delivery_ids: Sequence[UUID]) -> dict[UUID, str]:
        rows = self._tx.execute(
            "SELECT delivery_id, recipient FROM delivery WHERE delivery_id = ANY(%s)", (list(delivery_ids),)
        ).fetchall()
        return {row[0]: row[1] for row in rows}

    def awaited(self, receipt: Receipt) -> AwaitedDelivery | None:
        """The delivery that a receipt is about, held for the rest of the transaction.

        A reference that we have no record of is that of an attempt under way, whose delivery is leased, or of one whose
        sender died before it was recorded: then it is older than every attempt that was.
        """
        names = {"channel": receipt.channel, "ref": receipt.provider_ref, "delivery_id": receipt.delivery_id}
        with self._tx.cursor(row_factory=class_row(AwaitedDelivery)) as cursor:
            delivery = cursor.execute(
                "SELECT d.delivery_id, d.message_id, d.channel, d.recipient, m.kind, m.subject_id, d.priority,"
                " d.state, d.sender_id IS NOT NULL AS is_leased, d.attempts, NULL::integer AS attempt,"
                " d.deferrals, d.deferred_since, greatest(m.created_at, d.not_before) AS due_at, m.expires_at"
                " FROM delivery d JOIN message m USING (message_id)"
                " WHERE d.channel = %(channel)s AND d.delivery_id = coalesce("
                "(SELECT delivery_id FROM attempt WHERE channel = %(channel)s AND provider_ref = %(ref)s"
                " ORDER BY at DESC LIMIT 1), %(delivery_id)s) FOR UPDATE OF d",
                names,
            ).fetchone()
        if delivery is None or receipt.provider_ref is None:
            return delivery
        # Now that the delivery is held, nobody is recording an attempt of it.
        row = self._tx.execute(
            "SELECT max(attempt) FROM attempt WHERE delivery_id = %s AND provider_ref = %s",
            (delivery.delivery_id, receipt.provider_ref),
        ).fetchone()
        attempt = row[0] if row else None
        if attempt is None and delivery.attempts and not delivery.is_leased:
            attempt = 0
        return replace(delivery, attempt=attempt)

    def without_receipt(self, channel: str, limit: int) -> list[tuple[UUID, str | None, datetime]]:
        """Deliveries that their provider has taken: id, its reference, when; the oldest first."""
        return self._tx.execute(
            "SELECT delivery_id, provider_ref, finished_at FROM delivery WHERE channel = %s AND state = 'sent'"
            " ORDER BY finished_at LIMIT %s",
            (channel, limit),
        ).fetchall()

    def record_receipt(
        self, delivery: AwaitedDelivery, receipt: Receipt, change: Change, at: datetime
    ) -> int:
        """Change the delivery, and write the receipt beside its attempt. Returns the number of attempts.

        An attempt that was never recorded, since its sender died before, is written down now.
        """
        row = self._tx.execute(
            "UPDATE delivery SET state = %(state)s, failure = %(failure)s, next_attempt_at = %(next)s,"
            " deferrals = %(deferrals)s, deferred_since = %(since)s, doubtful = false,"
            " pages = coalesce(%(pages)s, pages), finished_at = CASE WHEN %(state)s = 'waiting' THEN NULL ELSE"
            " %(at)s END, attempts = attempts + CASE WHEN sender_id IS NULL AND attempts > 0 THEN 0 ELSE 1 END,"
            " sender_id = NULL WHERE delivery_id = %(delivery_id)s RETURNING attempts",
            {
                "state": change.state,
                "failure": change.failure,
                "next": change.next_attempt_at,
                "deferrals": change.deferrals,
                "since": change.deferred_since,
                "pages": receipt.pages,
                "at": at,
                "delivery_id": delivery.delivery_id,
            },
        ).fetchone()
        attempts: int = row[0] if row else delivery.attempts
        self._tx.execute(
            "INSERT INTO attempt (delivery_id, channel, attempt, at, outcome, detail, provider_ref, receipt,"
            " receipt_detail, receipt_at) VALUES (%(delivery_id)s, %(channel)s, %(attempt)s, %(at)s, 'accepted', '',"
            " %(provider_ref)s, %(receipt)s, %(detail)s, %(at)s) ON CONFLICT (delivery_id, attempt) DO UPDATE SET"
            " receipt = EXCLUDED.receipt, receipt_detail = EXCLUDED.receipt_detail, receipt_at = EXCLUDED.receipt_at",
            {
                "delivery_id": delivery.delivery_id,
                "channel": delivery.channel,
                "attempt": delivery.attempt or attempts,
                "at": at,
                "provider_ref": receipt.provider_ref,
                "receipt": receipt.outcome,
                "detail": receipt.detail[:LONGEST_DETAIL],
            },
        )
        return attempts

    def ways_of(self, message_ids: Collection[UUID]) -> list[Way]:
        """All ways of these messages. Until the transaction ends nobody else decides about another way of them."""
        self._hold(message_ids)
        with self._tx.cursor(row_factory=class_row(Way)) as cursor:
            return cursor.execute(
                "SELECT message_id, m.kind, m.person_kind, m.person_id, d.delivery_id, d.channel, d.recipient,"
                " d.priority, d.state, d.failure FROM message m JOIN delivery d USING (message_id)"
                " WHERE message_id = ANY(%s)",
                (list(message_ids),),
            ).fetchall()

    def _hold(self, message_ids: Collection[UUID]) -> None:
        """Two ways of a message may end at the same moment: the second looks when the first is committed."""
        self._tx.execute(
            "SELECT FROM message WHERE message_id = ANY(%s) ORDER BY message_id FOR NO KEY UPDATE",
            (list(message_ids),),
        )

    def erase_secrets(self, message_ids: Sequence[UUID]) -> None:
        """Of messages that no delivery needs any more."""
        self._hold(message_ids)
        self._tx.execute(
            "UPDATE message SET sealed_secret = NULL WHERE message_id = ANY(%s) AND sealed_secret IS NOT NULL"
            " AND NOT EXISTS (SELECT FROM delivery d"
            " WHERE d.message_id = message.message_id AND d.state IN ('waiting', 'sent'))",
            (list(message_ids),),
        )

    def erase_worthless_secrets(self, now: datetime) -> int:
        """Those that have run out, although a receipt is waited for. Returns how many."""
        return self._tx.execute(
            "UPDATE message SET sealed_secret = NULL WHERE sealed_secret IS NOT NULL AND expires_at <= %s"
            " AND NOT EXISTS (SELECT FROM delivery d"
            " WHERE d.message_id = message.message_id AND d.state = 'waiting')",
            (now,),
        ).rowcount

    def accepted_between_doubts(self, delivery: LeasedDelivery, now: datetime, rounds: int) -> int:
        """In how many of the last `rounds` pauses between doubtful refusals a message to somebody else was accepted."""
        row = self._tx.execute(
            "SELECT count(*) FROM ("
            " SELECT at, lead(at, 1, %(now)s) OVER (ORDER BY attempt) AS until FROM attempt"
            " WHERE delivery_id = %(delivery_id)s AND outcome = 'doubtful'"
            " ORDER BY attempt DESC LIMIT %(rounds)s) pause"
            " WHERE EXISTS (SELECT FROM attempt JOIN delivery d USING (delivery_id)"
            " WHERE attempt.at > pause.at AND attempt.at < pause.until AND attempt.channel = %(channel)s"
            " AND attempt.outcome = 'accepted' AND d.recipient <> %(recipient)s)",
            {
                "now": now,
                "delivery_id": delivery.delivery_id,
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

    def next_due(self, channel: str, *, urgent_only: bool) -> datetime | None:
        """When the next delivery that waits is due, if none is queued before."""
        row = self._tx.execute(
            "SELECT min(d.next_attempt_at) FROM unnest(%s::smallint[]) AS p (priority) CROSS JOIN LATERAL ("
            " SELECT next_attempt_at FROM delivery WHERE channel = %s AND state = 'waiting'"
            " AND priority = p.priority AND sender_id IS NULL ORDER BY next_attempt_at LIMIT 1) d",
            ([URGENT] if urgent_only else list(SENDING_ORDER), channel),
        ).fetchone()
        return row[0] if row else None

    def waiting_since(self, channel: str, now: datetime) -> datetime | None:
        """Since when the oldest due delivery has been due, or None."""
        row = self._tx.execute(
            "SELECT min(d.next_attempt_at) FROM unnest(%s::smallint[]) AS p (priority) CROSS JOIN LATERAL ("
            " SELECT next_attempt_at FROM delivery WHERE channel = %s AND state = 'waiting'"
            " AND priority = p.priority AND sender_id IS NULL AND next_attempt_at <= %s"
            " ORDER BY next_attempt_at LIMIT 1) d",
            (list(SENDING_ORDER), channel, now),
        ).fetchone()
        return row[0] if row else None
