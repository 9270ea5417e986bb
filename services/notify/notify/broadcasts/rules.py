"""What a broadcast is, what can be done with it in which state, and how many of its people may be taken up at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from notify.broadcast_chunks.rules import UNREACHED, Reach
from notify.contact_points.rules import Address

# How many people are looked at one by one in one transaction, and how many taken up who need not be.
LARGEST_SLICE = 5_000
LARGEST_CROWD = 50_000
SMALLEST_SLICE = 250
# Of each channel's bulk, so many may be due and unsent: then a pause is quick, whatever the provider does.
MOST_AHEAD = 1_000
# LINE's calls that are ready and not sent yet.
MOST_CHUNKS_AHEAD = 100
# So many of them at once are made ready: a look at the people costs about the same for one call as for many.
LEAST_CHUNKS = 50
# With a pace, so much of it is taken up at once.
PACE_STEP = timedelta(seconds=0.5)
# LINE forgets a retry key after 24 hours; a chunk whose first try is older might be sent twice.
LAST_RETRY_AFTER = timedelta(hours=23)
FIRST_RETRY_DELAY = timedelta(seconds=1)
LONGEST_RETRY_DELAY = timedelta(seconds=60)
# A text that is to be sent later is sent within a year.
LATEST_START = timedelta(days=366)


class State(StrEnum):
    """Where a broadcast is."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class Act(StrEnum):
    """What is done with a broadcast. BEGIN and FINISH are done by the clock, the others by an operator."""

    CHANGE = "change"
    COUNT = "count"
    SCHEDULE = "schedule"
    START = "start"
    BEGIN = "begin"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    FINISH = "finish"


# Everything else is refused. The drawing in the service's README says the same.
TRANSITIONS: Mapping[tuple[State, Act], State] = {
    (State.DRAFT, Act.CHANGE): State.DRAFT,
    (State.DRAFT, Act.COUNT): State.DRAFT,
    (State.DRAFT, Act.SCHEDULE): State.SCHEDULED,
    (State.DRAFT, Act.START): State.RUNNING,
    (State.DRAFT, Act.CANCEL): State.CANCELLED,
    (State.SCHEDULED, Act.BEGIN): State.RUNNING,
    (State.SCHEDULED, Act.CANCEL): State.CANCELLED,
    (State.RUNNING, Act.PAUSE): State.PAUSED,
    (State.RUNNING, Act.CANCEL): State.CANCELLED,
    (State.RUNNING, Act.FINISH): State.FINISHED,
    (State.PAUSED, Act.RESUME): State.RUNNING,
    (State.PAUSED, Act.CANCEL): State.CANCELLED,
}


class BroadcastNotFound(Exception):
    """There is no such broadcast."""


class NotInThisState(Exception):
    """The broadcast is in a state in which this cannot be done."""


class StaleVersion(Exception):
    """Somebody changed the broadcast meanwhile."""


class NotCounted(Exception):
    """It has not been said yet who is reached: the people are missing, or the count is older than the text."""


class NobodyReached(Exception):
    """Nobody of the segment can be reached."""


class NumberDiffers(Exception):
    """The number that was typed is not how many people are written to."""


class StartNotValid(Exception):
    """The time is past, or too far away."""


@dataclass(frozen=True)
class BroadcastText:
    """What is written in one language: a title on one line, and paragraphs apart by an empty line."""

    title: str
    body: str


@dataclass(frozen=True)
class Broadcast:
    """One text to many people. `people` is how many belong to it; `frozen_to` how many of them are taken up.

    `per_second`: messages a second; None: as fast as the providers take them. `next_at`: when the pace allows the next.
    """

    broadcast_id: UUID
    category: str
    segment: str
    segment_of: str | None
    texts: dict[str, dict[str, str]]
    state: State
    version: int
    written_by: UUID
    written_by_name: str
    written_at: datetime
    people: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    counted_at: datetime | None = None
    start_at: datetime | None = None
    per_second: int | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    frozen_to: int = 0
    next_at: datetime | None = None
    chunks: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)

    def after(self, act: Act) -> State:
        """Raises NotInThisState."""
        try:
            return TRANSITIONS[self.state, act]
        except KeyError:
            raise NotInThisState(f"{act} while {self.state}") from None

    def text(self, locale: str) -> BroadcastText:
        return BroadcastText(**self.texts[locale])

    @property
    def reached(self) -> int:
        """How many people have at least one way to be reached, by the last count."""
        return self.people - sum(n for name, n in self.counts.items() if name.startswith(UNREACHED))


