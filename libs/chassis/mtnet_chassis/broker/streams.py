"""Streams: the events of the last weeks, kept so that a downstream system can catch up (docs/subscribe.md).

One stream for each event, since rights are given by stream: a system reads those of the events that it was granted.
What holds secrets is not kept.

    accounts.announced ─ # ─▶ accounts.events ─▶ queues of services
                       ├ AccountActivated ─▶ accounts.AccountActivated.stream
                       └ AccountActivated ─▶ downstream.vessels
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.error import HTTPError

from mtnet_contracts.event import Event, Holds

from mtnet_chassis.broker.management import Management
from mtnet_chassis.broker.topology import STREAM, Binding, Policy, Queue, Topology, announced_exchange

SUFFIX = ".stream"
DAYS = 35
# Of one stream. At a kilobyte each that is a million events.
BYTES = 1 << 30
# RabbitMQ deletes whole segments, and never the one that it is writing: a quiet event would stay for years. So a filler
# as large as a segment closes it once a day where something came, and looks for what is too old once a week everywhere
# (`roll_due`). What is older than the stream's days is gone at most nine days later.
SEGMENT_BYTES = 1 << 20
CLOSED_EVERY = timedelta(days=1)
ROLLED_EVERY = timedelta(days=7)
# A message of this type, without CloudEvents headers, is no event. Readers pass over it.
FILLER = "mtnet.filler"
FILLERS = 2  # each time


def stream_name(source: str, event: str) -> str:
    return f"{source}.{event}{SUFFIX}"


def stream_binding(source: str, event: str) -> Binding:
    return Binding(announced_exchange(source), stream_name(source, event), event)


def stream_patterns(events: Iterable[tuple[str, str]]) -> list[str]:
    """Regular expressions of the streams of these events (source and name): about 20 characters for each event."""
    names: dict[str, list[str]] = {}
    for source, event in sorted(events):
        names.setdefault(source, []).append(re.escape(event))
    return [
        rf"{re.escape(source)}\.({'|'.join(found)}){re.escape(SUFFIX)}" for source, found in names.items()
    ]


def with_streams(
    topology: Topology,
    events: Iterable[type[Event]],
    *,
    days: int = DAYS,
    most_bytes: int = BYTES,
    every_event: bool = False,
) -> Topology:
    """The same with a stream for each of these events that may be kept and whose service is in the topology. 0 days:
    none. How long and how much is a policy, so that it can be changed on streams that exist.

    A stream gets its event from the day on which it is first granted to somebody (broker/downstream.py), since keeping
    one costs the broker as much as a queue more; or with `every_event` from now on.
    """
    if not days:
        return topology
    announced = {exchange.name for exchange in topology.exchanges}
    kept = [
        event
        for event in events
        if event.holds is not Holds.SECRETS and announced_exchange(event.source) in announced
    ]
    names = [stream_name(event.source, event.event_name()) for event in kept]
    arguments = (STREAM, ("x-stream-max-segment-size-bytes", SEGMENT_BYTES))
    return replace(
        topology,
        queues=(*topology.queues, *(Queue(name, arguments) for name in names)),
        bindings=topology.bindings
        | {stream_binding(event.source, event.event_name()) for event in kept if every_event},
        policies=(*topology.policies, retention(days, most_bytes)),
    )


def retention(days: int, most_bytes: int = BYTES) -> Policy:
    """A day more than promised: RabbitMQ 3.10 judges a segment by its oldest message."""
    return Policy("streams", r"\.stream$", (("max-age", f"{days + 1}D"), ("max-length-bytes", most_bytes)))


def roll_due(management: Management, now: datetime) -> list[str]:
    """Close the segments of streams for which that is due; returns their names. To be called every hour or so.

    When it was done last, and what the streams held then, is kept on the broker, for each of its virtual hosts. The
    first time only that is noted.
    """
    path = f"/global-parameters/mtnet-streams-{management.vhost}"
    before = _remembered(management, path)
    if before is not None and now < datetime.fromisoformat(before["closed_at"]) + CLOSED_EVERY:
        return []
    held = {
        each["name"]: each.get("messages", 1)  # not counted yet
        for each in management.call("GET", f"/queues/{management.vhost}?columns=name,messages")
        if each["name"].endswith(SUFFIX)
    }
    rolled_at, rolled = now.isoformat(), []
    if before is not None:
        everywhere = now >= datetime.fromisoformat(before["rolled_at"]) + ROLLED_EVERY
        rolled_at = rolled_at if everywhere else before["rolled_at"]
        known = before["held"]
        rolled = [
            n for n, count in held.items() if count and (everywhere or count > known.get(n, 0) + FILLERS)
        ]
    for stream in rolled:
        _fill(management, stream)
    value = {"closed_at": now.isoformat(), "rolled_at": rolled_at, "held": held}
    management.call("PUT", path, {"name": path.rpartition("/")[2], "value": value})
    return rolled


def _remembered(management: Management, path: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = management.call("GET", path)["value"]
    except HTTPError as problem:
        if problem.code != 404:
            raise
        return None
    return found


def _fill(management: Management, stream: str) -> None:
    """The first message fills the segment, the second begins the next one."""
    for length in (SEGMENT_BYTES, 1):
        body = {
            "properties": {"type": FILLER, "delivery_mode": 2},
            "routing_key": stream,
            "payload": " " * length,
            "payload_encoding": "string",
        }
        management.call("POST", f"/exchanges/{management.vhost}/amq.default/publish", body)
