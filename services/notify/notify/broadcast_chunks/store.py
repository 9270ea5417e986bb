"""SQL of chunks: frozen, leased, tried, closed; and what became of their people."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from mtnet_chassis.data.database import Tx
from mtnet_chassis.fastpath.arrays import bigints, texts
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from notify.broadcast_chunks.rules import (
    LARGEST_CHUNK,
    UNREACHED,
    Chunk,
    Crowd,
    LeasedChunk,
    OpenChunk,
    PersonLine,
    SentChunk,
)

# The answer to a lease may get lost with its connection. Trying again is harmless: the retry key is the same.
LEASE_SECONDS = 60
LONGEST_DETAIL = 200


class ChunkStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add_unreachable(self, broadcast_id: UUID, number: int, chunk: Chunk, now: datetime) -> None:
        self._add(
            broadcast_id,
            number,
            chunk,
            state="closed",
            counts={f"{UNREACHED}{chunk.reason}": len(chunk.members)},
            closed_at=now,
        )

    def add_together(
        self, broadcast_id: UUID, number: int, chunk: Chunk, template_version: int, now: datetime
    ) -> None:
        """To be sent by one call."""
        self._add(
            broadcast_id,
            number,
            chunk,
            state="waiting",
            recipients=list(chunk.recipients),
            template_version=template_version,
            next_attempt_at=now,
        )

    def add_crowd(
        self,
        broadcast_id: UUID,
        after: int,
        channel: str,
        crowd: Crowd,
        template_version: int,
        now: datetime,
    ) -> int:
        """Chunks with numbers behind `after`, each to be sent by one call. Returns the number of the last."""
        begins = range(0, len(crowd.positions), LARGEST_CHUNK)
        with self._tx.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO broadcast_chunk (broadcast_id, chunk, channel, locale, people, positions, recipients,"
                " state, template_version, next_attempt_at) VALUES (%s, %s, %s, %s, %s, %s, %s, 'waiting', %s, %s)",
                [
                    (
                        broadcast_id,
                        number,
                        channel,
                        crowd.locale,
                        len(crowd.positions[begin : begin + LARGEST_CHUNK]),
                        bigints(crowd.positions[begin : begin + LARGEST_CHUNK]),
                        texts(crowd.addresses[begin : begin + LARGEST_CHUNK]),
                        template_version,
                        now,
                    )
                    for number, begin in enumerate(begins, start=after + 1)
                ],
            )
        return after + len(begins)

    def recipients_among(self, broadcast_id: UUID, channel: str, addresses: Sequence[str]) -> set[str]:
        """Of these addresses, those that a chunk of the broadcast has."""
        rows = self._tx.execute(
            "SELECT DISTINCT recipient FROM broadcast_chunk CROSS JOIN unnest(recipients) AS recipient"
            " WHERE broadcast_id = %s AND channel = %s AND recipients && %s AND recipient = ANY(%s)",
            (broadcast_id, channel, list(addresses), list(addresses)),
        ).fetchall()
        return {row[0] for row in rows}

    def add_apart(
        self, broadcast_id: UUID, number: int, chunk: Chunk, message_ids: Sequence[UUID], now: datetime
    ) -> None:
        """Each person has a message of their own."""
        self._add(broadcast_id, number, chunk, state="open", message_ids=list(message_ids), looked_at=now)

    def _add(self, broadcast_id: UUID, number: int, chunk: Chunk, **more: Any) -> None:
        values = {
            "broadcast_id": broadcast_id,
            "chunk": number,
            "channel": chunk.channel,
            "locale": chunk.locale,
            "reason": chunk.reason,
            "people": len(chunk.members),
            "positions": chunk.positions,
            **{name: Jsonb(value) if isinstance(value, dict) else value for name, value in more.items()},
        }
        self._tx.execute(
            f"INSERT INTO broadcast_chunk ({', '.join(values)})"
            f" VALUES ({', '.join(f'%({name})s' for name in values)})",
            values,
        )

    def lease_due(self, sender_id: UUID, now: datetime) -> LeasedChunk | None:
        """One chunk of a broadcast that runs, to one sender."""
        with self._tx.cursor(row_factory=class_row(LeasedChunk)) as cursor:
            return cursor.execute(
                # Materialized: in a join, PostgreSQL may run it once for each row, and each run leases another chunk.
                "WITH due AS MATERIALIZED ("
                " SELECT c.broadcast_id, c.chunk, b.category, b.texts FROM broadcast_chunk c JOIN broadcast b"
                " USING (broadcast_id) WHERE c.state = 'waiting' AND c.next_attempt_at <= %(now)s"
                " AND b.state = 'running' AND NOT EXISTS (SELECT FROM provider p WHERE p.channel = c.channel"
                " AND p.paused_at IS NOT NULL) AND (c.sender_id IS NULL OR c.leased_at < %(lost)s)"
                " ORDER BY c.next_attempt_at, c.chunk LIMIT 1 FOR UPDATE OF c SKIP LOCKED)"
                " UPDATE broadcast_chunk c SET sender_id = %(sender_id)s, leased_at = %(now)s,"
                " attempts = c.attempts + 1, first_tried_at = coalesce(c.first_tried_at, %(now)s)"
                " FROM due WHERE c.broadcast_id = due.broadcast_id AND c.chunk = due.chunk"
                " RETURNING c.broadcast_id, c.chunk, c.channel, c.locale, c.positions, c.recipients, c.attempts,"
                " c.first_tried_at, due.category, due.texts, c.template_version",
                {"sender_id": sender_id, "now": now, "lost": now - timedelta(seconds=LEASE_SECONDS)},
            ).fetchone()

    def waiting_chunks(self, broadcast_id: UUID) -> int:
        row = self._tx.execute(
            "SELECT count(*) FROM broadcast_chunk WHERE broadcast_id = %s AND state = 'waiting'",
            (broadcast_id,),
        ).fetchone()
        return row[0] if row else 0

    def open_chunks(self, broadcast_id: UUID) -> int:
        row = self._tx.execute(
            "SELECT count(*) FROM broadcast_chunk WHERE broadcast_id = %s AND state <> 'closed'",
            (broadcast_id,),
        ).fetchone()
        return row[0] if row else 0

    def holders(self) -> list[UUID]:
        rows = self._tx.execute(
            "SELECT DISTINCT sender_id FROM broadcast_chunk WHERE state = 'waiting' AND sender_id IS NOT NULL"
        ).fetchall()
        return [row[0] for row in rows]

    def release_all_of(self, sender_id: UUID, now: datetime) -> int:
        """What a dead sender tried is tried again, with the same retry key."""
        return self._tx.execute(
            "UPDATE broadcast_chunk SET sender_id = NULL, next_attempt_at = %s"
            " WHERE state = 'waiting' AND sender_id = %s",
            (now, sender_id),
        ).rowcount

    def put_off(self, leased: LeasedChunk, sender_id: UUID, at: datetime, detail: str) -> None:
        self._tx.execute(
            "UPDATE broadcast_chunk SET sender_id = NULL, next_attempt_at = %s, detail = %s"
            " WHERE broadcast_id = %s AND chunk = %s AND state = 'waiting' AND sender_id = %s",
            (at, detail[:LONGEST_DETAIL], leased.broadcast_id, leased.chunk, sender_id),
        )

    def close(
        self,
        broadcast_id: UUID,
        chunk: int,
        counts: Mapping[str, int],
        now: datetime,
        *,
        detail: str = "",
        sender_id: UUID | None = None,
    ) -> bool:
        """`sender_id`: only if it still holds the chunk. False: somebody else has recorded it."""
        return bool(
            self._tx.execute(
                "UPDATE broadcast_chunk SET state = 'closed', sender_id = NULL, next_attempt_at = NULL, counts = %s,"
                " detail = %s, closed_at = %s WHERE broadcast_id = %s AND chunk = %s AND state <> 'closed'"
                " AND (%s::uuid IS NULL OR sender_id = %s)",
                (
                    Jsonb(dict(counts)),
                    detail[:LONGEST_DETAIL],
                    now,
                    broadcast_id,
                    chunk,
                    sender_id,
                    sender_id,
                ),
            ).rowcount
        )

    def sent(
        self,
        leased: LeasedChunk,
        sender_id: UUID,
        counts: Mapping[str, int],
        now: datetime,
        detail: str = "",
    ) -> bool:
        """Its people get a message of their own next. False: somebody else has recorded it."""
        return bool(
            self._tx.execute(
                "UPDATE broadcast_chunk SET state = 'sent', sender_id = NULL, next_attempt_at = NULL, counts = %s,"
                " detail = %s, closed_at = %s WHERE broadcast_id = %s AND chunk = %s AND state = 'waiting'"
                " AND sender_id = %s",
                (
                    Jsonb(dict(counts)),
                    detail[:LONGEST_DETAIL],
                    now,
                    leased.broadcast_id,
                    leased.chunk,
                    sender_id,
                ),
            ).rowcount
        )

    def sent_before(self, broadcast_id: UUID, moment: datetime, most: int) -> list[SentChunk]:
        """Those whose people have no message of their own yet, with these people."""
        with self._tx.cursor(row_factory=class_row(SentChunk)) as cursor:
            return cursor.execute(
                "SELECT c.chunk, c.channel, c.locale, c.template_version, c.recipients, people.person_kinds,"
                " people.person_ids, c.counts, c.closed_at"
                " FROM (SELECT * FROM broadcast_chunk WHERE broadcast_id = %(broadcast_id)s AND state = 'sent'"
                " AND closed_at <= %(moment)s ORDER BY chunk LIMIT %(most)s FOR UPDATE) c CROSS JOIN LATERAL ("
                " SELECT array_agg(p.person_kind ORDER BY member.number) AS person_kinds,"
                " array_agg(p.person_id ORDER BY member.number) AS person_ids"
                " FROM unnest(c.positions) WITH ORDINALITY AS member (position, number) CROSS JOIN LATERAL ("
                " SELECT person_kind, person_id FROM broadcast_person WHERE broadcast_id = %(broadcast_id)s"
                " AND position = member.position LIMIT 1) p) people",
                {"broadcast_id": broadcast_id, "moment": moment, "most": most},
            ).fetchall()

    def close_sent(self, broadcast_id: UUID, chunks: Sequence[int]) -> None:
        self._tx.execute(
            "UPDATE broadcast_chunk SET state = 'closed' WHERE broadcast_id = %s AND chunk = ANY(%s)"
            " AND state = 'sent'",
            (broadcast_id, list(chunks)),
        )

    def close_waiting(self, broadcast_id: UUID, now: datetime) -> None:
        """A cancelled broadcast: what no sender has in hand is not sent."""
        self._tx.execute(
            "UPDATE broadcast_chunk SET state = 'closed', next_attempt_at = NULL, closed_at = %s,"
            " counts = jsonb_build_object(channel || ':cancelled', people)"
            " WHERE broadcast_id = %s AND state = 'waiting' AND sender_id IS NULL",
            (now, broadcast_id),
        )

    def look_at(self, broadcast_id: UUID, now: datetime, most: int) -> list[OpenChunk]:
        """The open chunks that were looked at the longest time ago."""
        with self._tx.cursor(row_factory=class_row(OpenChunk)) as cursor:
            return cursor.execute(
                "UPDATE broadcast_chunk c SET looked_at = %(now)s FROM"
                " (SELECT chunk FROM broadcast_chunk WHERE broadcast_id = %(broadcast_id)s AND state = 'open'"
                " ORDER BY looked_at LIMIT %(most)s) oldest"
                " WHERE c.broadcast_id = %(broadcast_id)s AND c.chunk = oldest.chunk"
                " RETURNING c.chunk, c.channel, c.message_ids",
                {"broadcast_id": broadcast_id, "now": now, "most": most},
            ).fetchall()

    def closed_apart(self, broadcast_id: UUID, not_since: datetime, now: datetime) -> list[OpenChunk]:
        """Closed chunks of single deliveries that nobody has looked at of late."""
        with self._tx.cursor(row_factory=class_row(OpenChunk)) as cursor:
            return cursor.execute(
                "UPDATE broadcast_chunk SET looked_at = %s WHERE broadcast_id = %s AND state = 'closed'"
                " AND looked_at < %s RETURNING chunk, channel, message_ids",
                (now, broadcast_id, not_since),
            ).fetchall()

    def save_counts(self, broadcast_id: UUID, chunk: int, counts: Mapping[str, int]) -> None:
        self._tx.execute(
            "UPDATE broadcast_chunk SET counts = %s WHERE broadcast_id = %s AND chunk = %s",
            (Jsonb(dict(counts)), broadcast_id, chunk),
        )

    def messages_of_open(self, broadcast_id: UUID) -> list[UUID]:
        rows = self._tx.execute(
            "SELECT unnest(message_ids) FROM broadcast_chunk WHERE broadcast_id = %s AND state = 'open'",
            (broadcast_id,),
        ).fetchall()
        return [row[0] for row in rows]

    def counts(self, broadcast_id: UUID) -> dict[str, int]:
        """What became of all people who are taken up, by outcome."""
        rows = self._tx.execute(
            "SELECT counted.key, sum(counted.value::integer)::integer FROM broadcast_chunk,"
            " jsonb_each_text(counts) counted WHERE broadcast_id = %s GROUP BY counted.key",
            (broadcast_id,),
        ).fetchall()
        return dict(rows)

    def last_detail(self, broadcast_id: UUID) -> str:
        """What a provider said that did not take a chunk, while it is still waiting."""
        row = self._tx.execute(
            "SELECT detail FROM broadcast_chunk WHERE broadcast_id = %s AND state = 'waiting' AND detail <> ''"
            " LIMIT 1",
            (broadcast_id,),
        ).fetchone()
        return row[0] if row else ""

    def on_their_way(self, broadcast_id: UUID) -> int:
        """How many people have been taken up, and are neither sent nor given up."""
        row = self._tx.execute(
            "SELECT coalesce(sum(c.people - coalesce(done.people, 0)), 0)::integer FROM broadcast_chunk c"
            " LEFT JOIN LATERAL (SELECT sum(counted.value::integer) AS people FROM jsonb_each_text(c.counts) counted"
            " WHERE split_part(counted.key, ':', 2) <> 'waiting') done ON true"
            " WHERE c.broadcast_id = %s AND c.state <> 'closed'",
            (broadcast_id,),
        ).fetchone()
        return row[0] if row else 0

    def people(self, broadcast_id: UUID, after: int, limit: int) -> list[PersonLine]:
        """What became of the people at the positions behind `after`: a line for each of their messages."""
        with self._tx.cursor(row_factory=class_row(PersonLine)) as cursor:
            return cursor.execute(
                "WITH taken AS ("
                " SELECT c.channel, c.reason, c.counts, c.state, c.closed_at, member.position, member.message_id"
                " FROM broadcast_chunk c CROSS JOIN LATERAL"
                " ROWS FROM (unnest(c.positions), unnest(c.message_ids)) AS member (position, message_id)"
                " WHERE c.broadcast_id = %(broadcast_id)s AND c.positions[1] <= %(last)s"
                " AND c.positions[cardinality(c.positions)] > %(after)s"
                " AND member.position > %(after)s AND member.position <= %(last)s)"
                " SELECT p.position, p.person_kind, p.person_id, taken.state AS chunk_state, taken.reason,"
                " coalesce(d.channel, taken.channel) AS channel, d.state AS delivery_state, d.failure,"
                " coalesce(d.finished_at, taken.closed_at) AS at, taken.counts"
                " FROM broadcast_person p LEFT JOIN taken USING (position)"
                " LEFT JOIN delivery d ON d.message_id = taken.message_id"
                " AND (d.channel = taken.channel OR d.fallback_from IS NOT NULL)"
                " WHERE p.broadcast_id = %(broadcast_id)s AND p.position > %(after)s AND p.position <= %(last)s"
                " ORDER BY p.position",
                {"broadcast_id": broadcast_id, "after": after, "last": after + limit},
            ).fetchall()
