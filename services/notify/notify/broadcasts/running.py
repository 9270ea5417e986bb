"""A broadcast that runs: its people are taken up slice by slice, and what became of them is gathered."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.data.presence import Absentees
from mtnet_chassis.failpoints import failpoint
from mtnet_chassis.telemetry import logger

from notify.broadcast_chunks.rules import LARGEST_CHUNK, Crowd, LeasedChunk, Reach, chunks_of
from notify.broadcasts import reaching, telling
from notify.broadcasts.rules import (
    LARGEST_CROWD,
    LARGEST_SLICE,
    LEAST_CHUNKS,
    MOST_AHEAD,
    MOST_CHUNKS_AHEAD,
    SMALLEST_SLICE,
    UNKNOWN,
    Act,
    Broadcast,
    State,
    apart,
    details_of,
    fitting,
    message_id_of,
    next_after,
    outcome_name,
    slice_allowed,
)
from notify.broadcasts.store import Stores
from notify.channels.rules import Failure
from notify.deliveries.actions import LOCK_SPACE
from notify.many_deliveries import actions as bulk
from notify.messages.actions import write_planned
from notify.messages.rules import Message
from notify.routing.rules import KIND_PLANS, NoDelivery, Planned, PlannedDelivery
from notify.templates.actions import version_in_use
from notify.templates.rules import Kind

# Chunks of single deliveries that are looked at in one turn: each is up to 500 rows.
LOOKED_AT = 10

log = logger()


class Runner:
    """Takes up people and gathers outcomes, one turn after another; several processes do so beside each other.

    `together`: channels that take many people at once. `wake(channel)` is called after a commit.
    """

    def __init__(
        self,
        database: Transactions,
        clock: Callable[[], datetime],
        together: Collection[str],
        wake: Callable[[str], None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._together = frozenset(together)
        self._wake = wake
        self._absentees = Absentees(LOCK_SPACE)
        self._slice = LARGEST_SLICE

    def turn(self) -> int:
        """One step of every broadcast that runs. Returns how many people were taken up; 0: nothing to do just now.

        Raises psycopg.Error.
        """
        with self._database.transaction() as tx:
            self._begin_due(Stores.of(tx))
        taken = 0
        with self._database.transaction() as tx:
            stores = Stores.of(tx)
            for broadcast in stores.broadcasts.running_for_update():
                taken += self._take_up(stores, broadcast)
        return taken

    def gather(self) -> int:
        """What became of the people so far; chunks of dead senders go to others; what is left of a paused or cancelled
        broadcast stands still. Returns how many broadcasts were looked at. Raises psycopg.Error.
        """
        with self._database.transaction() as tx:
            stores, now = Stores.of(tx), self._clock()
            unfinished = stores.broadcasts.unfinished_for_update()
            for broadcast in unfinished:
                self._settle(stores, broadcast, now)
        with self._database.transaction() as tx:
            stores, now = Stores.of(tx), self._clock()
            for dead in self._absentees.dead(tx, stores.chunks.holders()):
                released = stores.chunks.release_all_of(dead, now)
                log.warning("chunks of a dead sender released", sender_id=str(dead), chunks=released)
        return len(unfinished)

    def next_start(self) -> datetime | None:
        with self._database.transaction() as tx:
            return Stores.of(tx).broadcasts.next_start()

    def _begin_due(self, stores: Stores) -> None:
        now = self._clock()
        for broadcast in stores.broadcasts.due_to_begin(now):
            stores.broadcasts.save(broadcast.broadcast_id, state=broadcast.after(Act.BEGIN), started_at=now)
            stores.broadcasts.add_step(broadcast.broadcast_id, Act.BEGIN, now)
            log.info("broadcast begun", broadcast_id=str(broadcast.broadcast_id))

    def _take_up(self, stores: Stores, broadcast: Broadcast) -> int:
        """One slice: its people are frozen in chunks. Returns how many."""
        now = self._clock()
        allowed = min(
            # Of the first people only so many: calls begin soon, and the others are looked up beside them.
            self._slice if broadcast.frozen_to else min(self._slice, LARGEST_SLICE),
            slice_allowed(broadcast.per_second, broadcast.next_at, now),
            broadcast.people - broadcast.frozen_to,
        )
        capacity = self._capacity(stores, broadcast, now)
        if allowed <= 0 or all(left <= 0 for left in capacity.values()):
            return 0
        if together := [left for name, left in capacity.items() if name in self._together and left > 0]:
            # No more than one call each can take: beyond that everybody would be looked at one by one.
            most = max(together)
            if allowed > most and most < min(LEAST_CHUNKS, MOST_CHUNKS_AHEAD) * LARGEST_CHUNK:
                return 0
            allowed = min(allowed, most)
        crowds = reaching.crowds_of(stores, broadcast, allowed, self._together, capacity)
        found = [position for _, crowd in crowds for position in crowd.positions]
        members = stores.broadcasts.people_besides(
            broadcast.broadcast_id, broadcast.frozen_to, allowed, found, most=LARGEST_SLICE + 1
        )
        end = broadcast.frozen_to + allowed
        if len(members) > LARGEST_SLICE:
            end = members.pop().position - 1
        reaches = reaching.reaches_of(stores.tx, members, broadcast.category, now)
        fits = fitting(reaches, capacity)
        if len(fits) < len(reaches):
            # Whoever finds no capacity is the first of the next slice.
            end = reaches[len(fits)].position - 1
        taken = end - broadcast.frozen_to
        self._slice = slice_after(taken, allowed, one_by_one=len(members))
        if not taken:
            return 0
        fits = reaching.once_for_each_address(stores, broadcast.broadcast_id, fits, self._together)
        numbers = freeze(stores, broadcast, fits, self._together, now)
        for channel, crowd in crowds:
            numbers = freeze_crowd(stores, broadcast, numbers, channel, crowd.up_to(end), now)
        stores.broadcasts.save_progress(
            replace(
                broadcast,
                frozen_to=end,
                next_at=next_after(broadcast.per_second, broadcast.next_at, now, taken),
                chunks=numbers,
            )
        )
        failpoint("broadcasts.before_commit_of_slice")
        for channel in {way[0] for reach in fits for way in reach.ways} | {channel for channel, _ in crowds}:
            self._database.after_commit(stores.tx, partial(self._wake, channel))
        return taken

    def _capacity(self, stores: Stores, broadcast: Broadcast, now: datetime) -> dict[str, int]:
        capacity = {
            channel: MOST_AHEAD - bulk.bulk_waiting(stores.tx, channel, now, MOST_AHEAD)
            for channel in KIND_PLANS[Kind.BROADCAST].channels - self._together
        }
        ahead = MOST_CHUNKS_AHEAD - stores.chunks.waiting_chunks(broadcast.broadcast_id)
        return capacity | dict.fromkeys(self._together, ahead * LARGEST_CHUNK)

    def _settle(self, stores: Stores, broadcast: Broadcast, now: datetime) -> None:
        broadcast_id = broadcast.broadcast_id
        if broadcast.state is State.PAUSED:
            # What a sender had in hand and was put off waits, too.
            bulk.hold(stores.tx, stores.chunks.messages_of_open(broadcast_id))
        elif broadcast.state is State.CANCELLED:
            stores.chunks.close_waiting(broadcast_id, now)
            bulk.cancel(stores.tx, stores.chunks.messages_of_open(broadcast_id), now)
        telling.tell(stores, broadcast, now)
        for chunk in stores.chunks.look_at(broadcast_id, now, LOOKED_AT):
            outcomes = bulk.outcomes_of(stores.tx, chunk.channel, chunk.message_ids)
            counts = {outcome_name(*name): number for name, number in outcomes.items()}
            if any(state == "waiting" for _, state, _ in outcomes):
                stores.chunks.save_counts(broadcast_id, chunk.chunk, counts)
            else:
                stores.chunks.close(broadcast_id, chunk.chunk, counts, now)
        if stores.chunks.open_chunks(broadcast_id):
            return
        if broadcast.state is State.RUNNING and broadcast.frozen_to >= broadcast.people:
            stores.broadcasts.save(broadcast_id, state=broadcast.after(Act.FINISH), ended_at=now)
            stores.broadcasts.add_step(broadcast_id, Act.FINISH, now)
            log.info("broadcast finished", broadcast_id=str(broadcast_id), people=broadcast.people)
        stores.broadcasts.save_outcomes(broadcast_id, stores.chunks.counts(broadcast_id))


def slice_after(fitted: int, looked_up: int, *, one_by_one: int) -> int:
    """How many to look up next time: all that may be when nobody had to be looked at one by one, twice as many when all
    fitted, else about as many as did.
    """
    if fitted < looked_up:
        return max(fitted, SMALLEST_SLICE)
    return min(2 * max(looked_up, SMALLEST_SLICE), LARGEST_CROWD) if one_by_one else LARGEST_CROWD


def freeze(
    stores: Stores, broadcast: Broadcast, reaches: Sequence[Reach], together: Collection[str], now: datetime
) -> int:
    """Keep people in chunks, with a message and its deliveries for everybody who is written to alone.

    Returns the number of the last chunk.
    """
    write_apart(stores.tx, broadcast, reaches, together, now)
    number = broadcast.chunks
    for number, chunk in enumerate(chunks_of(reaches), start=broadcast.chunks + 1):
        if chunk.channel is None:
            stores.chunks.add_unreachable(broadcast.broadcast_id, number, chunk, now)
        elif chunk.channel in together:
            version = version_in_use(stores.tx, Kind.BROADCAST, chunk.locale)
            stores.chunks.add_together(broadcast.broadcast_id, number, chunk, version, now)
        else:
            ids = [message_id_of(broadcast.broadcast_id, each.person.id) for each in chunk.members]
            stores.chunks.add_apart(broadcast.broadcast_id, number, chunk, ids, now)
    return number


def freeze_crowd(
    stores: Stores, broadcast: Broadcast, after: int, channel: str, crowd: Crowd, now: datetime
) -> int:
    """The same for people who are reached by one call, and by nothing else. Returns the number of the last chunk."""
    version = version_in_use(stores.tx, Kind.BROADCAST, crowd.locale)
    return stores.chunks.add_crowd(broadcast.broadcast_id, after, channel, crowd, version, now)


def freeze_otherwise(
    stores: Stores, broadcast: Broadcast, failed: LeasedChunk, failure: Failure, now: datetime
) -> None:
    """The people of a chunk that was refused, written to by the channels that they have besides."""
    members = stores.broadcasts.people_at(broadcast.broadcast_id, failed.positions)
    reaches = reaching.reaches_of(stores.tx, members, broadcast.category, now)
    others = reaching.stand_ins_for(stores.tx, reaches, broadcast.category, failed.channel, failure)
    number = freeze(stores, broadcast, others, (), now)
    stores.broadcasts.save_progress(replace(broadcast, chunks=number))


def write_apart(
    tx: Tx, broadcast: Broadcast, reaches: Sequence[Reach], together: Collection[str], now: datetime
) -> None:
    """A message with its deliveries for each who is written to alone, or with the reason for who is not reached."""
    found = [(reach, apart(reach, together)) for reach in reaches]
    written = [(reach, ways) for reach, ways in found if ways or (not reach.ways and reach.reason != UNKNOWN)]
    messages = [message_to(broadcast, reach) for reach, _ in written]
    planned = [
        Planned(tuple(PlannedDelivery(*way) for way in ways), None if ways else NoDelivery(reach.reason))
        for reach, ways in written
    ]
    write_planned(tx, messages, planned, now)


def message_to(broadcast: Broadcast, reach: Reach) -> Message:
    locale = reach.locale
    return Message(
        message_id=message_id_of(broadcast.broadcast_id, reach.person.id),
        event_id=broadcast.broadcast_id,
        kind=Kind.BROADCAST,
        subject_id=broadcast.broadcast_id,
        locale=locale,
        person=reach.person,
        details=details_of(broadcast.text(locale), reach.name),
        own_plan=reaching.plan_of(broadcast.category),
    )
