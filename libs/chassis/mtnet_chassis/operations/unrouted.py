"""What should have reached a subscriber and did not: look at the queue `unrouted`, and send its messages again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pika

from mtnet_chassis.broker.topology import UNROUTED
from mtnet_chassis.operations.dead_letters import close_channel, take_all
from mtnet_chassis.telemetry import logger

log = logger()


@dataclass(frozen=True)
class Missed:
    """Messages that one exchange could not route."""

    exchange: str
    routing_key: str
    messages: int


class Unrouted:
    """Works on the broker with the operator's user. `amqp_url` is AMQP_OPERATOR_URL."""

    def __init__(self, amqp_url: str) -> None:
        self._connection = pika.BlockingConnection(pika.URLParameters(amqp_url))

    def close(self) -> None:
        self._connection.close()

    def list(self) -> tuple[Missed, ...]:
        """By exchange and routing key. The messages stay where they are."""
        channel = self._connection.channel()
        try:
            counts = Counter(
                (method.exchange, method.routing_key) for method, _, _ in take_all(channel, UNROUTED)
            )
        finally:
            close_channel(channel)
        return tuple(Missed(*where, messages) for where, messages in sorted(counts.items()))

    def replay(self) -> int:
        """Send every message once more to where it came from; tells how many. One that again reaches nobody comes
        back here. Whoever has it already passes it over."""
        channel = self._connection.channel()
        channel.confirm_delivery()
        done = 0
        try:
            for method, properties, body in take_all(channel, UNROUTED):
                properties.headers = {
                    name: value
                    for name, value in (properties.headers or {}).items()
                    if not name.startswith(("x-death", "x-first-death", "x-last-death", "x-delivery-count"))
                }
                channel.basic_publish(method.exchange, method.routing_key, body, properties)
                channel.basic_ack(method.delivery_tag)
                done += 1
        finally:
            close_channel(channel)
        log.info("unrouted messages sent again", messages=done)
        return done
