"""How often a password may be guessed, and by whom: no stranger locks an owner out, and none guesses without end.

Strangers are limited by name and source together; a name as a whole answers strangers ever more slowly, but never
not at all. A device that its owner proved has a limit of its own, which no stranger can use up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

# A try that was let in and never judged: its process died, or the database was away. It is no wrong password.
UNJUDGED = timedelta(seconds=30)


@dataclass(frozen=True)
class Tally:
    """What is known of the guesses under one key."""

    failures: int = 0
    since: datetime | None = None
    rests_until: datetime | None = None
    pending: tuple[datetime, ...] = ()

    def rests(self, now: datetime) -> bool:
        return self.rests_until is not None and now < self.rests_until

    def begun(self, now: datetime) -> Tally:
        """One more try is let in."""
        return replace(self, pending=(*self.pending, now))

    def ended(self, began: datetime) -> Tally:
        """The try let in at `began` was judged, or given up."""
        left = list(self.pending)
        if began in left:
            left.remove(began)
        return replace(self, pending=tuple(left))

    def cleared(self) -> Tally:
        """Its owner came in."""
        return replace(self, failures=0, since=None, rests_until=None)

    def _without_unjudged(self, now: datetime) -> Tally:
        return replace(self, pending=tuple(began for began in self.pending if now - began < UNJUDGED))


@dataclass(frozen=True)
class Rest:
    """After `most` failures no try is judged for `rest`; older failures than `within` do not count together."""

    most: int
    rest: timedelta
    within: timedelta

    def now(self, tally: Tally, now: datetime) -> Tally:
        """The tally without what is over."""
        tally = tally._without_unjudged(now)
        if tally.rests(now):
            return tally
        if tally.rests_until is not None or (tally.since is not None and now - tally.since >= self.within):
            return tally.cleared()
        return tally

    def admits(self, tally: Tally, now: datetime) -> bool:
        """Tries that are still being judged count as failures: a burst has no more guesses than a row."""
        return not tally.rests(now) and tally.failures + len(tally.pending) < self.most

    def failed(self, tally: Tally, now: datetime) -> Tally:
        """One more failure. Tries during the rest are counted and do not prolong it."""
        failures = tally.failures + 1
        rests_until = tally.rests_until
        if failures >= self.most and rests_until is None:
            rests_until = now + self.rest
        return replace(tally, failures=failures, since=tally.since or now, rests_until=rests_until)


@dataclass(frozen=True)
class Delay:
    """After `free` failures every further one makes the next try wait: a second, twice as long after each `step`
    more, never longer than `longest`. One failure is forgotten every `forgets`."""

    free: int
    step: int
    longest: timedelta
    forgets: timedelta

    def now(self, tally: Tally, now: datetime) -> Tally:
        tally = tally._without_unjudged(now)
        if tally.since is None:
            return tally
        forgotten = min(tally.failures, (now - tally.since) // self.forgets)
        if forgotten < 1:
            return tally
        left = tally.failures - forgotten
        return replace(tally, failures=left, since=tally.since + forgotten * self.forgets if left else None)

    def admits(self, tally: Tally, now: datetime) -> bool:
        """One at a time, once tries have to wait."""
        if tally.rests(now):
            return False
        return not tally.pending or tally.failures + len(tally.pending) < self.free

    def failed(self, tally: Tally, now: datetime) -> Tally:
        failures = tally.failures + 1
        rests_until = now + self.wait(failures) if failures >= self.free else tally.rests_until
        return replace(tally, failures=failures, since=tally.since or now, rests_until=rests_until)

    def wait(self, failures: int) -> timedelta:
        """How long the next try waits after so many failures."""
        if failures < self.free:
            return timedelta(0)
        doubled = min((failures - self.free) // self.step, 30)
        return min(timedelta(seconds=2**doubled), self.longest)


MOST_OF_ONE = 5
PAIR, DEVICE, NAME, SOURCE = "pair", "device", "name", "source"
# 資通系統防護基準: five failures, fifteen minutes. It holds for who fails, not for whose name is typed.
LIMITS: dict[str, Rest | Delay] = {
    NAME: Delay(free=20, step=5, longest=timedelta(minutes=15), forgets=timedelta(minutes=15)),
    PAIR: Rest(most=MOST_OF_ONE, rest=timedelta(minutes=15), within=timedelta(days=1)),
    DEVICE: Rest(most=MOST_OF_ONE, rest=timedelta(minutes=15), within=timedelta(days=1)),
    SOURCE: Rest(most=100, rest=timedelta(minutes=15), within=timedelta(hours=1)),
}
# How many account names may be asked for: by one application, and from one source.
NAMES_ASKED: dict[str, Rest] = {
    "names-application": Rest(most=20, rest=timedelta(hours=1), within=timedelta(hours=1)),
    "names-source": Rest(most=60, rest=timedelta(minutes=15), within=timedelta(hours=1)),
}
