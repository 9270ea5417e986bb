"""What becomes of an event: pure decisions, no database and no broker."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

DELAYS_SECONDS = (5, 30, 120, 600, 3600)
"""Between attempts. After the last one the event becomes a dead letter."""

KEEP_INBOX_DAYS = 60
"""How long ids of applied events are remembered. The portal's streams keep 35 days, so what they send is known."""


class Poison(Exception):
    """A handler can never do it: the event becomes a dead letter at once."""


class Stopping(Exception):
    """The process is asked to stop while a server is away or something is half done; it goes on there next time."""


class StreamRefused(Exception):
    """The broker does not let the system read a stream: it is not there, or the event was not granted."""


class Verdict(Enum):
    """What to do with an event that has come."""

    APPLY = "apply"
    DOUBLE = "double"
    # Another event of the aggregate failed and holds it; this one waits for its turn in the database.
    WAIT = "wait"
    # A later event of the aggregate was applied before this one came for the first time.
    LATE = "late"


def judge(sequence: int, *, known: bool, forgotten: bool, position: int, held: bool) -> Verdict:
    """`known` is an event that was applied or is kept, `forgotten` one so old that the inbox may have forgotten it.

    `position` is the highest number of the aggregate that was applied, 0 before the first. Numbers in between may never
    come: a system gets the kinds of events that it was granted.
    """
    if known:
        return Verdict.DOUBLE
    if sequence <= position:
        return Verdict.DOUBLE if forgotten else Verdict.LATE
    return Verdict.WAIT if held else Verdict.APPLY


def delay_after(attempts: int, delays: Sequence[float]) -> float | None:
    """Seconds to wait after this many failed attempts; None when there are no more."""
    return delays[attempts - 1] if attempts <= len(delays) else None


def back_off(failures: int, jitter: float) -> float:
    """Seconds before the next connection: half a second, doubled up to 30, of which `jitter` (0 to 1) moves a half."""
    longest = min(30.0, 0.5 * 2.0 ** min(failures, 10))
    return longest * (0.5 + 0.5 * jitter)
