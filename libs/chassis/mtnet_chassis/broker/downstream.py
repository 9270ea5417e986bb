"""What a downstream system has on the broker, compared with what is there, and the difference made good.

A system has one queue with the events that it was granted, its dead letters, an exchange of its own through which it
puts a dead letter back, and a user for each of its secrets. Such a user may read the two queues and the streams of
events that it was granted, and write to that exchange; it may declare nothing (docs/subscribe.md), but for the queues
of a Nameko service, where an operator allows these (nameko_queues.py).

    accounts.announced ─ AccountActivated ─▶ downstream.vessels ─ rejected or returned often ─▶ downstream.vessels.dead
                                                  ▲                                                    │
                                                  └── the system itself, by exchange downstream.vessels ┘
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote

from mtnet_chassis.broker import nameko_queues
from mtnet_chassis.broker.management import Management
from mtnet_chassis.broker.streams import SUFFIX, stream_binding, stream_patterns
from mtnet_chassis.broker.topology import (
    QUORUM,
    Binding,
    Exchange,
    Permission,
    Policy,
    Queue,
    announced_exchange,
)

# How the names of all of it begin.
OF_DOWNSTREAM = "downstream."
DEAD_KEY = "dead"
# A system that returns a message for ever must not keep the broker busy with it. Each connection that ends counts, too,
# so the number is high; what became a dead letter by it, the system puts back itself.
MOST_RETURNS = 1_000
MOST_CONNECTIONS = 10
MOST_CHANNELS = 50
# A system that is away must not fill the broker: the oldest go first. A queue that refused would hold up the relay,
# and with it everybody else.
MOST_MESSAGES = 1_000_000
MOST_BYTES = 1 << 30
MOST_DAYS = 35


@dataclass(frozen=True)
class Credential:
    """One user of a system; `password_hash` as `hashed` makes it."""

    user: str
    password_hash: str


@dataclass(frozen=True)
class DownstreamSystem:
    """`events` are names by source: ("accounts", "AccountActivated"). `nameko_method`: that of a Nameko service of the
    system's name which may declare its own queues; None: it may not."""

    name: str
    events: frozenset[tuple[str, str]]
    credentials: tuple[Credential, ...]
    nameko_method: str | None = None

    @property
    def queue(self) -> str:
        return f"{OF_DOWNSTREAM}{self.name}"

    @property
    def nameko_queues(self) -> list[str]:
        if self.nameko_method is None:
            return []
        return nameko_queues.queues_for(self.name, self.nameko_method, self.events)


@dataclass(frozen=True)
class Difference:
    """One thing that is missing, too much or different: what would be done, in words, and how."""

    text: str
    mend: Callable[[], object]


def hashed(password: str) -> str:
    """As RabbitMQ stores a password: base64 of a salt of 4 bytes and of SHA-256 over salt and password."""
    salt = secrets.token_bytes(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def is_password_of(password_hash: str, password: str) -> bool:
    """Whether `hashed` made it of this password; takes the same time either way."""
    stored = base64.b64decode(password_hash)
    return hmac.compare_digest(stored[4:], hashlib.sha256(stored[:4] + password.encode()).digest())


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
            ("x-dead-letter-exchange", own),
            ("x-dead-letter-routing-key", DEAD_KEY),
        ),
    )
    return live, Queue(f"{own}.dead", (QUORUM,))


def bindings_of(system: DownstreamSystem) -> frozenset[Binding]:
    own = system.queue
    return frozenset(
        {
            Binding(own, own, own),
            Binding(own, f"{own}.dead", DEAD_KEY),
            *(Binding(announced_exchange(source), own, event) for source, event in system.events),
        }
    )


def permission_of(system: DownstreamSystem, user: str) -> Permission:
    own = re.escape(system.queue)
    read = "|".join([rf"{own}(\.dead)?", *stream_patterns(system.events)])
    named = Permission(user=user, configure="^$", write=f"^{own}$", read=f"^({read})$")
    if not system.nameko_queues:
        return named
    queues = nameko_queues.pattern_of(system.nameko_queues)
    exchanges = nameko_queues.pattern_of({f"{source}.events" for source, _ in system.events})
    return Permission(
        user=user,
        configure=f"^({queues})$",
        write=f"{named.write}|^({queues})$",
        read=f"{named.read}|^({queues}|{exchanges})$",
    )


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


