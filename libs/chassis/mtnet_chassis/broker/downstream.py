"""What a downstream system has on the broker, compared with what is there, and the difference made good.

A system has one queue with the events that it was granted, its dead letters, an exchange of its own through which it
puts a dead letter back, and a user for each of its secrets. Such a user may read the two queues and the streams of
events that it was granted, and write to that exchange; it may declare nothing (docs/subscribe.md), but for the queues
of a Nameko service, where an operator allows these (nameko_queues.py).

    accounts.announced ─ AccountActivated ─▶ downstream.vessels ─ rejected or returned often ─▶ downstream.vessels.dead
                                                  ▲                                                    │
                                                  └── the system itself, over downstream.vessels.back ─┘

Nothing that a user may read has the name of something that it may write to: with both it could make bindings without
end (the broker asks for the right to write to a queue and to read an exchange, by name alone).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from mtnet_chassis.broker import nameko_queues
from mtnet_chassis.broker.downstream_found import OF_DOWNSTREAM, Difference, Found, MadeBinding
from mtnet_chassis.broker.downstream_system import (
    Credential,
    DownstreamSystem,
    hashed,
    is_password_of,
    permission_of,
)
from mtnet_chassis.broker.downstream_users import MOST_CHANNELS, MOST_CONNECTIONS, removed_users, users
from mtnet_chassis.broker.management import Management
from mtnet_chassis.broker.streams import stream_binding
from mtnet_chassis.broker.topology import QUORUM, Binding, Exchange, Policy, Queue, announced_exchange

# What others know of it.
__all__ = [
    "LIMITS",
    "MOST_BYTES",
    "MOST_CHANNELS",
    "MOST_CONNECTIONS",
    "MOST_DAYS",
    "MOST_MESSAGES",
    "OF_DOWNSTREAM",
    "Credential",
    "Difference",
    "DownstreamSystem",
    "bindings_of",
    "differences",
    "hashed",
    "is_password_of",
    "permission_of",
    "queues_of",
    "queues_of_before",
]

DEAD_KEY = "dead"
# A system that returns a message for ever must not keep the broker busy with it. Each connection that ends counts, too,
# so the number is high; what became a dead letter by it, the system puts back itself.
MOST_RETURNS = 1_000
# A system that is away must not fill the broker: the oldest go first. A queue that refused would hold up the relay,
# and with it everybody else.
MOST_MESSAGES = 1_000_000
MOST_BYTES = 1 << 30
MOST_DAYS = 35


def queues_of(system: DownstreamSystem) -> tuple[Queue, Queue]:
    """The live queue and its dead letters. One consumer at a time gets messages, so that their order holds; a second
    one stands by."""
    own = system.queue
    live = Queue(
        own,
        (
            QUORUM,
            ("x-delivery-limit", MOST_RETURNS),
            ("x-single-active-consumer", True),
            ("x-dead-letter-exchange", ""),
            ("x-dead-letter-routing-key", f"{own}.dead"),
        ),
    )
    return live, Queue(f"{own}.dead", (QUORUM,))


def bindings_of(system: DownstreamSystem) -> frozenset[Binding]:
    own = system.queue
    return frozenset(
        {
            Binding(system.back, own, own),
            *(Binding(announced_exchange(source), own, event) for source, event in system.events),
        }
    )


def _old_binding(system: DownstreamSystem) -> Binding:
    """Of queues of before: their dead letters went over an exchange of their own name, and a queue never changes."""
    return Binding(system.queue, f"{system.queue}.dead", DEAD_KEY)


def _wanted_bindings(found: Found, wanted: list[DownstreamSystem]) -> set[Binding]:
    old = {_old_binding(system) for system in wanted if found.has_old_dead_letters(system.queue)}
    return old.union(*(bindings_of(system) for system in wanted))


LIMITS = Policy(
    "downstream",
    r"^(downstream\.[a-z0-9-]+(\.dead)?|evt-.*)$",
    (
        ("max-length", MOST_MESSAGES),
        ("max-length-bytes", MOST_BYTES),
        ("message-ttl", MOST_DAYS * 24 * 3600 * 1000),
        ("overflow", "drop-head"),
    ),
)


def differences(
    management: Management,
    systems: Iterable[DownstreamSystem],
    messages_in: Callable[[str], int] | None = None,
) -> list[Difference]:
    """What must be done so that the broker has exactly this for downstream systems, in the order to do it in.

    Nothing is changed yet. What belongs to services is not looked at. With `messages_in`, which counts those of a queue
    at this moment, an empty queue of an earlier release is declared anew while nobody is connected.
    """
    wanted = list(systems)
    found = Found(management)
    return [
        *_limits(management),
        *removed_users(management, found, wanted),
        *_remade_queues(management, found, wanted, messages_in),
        *_places(management, found, wanted),
        *_added_bindings(management, found, wanted),
        *_kept_events(management, found, wanted),
        *_removed_bindings(management, found, wanted),
        *users(management, found, wanted),
        *_removed_made_bindings(management, found, wanted),
        *_removed_places(management, found, wanted),
    ]


def queues_of_before(management: Management, systems: Iterable[DownstreamSystem]) -> list[str]:
    """Those that lead their dead letters as an earlier release declared it."""
    found = Found(management)
    return [system.queue for system in systems if found.has_old_dead_letters(system.queue)]


def _remade_queues(
    management: Management,
    found: Found,
    wanted: list[DownstreamSystem],
    messages_in: Callable[[str], int] | None,
) -> Iterable[Difference]:
    """Where nothing can be lost by it: neither in the queue nor on the way to it. The rest of the differences adds them
    as all others are. The count in the management API is seconds old, and a look by it is refused by these queues."""
    old = [system.queue for system in wanted if found.has_old_dead_letters(system.queue)]
    if messages_in is None or not old or management.somebody_is_connected():
        return
    for queue in old:
        if not messages_in(queue):
            found.forget_queue(queue)
            yield Difference(
                f"remove queue {queue}, which is empty and leads its dead letters as before",
                _deleted(management, f"/queues/{management.vhost}/{quote(queue, safe='')}"),
            )


def _limits(management: Management) -> list[Difference]:
    rule = {"pattern": LIMITS.pattern, "definition": dict(LIMITS.definition), "apply-to": "queues"}
    found = {each["name"]: each for each in management.call("GET", f"/policies/{management.vhost}")}
    present = found.get(LIMITS.name, {})
    # A limit that an operator has changed by a policy of higher priority stands beside this one.
    if {name: present.get(name) for name in rule} == rule:
        return []
    path = f"/policies/{management.vhost}/{LIMITS.name}"
    return [Difference("limits of the queues", lambda: management.call("PUT", path, rule))]


def _places(management: Management, found: Found, wanted: list[DownstreamSystem]) -> Iterable[Difference]:
    for system in wanted:
        if system.back not in found.exchanges:
            yield _declared(management, "exchange", Exchange(system.back, "direct"))
        for queue in queues_of(system):
            if queue.name not in found.queues:
                yield _declared(management, "queue", queue)


def _declared(management: Management, kind: str, thing: Exchange | Queue) -> Difference:
    path = f"/{kind}s/{management.vhost}/{quote(thing.name, safe='')}"
    body: dict[str, Any] = {"durable": True, "arguments": dict(thing.arguments)}
    if isinstance(thing, Exchange):
        body["type"] = thing.type
    return Difference(f"add {kind} {thing.name}", lambda: management.call("PUT", path, body))


def _added_bindings(
    management: Management, found: Found, wanted: list[DownstreamSystem]
) -> Iterable[Difference]:
    for system in wanted:
        for binding in sorted(bindings_of(system) - found.bindings):
            yield Difference(
                f"let {binding.queue} have {binding.routing_key} of {binding.exchange}",
                _binding(management, binding, "POST"),
            )


def _kept_events(
    management: Management, found: Found, wanted: list[DownstreamSystem]
) -> Iterable[Difference]:
    """From the first grant on, an event is kept in its stream, and stays so when the grant ends: the next one who is
    granted it wants its past."""
    granted = {stream_binding(source, event) for system in wanted for source, event in system.events}
    for binding in sorted(granted - found.kept):
        if binding.queue in found.streams:
            yield Difference(
                f"keep {binding.routing_key} of {binding.exchange} in its stream",
                _binding(management, binding, "POST"),
            )


def _removed_bindings(
    management: Management, found: Found, wanted: list[DownstreamSystem]
) -> Iterable[Difference]:
    for binding in sorted(found.bindings - _wanted_bindings(found, wanted)):
        yield Difference(
            f"let {binding.queue} have {binding.routing_key} of {binding.exchange} no longer",
            _binding(management, binding, "DELETE"),
        )


def _removed_made_bindings(
    management: Management, found: Found, wanted: list[DownstreamSystem]
) -> Iterable[Difference]:
    """What a Nameko service bound by itself, but for each queue to its own event: another one would go on arriving when
    its grant has ended. After the rights are set, so that it is not bound again meanwhile."""
    allowed = {
        (f"{source}.events", nameko_queues.queue_for(system.name, system.nameko_method, source, event), event)
        for system in wanted
        if system.nameko_method is not None
        for source, event in system.events
    }
    for made in sorted(found.made):
        named = (made.exchange, made.name, made.routing_key)
        if made.kind == "exchange" or made.has_arguments or named not in allowed:
            yield Difference(
                f"let {made.kind} {made.name} have {made.routing_key} of {made.exchange} no longer",
                _unbound(management, made),
            )


def _unbound(management: Management, made: MadeBinding) -> Callable[[], object]:
    names = [quote(each, safe="") for each in (made.exchange, made.name, made.key_in_path)]
    path = f"/bindings/{management.vhost}/e/{names[0]}/{made.kind[0]}/{names[1]}/{names[2]}"
    return lambda: management.call("DELETE", path)


def _binding(management: Management, binding: Binding, method: str) -> Callable[[], object]:
    base = (
        f"/bindings/{management.vhost}/e/{quote(binding.exchange, safe='')}/q/{quote(binding.queue, safe='')}"
    )
    if method == "POST":
        return lambda: management.call("POST", base, {"routing_key": binding.routing_key})
    return lambda: management.call("DELETE", f"{base}/{quote(binding.routing_key or '~', safe='')}")


def _removed_places(
    management: Management, found: Found, wanted: list[DownstreamSystem]
) -> Iterable[Difference]:
    queues = {queue.name for system in wanted for queue in queues_of(system)}
    queues |= {queue for system in wanted for queue in system.nameko_queues}
    exchanges = {system.back for system in wanted}
    exchanges |= {system.queue for system in wanted if found.has_old_dead_letters(system.queue)}
    for name in sorted(found.queues.keys() - queues):
        path = f"/queues/{management.vhost}/{quote(name, safe='')}"
        yield Difference(
            f"remove queue {name} and its {found.queues[name]} messages", _deleted(management, path)
        )
    for system in wanted:
        # An argument goes before a policy: a queue that refuses when it is full would make the relay wait.
        for name in system.nameko_queues:
            if found.arguments.get(name):
                path = f"/queues/{management.vhost}/{quote(name, safe='')}"
                yield Difference(
                    f"remove queue {name}, which is not as Nameko declares it",
                    _deleted(management, path),
                    misused_by=system.name,
                )
    for name in sorted(found.exchanges - exchanges):
        path = f"/exchanges/{management.vhost}/{quote(name, safe='')}"
        yield Difference(f"remove exchange {name}", _deleted(management, path))


def _deleted(management: Management, path: str) -> Callable[[], object]:
    return lambda: management.call("DELETE", path)
