"""What is on the broker of downstream systems, asked for once, whatever their number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from mtnet_chassis.broker import nameko_queues
from mtnet_chassis.broker.management import Management
from mtnet_chassis.broker.streams import SUFFIX
from mtnet_chassis.broker.topology import Binding

# How the names of all of it begin.
OF_DOWNSTREAM = "downstream."
OURS = (OF_DOWNSTREAM, nameko_queues.OF_NAMEKO)


@dataclass(frozen=True)
class Difference:
    """One thing that is missing, too much or different: what would be done, in words, and how.

    `misused_by`: the system that did what no Nameko service does, and could hold up the portal with it.
    """

    text: str
    mend: Callable[[], object]
    misused_by: str | None = None


@dataclass(frozen=True, order=True)
class MadeBinding:
    """One that the portal does not make: to an exchange, with arguments, or of a queue that a system declared.

    `kind` is queue or exchange, that of `name`; `key_in_path` is what the management API calls it by.
    """

    exchange: str
    kind: str
    name: str
    routing_key: str
    has_arguments: bool
    key_in_path: str


class Found:
    def __init__(self, management: Management) -> None:
        vhost = management.vhost
        exchanges = {each["name"] for each in management.call("GET", f"/exchanges/{vhost}?columns=name")}
        self.exchanges = {name for name in exchanges if name.startswith(OURS)}
        self.of_events = {name for name in exchanges if name.endswith(".events")}
        queues = {
            each["name"]: each
            for each in management.call("GET", f"/queues/{vhost}?columns=name,messages,arguments,durable")
        }
        self.queues = {
            name: each.get("messages", 0) for name, each in queues.items() if name.startswith(OURS)
        }
        self.arguments = {name: queues[name].get("arguments") or {} for name in self.queues}
        self.streams = [name for name in queues if name.endswith(SUFFIX)]
        bindings = [each for each in management.call("GET", f"/bindings/{vhost}") if each["source"]]
        plain = {
            Binding(each["source"], each["destination"], each["routing_key"])
            for each in bindings
            if _is_plain(each)
        }
        self.bindings = {each for each in plain if each.queue.startswith(OF_DOWNSTREAM)}
        self.kept = {each for each in plain if each.queue.endswith(SUFFIX)}
        self.made = [
            MadeBinding(
                each["source"],
                each["destination_type"],
                each["destination"],
                each["routing_key"],
                bool(each["arguments"]),
                each["properties_key"],
            )
            for each in bindings
            if each["destination"].startswith(OURS)
            and not (each["destination"].startswith(OF_DOWNSTREAM) and _is_plain(each))
        ]
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

    def forget_queue(self, queue: str) -> None:
        """It is going to be removed, and its bindings with it."""
        del self.queues[queue], self.arguments[queue]
        self.bindings = {each for each in self.bindings if each.queue != queue}

    def has_old_dead_letters(self, queue: str) -> bool:
        """Whether the queue was declared when its dead letters went over the exchange of its own name."""
        return bool(self.arguments.get(queue, {}).get("x-dead-letter-exchange") == queue)


def _is_plain(binding: dict[str, Any]) -> bool:
    """As the portal makes them: of a queue, by the routing key alone."""
    return binding["destination_type"] == "queue" and not binding["arguments"]