def differences(management: Management, systems: Iterable[DownstreamSystem]) -> list[Difference]:
    """What must be done so that the broker has exactly this for downstream systems, in the order to do it in.

    Nothing is changed yet. What belongs to services is not looked at.
    """
    wanted = list(systems)
    found = _Found(management)
    return [
        *_limits(management),
        *_removed_users(management, found, wanted),
        *_places(management, found, wanted),
        *_added_bindings(management, found, wanted),
        *_kept_events(management, found, wanted),
        *_removed_bindings(management, found, wanted),
        *_users(management, found, wanted),
        *_removed_places(management, found, wanted),
    ]


class _Found:
    """What is on the broker of downstream systems now: asked for once, whatever their number."""

    def __init__(self, management: Management) -> None:
        vhost = management.vhost
        self.exchanges = {
            each["name"]
            for each in management.call("GET", f"/exchanges/{vhost}?columns=name")
            if each["name"].startswith(OF_DOWNSTREAM)
        }
        queues = {
            each["name"]: each.get("messages", 0)
            for each in management.call("GET", f"/queues/{vhost}?columns=name,messages")
        }
        ours = (OF_DOWNSTREAM, nameko_queues.OF_NAMEKO)
        self.queues = {name: count for name, count in queues.items() if name.startswith(ours)}
        self.streams = [name for name in queues if name.endswith(SUFFIX)]
        bindings = {
            Binding(each["source"], each["destination"], each["routing_key"])
            for each in management.call("GET", f"/bindings/{vhost}")
            if each["source"] and each["destination_type"] == "queue"
        }
        self.bindings = {each for each in bindings if each.queue.startswith(OF_DOWNSTREAM)}
        self.kept = {each for each in bindings if each.queue.endswith(SUFFIX)}
        self.permissions = {
            each["user"]: {name: each[name] for name in ("configure", "write", "read")}
            for each in management.call("GET", "/permissions")
            if each["user"].startswith(OF_DOWNSTREAM) and quote(each["vhost"], safe="") == vhost
        }
        # Users are the whole broker's: those without rights here are another portal's, or can do nothing.
        self.users = {
            each["name"]: each.get("password_hash")
            for each in management.call("GET", "/users")
            if each["name"] in self.permissions
        }
        self.limits = {
            each["user"]: each["value"]
            for each in management.call("GET", "/user-limits")
            if each["user"].startswith(OF_DOWNSTREAM)
        }
        self.topic_permissions = nameko_queues.found_topic_permissions(management, OF_DOWNSTREAM)


def _limits(management: Management) -> list[Difference]:
    rule = {"pattern": LIMITS.pattern, "definition": dict(LIMITS.definition), "apply-to": "queues"}
    found = {each["name"]: each for each in management.call("GET", f"/policies/{management.vhost}")}
    present = found.get(LIMITS.name, {})
    # A limit that an operator has changed by a policy of higher priority stands beside this one.
    if {name: present.get(name) for name in rule} == rule:
        return []
    path = f"/policies/{management.vhost}/{LIMITS.name}"
    return [Difference("limits of the queues", lambda: management.call("PUT", path, rule))]


def _places(management: Management, found: _Found, wanted: list[DownstreamSystem]) -> Iterable[Difference]:
    for system in wanted:
        if system.queue not in found.exchanges:
            yield _declared(management, "exchange", Exchange(system.queue, "direct"))
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
    management: Management, found: _Found, wanted: list[DownstreamSystem]
) -> Iterable[Difference]:
    for system in wanted:
        for binding in sorted(bindings_of(system) - found.bindings):
            yield Difference(
                f"let {binding.queue} have {binding.routing_key} of {binding.exchange}",
                _binding(management, binding, "POST"),
            )


def _kept_events(
    management: Management, found: _Found, wanted: list[DownstreamSystem]
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
    management: Management, found: _Found, wanted: list[DownstreamSystem]
) -> Iterable[Difference]:
    kept = frozenset().union(*(bindings_of(system) for system in wanted)) if wanted else frozenset()
    for binding in sorted(found.bindings - kept):
        yield Difference(
            f"let {binding.queue} have {binding.routing_key} of {binding.exchange} no longer",
            _binding(management, binding, "DELETE"),
        )


def _binding(management: Management, binding: Binding, method: str) -> Callable[[], object]:
    base = (
        f"/bindings/{management.vhost}/e/{quote(binding.exchange, safe='')}/q/{quote(binding.queue, safe='')}"
    )
    if method == "POST":
        return lambda: management.call("POST", base, {"routing_key": binding.routing_key})
    return lambda: management.call("DELETE", f"{base}/{quote(binding.routing_key or '~', safe='')}")


