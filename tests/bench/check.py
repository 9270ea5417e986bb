"""What must be true of every contender when it has drained its queue."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import psycopg


@dataclass(frozen=True)
class Verdict:
    lost: int
    doubled: int
    swapped: int
    invented: int
    outgoing_missing: int

    @property
    def clean(self) -> bool:
        """Order per aggregate is reported, but not all contenders promise it."""
        return not (self.lost or self.doubled or self.invented or self.outgoing_missing)

    def facts(self) -> dict[str, int]:
        return asdict(self)


def check(dsn: str, sent: set[str], *, outgoing_table: str = "outgoing") -> Verdict:
    """Compare effects with what was sent."""
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "SELECT event_id::text, thing, number FROM effect ORDER BY position"
        ).fetchall()
        outgoing = connection.execute(f"SELECT count(DISTINCT event_id) FROM {outgoing_table}").fetchone()
    ids = [row[0] for row in rows]
    known = set(ids)
    last: dict[object, int] = {}
    swapped = 0
    for _, thing, number in rows:
        swapped += number <= last.get(thing, 0)
        last[thing] = max(number, last.get(thing, 0))
    return Verdict(
        lost=len(sent - known),
        doubled=len(ids) - len(known),
        swapped=swapped,
        invented=len(known - sent),
        outgoing_missing=len(known) - (outgoing[0] if outgoing else 0),
    )
