"""SQL of the message centre: a person's own messages, and where they went. A copy shows with what it is a copy of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx
from psycopg.rows import class_row

from notify.contact_points.rules import Person
from notify.message_centre.rules import OwnDelivery, OwnMessage

MESSAGE = (
    "m.message_id, m.event_id, m.subject_id, m.kind, m.category, m.locale, m.template_version, m.details,"
    " m.created_at, m.read_at,"
    " copied.number AS copies, copied.at AS copied_at"
)
OWN = (
    " FROM message m CROSS JOIN LATERAL ("
    " SELECT count(*) AS number, max(created_at) AS at FROM message copy WHERE copy.again_of = m.message_id) copied"
    " WHERE m.person_kind = %(kind)s AND m.person_id = %(id)s AND m.again_of IS NULL"
)


@dataclass(frozen=True)
class Counts:
    total: int
    unread: int


class MessageCentreStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def messages(self, person: Person, *, unread: bool, limit: int, offset: int) -> list[OwnMessage]:
        """Unread first, then the newest."""
        only = " AND m.read_at IS NULL" if unread else ""
        with self._tx.cursor(row_factory=class_row(OwnMessage)) as cursor:
            return cursor.execute(
                f"SELECT {MESSAGE}{OWN}{only}"
                " ORDER BY m.read_at IS NOT NULL, m.created_at DESC, m.message_id LIMIT %(limit)s OFFSET %(offset)s",
                {"kind": person.kind, "id": person.id, "limit": limit, "offset": offset},
            ).fetchall()

    def counts(self, person: Person) -> Counts:
        row = self._tx.execute(
            "SELECT count(*), count(*) FILTER (WHERE read_at IS NULL) FROM message"
            " WHERE person_kind = %s AND person_id = %s AND again_of IS NULL",
            (person.kind, person.id),
        ).fetchone()
        return Counts(*row) if row else Counts(0, 0)

    def message(self, person: Person, message_id: UUID, *, lock: bool = False) -> OwnMessage | None:
        with self._tx.cursor(row_factory=class_row(OwnMessage)) as cursor:
            return cursor.execute(
                f"SELECT {MESSAGE}{OWN} AND m.message_id = %(message_id)s"
                + (" FOR UPDATE OF m" if lock else ""),
                {"kind": person.kind, "id": person.id, "message_id": message_id},
            ).fetchone()

    def deliveries_of(self, message_ids: Sequence[UUID]) -> list[OwnDelivery]:
        """Where they and their copies went, oldest first."""
        with self._tx.cursor(row_factory=class_row(OwnDelivery)) as cursor:
            return cursor.execute(
                "SELECT shown.message_id, d.channel, d.recipient, d.state, d.failure,"
                " coalesce(d.finished_at, m.created_at) AS at"
                " FROM unnest(%s::uuid[]) AS shown (message_id)"
                " JOIN message m ON m.message_id = shown.message_id OR m.again_of = shown.message_id"
                " JOIN delivery d ON d.message_id = m.message_id"
                " ORDER BY shown.message_id, m.created_at, d.channel, d.recipient",
                (list(message_ids),),
            ).fetchall()

    def mark_read(self, person: Person, message_ids: Sequence[UUID], at: datetime) -> None:
        """These, or all where none is named."""
        self._tx.execute(
            "UPDATE message SET read_at = %(at)s WHERE person_kind = %(kind)s AND person_id = %(id)s"
            " AND read_at IS NULL AND (%(all)s OR message_id = ANY(%(message_ids)s))",
            {
                "at": at,
                "kind": person.kind,
                "id": person.id,
                "all": not message_ids,
                "message_ids": list(message_ids),
            },
        )

    def mark_copy(self, copy_id: UUID, message: OwnMessage) -> None:
        """It says what the first one said, in the same version of the text, and shows with it."""
        self._tx.execute(
            "UPDATE message SET again_of = %s, template_version = %s WHERE message_id = %s",
            (message.message_id, message.template_version, copy_id),
        )

    def copies_since(self, person: Person, since: datetime) -> int:
        row = self._tx.execute(
            "SELECT count(*) FROM message WHERE person_kind = %s AND person_id = %s AND again_of IS NOT NULL"
            " AND created_at > %s",
            (person.kind, person.id, since),
        ).fetchone()
        return row[0] if row else 0
