"""Bring the broker in line with the records of downstream systems."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from mtnet_chassis.broker.downstream import Difference, differences, queues_of_before
from mtnet_chassis.broker.management import Management
from mtnet_chassis.broker.streams import roll_due
from mtnet_chassis.broker.usage import QueueUsage, usage_of
from mtnet_chassis.data.database import Transactions
from mtnet_chassis.telemetry import logger

from accounts.settings import settings
from accounts.subscribers.actions import wanted_on_the_broker
from accounts.subscribers.rules import BrokerAway
from accounts.subscribers.store import BrokerStore, SubscriberStore

log = logger()

# Neither a password nor an address of the broker's management may get into a record.
NO_ANSWER = "The broker's management does not answer."
REFUSED = "The broker's management answered with an error."
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Broker:
    """The records and the broker that is to have what they say; without `management` the one of the settings.

    `messages_in` counts the messages of a queue, and lets empty ones of an earlier release be declared anew.
    """

    transactions: Transactions
    management: Management | None = None
    messages_in: Callable[[str], int] | None = None

    def differences(self) -> list[Difference]:
        """What would be done; nothing is changed. Raises BrokerAway."""
        return self._read()[1]

    def queues_of_before(self) -> list[str]:
        """Which an earlier release declared otherwise. Raises BrokerAway."""
        with self.transactions.transaction() as tx:
            wanted = wanted_on_the_broker(SubscriberStore(tx), datetime.now(UTC))
        return self._asking(lambda management: queues_of_before(management, wanted))

    def misused_by(self) -> list[str]:
        """Systems that declared a queue otherwise than Nameko does. Raises BrokerAway."""
        return sorted({each.misused_by for each in self.differences() if each.misused_by})

    def queues(self, now: datetime) -> dict[str, QueueUsage]:
        """What waits, by system, and how full that makes its queue; the metrics say so, too. Raises BrokerAway."""
        return {each.system: each for each in self._asking(lambda management: usage_of(management, now))}

    def bring_in_line(self, *, only_if_changed: bool = False) -> list[Difference]:
        """Do it. One process at a time: another that is called meanwhile waits, and finds nothing left to do.

        The lock's transaction has changed nothing and holds no row while the broker is spoken to. Raises BrokerAway,
        after having noted why.
        """
        with self.transactions.transaction() as lock:
            BrokerStore(lock).lock()
            if only_if_changed and BrokerStore(lock).state().is_whole:
                return []
            try:
                changed, found = self._read()
                for difference in found:
                    self._asking(partial(_mend, difference))
            except BrokerAway as away:
                with self.transactions.transaction() as tx:
                    BrokerStore(tx).note_failed(str(away), datetime.now(UTC))
                raise
            with self.transactions.transaction() as tx:
                BrokerStore(tx).note_applied(changed, datetime.now(UTC))
        if found:
            log.info("broker brought in line with downstream systems", differences=len(found))
        return found

    def look_after_streams(self, now: datetime) -> None:
        """Close what must not stay for ever. Raises BrokerAway."""
        self._asking(lambda management: roll_due(management, now))

    def _read(self) -> tuple[int, list[Difference]]:
        """The count first: what is changed after it is at worst looked at twice."""
        with self.transactions.transaction() as tx:
            changed = BrokerStore(tx).state().changed
            wanted = wanted_on_the_broker(SubscriberStore(tx), datetime.now(UTC))
        return changed, self._asking(lambda management: differences(management, wanted, self.messages_in))

    def _asking(self, ask: Callable[[Management], Answer]) -> Answer:
        """Raises BrokerAway."""
        try:
            return ask(self.management or _of_settings())
        except OSError as problem:  # of which HTTPError, URLError and TimeoutError are kinds
            answered = getattr(problem, "code", None)
            raise BrokerAway(f"{REFUSED} ({answered})" if answered else NO_ANSWER) from problem


def broker_of(transactions: Transactions) -> Broker | None:
    """None where this service was not told the address of the broker's management: then a command does it."""
    return Broker(transactions) if settings().management_url else None


def _mend(difference: Difference, management: Management) -> None:
    difference.mend()


def _of_settings() -> Management:
    """Raises BrokerAway."""
    told = settings()
    if not told.management_url:
        raise BrokerAway(NO_ANSWER)
    return Management(told.management_url, told.vhost)
