"""How full the queues of downstream systems are: for operators, and for the alarm to a system's owner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from urllib.error import HTTPError

from mtnet_chassis.broker.downstream import MOST_BYTES, MOST_DAYS, MOST_MESSAGES, OF_DOWNSTREAM
from mtnet_chassis.broker.management import Management
from mtnet_chassis.telemetry import DOWNSTREAM_MESSAGES, DOWNSTREAM_SHARE, DOWNSTREAM_WAITING_SECONDS

COLUMNS = "name,messages,message_bytes,consumers,message_stats.ack,effective_policy_definition"


@dataclass(frozen=True)
class QueueUsage:
    """One system. `waiting_seconds`: for so long nothing was taken from its queue although something is in it; its
    oldest message is at least as old. `share`: of the limit that is nearest, 0 to 1; at 1 the oldest messages go."""

    system: str
    messages: int
    bytes: int
    dead_messages: int
    consumers: int
    waiting_seconds: float
    share: float


@dataclass(frozen=True)
class Waiting:
    """What is remembered of a queue: `taken` counts acknowledgements since the broker started."""

    taken: int
    since: str | None


def usage_of(management: Management, now: datetime) -> list[QueueUsage]:
    """All systems that have a queue, by name; the metrics are set, too. Since when nothing was taken is kept on the
    broker, so that a restart of the caller forgets nothing."""
    path = f"/global-parameters/mtnet-downstream-{management.vhost}"
    before = _remembered(management, path)
    queues = {
        each["name"]: each
        for each in management.call("GET", f"/queues/{management.vhost}?columns={COLUMNS}")
        if each["name"].startswith(OF_DOWNSTREAM)
    }
    by_system = {name.removeprefix(OF_DOWNSTREAM): queue for name, queue in queues.items()}
    # A system may be called dead, too.
    live = {system: queue for system, queue in by_system.items() if "." not in system}
    after = {system: waiting_after(before.get(system), queue, now) for system, queue in live.items()}
    if after != before:
        value = {system: asdict(waiting) for system, waiting in after.items()}
        management.call("PUT", path, {"name": path.rpartition("/")[2], "value": value})
    found = [
        _usage(system, queue, queues.get(f"{OF_DOWNSTREAM}{system}.dead", {}), after[system], now)
        for system, queue in sorted(live.items())
    ]
    _measure(found)
    return found


def waiting_after(before: Waiting | None, queue: Mapping[str, Any], now: datetime) -> Waiting:
    """What to remember of a queue, from what was remembered. Counters begin anew when the broker does, which says
    nothing about what was taken."""
    taken = (queue.get("message_stats") or {}).get("ack", 0)  # [] before anything was counted
    if not queue.get("messages"):
        return Waiting(taken, None)
    if before is None or before.since is None or taken > before.taken:
        return Waiting(taken, now.isoformat())
    return Waiting(taken, before.since)


def share_of(queue: Mapping[str, Any], waiting_seconds: float = 0.0) -> float:
    """Of the limits that the broker applies to the queue now: an operator may have set others."""
    limits = queue.get("effective_policy_definition") or {}
    days = limits.get("message-ttl", MOST_DAYS * 24 * 3600 * 1000) / 1000
    share: float = max(
        queue.get("messages", 0) / limits.get("max-length", MOST_MESSAGES),
        queue.get("message_bytes", 0) / limits.get("max-length-bytes", MOST_BYTES),
        waiting_seconds / days,
    )
    return share


def _usage(
    system: str, queue: Mapping[str, Any], dead: Mapping[str, Any], waiting: Waiting, now: datetime
) -> QueueUsage:
    since = datetime.fromisoformat(waiting.since) if waiting.since else now
    seconds = max((now - since).total_seconds(), 0.0)
    return QueueUsage(
        system=system,
        messages=queue.get("messages", 0),
        bytes=queue.get("message_bytes", 0),
        dead_messages=dead.get("messages", 0),
        consumers=queue.get("consumers", 0),
        waiting_seconds=seconds,
        share=min(max(share_of(queue, seconds), share_of(dead)), 1.0),
    )


def _remembered(management: Management, path: str) -> dict[str, Waiting]:
    try:
        kept = management.call("GET", path)["value"]
    except HTTPError as problem:
        if problem.code != 404:
            raise
        return {}
    return {system: Waiting(**waiting) for system, waiting in kept.items()}


def _measure(found: list[QueueUsage]) -> None:
    for gauge in (DOWNSTREAM_MESSAGES, DOWNSTREAM_WAITING_SECONDS, DOWNSTREAM_SHARE):
        gauge.clear()  # a system that was removed is no longer told of
    for usage in found:
        DOWNSTREAM_MESSAGES.labels(usage.system, "live").set(usage.messages)
        DOWNSTREAM_MESSAGES.labels(usage.system, "dead").set(usage.dead_messages)
        DOWNSTREAM_WAITING_SECONDS.labels(usage.system).set(usage.waiting_seconds)
        DOWNSTREAM_SHARE.labels(usage.system).set(usage.share)
