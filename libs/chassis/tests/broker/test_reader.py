"""The reader of a queue: what it hands out when the connection comes and goes, and when it ends."""

from types import SimpleNamespace

import eventlet
import pytest
from amqp import Connection
from mtnet_chassis.broker.connection import BrokerConnection, ConnectionLost
from mtnet_chassis.broker.reader import Delivery, QueueReader


@pytest.fixture
def reader():
    return QueueReader("amqp://nowhere.invalid", "ledger.batch", prefetch=10)


def arrive(reader, *tags):
    for tag in tags:
        reader._buffer.append(Delivery(None, tag, "ledger.batch", b"", b"{}"))
    reader._wake()


def taken(thread):
    with eventlet.Timeout(5):
        return [delivery.tag for delivery in thread.wait()]


def test_a_batch_gathers_what_comes_within_a_moment_and_leaves_the_rest(reader):
    thread = eventlet.spawn(reader.take, 3, 0.05)
    arrive(reader, 1, 2)
    eventlet.sleep(0.01)
    arrive(reader, 3, 4)
    assert taken(thread) == [1, 2, 3]
    assert taken(eventlet.spawn(reader.take, 3, 0)) == [4]


def test_a_connection_lost_while_gathering_does_not_end_the_worker(reader):
    """An empty batch is the sign to end: it must not be given only because the messages went with the connection."""
    thread = eventlet.spawn(reader.take, 10, 0.05)
    arrive(reader, 1)
    eventlet.sleep(0)
    reader._buffer.clear()  # as `run` does when the connection is gone
    with eventlet.Timeout(5):
        while reader._arrived.ready() and not thread.dead:  # until it waits anew
            eventlet.sleep(0.001)
    assert not thread.dead
    arrive(reader, 1)
    assert taken(thread) == [1]


def test_what_has_arrived_is_handed_out_after_the_stop_and_then_nothing(reader):
    arrive(reader, 1, 2)
    reader.stop_taking()
    assert taken(eventlet.spawn(reader.take, 1, 0)) == [1]
    assert taken(eventlet.spawn(reader.take, 1, 0)) == [2]
    assert taken(eventlet.spawn(reader.take, 1, 0)) == []


def test_what_comes_before_the_broker_confirms_the_cancel_is_still_handed_out(reader):
    class SlowLink:
        closed = False

        def cancel(self, tag):
            eventlet.sleep(0.05)
            arrive(reader, 7)
            eventlet.sleep(0.05)
            return True

    reader._connection, reader._consumer_tag = SlowLink(), "tag"
    thread = eventlet.spawn(reader.take, 1, 0)
    stop = eventlet.spawn(reader.stop_taking)
    assert taken(thread) == [7]
    last = eventlet.spawn(reader.take, 1, 0)
    stop.wait()
    assert taken(last) == []


def test_a_stop_while_it_subscribes_still_cancels_and_processes_what_was_delivered(reader, monkeypatch):
    """Closing instead would have the broker deliver all of it again."""
    asked = eventlet.event.Event()
    closed = eventlet.event.Event()
    cancelled = []

    class SlowToSubscribe:
        closed = False

        def __init__(self, *_, **__):
            pass

        def consume(self, queue, prefetch, receive):
            asked.send(None)
            eventlet.sleep(0.05)
            receive(7, False, queue, b"", b"{}")
            return "1"

        def read(self):
            closed.wait()
            raise ConnectionLost("closed")

        def cancel(self, tag):
            cancelled.append(tag)
            return True

        def release(self):
            self.closed = True

    monkeypatch.setattr("mtnet_chassis.broker.reader.BrokerConnection", SlowToSubscribe)
    running = eventlet.spawn(reader.run)
    asked.wait()
    with eventlet.Timeout(5):
        reader.stop_taking()
        assert cancelled == ["1"]
        assert taken(eventlet.spawn(reader.take, 10, 0)) == [7]
        assert taken(eventlet.spawn(reader.take, 10, 0)) == []
        closed.send(None)
        running.wait()


def test_a_stop_before_it_subscribes_leaves_the_queue_alone(reader, monkeypatch):
    class NeverToBeSubscribed:
        closed = False
        consume = None

        def __init__(self, *_, **__):
            reader.stop_taking()

        def release(self):
            self.closed = True

    monkeypatch.setattr("mtnet_chassis.broker.reader.BrokerConnection", NeverToBeSubscribed)
    with eventlet.Timeout(5):
        eventlet.spawn(reader.run).wait()
    assert reader.take(1, 0) == []


def test_letting_go_of_a_connection_never_makes_a_new_one(monkeypatch):
    """py-amqp connects when it is asked for the socket of a connection that is gone: a service whose broker left would
    have died of it."""
    connection = BrokerConnection.__new__(BrokerConnection)
    connection._amqp = Connection(host="127.0.0.1:1", connect_timeout=1)
    connection._socket = SimpleNamespace(close=lambda: None)
    connection.closed = True
    monkeypatch.setattr(connection._amqp, "connect", lambda: pytest.fail("it connects"))
    connection.release()
    assert not connection._amqp.connected
