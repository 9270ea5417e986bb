"""All SQL: what was applied, how far each aggregate has come, and what is kept for later."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from mtnet_subscriber.event import LONGEST_REASON, Message, message_of
from mtnet_subscriber.rules import KEEP_INBOX_DAYS
from mtnet_subscriber.stores import Store

DAY_MS = 24 * 3600 * 1000
FORGOTTEN_AT_ONCE = 1000


@dataclass(frozen=True)
class Kept:
    """An event that is not applied yet. `state` is retrying, waiting (for another of its aggregate) or dead."""

    event_id: str
    stream: str
    sequence: int
    state: str
    attempts: int
    next_ms: int | None
    kept_ms: int
    reason: str


@dataclass(frozen=True)
class Summary:
    """A summary for people."""

    applied: int
    retrying: int
    waiting: int
    dead: int
    oldest_ms: int | None


class Ledger:
    """The rows of one system. Every method but `summary`, `due` and `kept` belongs into a transaction."""

    def __init__(self, store: Store, system: str) -> None:
        self._store = store
        self._system = system

    def locked_positions(self, streams: Iterable[str]) -> dict[str, int]:
        """How far each stream has come, 0 if nothing was applied. Nobody else moves it until the transaction ends."""
        wanted = sorted(set(streams))
        self._store.run_many(
            "INSERT INTO mtnet_position (system, stream, sequence) VALUES (?, ?, 0) ON CONFLICT DO NOTHING",
            [(self._system, stream) for stream in wanted],
        )
        rows = self._store.rows(
            f"SELECT stream, sequence FROM mtnet_position WHERE system = ? AND stream IN ({_marks(wanted)})"
            f" ORDER BY stream{self._store.locks}",
            (self._system, *wanted),
        )
        return {stream: sequence for stream, sequence in rows}

    def known(self, ids: Sequence[UUID]) -> set[UUID]:
        """Which of these were applied or are kept."""
        names = [str(i) for i in ids]
        rows = self._store.rows(
            f"SELECT event_id FROM mtnet_inbox WHERE system = ? AND event_id IN ({_marks(names)})"
            f" UNION SELECT event_id FROM mtnet_kept WHERE system = ? AND event_id IN ({_marks(names)})",
            (self._system, *names, self._system, *names),
        )
        return {UUID(event_id) for (event_id,) in rows}

    def held(self, streams: Iterable[str]) -> set[str]:
        """Streams in which an event beyond the position is kept: later ones wait behind it."""
        wanted = sorted(set(streams))
        rows = self._store.rows(
            "SELECT DISTINCT k.stream FROM mtnet_kept k"
            " JOIN mtnet_position p ON p.system = k.system AND p.stream = k.stream"
            f" WHERE k.system = ? AND k.stream IN ({_marks(wanted)}) AND k.sequence > p.sequence",
            (self._system, *wanted),
        )
        return {stream for (stream,) in rows}

    def save_applied(self, messages: Sequence[Message], positions: dict[str, int]) -> None:
        self._store.run_many(
            "INSERT INTO mtnet_inbox (system, event_id, occurred_ms) VALUES (?, ?, ?)",
            [(self._system, str(m.id), m.occurred_ms) for m in messages],
        )
        streams = {m.stream for m in messages}
        self._store.run_many(
            "UPDATE mtnet_position SET sequence = ? WHERE system = ? AND stream = ? AND sequence < ?",
            [(positions[s], self._system, s, positions[s]) for s in sorted(streams)],
        )

    def keep(
        self,
        message: Message,
        state: str,
        *,
        attempts: int,
        next_ms: int | None,
        now_ms: int,
        reason: str = "",
    ) -> None:
        self._store.run(
            "INSERT INTO mtnet_kept (system, event_id, stream, sequence, state, attempts, next_ms, kept_ms, reason,"
            " headers, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (
                self._system,
                str(message.id),
                message.stream,
                message.sequence,
                state,
                attempts,
                next_ms,
                now_ms,
                reason[:LONGEST_REASON],
                json.dumps(message.headers),
                message.body,
            ),
        )

    def change_kept(
        self, event_id: str, state: str, *, attempts: int, next_ms: int | None, reason: str
    ) -> None:
        self._store.run(
            "UPDATE mtnet_kept SET state = ?, attempts = ?, next_ms = ?, reason = ?"
            " WHERE system = ? AND event_id = ?",
            (state, attempts, next_ms, reason[:LONGEST_REASON], self._system, event_id),
        )

    def retry_dead(self, now_ms: int) -> int:
        """All dead letters are to be tried again now, with all attempts. Returns how many those were."""
        return self._store.run(
            "UPDATE mtnet_kept SET state = 'retrying', attempts = 0, next_ms = ? WHERE system = ? AND state = 'dead'",
            (now_ms, self._system),
        )

    def postpone(self, event_id: str) -> None:
        """Until `wake` finds that it is its turn."""
        self._store.run(
            "UPDATE mtnet_kept SET next_ms = NULL WHERE system = ? AND event_id = ?", (self._system, event_id)
        )

    def take_kept(self, event_id: str) -> bool:
        """Remove it; False if somebody else has."""
        return (
            self._store.run(
                "DELETE FROM mtnet_kept WHERE system = ? AND event_id = ?", (self._system, event_id)
            )
            == 1
        )

    def kept_one(self, event_id: str) -> Kept | None:
        rows = self._store.rows(f"{_KEPT} WHERE system = ? AND event_id = ?", (self._system, event_id))
        return Kept(*rows[0]) if rows else None

    def kept(self, state: str, most: int = 100) -> list[Kept]:
        """The oldest of them."""
        rows = self._store.rows(
            f"{_KEPT} WHERE system = ? AND state = ? ORDER BY kept_ms, sequence LIMIT ?",
            (self._system, state, most),
        )
        return [Kept(*row) for row in rows]

    def kept_message(self, event_id: str) -> Message | None:
        rows = self._store.rows(
            "SELECT headers, body FROM mtnet_kept WHERE system = ? AND event_id = ?", (self._system, event_id)
        )
        return message_of(json.loads(rows[0][0]), bytes(rows[0][1])) if rows else None

    def first_kept(self, stream: str, position: int) -> str | None:
        """The event of this stream whose turn is next."""
        rows = self._store.rows(
            "SELECT event_id FROM mtnet_kept WHERE system = ? AND stream = ? AND sequence > ?"
            " ORDER BY sequence LIMIT 1",
            (self._system, stream, position),
        )
        return rows[0][0] if rows else None

    def wake(self, stream: str, position: int, now_ms: int) -> None:
        """Let the next event of this stream be tried, unless it is a dead letter or has a time already."""
        if first := self.first_kept(stream, position):
            self._store.run(
                "UPDATE mtnet_kept SET next_ms = ? WHERE system = ? AND event_id = ? AND state <> 'dead'"
                " AND next_ms IS NULL",
                (now_ms, self._system, first),
            )

    def due(self, now_ms: int, most: int = 100) -> list[str]:
        """Ids of kept events whose time has come."""
        rows = self._store.rows(
            "SELECT event_id FROM mtnet_kept WHERE system = ? AND next_ms <= ? ORDER BY next_ms, sequence LIMIT ?",
            (self._system, now_ms, most),
        )
        return [event_id for (event_id,) in rows]

    def next_due_ms(self) -> int | None:
        rows = self._store.rows(
            "SELECT min(next_ms) FROM mtnet_kept WHERE system = ? AND next_ms IS NOT NULL", (self._system,)
        )
        return rows[0][0] if rows else None

    def count_kept(self, most: int) -> int:
        """No further than `most`."""
        return int(
            self._store.rows(
                "SELECT count(*) FROM (SELECT 1 FROM mtnet_kept WHERE system = ? LIMIT ?) AS found",
                (self._system, most),
            )[0][0]
        )

    def summary(self) -> Summary:
        applied = self._store.rows("SELECT count(*) FROM mtnet_inbox WHERE system = ?", (self._system,))[0][0]
        rows = self._store.rows(
            "SELECT state, count(*), min(kept_ms) FROM mtnet_kept WHERE system = ? GROUP BY state",
            (self._system,),
        )
        counts = {state: count for state, count, _ in rows}
        oldest = min((kept_ms for _, _, kept_ms in rows), default=None)
        return Summary(
            applied, counts.get("retrying", 0), counts.get("waiting", 0), counts.get("dead", 0), oldest
        )

    def forget(self, now_ms: int) -> int:
        """Forget ids of long ago, a bounded number at once. Returns how many those were."""
        return self._store.run(
            "DELETE FROM mtnet_inbox WHERE system = ? AND event_id IN ("
            "SELECT event_id FROM mtnet_inbox WHERE system = ? AND occurred_ms < ? LIMIT ?)",
            (self._system, self._system, now_ms - KEEP_INBOX_DAYS * DAY_MS, FORGOTTEN_AT_ONCE),
        )

    # Catching up

    def stream_reached(self, stream: str) -> tuple[str, int] | None:
        """Since when the stream was read, and the last offset that was."""
        rows = self._store.rows(
            "SELECT since, reached FROM mtnet_stream WHERE system = ? AND stream = ?", (self._system, stream)
        )
        return (rows[0][0], rows[0][1]) if rows else None

    def save_stream(self, stream: str, since: str, reached: int) -> None:
        self._store.run(
            "INSERT INTO mtnet_stream (system, stream, since, reached) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (system, stream) DO UPDATE SET since = excluded.since, reached = excluded.reached",
            (self._system, stream, since, reached),
        )

    def save_read(self, messages: Iterable[tuple[Message, bool]]) -> None:
        """Each with whether it lies beyond the end of its stream as it was first seen."""
        self._store.run_many(
            "INSERT INTO mtnet_read (system, stream, sequence, event_id, beyond, headers, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [
                (self._system, m.stream, m.sequence, str(m.id), int(beyond), json.dumps(m.headers), m.body)
                for m, beyond in messages
            ],
        )

    def begin_reading(self) -> None:
        """What a reading that was broken off left beyond the ends lies before the ends that are found now."""
        self._store.run("UPDATE mtnet_read SET beyond = 0 WHERE system = ? AND beyond = 1", (self._system,))

    def end_reading(self) -> None:
        """Keep of what lies beyond the ends only what precedes, in its aggregate, an event before them."""
        self._store.run(
            "DELETE FROM mtnet_read AS r WHERE r.system = ? AND r.beyond = 1 AND NOT EXISTS ("
            "SELECT 1 FROM mtnet_read later WHERE later.system = r.system AND later.stream = r.stream"
            " AND later.sequence > r.sequence AND later.beyond = 0)",
            (self._system,),
        )
        self.begin_reading()

    def read_so_far(self, most: int) -> list[Message]:
        """The next of what was read and not applied: each aggregate in its order."""
        rows = self._store.rows(
            "SELECT headers, body FROM mtnet_read WHERE system = ? ORDER BY stream, sequence, event_id LIMIT ?",
            (self._system, most),
        )
        return [message_of(json.loads(headers), bytes(body)) for headers, body in rows]

    def forget_read(self, messages: Iterable[Message]) -> None:
        self._store.run_many(
            "DELETE FROM mtnet_read WHERE system = ? AND stream = ? AND sequence = ? AND event_id = ?",
            [(self._system, m.stream, m.sequence, str(m.id)) for m in messages],
        )


# The columns of Kept.
_KEPT = "SELECT event_id, stream, sequence, state, attempts, next_ms, kept_ms, reason FROM mtnet_kept"


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" for _ in values)
