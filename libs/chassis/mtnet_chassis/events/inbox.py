"""Apply each event once in effect: what was applied is recorded in the transaction that has the effect."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from mtnet_contracts.event import Event
from psycopg.types.json import Jsonb

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events import outbox
from mtnet_chassis.events.envelope import Envelope, envelope_of, event_of
from mtnet_chassis.failpoints import failpoint
from mtnet_chassis.fastpath.arrays import bigints, dates, texts, uuids


class TryLater(Exception):
    """A handler cannot do it yet, because something else has to arrive first; the event is retried later."""


class Poison(Exception):
    """A handler can never do it; the event becomes a dead letter at once."""


class Received(NamedTuple):
    """A message whose envelope was read. `event` is None if no handler of the group wants it or an operator discarded
    it: the message is then skipped unread, whatever it is."""

    envelope: Envelope
    body: bytes
    headers: dict[str, Any]
    event: Event | None


Apply = Callable[[Tx, Sequence[Event]], None]
"""Runs the group's handlers for these events, in order."""


@dataclass(frozen=True)
class Outcome:
    """How many events of a batch were applied, had been applied before, or came too early."""

    applied: int
    duplicates: int
    out_of_order: int


@dataclass(frozen=True)
class Waiting:
    """An event that came too early, as it is stored: it may not be readable any more."""

    sequence: int
    headers: dict[str, Any]
    body: bytes


@dataclass(frozen=True)
class OutOfOrder:
    """The events of an ordered group that came too early. `free` are streams whose next event is among them."""

    count: int
    age_seconds: float
    free: list[str]


