"""SQL of what is looked up before something is recorded: one statement for all that is recorded together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx

# Of one person so many tickets are looked at, those written to last.
MOST_RECENT = 20


class RecordingStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def entries_of_items(self, item_ids: Sequence[UUID]) -> dict[UUID, tuple[UUID, UUID, str]]:
        """Row, ticket and number of the items that have been recorded."""
        rows = self._tx.execute(
            "SELECT e.item_id, e.entry_id, e.ticket_id, t.number FROM entry e JOIN ticket t USING (ticket_id)"
            " WHERE e.item_id = ANY(%s)",
            (list(item_ids),),
        ).fetchall()
        return {item_id: (entry_id, ticket_id, number) for item_id, entry_id, ticket_id, number in rows}

    def tickets_with_links(self, link_tokens: Sequence[str]) -> dict[str, UUID]:
        if not link_tokens:
            return {}
        rows = self._tx.execute(
            "SELECT link_token, ticket_id FROM ticket WHERE link_token = ANY(%s)", (list(link_tokens),)
        ).fetchall()
        return {row[0]: row[1] for row in rows}

    def tickets_referred_to(
        self, entries: Sequence[tuple[int, UUID]], mails: Sequence[tuple[int, str]]
    ) -> dict[int, UUID]:
        """Of each place: the ticket of a row of ours, else of a Message-ID that came in; the newest row counts."""
        if not entries and not mails:
            return {}
        rows = self._tx.execute(
            "SELECT DISTINCT ON (place) place, ticket_id FROM ("
            "SELECT named.place, e.ticket_id, e.sequence, true AS ours"
            " FROM unnest(%s::int[], %s::uuid[]) AS named (place, entry_id) JOIN entry e USING (entry_id)"
            " UNION ALL SELECT named.place, e.ticket_id, e.sequence, false"
            " FROM unnest(%s::int[], %s::text[]) AS named (place, message_id) JOIN entry e USING (message_id)"
            ") found ORDER BY place, ours DESC, sequence DESC",
            (*_columns(entries), *_columns(mails)),
        ).fetchall()
        return {row[0]: row[1] for row in rows}

    def recent_tickets_of(
        self, people: Mapping[UUID, Sequence[UUID]], since: datetime
    ) -> dict[UUID, list[UUID]]:
        """Of each person, who may be several requesters: what was written to last first."""
        pairs = [(person, requester) for person, all_of in people.items() for requester in all_of]
        rows = self._tx.execute(
            "SELECT person.id, recent.ticket_id"
            " FROM (SELECT id, array_agg(requester_id) AS requesters"
            " FROM unnest(%s::uuid[], %s::uuid[]) AS named (id, requester_id) GROUP BY id) person"
            " CROSS JOIN LATERAL (SELECT t.ticket_id, t.last_inbound_at FROM ticket t"
            " WHERE t.requester_id = ANY(person.requesters) AND t.last_inbound_at >= %s AND t.merged_into IS NULL"
            " ORDER BY t.last_inbound_at DESC LIMIT %s) recent"
            " ORDER BY person.id, recent.last_inbound_at DESC",
            (*_columns(pairs), since, MOST_RECENT),
        ).fetchall()
        found: dict[UUID, list[UUID]] = {}
        for person, ticket_id in rows:
            found.setdefault(person, []).append(ticket_id)
        return found

    def sizes_of(self, roots: Sequence[UUID]) -> dict[UUID, int]:
        """Of how many tickets each thread is."""
        rows = self._tx.execute(
            "WITH RECURSIVE family AS (SELECT ticket_id AS root, ticket_id FROM unnest(%s::uuid[]) AS named (ticket_id)"
            " UNION SELECT f.root, t.ticket_id FROM ticket t JOIN family f ON t.merged_into = f.ticket_id)"
            " SELECT root, count(*) FROM family GROUP BY root",
            (list(roots),),
        ).fetchall()
        return dict(rows)

    def link(self, pairs: Sequence[tuple[UUID, UUID]], at: datetime) -> None:
        """Two tickets that have to do with each other; those that are linked already stay so."""
        if pairs:
            self._tx.execute(
                "INSERT INTO ticket_link (one_id, other_id, linked_at)"
                " SELECT least(one, other), greatest(one, other), %s"
                " FROM unnest(%s::uuid[], %s::uuid[]) AS named (one, other) ON CONFLICT DO NOTHING",
                (at, *_columns(pairs)),
            )


def _columns(rows: Sequence[tuple[object, ...]]) -> tuple[list[object], list[object]]:
    return [row[0] for row in rows], [row[1] for row in rows]
