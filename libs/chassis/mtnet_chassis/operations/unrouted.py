"""Unrouted events: they should have reached a subscriber and did not, and wait in the queue `unrouted`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg

from mtnet_chassis.broker.topology import UNROUTED, announced_exchange
from mtnet_chassis.events.retries import carried_headers
from mtnet_chassis.operations.queues import confirmed_channel, take_all
from mtnet_chassis.operations.record import Operator, Record, StuckEvent, log_act, number


class NoSuchMessage(LookupError):
    """No unrouted message of that exchange has this event id."""


class Unrouted:
    """`broker` is a pika connection of the operator. `session` gives one to the database of the service that an
    exchange belongs to."""

    def __init__(self, broker: Any, session: Callable[[str], psycopg.Connection[Any]]) -> None:
        self._broker = broker
        self._session = session

    def list(self) -> list[StuckEvent]:
        """Oldest first; `place` is the exchange that found no queue. They stay where they are."""
        with confirmed_channel(self._broker) as channel:
            return [_stuck(*message) for message in take_all(channel, UNROUTED)]

    def retry(self, exchange: str, event_id: str | None, by: Operator) -> int:
        """Send messages (None: all of that exchange) to where they came from. Returns how many. One that again
        reaches nobody comes back here. Whoever has it already skips it. Raises NoSuchMessage."""
        return self._deal(exchange, event_id, by, discard=False)

    def discard(self, exchange: str, event_id: str, by: Operator) -> int:
        """Remove a message. Raises NoSuchMessage."""
        return self._deal(exchange, event_id, by, discard=True)

    def _deal(self, exchange: str, event_id: str | None, by: Operator, *, discard: bool) -> int:
        done = 0
        action = "discarded" if discard else "retried"
        with confirmed_channel(self._broker) as channel:
            for method, properties, body in take_all(channel, UNROUTED):
                stuck = _stuck(method, properties, body)
                if stuck.place != exchange or event_id not in (None, stuck.id):
                    continue
                session = self._session(exchange.partition(".")[0])
                with session.transaction():
                    Record(session).note(action, stuck, by)
                if not discard:
                    properties.headers = carried_headers(stuck.headers)
                    channel.basic_publish(stuck.place, method.routing_key, body, properties)
                channel.basic_ack(method.delivery_tag)
                log_act(action, stuck, by)
                done += 1
        if event_id is not None and not done:
            raise NoSuchMessage(f"No unrouted message of {exchange} has the id {event_id}.")
        return done


def _place(exchange: str) -> str:
    """Where it goes back to: services listen to `<name>.events`, and whoever else hears it has it already."""
    service, _, _ = exchange.rpartition(".")
    return f"{service}.events" if exchange == announced_exchange(service) else exchange


def _stuck(method: Any, properties: Any, body: bytes) -> StuckEvent:
    headers = dict(properties.headers or {})
    return StuckEvent(
        kind="unrouted",
        place=_place(method.exchange),
        id=str(headers.get("cloudEvents_id", properties.message_id or "")),
        event=str(headers.get("cloudEvents_type", method.routing_key)),
        stream=str(headers.get("cloudEvents_partitionkey", "")),
        sequence=number(headers.get("cloudEvents_sequence")),
        reason=f"no queue is bound for {method.routing_key}",
        headers=headers,
        body=body,
    )
