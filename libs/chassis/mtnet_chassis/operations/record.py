"""What is stuck, and the record of what operators did about it: the table `operator_act` of the service concerned."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row

from mtnet_chassis.telemetry import logger

log = logger()

LARGEST_SEQUENCE = 2**63 - 1


@dataclass(frozen=True)
class StuckEvent:
    """An event that goes no further by itself.

    `kind` is `undeliverable`, `dead-letter`, `out-of-order` or `unrouted`. `place` is where it is stuck and `id` what
    it is called there: the event's id, or for what is out of order its stream. `sequence` is None where it cannot be
    read; `attempts` is how often a handler failed before it became a dead letter.
    """

    kind: str
    place: str
    id: str
    event: str
    stream: str
    sequence: int | None
    reason: str
    attempts: int = 0
    headers: dict[str, Any] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Operator:
    """Who acts, and why. Raises ValueError where one of them is missing."""

    who: str
    why: str

    def __post_init__(self) -> None:
        if not self.who.strip() or not self.why.strip():
            raise ValueError("say who does it (--who) and why (--reason)")


@dataclass(frozen=True)
class Act:
    """A row of the record. `id` as in StuckEvent."""

    at: datetime
    who: str
    action: str
    kind: str
    place: str
    id: str
    sequence: int | None
    why: str


class Record:
    """The record in one service's database."""

    def __init__(self, session: psycopg.Connection[Any]) -> None:
        self._session = session

    def note(self, action: str, stuck: StuckEvent, by: Operator) -> None:
        """Write down `retried`, `discarded` or `begun`, in the session's transaction."""
        self._session.execute(
            "INSERT INTO operator_act"
            " (who, why, action, kind, place, event_id, event, stream, sequence, reason, headers, body)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                *(by.who, by.why, action, stuck.kind, stuck.place),
                None if stuck.kind == "out-of-order" else _storable(stuck.id),
                *(_storable(text) for text in (stuck.event, stuck.stream)),
                stuck.sequence,
                _storable(stuck.reason),
                _storable(json.dumps(stuck.headers, default=str)).replace("\\u0000", ""),
                stuck.body,
            ),
        )

    def history(self, place: str | None = None) -> tuple[Act, ...]:
        """What was done, oldest first; in one place, or in all of this service's."""
        with self._session.transaction(), self._session.cursor(row_factory=class_row(Act)) as cursor:
            cursor.execute(
                """
                SELECT acted_at AS at, who, action, kind, place, coalesce(event_id, stream, '') AS id, sequence, why
                FROM operator_act WHERE %(place)s::text IS NULL OR place = %(place)s ORDER BY acted_at
                """,
                {"place": place},
            )
            return tuple(cursor.fetchall())


def log_act(action: str, stuck: StuckEvent, by: Operator) -> None:
    """One line for what was done."""
    facts = {"kind": stuck.kind, "place": stuck.place, "event_id": stuck.id, "who": by.who}
    log.info("stuck event dealt with", action=action, **facts)


def number(text: Any) -> int | None:
    """A sequence as it stands in a header; None for what is none."""
    try:
        found = int(text)
    except (TypeError, ValueError):
        return None
    return found if 0 <= found <= LARGEST_SEQUENCE else None


def _storable(text: str) -> str:
    """Half surrogate pairs and NULs come in from the wire, and PostgreSQL takes neither."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")
