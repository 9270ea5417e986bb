"""Take messages out of a queue by hand, as operators do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pika import BlockingConnection, URLParameters
from pika.exceptions import ChannelClosedByBroker

NOT_FOUND = 404


class NoSuchQueue(LookupError):
    """No service has a handler group of that name, or the topology was not applied."""


def messages_in(amqp_url: str, queue: str) -> int:
    """How many are ready at this moment; the management API's count is seconds old."""
    with BlockingConnection(URLParameters(amqp_url)) as connection:
        return int(connection.channel().queue_declare(queue, passive=True).method.message_count)


@contextmanager
def confirmed_channel(broker: Any) -> Iterator[Any]:
    """A channel of a pika connection whose publishes are confirmed; what was not acknowledged goes back at the end."""
    channel = broker.channel()
    channel.confirm_delivery()
    try:
        yield channel
    finally:
        if channel.is_open:
            channel.close()


def take_all(channel: Any, queue: str) -> Iterator[tuple[Any, Any, bytes]]:
    """As many messages as are in the queue now: what comes meanwhile may be what was just put back and failed again.
    Raises NoSuchQueue."""
    try:
        method, properties, body = channel.basic_get(queue)
    except ChannelClosedByBroker as refused:
        if refused.reply_code != NOT_FOUND:
            raise
        raise NoSuchQueue(f"There is no queue {queue} on the broker.") from refused
    behind = 0 if method is None else method.message_count
    while method is not None:
        yield method, properties, body
        if not behind:
            return
        behind -= 1
        method, properties, body = channel.basic_get(queue)
