"""How often a secret may be tried, how long whoever fails has to wait, and what a try is that is not judged yet."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

# Limits on guessing: failures are counted by a key, such as a name, a source or a device

# After this time a try that was admitted and never judged (its process died) is no longer counted.
UNJUDGED = timedelta(seconds=30)


@dataclass(frozen=True)
class Tally:
    """What is known of the guesses under one key."""

    failures: int = 0
    since: datetime | None = None
    blocked_until: datetime | None = None
    pending: tuple[datetime, ...] = ()

    def is_blocked(self, now: datetime) -> bool:
        return self.blocked_until is not None and now < self.blocked_until

    def begun(self, now: datetime) -> Tally:
        """One more try is admitted."""
        return replace(self, pending=(*self.pending, now))

    def ended(self, began: datetime) -> Tally:
        """The try admitted at `began` was judged, or given up."""
        left = list(self.pending)
        if began in left:
            left.remove(began)
        return replace(self, pending=tuple(left))

    def cleared(self) -> Tally:
        """The owner logged in."""
        return replace(self, failures=0, since=None, blocked_until=None)

    def _without_unjudged(self, now: datetime) -> Tally:
        return replace(self, pending=tuple(began for began in self.pending if now - began < UNJUDGED))


@dataclass(frozen=True)
class Cooldown:
    """After `most` failures no try is judged for `cooldown`; failures further apart than `within` do not add up."""

    most: int
    cooldown: timedelta
    within: timedelta

    def now(self, tally: Tally, now: datetime) -> Tally:
        """The tally without what is over."""
        tally = tally._without_unjudged(now)
        if tally.is_blocked(now):
            return tally
        if tally.blocked_until is not None or (tally.since is not None and now - tally.since >= self.within):
            return tally.cleared()
        return tally

    def admits(self, tally: Tally, now: datetime) -> bool:
        """Tries that are still being judged count as failures, so a burst has no more guesses than tries one by one."""
        return not tally.is_blocked(now) and tally.failures + len(tally.pending) < self.most

    def failed(self, tally: Tally, now: datetime) -> Tally:
        """One more failure. Tries during the cooldown are counted and do not prolong it."""
        failures = tally.failures + 1
        blocked_until = tally.blocked_until
        if failures >= self.most and blocked_until is None:
            blocked_until = now + self.cooldown
        return replace(tally, failures=failures, since=tally.since or now, blocked_until=blocked_until)


@dataclass(frozen=True)
class GrowingDelay:
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
        if tally.is_blocked(now):
            return False
        return not tally.pending or tally.failures + len(tally.pending) < self.free

    def failed(self, tally: Tally, now: datetime) -> Tally:
        failures = tally.failures + 1
        blocked_until = now + self.wait(failures) if failures >= self.free else tally.blocked_until
        return replace(tally, failures=failures, since=tally.since or now, blocked_until=blocked_until)

    def wait(self, failures: int) -> timedelta:
        """How long the next try waits after so many failures."""
        if failures < self.free:
            return timedelta(0)
        doubled = min((failures - self.free) // self.step, 30)
        return min(timedelta(seconds=2**doubled), self.longest)


# The limits of a login

MOST_OF_ONE = 5
PAIR, DEVICE, NAME, SOURCE = "pair", "device", "name", "source"
# 資通系統防護基準: five failures, fifteen minutes. It holds for who fails, not for whose name is typed: strangers are
# limited by name and source together (PAIR), by name over all sources (only ever more slowly, so that no stranger locks
# the owner out), and by source. A device that the owner has verified has a limit of its own.
LIMITS: dict[str, Cooldown | GrowingDelay] = {
    NAME: GrowingDelay(free=20, step=5, longest=timedelta(minutes=15), forgets=timedelta(minutes=15)),
    PAIR: Cooldown(most=MOST_OF_ONE, cooldown=timedelta(minutes=15), within=timedelta(days=1)),
    DEVICE: Cooldown(most=MOST_OF_ONE, cooldown=timedelta(minutes=15), within=timedelta(days=1)),
    SOURCE: Cooldown(most=100, cooldown=timedelta(minutes=15), within=timedelta(hours=1)),
}


class Owner(Protocol):
    """Whose password is tried: an account, as far as attempts know of it."""

    @property
    def account_id(self) -> UUID: ...

    @property
    def password_hash(self) -> str | None: ...


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A try that is being judged. It counts from the beginning, so that a burst of tries has no more guesses.

    `keys` say under what it is counted, by kind. `suspended`: it fails whatever the password is, and is no guess.
    `first_suspended`: the first such attempt since the last one that was judged.
    """

    name_index: bytes
    account_id: UUID | None
    password_hash: str | None
    suspended: bool
    began: datetime
    keys: dict[str, bytes] = field(default_factory=dict)
    first_suspended: bool = False