class Inbox:
    """What one group of handlers (`<service>.<group>`) has applied, and what it keeps for later.

    The column `handler` of its tables holds the group; tables that two releases write keep their names (docs/adr/0029).
    """

    def __init__(self, group: str, *, ordered: bool, wanted: frozenset[tuple[str, str]]) -> None:
        self.group = group
        self.ordered = ordered
        self.wanted = wanted

    def read(self, headers: dict[str, Any], body: bytes) -> Received:
        """Read a message. Raises Undecodable."""
        envelope = envelope_of(headers)
        return Received(envelope, body, headers, self._event(envelope, body))

    def _event(self, envelope: Envelope, body: bytes) -> Event | None:
        if envelope.discarded or (envelope.source, envelope.name) not in self.wanted:
            return None
        return event_of(envelope, body)

    def apply(self, tx: Tx, messages: Sequence[Received], handle: Apply, *, release: bool = True) -> Outcome:
        """Apply what is new among `messages`, in the caller's transaction.

        In an ordered group this also applies the out-of-order events that they set free, unless `release` is off.
        """
        if self.ordered:
            return self._apply_in_order(tx, messages, handle, release)
        fresh = self._first_deliveries(tx, messages)
        if fresh:
            self._handle(tx, fresh, handle)
        return Outcome(len(fresh), len(messages) - len(fresh), 0)

    def _handle(self, tx: Tx, messages: Sequence[Received], handle: Apply) -> None:
        """What is skipped counts as applied."""
        wanted = [message.event for message in messages if message.event is not None]
        if not wanted:
            return
        failpoint("inbox.before_effect")
        last = next(message for message in reversed(messages) if message.event is not None)
        token = outbox.traceparent.set(last.envelope.traceparent)
        try:
            handle(tx, wanted)
        finally:
            outbox.traceparent.reset(token)
        failpoint("inbox.after_effect")

    def _first_deliveries(self, tx: Tx, messages: Sequence[Received]) -> list[Received]:
        by_id = {m.envelope.event_id: m for m in messages}
        # Sorted, so that two consumers with overlapping redeliveries cannot lock each other out.
        ids = sorted(by_id)
        rows = tx.execute(
            "INSERT INTO inbox (handler, day, event_id)"
            " SELECT %s, day, event_id FROM unnest(%s::date[], %s::uuid[]) AS came (day, event_id)"
            " ON CONFLICT DO NOTHING RETURNING event_id",
            (self.group, dates([by_id[i].envelope.day for i in ids]), uuids(ids)),
        ).fetchall()
        new = {row[0] for row in rows}
        return [m for i, m in by_id.items() if i in new]

    def next_out_of_order(self, tx: Tx, stream: str) -> Waiting | None:
        """The out-of-order event whose turn it is in this stream, or None. It stays stored."""
        row = tx.execute(
            """
            SELECT waiting.sequence, waiting.headers, waiting.body
            FROM stream_position AS reached
            JOIN parked_event AS waiting USING (handler, stream)
            WHERE reached.handler = %(group)s AND reached.stream = %(stream)s
              AND waiting.sequence = reached.sequence + 1
            """,
            {"group": self.group, "stream": stream},
        ).fetchone()
        return None if row is None else Waiting(row[0], row[1], bytes(row[2]))

    def take_out_of_order(self, tx: Tx, stream: str, sequence: int) -> Received | None:
        """Take out the event of that number; None if it is not its turn any more. Raises Undecodable."""
        row = tx.execute(
            """
            DELETE FROM parked_event AS waiting USING stream_position AS reached
            WHERE reached.handler = %(group)s AND reached.stream = %(stream)s
              AND waiting.handler = %(group)s AND waiting.stream = %(stream)s
              AND waiting.sequence = reached.sequence + 1 AND waiting.sequence = %(sequence)s
            RETURNING waiting.headers, waiting.body
            """,
            {"group": self.group, "stream": stream, "sequence": sequence},
        ).fetchone()
        return None if row is None else self.read(row[0], bytes(row[1]))

    def forget_out_of_order(self, tx: Tx, stream: str, sequence: int) -> None:
        """Remove an event that is now somewhere else, whatever the stream has reached meanwhile."""
        tx.execute(
            "DELETE FROM parked_event WHERE handler = %s AND stream = %s AND sequence = %s",
            (self.group, stream, sequence),
        )

    def out_of_order(self, tx: Tx) -> OutOfOrder:
        """What waits. Rows that a crash left behind and that have been applied since are removed first."""
        tx.execute(
            """
            DELETE FROM parked_event AS waiting USING stream_position AS reached
            WHERE waiting.handler = %(group)s AND reached.handler = waiting.handler
              AND reached.stream = waiting.stream AND waiting.sequence <= reached.sequence
            """,
            {"group": self.group},
        )
        count, age_seconds = tx.execute(
            "SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(parked_at)), 0)"
            " FROM parked_event WHERE handler = %s",
            (self.group,),
        ).fetchone() or (0, 0)
        free = tx.execute(
            "SELECT stream FROM stream_position JOIN parked_event AS waiting USING (handler, stream)"
            " WHERE handler = %s AND waiting.sequence = stream_position.sequence + 1 LIMIT 100",
            (self.group,),
        ).fetchall()
        return OutOfOrder(int(count), float(age_seconds), [stream for (stream,) in free])

    def _apply_in_order(self, tx: Tx, messages: Sequence[Received], handle: Apply, release: bool) -> Outcome:
        streams = sorted({m.envelope.stream for m in messages})
        positions = self._locked_positions(tx, streams)
        applied = duplicates = 0
        early: dict[tuple[str, int], Received] = {}
        due: list[Received] = []
        for message in sorted(messages, key=lambda m: m.envelope.sequence):
            stream, sequence = message.envelope.stream, message.envelope.sequence
            if sequence <= positions[stream]:
                duplicates += 1
            elif sequence == positions[stream] + 1:
                positions[stream] = sequence
                due.append(message)
            else:
                early[stream, sequence] = message
        if release:
            due += self._stored_now_due(tx, positions)
            # What was set free may close a gap before events of this very batch.
            while ready := [m for (stream, number), m in early.items() if number == positions[stream] + 1]:
                for message in ready:
                    del early[message.envelope.stream, message.envelope.sequence]
                    positions[message.envelope.stream] = message.envelope.sequence
                    due.append(message)
                due += self._stored_now_due(tx, positions)
        for message in [m for (s, n), m in early.items() if n <= positions[s]]:
            del early[message.envelope.stream, message.envelope.sequence]
            duplicates += 1
        if due:
            self._handle(tx, due, handle)
            self._save_positions(tx, positions)
            applied = len(due)
        if early:
            self._store_out_of_order(tx, early)
        return Outcome(applied, duplicates, len(early))

    def _locked_positions(self, tx: Tx, streams: list[str]) -> dict[str, int]:
        """How far each stream has been applied. Its row, inserted if new, is locked until the transaction ends."""
        tx.execute(
            "INSERT INTO stream_position (handler, stream, sequence)"
            " SELECT %s, stream, 0 FROM unnest(%s::text[]) AS came (stream) ON CONFLICT DO NOTHING",
            (self.group, texts(streams)),
        )
        rows = tx.execute(
            "SELECT stream, sequence FROM stream_position WHERE handler = %s AND stream = ANY(%s)"
            " ORDER BY stream FOR UPDATE",
            (self.group, texts(streams)),
        ).fetchall()
        return {stream: sequence for stream, sequence in rows}

    def _save_positions(self, tx: Tx, positions: dict[str, int]) -> None:
        tx.execute(
            "UPDATE stream_position AS kept SET sequence = reached.sequence"
            " FROM unnest(%s::text[], %s::bigint[]) AS reached (stream, sequence)"
            " WHERE kept.handler = %s AND kept.stream = reached.stream"
            " AND kept.sequence <> reached.sequence",
            (texts(positions), bigints(positions.values()), self.group),
        )

    def _stored_now_due(self, tx: Tx, positions: dict[str, int]) -> list[Received]:
        """Take out the events that waited for these positions, in order, and move `positions` on."""
        rows = tx.execute(
            """
            WITH RECURSIVE due AS (
                SELECT waiting.stream, waiting.sequence
                FROM parked_event AS waiting
                JOIN unnest(%(streams)s::text[], %(sequences)s::bigint[]) AS reached (stream, sequence)
                  ON waiting.stream = reached.stream AND waiting.sequence = reached.sequence + 1
                WHERE waiting.handler = %(group)s
                UNION ALL
                SELECT waiting.stream, waiting.sequence
                FROM parked_event AS waiting
                JOIN due ON waiting.stream = due.stream AND waiting.sequence = due.sequence + 1
                WHERE waiting.handler = %(group)s
            )
            DELETE FROM parked_event AS waiting USING due
            WHERE waiting.handler = %(group)s AND waiting.stream = due.stream AND waiting.sequence = due.sequence
            RETURNING waiting.stream, waiting.sequence, waiting.headers, waiting.body
            """,
            {
                "group": self.group,
                "streams": texts(positions),
                "sequences": bigints(positions.values()),
            },
        ).fetchall()
        due = []
        for stream, sequence, headers, body in sorted(rows, key=lambda row: (row[0], row[1])):
            positions[stream] = sequence
            due.append(self.read(headers, bytes(body)))
        return due

    def _store_out_of_order(self, tx: Tx, early: dict[tuple[str, int], Received]) -> None:
        keys = sorted(early)
        tx.execute(
            "INSERT INTO parked_event (handler, stream, sequence, headers, body)"
            " SELECT %s, stream, sequence, headers, body"
            " FROM unnest(%s::text[], %s::bigint[], %s::jsonb[], %s::bytea[])"
            " AS came (stream, sequence, headers, body) ON CONFLICT DO NOTHING",
            (
                self.group,
                texts([stream for stream, _ in keys]),
                bigints([sequence for _, sequence in keys]),
                [Jsonb(early[key].headers) for key in keys],
                [early[key].body for key in keys],
            ),
        )
