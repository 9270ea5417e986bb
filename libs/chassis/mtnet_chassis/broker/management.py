"""RabbitMQ's management HTTP API: declare the topology, report what else exists, remove it when asked."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit, urlunsplit
from urllib.request import ProxyHandler, Request, build_opener

from mtnet_chassis.broker.topology import FOR_DOWNSTREAM, NEVER, STREAM, Binding, Permission, Queue, Topology

DIRECT = build_opener(ProxyHandler({}))  # a proxy of the surroundings is not for the own broker


class TopologyDiffers(RuntimeError):
    """A queue or exchange exists with other arguments; changing those needs a decision, not a command."""


@dataclass(frozen=True)
class Unwanted:
    """What is on the broker and not in the topology: a removed group's queue, or a newer release's binding.
    `queues` has the number of messages in each."""

    bindings: tuple[Binding, ...]
    queues: tuple[tuple[str, int], ...]
    exchanges: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(
            [
                *(f"unwanted binding {_named(binding)}" for binding in self.bindings),
                *(f"unwanted queue {name} ({messages} messages)" for name, messages in self.queues),
                *(f"unwanted exchange {name}" for name in self.exchanges),
            ]
        )


class Management:
    """RabbitMQ's management HTTP API, for what AMQP cannot do. `url` is http://user:password@host:port."""

    def __init__(self, url: str, vhost: str) -> None:
        parts = urlsplit(url)
        self._base = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], "/api", "", ""))
        self._credentials = (parts.username or "guest", parts.password or "guest")
        self.vhost = quote(vhost, safe="")

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Raises urllib.error.HTTPError."""
        token = base64.b64encode(":".join(self._credentials).encode()).decode()
        request = Request(  # noqa: S310 - the operator's own management address
            f"{self._base}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Basic {token}", "Content-Type": "application/json"},
        )
        with DIRECT.open(request, timeout=15) as response:
            content = response.read()
        return json.loads(content) if content else None

    def apply(self, topology: Topology) -> list[str]:
        """Declare what is missing. Returns what was done. Anything else that exists is left alone, see `unwanted`.

        Raises TopologyDiffers when something exists with other arguments.
        """
        done = []
        exchanges = {e["name"]: e for e in self.call("GET", f"/exchanges/{self.vhost}")}
        for exchange in topology.exchanges:
            wanted = {"type": exchange.type, "durable": True, "arguments": dict(exchange.arguments)}
            if exchange.name in exchanges:
                _same(f"exchange {exchange.name}", exchanges[exchange.name], wanted)
            else:
                self.call("PUT", f"/exchanges/{self.vhost}/{quote(exchange.name, safe='')}", wanted)
                done.append(f"exchange {exchange.name}")
        queues = {q["name"]: q for q in self.call("GET", f"/queues/{self.vhost}")}
        for queue in topology.queues:
            declared = {"durable": True, "arguments": dict(queue.arguments)}
            path = f"/queues/{self.vhost}/{quote(queue.name, safe='')}"
            present = queues.get(queue.name)
            if present is not None and _only_limited(present, queue):
                if not self._may_be_remade(path):
                    done.append(
                        f"kept queue {queue.name} with its old delivery limit: it is in use. Stop the portal when its"
                        " queues are empty, and apply again before anything is started"
                    )
                    continue
                self.call("DELETE", path)
                present = None
            if present is not None:
                _same(f"queue {queue.name}", present, declared)
            else:
                self.call("PUT", path, declared)
                done.append(f"queue {queue.name}")
        policies = {p["name"]: p for p in self.call("GET", f"/policies/{self.vhost}")}
        for policy in topology.policies:
            rule = {
                "pattern": policy.pattern,
                "definition": dict(policy.definition),
                "priority": 10,
                "apply-to": "queues",
            }
            if {k: v for k, v in policies.get(policy.name, {}).items() if k in rule} != rule:
                self.call("PUT", f"/policies/{self.vhost}/{quote(policy.name)}", rule)
                done.append(f"policy {policy.name}")
        bindings = self._bindings()
        # Exchanges first: an event that has a stream must reach the services, too.
        for binding in sorted(topology.bindings - bindings, key=lambda one: (not one.to_exchange, one)):
            self.call("POST", self._binding_path(binding), {"routing_key": binding.routing_key})
            done.append(f"binding {_named(binding)}")
        # Once an event has a subscriber, a missing binding must be an alarm again. Nothing is lost by this.
        for binding in sorted(bindings - topology.bindings):
            if binding.to_exchange and binding.queue == FOR_DOWNSTREAM:
                self._unbind(binding)
                done.append(f"removed binding {_named(binding)}")
        return done

    def _may_be_remade(self, path: str) -> bool:
        """Whether a queue can be deleted and declared again without a loss: it is empty, and nobody is connected who
        could publish or consume in between."""
        declared = self.call("GET", path)
        ready = self.call("POST", f"{path}/get", _LOOK)
        return not (
            ready or declared.get("messages") or declared.get("consumers") or self.somebody_is_connected()
        )

    def somebody_is_connected(self) -> bool:
        return bool(self.call("GET", f"/vhosts/{self.vhost}/connections"))

    def unwanted(self, topology: Topology) -> Unwanted:
        """What an operator may want to `prune`."""
        ours = {queue.name for queue in topology.queues}
        # Which events a stream keeps, grants to downstream systems decide.
        streams = {queue.name for queue in topology.queues if STREAM in queue.arguments}
        exchanges = {exchange.name for exchange in topology.exchanges}
        return Unwanted(
            bindings=tuple(
                sorted(
                    b
                    for b in self._bindings() - topology.bindings
                    if not b.queue.startswith(topology.passing) and b.queue not in streams
                )
            ),
            queues=tuple(
                (name, messages)
                for name, messages in sorted(self.queue_depths().items())
                if name not in ours and not name.startswith(topology.passing)
            ),
            exchanges=tuple(
                sorted(
                    e["name"]
                    for e in self.call("GET", f"/exchanges/{self.vhost}?columns=name")
                    if e["name"] and e["name"] not in exchanges and not e["name"].startswith(topology.passing)
                )
            ),
        )

    def prune(self, unwanted: Unwanted) -> list[str]:
        """Remove it, except queues that hold messages or may still get some. Returns what was done.

        Never call this without being asked: an older release takes a newer one's bindings for unwanted, and an event
        without its binding is lost to that subscriber.
        """
        done = []
        for binding in unwanted.bindings:
            self._unbind(binding)
            done.append(f"removed binding {_named(binding)}")
        fed = {binding.queue for binding in unwanted.bindings}
        for name, messages in unwanted.queues:
            if messages:
                done.append(f"kept queue {name}: {messages} messages")
            elif name in fed:
                done.append(f"kept queue {name}: unbound just now, prune again")
            else:
                self.call("DELETE", f"/queues/{self.vhost}/{quote(name, safe='')}")
                done.append(f"removed queue {name}")
        for name in unwanted.exchanges:
            self.call("DELETE", f"/exchanges/{self.vhost}/{quote(name, safe='')}")
            done.append(f"removed exchange {name}")
        return done

    def _bindings(self) -> set[Binding]:
        return {
            Binding(b["source"], b["destination"], b["routing_key"], b["destination_type"] == "exchange")
            for b in self.call("GET", f"/bindings/{self.vhost}")
            if b["source"]
        }

    def _unbind(self, binding: Binding) -> None:
        key = quote(binding.routing_key or "~", safe="")
        self.call("DELETE", f"{self._binding_path(binding)}/{key}")

    def set_user(self, user: str, password: str) -> None:
        self.call("PUT", f"/users/{quote(user)}", {"password": password, "tags": ""})

    def set_permission(self, permission: Permission) -> None:
        body = {k: v for k, v in asdict(permission).items() if k != "user"}
        self.call("PUT", f"/permissions/{self.vhost}/{quote(permission.user)}", body)

    def make_vhost(self) -> None:
        try:
            self.call("GET", f"/vhosts/{self.vhost}")
        except HTTPError as problem:
            if problem.code != 404:
                raise
            self.call("PUT", f"/vhosts/{self.vhost}")

    def remove_vhost(self) -> None:
        self.call("DELETE", f"/vhosts/{self.vhost}")

    def queue_depths(self) -> dict[str, int]:
        """Messages ready or delivered and not yet acknowledged, by queue."""
        columns = "columns=name,messages_ready,messages_unacknowledged"
        rows = self.call("GET", f"/queues/{self.vhost}?{columns}")
        return {
            row["name"]: row.get("messages_ready", 0) + row.get("messages_unacknowledged", 0) for row in rows
        }

    def _binding_path(self, binding: Binding) -> str:
        exchange, queue = quote(binding.exchange, safe=""), quote(binding.queue, safe="")
        return f"/bindings/{self.vhost}/e/{exchange}/{'e' if binding.to_exchange else 'q'}/{queue}"


def _named(binding: Binding) -> str:
    return f"{binding.exchange} → {binding.queue} ({binding.routing_key})"


# The count in a queue's page is seconds old; a look is not. The message goes back.
_LOOK = {"count": 1, "ackmode": "ack_requeue_true", "encoding": "auto"}


def _only_limited(present: dict[str, Any], wanted: Queue) -> bool:
    """Whether the queue differs in nothing but a lower delivery limit, as releases before this one declared it."""
    found = present.get("arguments") or {}
    arguments = dict(wanted.arguments)
    limit = arguments.get("x-delivery-limit")
    return limit == NEVER and found != arguments and found | {"x-delivery-limit": limit} == arguments


def _same(name: str, present: dict[str, Any], wanted: dict[str, Any]) -> None:
    for key, value in wanted.items():
        found = present.get(key)
        if key == "arguments":
            # A queue type that was not asked for is reported as a default by newer brokers.
            found = {k: v for k, v in (found or {}).items() if k in value or k != "x-queue-type"}
        if found != value:
            raise TopologyDiffers(
                f"{name} has {key} {found!r}, wanted {value!r}. Drain it, delete it, apply again."
            )
