"""Watching over what senders have in hand: nothing stays with one that is dead, or that does not know of it."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Transactions
from mtnet_chassis.data.presence import Absentees
from mtnet_chassis.telemetry import logger

from notify.actions.recording import MESSAGE_AGE_SECONDS
from notify.actions.sending import Sender
from notify.store import Store

# The advisory locks of senders: 'noti' in ASCII.
LOCK_SPACE = 0x6E6F7469
# A lease whose answer was lost with its connection belongs to a sender that never heard of it. By then the
# connection's own time-outs (20 s) have told the sender.
ORPHAN_SECONDS = 30.0

log = logger()


class Watch:
    """One a process; looks every second."""

    def __init__(
        self,
        database: Transactions,
        senders: Sequence[Sender],
        clock: Callable[[], datetime],
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._senders = senders
        self._clock = clock
        self._elapsed = elapsed
        self._absentees = Absentees(LOCK_SPACE, clock=elapsed)
        self._orphans: dict[tuple[UUID, str], float] = {}

    def look(self, own_id: UUID) -> int:
        """Give back what nobody has in hand; says how many. Raises psycopg.Error."""
        with self._database.transaction() as tx:
            store, now = Store(tx), self._clock()
            holders = store.senders()
            released = 0
            for dead in self._absentees.dead(tx, (each for each in holders if each != own_id)):
                count = store.release(dead, now)
                log.warning("deliveries of a dead sender given back", sender_id=str(dead), deliveries=count)
                released += count
            for message_id, channel in self._own_orphans(store, own_id) if own_id in holders else ():
                store.release_one(own_id, message_id, channel, now)
                log.warning("delivery that nobody has in hand given back", message_id=str(message_id))
                released += 1
        return released

    def measure(self) -> None:
        """How old the oldest due message of each channel is. Raises psycopg.Error."""
        now = self._clock()
        for channel in {sender.outlet.channel for sender in self._senders}:
            with self._database.transaction() as tx:
                since = Store(tx).waiting_since(channel, now)
            MESSAGE_AGE_SECONDS.labels(channel).set((now - since).total_seconds() if since else 0)

    def _own_orphans(self, store: Store, own_id: UUID) -> list[tuple[UUID, str]]:
        """Ours by the table, but in no sender's hand for so long."""
        in_hand = {each for sender in self._senders for each in sender.in_hand()}
        now = self._elapsed()
        lost = store.in_hand_of(own_id) - in_hand
        self._orphans = {each: self._orphans.get(each, now) for each in lost}
        return [each for each, since in self._orphans.items() if now - since >= ORPHAN_SECONDS]
