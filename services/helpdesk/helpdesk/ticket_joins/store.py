"""SQL of what joins tickets."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from mtnet_chassis.data.database import Tx

# What the desk's own clock and hands changed stays with the ticket that was changed.
MOVED_KINDS = "('inbound', 'answer', 'note', 'call')"


class TicketJoinStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def lock(self, ticket_ids: Sequence[UUID]) -> None:
        """In the order of the ids, so that two who join the same tickets never wait for each other."""
        self._tx.execute(
            "SELECT FROM ticket WHERE ticket_id = ANY(%s) ORDER BY ticket_id FOR UPDATE", (list(ticket_ids),)
        )

    def size_of(self, ticket_id: UUID) -> int:
        """How many tickets a thread is of."""
        row = self._tx.execute(
            "WITH RECURSIVE family AS (SELECT ticket_id FROM ticket WHERE ticket_id = %s"
            " UNION SELECT t.ticket_id FROM ticket t JOIN family f ON t.merged_into = f.ticket_id)"
            " SELECT count(*) FROM family",
            (ticket_id,),
        ).fetchone()
        return int(row[0]) if row else 0

    def move_entries(self, entry_ids: Sequence[UUID], source: UUID, to: UUID) -> int:
        """From one ticket to another. Returns how many were there to move."""
        return self._tx.execute(
            f"UPDATE entry SET ticket_id = %s WHERE entry_id = ANY(%s) AND ticket_id = %s AND kind IN {MOVED_KINDS}",
            (to, list(entry_ids), source),
        ).rowcount

    def keep_split(self, entry_ids: Sequence[UUID], ticket_id: UUID) -> None:
        """Which rows go back when it is undone."""
        self._tx.execute(
            "INSERT INTO split_entry (entry_id, ticket_id) SELECT entry_id, %s FROM unnest(%s::uuid[]) AS s (entry_id)"
            " ON CONFLICT (entry_id) DO UPDATE SET ticket_id = EXCLUDED.ticket_id",
            (ticket_id, list(entry_ids)),
        )

    def split_entries(self, ticket_id: UUID) -> list[UUID]:
        return [
            row[0]
            for row in self._tx.execute(
                "DELETE FROM split_entry WHERE ticket_id = %s RETURNING entry_id", (ticket_id,)
            ).fetchall()
        ]

    def movable_left(self, ticket_id: UUID) -> bool:
        row = self._tx.execute(
            f"SELECT EXISTS (SELECT FROM entry WHERE ticket_id = %s AND kind IN {MOVED_KINDS})", (ticket_id,)
        ).fetchone()
        return bool(row and row[0])

    def links_of(self, ticket_id: UUID) -> int:
        row = self._tx.execute(
            "SELECT (SELECT count(*) FROM ticket_link WHERE one_id = %(t)s)"
            " + (SELECT count(*) FROM ticket_link WHERE other_id = %(t)s)",
            {"t": ticket_id},
        ).fetchone()
        return int(row[0]) if row else 0

    def add_link(self, one: UUID, other: UUID) -> bool:
        """False where they are linked already."""
        return (
            self._tx.execute(
                "INSERT INTO ticket_link (one_id, other_id, linked_at) VALUES (%s, %s, now())"
                " ON CONFLICT DO NOTHING RETURNING 1",
                tuple(sorted((one, other))),
            ).fetchone()
            is not None
        )

    def remove_link(self, one: UUID, other: UUID) -> bool:
        return (
            self._tx.execute(
                "DELETE FROM ticket_link WHERE one_id = %s AND other_id = %s RETURNING 1",
                tuple(sorted((one, other))),
            ).fetchone()
            is not None
        )
