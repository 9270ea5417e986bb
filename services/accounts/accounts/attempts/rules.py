"""How often a secret may be tried, and what a try is that has not been judged yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from accounts.verification.rules import Cooldown, GrowingDelay

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
