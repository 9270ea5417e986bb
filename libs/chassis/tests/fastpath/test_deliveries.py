"""Messages come out of the byte stream whole, however it is cut; other frames reach py-amqp."""

from types import SimpleNamespace

import pika
import pytest
from amqp.exceptions import UnexpectedFrame
from hypothesis import given
from hypothesis import strategies as any_
from mtnet_chassis.broker.reader import Delivery
from mtnet_chassis.fastpath.deliveries import DeliveryReader
from pika import frame, spec

texts = any_.text(max_size=20)
messages = any_.builds(
    dict,
    tag=any_.integers(1, 2**63),
    redelivered=any_.booleans(),
    key=any_.text("abcXYZ./-", max_size=30),
    headers=any_.none()
    | any_.dictionaries(any_.text("abc_-", min_size=1, max_size=20), texts)
    | any_.dictionaries(
        any_.text("abc_-", min_size=1, max_size=20), texts | any_.integers(0, 9) | any_.booleans()
    ),
    content_type=any_.sampled_from((None, "application/json")),
    content_encoding=any_.sampled_from((None, "utf-8")),
    correlation_id=any_.sampled_from((None, "b2c")),
    body=any_.binary(max_size=300),
)


def frames_of(message, largest=4096):
    deliver = spec.Basic.Deliver(
        consumer_tag="1",
        delivery_tag=message["tag"],
        redelivered=message["redelivered"],
        exchange="x",
        routing_key=message["key"],
    )
    properties = pika.BasicProperties(
        headers=message["headers"],
        content_type=message["content_type"],
        content_encoding=message["content_encoding"],
        correlation_id=message["correlation_id"],
        delivery_mode=2,
    )
    body = message["body"]
    parts = [body[at : at + largest] for at in range(0, len(body), largest)]
    frames = [
        frame.Method(1, deliver),
        frame.Header(1, len(body), properties),
        *(frame.Body(1, p) for p in parts),
    ]
    return b"".join(f.marshal() for f in frames)


class Connection:
    """What a reader needs of py-amqp: a socket that gives the stream in pieces, and a place for other frames."""

    def __init__(self, pieces):
        pieces = iter(pieces)
        self.bytes_recv = 0
        self.others = []
        self.sock = SimpleNamespace(recv=lambda size: next(pieces, b""))

    def on_inbound_frame(self, found):
        self.others.append(found)


def read_all(pieces):
    connection, found = Connection(pieces), []
    reader = DeliveryReader(
        connection, 1, lambda tag, again, *rest: found.append(Delivery(None, tag, *rest, redelivered=again))
    )
    try:
        while True:
            reader.read()
    except ConnectionResetError:
        pass
    return connection, found


@given(any_.lists(messages, max_size=4), any_.lists(any_.integers(1, 200), min_size=1), any_.integers(1, 100))
def test_any_messages_cut_anywhere_come_out_whole(sent, lengths, largest):
    stream = b"".join(frames_of(message, largest) + frame.Heartbeat().marshal() for message in sent)
    pieces = []
    while stream:
        cut = lengths[len(pieces) % len(lengths)]
        pieces.append(stream[:cut])
        stream = stream[cut:]
    connection, found = read_all(pieces)
    assert connection.others == [(8, 0, b"")] * len(sent)
    for message, delivery in zip(sent, found, strict=True):
        assert (delivery.tag, delivery.redelivered, delivery.routing_key, delivery.body) == (
            message["tag"],
            message["redelivered"],
            message["key"],
            message["body"],
        )
        assert delivery.headers == (message["headers"] or {})
        named = {n: message[n] for n in ("content_type", "content_encoding", "correlation_id") if message[n]}
        assert named.items() <= delivery.properties.items()
        assert delivery.properties["delivery_mode"] == 2


def test_a_frame_of_another_channel_between_two_of_a_message_goes_its_way():
    message = {
        "tag": 5, "redelivered": False, "key": "k", "headers": None, "content_type": None, "content_encoding": None,
        "correlation_id": None, "body": b"abc",
    }  # fmt: skip
    stream = frames_of(message)
    ack = frame.Method(2, spec.Basic.Ack(delivery_tag=9)).marshal()
    first = stream.index(b"\xce") + 1
    connection, found = read_all([stream[:first] + ack + stream[first:]])
    assert [d.body for d in found] == [b"abc"]
    assert [(kind, channel) for kind, channel, _ in connection.others] == [(1, 2)]


def test_a_stream_out_of_step_is_an_error_and_not_a_message():
    broken = bytearray(frame.Heartbeat().marshal())
    broken[-1] = 0
    connection = Connection([bytes(broken)])
    with pytest.raises(UnexpectedFrame):
        DeliveryReader(connection, 1, None).read()