def _users(management: Management, found: _Found, wanted: list[DownstreamSystem]) -> Iterable[Difference]:
    for system in wanted:
        for credential in system.credentials:
            user, rights = credential.user, permission_of(system, credential.user)
            if found.users.get(user) != credential.password_hash:
                yield Difference(f"set the secret of user {user}", _secret(management, credential))
            for limit, value in (("max-connections", MOST_CONNECTIONS), ("max-channels", MOST_CHANNELS)):
                if found.limits.get(user, {}).get(limit) != value:
                    yield Difference(f"limit {limit} of user {user}", _limit(management, user, limit, value))
            yield from _topic_permissions(management, found, system, user)
            body = {name: value for name, value in asdict(rights).items() if name != "user"}
            before = found.permissions.get(user)
            if before == body:
                continue
            if before and _reads_less(found.streams, before["read"], rights.read):
                yield Difference(
                    f"set the rights of user {user}, and end its connections",
                    _rights(management, rights, end=True),
                )
            else:
                yield Difference(f"set the rights of user {user}", _rights(management, rights))


def _topic_permissions(
    management: Management, found: _Found, system: DownstreamSystem, user: str
) -> Iterable[Difference]:
    """Before the right to read the exchange: without them a user may bind everything there. One that is not wanted any
    more stays: it allows nothing by itself, and its absence would."""
    events = system.events if system.nameko_queues else frozenset()
    for wanted in nameko_queues.topic_permissions(user, events):
        if wanted not in found.topic_permissions:
            yield Difference(
                f"let user {user} bind {wanted.read} of {wanted.exchange}",
                nameko_queues.set_topic_permission(management, wanted),
            )


def _secret(management: Management, credential: Credential) -> Callable[[], object]:
    body = {
        "password_hash": credential.password_hash,
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": "",
    }
    return lambda: management.call("PUT", f"/users/{quote(credential.user, safe='')}", body)


def _limit(management: Management, user: str, limit: str, value: int) -> Callable[[], object]:
    path = f"/user-limits/{quote(user, safe='')}/{limit}"
    return lambda: management.call("PUT", path, {"value": value})


def _rights(management: Management, rights: Permission, *, end: bool = False) -> Callable[[], object]:
    def change() -> None:
        management.set_permission(rights)
        if end:
            _end_connections(management, rights.user)

    return change


def _removed_users(
    management: Management, found: _Found, wanted: list[DownstreamSystem]
) -> Iterable[Difference]:
    kept = {credential.user for system in wanted for credential in system.credentials}
    for user in sorted(found.users.keys() - kept):
        yield Difference(f"remove user {user} and end its connections", _remove_user(management, user))


def _remove_user(management: Management, user: str) -> Callable[[], object]:
    """A connection outlives its user on the broker, so it is ended, too."""

    def remove() -> None:
        management.call("DELETE", f"/users/{quote(user, safe='')}")
        _end_connections(management, user)

    return remove


def _end_connections(management: Management, user: str) -> None:
    for connection in management.call("GET", "/connections?columns=name,user"):
        if connection.get("user") == user:
            management.call("DELETE", f"/connections/{quote(connection['name'], safe='')}")


def _reads_less(streams: Iterable[str], before: str, after: str) -> bool:
    """Whether a stream can be read no longer. The broker asks for the right when reading begins, and never again: so
    whoever reads must be made to begin anew."""
    try:
        return any(re.search(before, each) and not re.search(after, each) for each in streams)
    except re.error:  # written by hand, for the broker's own kind of expression
        return True


def _removed_places(
    management: Management, found: _Found, wanted: list[DownstreamSystem]
) -> Iterable[Difference]:
    queues = {queue.name for system in wanted for queue in queues_of(system)}
    queues |= {queue for system in wanted for queue in system.nameko_queues}
    exchanges = {system.queue for system in wanted}
    for name in sorted(found.queues.keys() - queues):
        path = f"/queues/{management.vhost}/{quote(name, safe='')}"
        yield Difference(
            f"remove queue {name} and its {found.queues[name]} messages", _deleted(management, path)
        )
    for name in sorted(found.exchanges - exchanges):
        path = f"/exchanges/{management.vhost}/{quote(name, safe='')}"
        yield Difference(f"remove exchange {name}", _deleted(management, path))


def _deleted(management: Management, path: str) -> Callable[[], object]:
    return lambda: management.call("DELETE", path)