def check_start(broadcast: Broadcast, typed_number: int, start_at: datetime | None, now: datetime) -> Act:
    """What starting now, or at `start_at`, is. Raises NotInThisState, NotCounted, NobodyReached, NumberDiffers,
    StartNotValid.
    """
    act = Act.START if start_at is None else Act.SCHEDULE
    broadcast.after(act)
    if broadcast.counted_at is None:
        raise NotCounted
    if broadcast.reached == 0:
        raise NobodyReached
    if typed_number != broadcast.people:
        raise NumberDiffers
    if start_at is not None and not now < start_at <= now + LATEST_START:
        raise StartNotValid
    return act


# Nothing is known of them, or they are no longer written to.
UNKNOWN = "UNKNOWN"


def counts_of(reaches: Iterable[Reach]) -> dict[str, int]:
    """How many people by channel, and without any by reason. Who is written to by two channels counts at both."""
    counts: dict[str, int] = {}
    for reach in reaches:
        names = [channel for channel, _ in reach.ways] or [f"{UNREACHED}{reach.reason}"]
        for name in names:
            counts[name] = counts.get(name, 0) + 1
    return counts


def added(counts: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    return {name: counts.get(name, 0) + more.get(name, 0) for name in sorted({*counts, *more})}


def slice_allowed(per_second: int | None, next_at: datetime | None, now: datetime) -> int:
    """How many people the pace allows now: as many as a slice ever has without a pace."""
    if per_second is None:
        return LARGEST_CROWD
    if next_at is not None and next_at > now:
        return 0
    return min(LARGEST_SLICE, max(1, int(per_second * PACE_STEP.total_seconds())))


def next_after(
    per_second: int | None, next_at: datetime | None, now: datetime, taken: int
) -> datetime | None:
    """From when on the next may be taken up. What was missed while nothing ran is not made up for."""
    if per_second is None:
        return None
    begins = now if next_at is None or next_at < now - 2 * PACE_STEP else next_at
    return begins + timedelta(seconds=taken / per_second)


def fitting(reaches: Sequence[Reach], capacity: Mapping[str, int]) -> Sequence[Reach]:
    """As many from the beginning as every channel has capacity for. One that is missing in `capacity` has no limit."""
    left = dict(capacity)
    for number, reach in enumerate(reaches):
        for channel, _ in reach.ways:
            if channel in left:
                if left[channel] <= 0:
                    return reaches[:number]
                left[channel] -= 1
    return reaches


def apart(reach: Reach, together: Iterable[str]) -> tuple[Address, ...]:
    """The ways that take one delivery for each person."""
    return tuple(way for way in reach.ways if way[0] not in together)


def retry_key(broadcast_id: UUID, chunk: int) -> UUID:
    """The same at every try, so that LINE accepts a chunk once."""
    return uuid5(broadcast_id, f"chunk:{chunk}")


def message_id_of(broadcast_id: UUID, person_id: UUID) -> UUID:
    """A person gets one message of a broadcast, however often it is taken up."""
    return uuid5(broadcast_id, f"person:{person_id}")


def retry_at(attempts: int, first_tried_at: datetime, now: datetime, jitter: float) -> datetime | None:
    """When a chunk that was not taken is tried again: after 1 s, 2 s … 60 s. None: its retry key no longer holds."""
    delay = min(FIRST_RETRY_DELAY * float(2 ** min(max(attempts, 1) - 1, 10)), LONGEST_RETRY_DELAY)
    at = now + delay * (1 - jitter / 2)
    return at if at - first_tried_at < LAST_RETRY_AFTER else None


def outcome_name(channel: str, state: str, failure: str | None) -> str:
    """As what became of a delivery is counted: `email:delivered`, `fax:failed:BUSY`."""
    return f"{channel}:{state}" + (f":{failure}" if failure else "")


def percent(done: int, people: int) -> int:
    """Whole percent, and 100 only when all are done."""
    return 100 if done >= people else done * 100 // people


def details_of(text: BroadcastText, name: str) -> dict[str, Any]:
    """What the template of a broadcast is filled with."""
    return {"name": name, "title": text.title, "words": text.body}
