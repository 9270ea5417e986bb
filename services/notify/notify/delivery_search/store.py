"""SQL of what operators look for among deliveries."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx
from psycopg.rows import class_row

from notify.delivery_search.rules import Attempt, Found, Wanted

FOUND = (
    "SELECT d.delivery_id, m.message_id, m.again_of, m.kind, m.locale, m.template_version,"
    " coalesce(m.details ->> 'case_number', m.details ->> 'account_name', m.details ->> 'request_number', '') AS name,"
    " d.channel, d.recipient, d.priority, d.state, d.failure, m.created_at, d.finished_at, d.next_attempt_at,"
    " m.expires_at, m.secret_context IS NOT NULL AS has_secret,"
    " (SELECT count(*) FROM message copy WHERE copy.again_of = coalesce(m.again_of, m.message_id)) AS copies"
    " FROM message m JOIN delivery d USING (message_id)"
)
CONDITIONS = {
    "state": "d.state = %(state)s",
    "channel": "d.channel = %(channel)s",
    "kind": "m.kind = %(kind)s",
    "begins": "m.created_at >= %(begins)s",
    "ends": "m.created_at < %(ends)s",
}
# Each with the condition of its index, so that it is used.
NAMED = (
    "((m.details ? 'case_number' AND m.details ->> 'case_number' = upper(%(name)s))"
    " OR (m.details ? 'account_name' AND lower(m.details ->> 'account_name') = lower(%(name)s)))"
)


class DeliverySearchStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def deliveries(self, wanted: Wanted, limit: int) -> list[Found]:
        """Newest first."""
        values = vars(wanted) | {"limit": limit, "addresses": list(wanted.addresses)}
        conditions = [sql for name, sql in CONDITIONS.items() if values[name] is not None]
        if wanted.name is not None:
            conditions.append(NAMED)
        if wanted.addresses:
            conditions.append("lower(d.recipient) = ANY(%(addresses)s)")
        if wanted.before is not None:
            values |= {"before_at": wanted.before[0], "before_id": wanted.before[1]}
            conditions.append("(m.created_at, d.delivery_id) < (%(before_at)s, %(before_id)s)")
        where = " AND ".join(conditions) or "true"
        with self._tx.cursor(row_factory=class_row(Found)) as cursor:
            return cursor.execute(
                f"{FOUND} WHERE {where} ORDER BY m.created_at DESC, d.delivery_id DESC LIMIT %(limit)s",
                values,
            ).fetchall()

    def delivery_held(self, delivery_id: UUID) -> Found | None:
        """Nobody else sends it once more until the transaction ends."""
        self._tx.execute(
            "SELECT FROM message WHERE message_id = (SELECT coalesce(m.again_of, m.message_id)"
            " FROM delivery d JOIN message m USING (message_id) WHERE d.delivery_id = %s) FOR UPDATE",
            (delivery_id,),
        )
        with self._tx.cursor(row_factory=class_row(Found)) as cursor:
            return cursor.execute(f"{FOUND} WHERE d.delivery_id = %s", (delivery_id,)).fetchone()

    def attempts_of(self, delivery_ids: Sequence[UUID]) -> list[Attempt]:
        """Oldest first."""
        with self._tx.cursor(row_factory=class_row(Attempt)) as cursor:
            return cursor.execute(
                "SELECT delivery_id, at, outcome, detail, receipt, receipt_detail, receipt_at FROM attempt"
                " WHERE delivery_id = ANY(%s) ORDER BY delivery_id, attempt",
                (list(delivery_ids),),
            ).fetchall()

    def add_copy(self, original: UUID, message_id: UUID, at: datetime) -> bool:
        """A message that says what that one said, with the text it was written with. False where it is there."""
        return (
            self._tx.execute(
                "INSERT INTO message (message_id, event_id, kind, subject_id, locale, template_version, details,"
                " created_at, expires_at, category, person_kind, person_id, again_of)"
                " SELECT %(message_id)s, event_id, kind, subject_id, locale, template_version, details, %(at)s,"
                " expires_at, category, person_kind, person_id, coalesce(again_of, message_id)"
                " FROM message WHERE message_id = %(original)s ON CONFLICT (message_id) DO NOTHING",
                {"message_id": message_id, "original": original, "at": at},
            ).rowcount
            > 0
        )
