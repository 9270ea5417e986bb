"""Two text message companies: each gets its share, and one that is away leaves its messages to the other."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any
from uuid import UUID

from mtnet_chassis.telemetry import logger

from notify.channels.rules import Deferral, Doubt, Outage, Refusal
from notify.channels.sms.providers import SmsProvider
from notify.channels.sms.rules import Share, order

log = logger()


@dataclass
class Shares:
    """What the connections of one process know of the companies; the senders exchange it with other processes."""

    by_name: dict[str, Share]
    lock: Lock = field(default_factory=Lock)
    # Found out here, and not told to other processes yet.
    changed: set[str] = field(default_factory=set)

    def order(self, now: datetime, point: float) -> list[str]:
        with self.lock:
            return [share.name for share in order(list(self.by_name.values()), now, point)]

    def answered(self, name: str, now: datetime) -> None:
        if self._keep(name, lambda share: share.after_acceptance(now)).is_lost:
            log.warning("SMS provider gets its share back", provider=name)

    def was_away(self, name: str, now: datetime) -> None:
        before = self._keep(name, lambda share: share.after_outage(now))
        if self.by_name[name].is_lost and not before.is_lost:
            log.error("SMS provider loses its share", provider=name)

    def adopt(self, known: Mapping[str, Any]) -> None:
        """What other processes know, but of those about which there is news here."""
        with self.lock:
            for name in self.by_name.keys() - self.changed:
                self.by_name[name] = self.by_name[name].as_known(known.get(name, {}))

    def found_out(self) -> dict[str, Any]:
        with self.lock:
            news = {name: self.by_name[name].known() for name in self.changed}
            self.changed.clear()
        return news

    def _keep(self, name: str, change: Callable[[Share], Share]) -> Share:
        """Returns what it was before."""
        with self.lock:
            before = self.by_name[name]
            self.by_name[name] = change(before)
            if self.by_name[name] != before:
                self.changed.add(name)
        return before


@dataclass
class Failover:
    """Hands a message to the first provider that takes it.

    One whose answer was lost may have taken it: then it is tried again later, and goes to the same provider as long as
    that keeps its share. Once it has lost it, a message whose answer was lost may arrive twice.
    """

    providers: Mapping[str, SmsProvider]
    shares: Shares
    clock: Callable[[], datetime]

    def send(self, delivery_id: UUID, recipient: str, text: str) -> str:
        """Raises Refusal, Deferral, Doubt, Outage."""
        away: Outage | None = None
        for name in self._order(delivery_id):
            try:
                answer = self.providers[name].send(delivery_id, recipient, text)
            except Outage as problem:
                self.shares.was_away(name, self.clock())
                if not problem.not_taken:
                    raise
                away = away or Outage(f"{name}: {problem.detail}")
                continue
            except (Refusal, Deferral, Doubt):
                self.shares.answered(name, self.clock())
                raise
            self.shares.answered(name, self.clock())
            return f"{name}: {answer}"
        raise away or Outage("no provider")

    def close(self) -> None:
        for provider in self.providers.values():
            provider.close()

    def _order(self, delivery_id: UUID) -> Sequence[str]:
        return self.shares.order(self.clock(), (delivery_id.int % 10_000) / 10_000)
