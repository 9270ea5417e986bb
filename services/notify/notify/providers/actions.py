"""What can be done with providers: share what is known of them, wake processes, count what became of deliveries."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from mtnet_chassis.data.database import Tx
from mtnet_contracts.vocabulary.dates import taipei_day

from notify.providers.rules import (
    CircuitBreaker,
    Counted,
    Figure,
    NotPaused,
    PausedAlready,
    RateLimit,
    delay_of,
    hour_of,
)
from notify.providers.store import ProviderStore


def breaker(tx: Tx, channel: str, *, hold: bool = False) -> CircuitBreaker | None:
    """What all processes know together. `hold`: nobody else changes it until the transaction ends."""
    return ProviderStore(tx).breaker(channel, hold=hold)


def keep_breaker(tx: Tx, channel: str, breaker: CircuitBreaker, answer: str) -> None:
    ProviderStore(tx).keep_breaker(channel, breaker, answer)


def is_paused(tx: Tx, channel: str) -> bool:
    """Whether an operator has stopped everything that goes to this provider."""
    return ProviderStore(tx).is_paused(channel)


def pause(tx: Tx, channel: str, by: str, reason: str, now: datetime) -> None:
    """At all processes, from their next look at the queue on. Raises PausedAlready."""
    if not ProviderStore(tx).pause(channel, by, reason, now):
        raise PausedAlready(channel)


def resume(tx: Tx, channel: str) -> None:
    """All processes go on at once. Raises NotPaused."""
    store = ProviderStore(tx)
    if not store.resume(channel):
        raise NotPaused(channel)
    store.wake([(channel, True)], "")


def known_of(tx: Tx, channel: str) -> Mapping[str, Any]:
    """What all processes know of the several providers of a channel."""
    return ProviderStore(tx).known_of(channel)


def keep_known(tx: Tx, channel: str, news: Mapping[str, Any]) -> None:
    """Of each provider that is named, what is known of it from now on."""
    ProviderStore(tx).keep_known(channel, news)


def reserve(tx: Tx, channel: str, limit: RateLimit, count: int) -> float:
    """Take the next places in the pace of all processes. Returns the seconds until the first of them."""
    return ProviderStore(tx).reserve(channel, limit, count)


def wake_processes(tx: Tx, work: Iterable[tuple[str, bool]], process: str = "") -> None:
    """After the commit: which channels have work, and whether it is urgent. `process` knows already."""
    ProviderStore(tx).wake(work, process)


def figure(channel: str, kind: str, outcome: Counted, due_at: datetime, at: datetime) -> Figure:
    """`due_at`: since when it could have gone out."""
    delay = delay_of((at - due_at).total_seconds())
    return Figure(taipei_day(at), channel, kind, outcome, delay, hour_of(at))


def count(tx: Tx, figures: Iterable[Figure], shard: int) -> None:
    """In the transaction of the outcomes. `shard`: any number, the same for one writer."""
    if counted := Counter(figures):
        ProviderStore(tx).count(counted, shard)
