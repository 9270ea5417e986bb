"""What Nameko's own `@event_handler` needs on the broker, for a downstream system that an operator lets use it.

Such a service declares a queue for each event, named after the event, the service and the method, and binds it to the
source's exchange. So it may declare, bind and read exactly these queues: its service bears the system's name, and the
method is on record. Which events it may bind is said by the broker's topic permissions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from mtnet_chassis.broker.management import Management

# No queue of the portal's own begins like this.
OF_NAMEKO = "evt-"
NOTHING = "^$"


@dataclass(frozen=True, order=True)
class TopicPermission:
    """Which routing keys a user may bind to a topic exchange. Without one a user may bind all."""

    user: str
    exchange: str
    read: str

    def body(self) -> dict[str, str]:
        return {"exchange": self.exchange, "write": NOTHING, "read": self.read}


def queue_for(service: str, method: str, source: str, event: str) -> str:
    """As Nameko names it."""
    return f"{OF_NAMEKO}{source}-{event}--{service}.{method}"


def queues_for(service: str, method: str, events: Iterable[tuple[str, str]]) -> list[str]:
    """`events` are names by source."""
    return sorted(queue_for(service, method, source, event) for source, event in events)


def pattern_of(names: Iterable[str]) -> str:
    """A regular expression for exactly these names, without its ends; empty for none."""
    return "|".join(re.escape(name) for name in sorted(names))


def topic_permissions(user: str, events: Iterable[tuple[str, str]]) -> list[TopicPermission]:
    by_source: dict[str, list[str]] = {}
    for source, event in events:
        by_source.setdefault(source, []).append(event)
    return sorted(
        TopicPermission(user, f"{source}.events", f"^({pattern_of(names)})$")
        for source, names in by_source.items()
    )


def found_topic_permissions(management: Management, prefix: str) -> list[TopicPermission]:
    """Of users whose names begin so."""
    return [
        TopicPermission(each["user"], each["exchange"], each["read"])
        for each in management.call("GET", "/topic-permissions")
        if each["user"].startswith(prefix) and quote(each["vhost"], safe="") == management.vhost
    ]


def set_topic_permission(management: Management, wanted: TopicPermission) -> Callable[[], Any]:
    path = f"/topic-permissions/{management.vhost}/{quote(wanted.user, safe='')}"
    return lambda: management.call("PUT", path, wanted.body())
