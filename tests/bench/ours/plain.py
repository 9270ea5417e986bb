"""Pieces of the fast path replaced by the plain library calls that would do the same, to measure what each buys.

    python plain.py serve bench        python plain.py relay bench        python plain.py produce

BENCH_PLAIN names the pieces (`frames+envelopes`); the rest of the process is the product's own.
"""

import os
import runpy
import sys
from itertools import starmap
from pathlib import Path

WANTED = frozenset(os.environ["BENCH_PLAIN"].split("+"))


def arrays():
    """psycopg packs plain lists."""
    from mtnet_chassis.fastpath import arrays

    for name in ("bigints", "texts", "uuids", "dates", "times"):
        setattr(arrays, name, list)
    arrays.encoded_texts = lambda encoded: [value.decode() for value in encoded]


def codec():
    """marshmallow reads and writes every payload."""
    from mtnet_contracts import event

    def not_plain(payload):
        raise event.NotPlain

    def plain(cls):
        schema = event.payload_schema(cls)
        return not_plain, schema.dump, schema.dump

    event._codec = plain


def deliveries():
    """py-amqp reads the frames, decodes them and calls back with a message."""
    from mtnet_chassis.broker.connection import BrokerConnection

    class Reader:
        def __init__(self, connection):
            self.read = connection.blocking_read

    def consume(self, queue, prefetch, receive):
        def came(message):
            at = message.delivery_info
            receive(at["delivery_tag"], at["redelivered"], at["routing_key"], message, message.body)

        self.channel.basic_qos(0, prefetch, False)
        self._reader = Reader(self._amqp)
        return self.channel.basic_consume(queue, consumer_tag="1", callback=came)

    BrokerConnection.consume = consume
    _headers_of(lambda message: message.headers)


def connection():
    """kombu's consumer, as Nameko uses it, in place of our connection and of the deliveries."""

    import kombu
    from mtnet_chassis.broker import connection, reader

    class Connection:
        closed = False

        def __init__(self, amqp_url, *, name):
            self._kombu = kombu.Connection(amqp_url, heartbeat=connection.HEARTBEAT_SECONDS)
            self._kombu.connect()
            self._channel = self._kombu.channel()

        def consume(self, queue, prefetch, receive):
            def came(message):
                at = message.delivery_info
                receive(at["delivery_tag"], at["redelivered"], at["routing_key"], message, message.body)

            self._channel.basic_qos(0, prefetch, False)
            consumer = kombu.Consumer(self._channel, [kombu.Queue(queue, no_declare=True)], on_message=came)
            consumer.consume()
            return consumer

        def read(self):
            try:
                self._kombu.drain_events(timeout=connection.HEARTBEAT_SECONDS / 2)
            except TimeoutError:
                self._kombu.heartbeat_check()

        def ack(self, tag, *, multiple=False):
            self._channel.basic_ack(tag, multiple)

        def cancel(self, consumer):
            return consumer.cancel()

        def depth(self, queue):
            return None

        def release(self):
            self._kombu.release()

        close = close_in_order = release

    reader.BrokerConnection = Connection
    _headers_of(lambda message: message.headers)


def frames():
    """pika encodes every publish."""
    import pika
    from mtnet_chassis.events.envelope import headers_for
    from mtnet_chassis.events.relay import publisher
    from mtnet_chassis.fastpath.frames import Frames

    def publish(self, event_id, name, aggregate, subject, sequence, occurred_at, traceparent, payload):
        headers = headers_for(
            event_id=event_id,
            source=self._service,
            name=name,
            aggregate=aggregate,
            subject=subject,
            sequence=sequence,
            occurred_at=occurred_at,
            traceparent=traceparent,
        )
        properties = pika.BasicProperties(
            content_type="application/json",
            delivery_mode=2,
            message_id=event_id,
            timestamp=int(occurred_at.timestamp()),
            type=name,
            app_id=self._service,
            headers=headers,
        )
        return f"{self._service}.events", name, payload.encode(), properties

    def write(connection, messages):
        for _ in starmap(connection._channels[1].basic_publish, messages):
            pass

    Frames.publish = publish
    publisher.write = write


def pipelining():
    """pika's BlockingConnection, which waits for the confirm of each message before the next. Encodes as well."""
    import pika
    from mtnet_chassis.events.relay import relay

    class Publisher:
        def __init__(self, amqp_url, service):
            self._url = amqp_url
            self._done = []

        def open(self):
            self._connection = pika.BlockingConnection(pika.URLParameters(self._url))
            self._channel = self._connection.channel()
            self._channel.confirm_delivery()

        def send(self, messages, positions):
            for message, position in zip(messages, positions, strict=True):
                self._channel.basic_publish(*message)
                self._done.append(position)

        def confirmed(self, timeout_seconds):
            done, self._done = self._done, []
            return done

        def close(self):
            self._connection.close()

    frames()
    relay.Publisher = Publisher


def _headers_of(read):
    """A delivery holds a library's message in place of a header frame."""
    from mtnet_chassis.broker.reader import Delivery

    Delivery.headers = property(lambda delivery: read(delivery.header))


PIECES = {p.__name__: p for p in (deliveries, connection, frames, pipelining, arrays, codec)}


def main():
    if not set(PIECES) >= WANTED:
        raise SystemExit(f"no such piece: {', '.join(sorted(WANTED - set(PIECES)))}")
    command = sys.argv[1]
    for early in WANTED & {"arrays", "codec"}:  # before anybody imports names from them
        PIECES[early]()
    if command == "produce":
        runpy.run_path(str(Path(__file__).with_name("produce.py")))
        return 0
    if command == "serve":
        import mtnet_chassis.runtime.serve  # noqa: F401 - patches the standard library first
    from mtnet_chassis.operations.cli import main

    of_command = {"serve": {"deliveries", "connection"}, "relay": {"frames", "pipelining"}}
    for piece in sorted(WANTED & of_command[command]):
        PIECES[piece]()
    return main([command, sys.argv[2]])


if __name__ == "__main__":
    raise SystemExit(main())
