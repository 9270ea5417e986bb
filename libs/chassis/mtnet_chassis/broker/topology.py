"""Everything that exists on the broker, derived from the plans of services and callers.

`mtnet topology apply` declares it before anything is sent; services have no right to declare. An ordered group is bound
to every event of the aggregates it listens to, wanted or not, because a gap in the sequence means that something is
still to come: the inbox skips what no handler wants and moves the position on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import mtnet_contracts.events  # noqa: F401 - fills the catalogue
from mtnet_contracts.event import Event, catalogue

from mtnet_chassis.broker.plan import CallerPlan, Group, ServicePlan

# The delays between attempts. Each is a queue of the service with a time to live; after it, a message goes back to the
# queue whose name is its routing key.
RETRY_SCHEDULE = (("5s", 5), ("30s", 30), ("2m", 120), ("10m", 600), ("1h", 3600))
# Where the broker itself puts what it has delivered too often.
DEAD = "dead"

RPC_EXCHANGE = "nameko-rpc"
UNROUTED = "unrouted"
# Where events go that are announced for downstream systems only. Nothing is bound to it: an event for which no
# downstream system has bound a queue is dropped here, so that `unrouted` holds only what should have reached somebody.
FOR_DOWNSTREAM = "for-downstream"
# A call must not be done when its caller has given up long ago.
RPC_TTL_MILLISECONDS = 15_000
UNROUTED_TTL_MILLISECONDS = 7 * 24 * 3600 * 1000
# A quorum queue counts every return of a message, even when a connection was merely closed or an operator looked at
# it; RabbitMQ from 4.0 on drops it after 20 by default. So the broker's count says nothing about a message, and
# services count by themselves (events/attempts.py, events/retries.py). Only 4.x can be told "no limit", all can be told
# a high one. Where an argument and a policy both set a limit, the lower one counts.
NEVER = 1_000_000_000


@dataclass(frozen=True)
class Exchange:
    name: str
    type: str
    arguments: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Queue:
    name: str
    arguments: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, order=True)
class Binding:
    """From an exchange to a queue, or with `to_exchange` to another exchange of that name."""

    exchange: str
    queue: str
    routing_key: str
    to_exchange: bool = False


@dataclass(frozen=True)
class Policy:
    """What the broker applies to queues by name; unlike an argument it also changes existing queues."""

    name: str
    pattern: str
    definition: tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Topology:
    exchanges: tuple[Exchange, ...]
    queues: tuple[Queue, ...]
    bindings: frozenset[Binding]
    policies: tuple[Policy, ...] = ()
    # How the names of queues and exchanges begin that come and go by themselves, or by another command.
    passing: tuple[str, ...] = ("amq.",)


@dataclass(frozen=True)
class Permission:
    """RabbitMQ's three regular expressions for one user on the vhost."""

    user: str
    configure: str
    write: str
    read: str = field(default="^$")


QUORUM = ("x-queue-type", "quorum")
STREAM = ("x-queue-type", "stream")
# Looking at a message returns it. `dead-letters.history` is what releases before migration 0011 left behind.
KEEP_LETTERS = Policy(
    "keep-letters", rf"^(.+\.dead|{UNROUTED}|dead-letters\.history)$", (("delivery-limit", NEVER),)
)


def topology_of(
    plans: Iterable[ServicePlan],
    events: Iterable[type[Event]] | None = None,
    *,
    callers: Iterable[CallerPlan] = (),
) -> Topology:
    """The exchanges, queues and bindings for these services; `events` is the catalogue."""
    plans = list(plans)
    known = list(events if events is not None else catalogue())
    exchanges = [
        Exchange(RPC_EXCHANGE, "topic"),
        Exchange(UNROUTED, "fanout"),
        Exchange(DEAD, "direct"),
        Exchange(FOR_DOWNSTREAM, "fanout"),
    ]
    queues = [Queue(UNROUTED, (QUORUM, ("x-message-ttl", UNROUTED_TTL_MILLISECONDS)))]
    bindings = {Binding(UNROUTED, UNROUTED, "")}
    sources = {plan.name for plan in plans}
    sources |= {contract.source for plan in plans for group in plan.groups for contract in group.contracts}
    for source in sorted(sources):
        events_exchange = f"{source}.events"
        # The alternate one is for the moment before the binding is there.
        announced = Exchange(announced_exchange(source), "topic", (("alternate-exchange", events_exchange),))
        exchanges += [announced, Exchange(events_exchange, "topic", (("alternate-exchange", UNROUTED),))]
        bindings.add(Binding(announced.name, events_exchange, "#", to_exchange=True))
        bindings |= {
            Binding(events_exchange, FOR_DOWNSTREAM, event.event_name(), to_exchange=True)
            for event in known
            if event.source == source and not event.needs_subscriber
        }
    for plan in plans:
        if plan.answers_calls:
            queues.append(Queue(f"rpc-{plan.name}", (("x-message-ttl", RPC_TTL_MILLISECONDS),)))
            bindings.add(Binding(RPC_EXCHANGE, f"rpc-{plan.name}", f"{plan.name}.*"))
        if plan.groups:
            exchanges.append(Exchange(dead_exchange(plan.name), "direct"))
            exchanges.append(
                Exchange(retried_exchange(plan.name), "direct", (("alternate-exchange", UNROUTED),))
            )
        for delay, seconds in RETRY_SCHEDULE if plan.groups else ():
            name = retry_exchange(plan.name, delay)
            exchanges.append(Exchange(name, "fanout"))
            queues.append(retry_queue(plan.name, delay, seconds))
            bindings.add(Binding(name, name, ""))
        for group in plan.groups:
            queues += [group_queue(group), Queue(f"{group.queue}.dead", (QUORUM,))]
            # The broker dead-letters through the first, the service through its own.
            for exchange in (DEAD, dead_exchange(plan.name)):
                bindings.add(Binding(exchange, f"{group.queue}.dead", group.queue))
            bindings.add(Binding(retried_exchange(plan.name), group.queue, group.queue))
            for event in bound_events(group, known):
                bindings.add(Binding(f"{event.source}.events", group.queue, event.event_name()))
    passing = ("amq.", "downstream.", "evt-", *(caller.reply_queues for caller in callers))
    return Topology(tuple(exchanges), tuple(queues), frozenset(bindings), (KEEP_LETTERS,), passing)


