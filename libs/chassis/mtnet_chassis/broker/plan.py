"""What each process needs from the broker; what a service needs is read from its code (runtime/services.py)."""

from __future__ import annotations

from dataclasses import dataclass

from mtnet_contracts.event import Event

RESERVED = frozenset({"announced", "events", "retried", "retry", "dead", "outbox"})


@dataclass(frozen=True)
class Group:
    """A group of event handlers of a service, which share a queue."""

    service: str
    name: str
    ordered: bool
    contracts: frozenset[type[Event]]

    def __post_init__(self) -> None:
        """Raises ValueError for a name that means something else on the broker or to operators."""
        if self.name in RESERVED:
            raise ValueError(f"{self.service}: a group cannot be called {self.name}")

    @property
    def queue(self) -> str:
        return f"{self.service}.{self.name}"


@dataclass(frozen=True)
class ServicePlan:
    """What a service needs from the broker. `reads_downstream`: it reads queues of downstream systems for them."""

    name: str
    groups: tuple[Group, ...]
    answers_calls: bool
    reads_downstream: bool = False


@dataclass(frozen=True)
class CallerPlan:
    """What a process needs that only calls services: reply queues (`<name>-replies-…`), which it may also bind to the
    events of the services that it `hears`."""

    name: str
    hears: tuple[str, ...] = ()

    @property
    def reply_queues(self) -> str:
        """How the names of its own queues begin."""
        return f"{self.name}-replies-"