def announced_exchange(service: str) -> str:
    """Where a service's relay sends its events. Streams and downstream systems hang on it, services on `<name>.events`
    behind it: an event that reaches none of these is an alarm, whoever else has it."""
    return f"{service}.announced"


def retry_exchange(service: str, delay: str) -> str:
    """Exchange and queue of one delay. Each service has its own: one that all may write to would let each of them put
    a message into the queue of any other (docs/adr/0003)."""
    return f"{service}.retry.{delay}"


def dead_exchange(service: str) -> str:
    return f"{service}.dead"


def retried_exchange(service: str) -> str:
    """The exchange through which a service's messages come back after their delay. Only its own queues are bound to it,
    so that what it delays can never reach the queue of another service."""
    return f"{service}.retried"


def retry_queue(service: str, delay: str, seconds: int) -> Queue:
    return Queue(
        retry_exchange(service, delay),
        (
            QUORUM,
            ("x-message-ttl", seconds * 1000),
            ("x-dead-letter-exchange", retried_exchange(service)),
            ("x-dead-letter-strategy", "at-least-once"),
            ("x-overflow", "reject-publish"),
        ),
    )


def group_queue(group: Group) -> Queue:
    return Queue(
        group.queue,
        (
            QUORUM,
            ("x-delivery-limit", NEVER),
            ("x-dead-letter-exchange", DEAD),
            ("x-dead-letter-routing-key", group.queue),
            ("x-dead-letter-strategy", "at-least-once"),
            ("x-overflow", "reject-publish"),
        ),
    )


def bound_events(group: Group, known: Iterable[type[Event]]) -> list[type[Event]]:
    """What a group's queue receives: its own events, and when ordered all others of their aggregates."""
    if not group.ordered:
        return sorted(group.contracts, key=lambda e: (e.source, e.event_name()))
    streams = {(contract.source, contract.aggregate) for contract in group.contracts}
    every = set(known) | group.contracts
    return sorted(
        (e for e in every if (e.source, e.aggregate) in streams), key=lambda e: (e.source, e.event_name())
    )


def permissions_of(plans: Iterable[ServicePlan], callers: Iterable[CallerPlan] = ()) -> list[Permission]:
    """The least that each broker user needs. A service reads its own queues, and writes its own events, retries and
    dead letters, and replies. A caller has its own reply queues, and hears the events it says.

    Nobody may declare anything but a caller its own queues.
    """
    found = []
    for plan in plans:
        own = re.escape(plan.name)
        read = [rf"{own}\.[^.]+", rf"rpc-{own}"]
        if plan.reads_downstream:
            read.append(r"downstream\.[a-z0-9-]+")
        found.append(
            Permission(
                user=plan.name,
                configure="^$",
                # To `events` itself sends a relay of the release before, as long as one runs.
                write=rf"^({own}\.(announced|events|retry\.[^.]+|dead)|{RPC_EXCHANGE})$",
                read=f"^({'|'.join(read)})$",
            )
        )
    for caller in callers:
        own = f"{caller.reply_queues}.*"
        hears = [rf"{re.escape(service)}\.events" for service in caller.hears]
        found.append(
            Permission(
                user=caller.name,
                configure=f"^{own}$",
                write=f"^({own}|{RPC_EXCHANGE})$",
                read=f"^({'|'.join([own, RPC_EXCHANGE, *hears])})$",
            )
        )
    return found
