"""Streams keep what happened, for those who were granted it; services notice nothing of them."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from urllib.error import HTTPError

import pika
import pytest
from ledger.events import Booked, Cancelled, Paid
from mtnet_chassis.broker import streams
from mtnet_chassis.broker.downstream import Credential, DownstreamSystem, differences, hashed, permission_of
from mtnet_chassis.broker.plan import Group, ServicePlan
from mtnet_chassis.broker.streams import CLOSED_EVERY, FILLER, ROLLED_EVERY, roll_due, with_streams
from mtnet_chassis.broker.topology import UNROUTED, Policy, topology_of
from mtnet_chassis.testing.pytest_plugin import eventually
from mtnet_contracts.event import Holds, catalogue

EVENTS = [Paid, Cancelled, Booked]
PLANS = [
    ServicePlan("tests", (), False),
    ServicePlan("ledger", (Group("ledger", "batch", False, frozenset({Paid})),), False),
]
BEFORE = topology_of(PLANS, EVENTS)
TOPOLOGY = with_streams(BEFORE, EVENTS, every_event=True)
PAID, CANCELLED = "tests.Paid.stream", "tests.Cancelled.stream"


@pytest.fixture
def channel(broker):
    """The administrator's."""
    with pika.BlockingConnection(pika.URLParameters(broker.amqp_url)) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        yield channel


@pytest.fixture
def vessels(broker):
    """A system that was granted `Paid`, on the broker; `bring(system)` brings it in line again."""
    broker.apply(TOPOLOGY)
    name = f"s-{broker.vhost}"
    system = DownstreamSystem(
        name, frozenset({("tests", "Paid")}), (Credential(f"downstream.{name}.1", hashed("its secret")),)
    )

    def bring(*systems):
        found = differences(broker.management, systems)
        for difference in found:
            difference.mend()
        return [difference.text for difference in found]

    bring(system)
    yield system, bring
    bring()


@pytest.fixture
def own_channel(broker, vessels):
    """A channel of the system's own user."""
    user = vessels[0].credentials[0].user
    host = broker.amqp_url.rpartition("@")[2]
    connection = pika.BlockingConnection(pika.URLParameters(f"amqp://{user}:its%20secret@{host}"))
    channel = connection.channel()
    channel.confirm_delivery()
    yield channel
    with suppress(pika.exceptions.AMQPError):  # pika returns what came last, which a stream refuses
        connection.close()


def announce(channel, event, *bodies):
    for body in bodies:
        properties = pika.BasicProperties(headers={"cloudEvents_id": body}, delivery_mode=2)
        channel.basic_publish("tests.announced", event, body.encode(), properties)


def read(channel, stream, offset, number):
    """So many messages from there on: offset and body. pika returns what it has received and not given out yet, and a
    stream takes nothing back: so one comes at a time, and after the last none."""
    channel = channel.connection.channel()
    channel.basic_qos(prefetch_count=1)
    found = []
    arguments = {"x-stream-offset": offset}
    for method, properties, body in channel.consume(stream, arguments=arguments, inactivity_timeout=20):
        assert method, f"{len(found)} of {number} came"
        found.append((properties.headers["x-stream-offset"], body.decode()))
        if len(found) == number:
            break
        channel.basic_ack(method.delivery_tag)
    channel.close()
    return found


def test_there_is_a_stream_for_each_event_that_may_be_kept(monkeypatch):
    monkeypatch.setattr(Cancelled, "holds", Holds.SECRETS)
    added = {queue.name for queue in with_streams(BEFORE, EVENTS).queues} - {q.name for q in BEFORE.queues}
    assert added == {PAID, "tests.Booked.stream"}
    assert with_streams(BEFORE, EVENTS, days=0) == BEFORE


def test_what_holds_secrets_is_in_no_stream_of_the_portal():
    known = catalogue()
    services = [ServicePlan(source, (), False) for source in {event.source for event in known}]
    topology = with_streams(topology_of(services, known), known, every_event=True)
    bound = {(b.exchange, b.routing_key) for b in topology.bindings if b.queue.endswith(".stream")}
    secret = {(f"{e.source}.announced", e.event_name()) for e in known if e.holds is Holds.SECRETS}
    assert secret
    assert bound
    assert not bound & secret


def test_a_system_with_every_event_has_a_right_of_bounded_length():
    events = frozenset((e.source, e.event_name()) for e in catalogue() if e.holds is not Holds.SECRETS)
    right = permission_of(DownstreamSystem("a" * 30, events, ()), "any").read
    assert len(right) < 40 * len(events) + 200


@pytest.mark.stack
def test_streams_are_laid_out_once_and_their_days_can_change(broker):
    assert f"queue {PAID}" in broker.apply(TOPOLOGY)
    assert broker.apply(TOPOLOGY) == []
    assert str(broker.management.unwanted(TOPOLOGY)) == ""
    assert broker.apply(with_streams(BEFORE, EVENTS, days=14, every_event=True)) == ["policy streams"]
    assert broker.apply(TOPOLOGY) == ["policy streams"]


@pytest.mark.stack
def test_an_event_is_kept_from_its_first_grant_on_and_after_it(broker, vessels):
    """Streams are there, and their services say nothing of what they keep."""
    system, bring = vessels
    for name in (PAID, CANCELLED):
        key = name.split(".")[1]
        broker.management.call("DELETE", f"/bindings/{broker.vhost}/e/tests.announced/q/{name}/{key}")
    assert bring(system) == ["keep Paid of tests.announced in its stream"]
    assert bring(replace(system, events=frozenset()))
    granted = with_streams(BEFORE, EVENTS)
    assert broker.apply(granted) == []
    assert broker.management.unwanted(granted).bindings == ()
    bound = broker.management.call("GET", f"/bindings/{broker.vhost}")
    assert {each["destination"] for each in bound if each["source"] == "tests.announced"} >= {PAID}
    assert broker.apply(TOPOLOGY) == [f"binding tests.announced → {CANCELLED} (Cancelled)"]


@pytest.mark.stack
def test_an_event_reaches_services_and_its_stream_and_is_an_alarm_when_it_reaches_no_service(
    broker, channel, vessels
):
    """`Booked` has a stream and no subscriber."""
    announce(channel, "Paid", "one")
    properties = pika.BasicProperties(delivery_mode=2)
    channel.basic_publish("tests.announced", "Booked", b"two", properties)
    assert [body for _, body in broker.wait_for_messages("ledger.batch", 1)] == [b"one"]
    assert read(channel, PAID, "last", 1)[0][1] == "one"
    assert read(channel, "tests.Booked.stream", "first", 1) == [(0, "two")]
    assert [body for _, body in broker.wait_for_messages(UNROUTED, 1)] == [b"two"]


@pytest.mark.stack
def test_one_reads_from_the_beginning_from_an_offset_and_from_a_time(broker, channel, vessels, own_channel):
    announce(channel, "Paid", "a", "b", "c")
    everything = read(own_channel, PAID, "first", 3)
    while everything[-1][1] != "c":  # what other tests have sent comes first
        everything = read(own_channel, PAID, "first", len(everything) + 1)
    assert [body for _, body in everything][-3:] == ["a", "b", "c"]
    assert read(own_channel, PAID, everything[-2][0], 2) == everything[-2:]
    long_ago = datetime.now(UTC) - timedelta(days=40)
    assert read(own_channel, PAID, long_ago, len(everything)) == everything


ACTS = {
    "reads the stream of its event": (
        lambda c: c.basic_consume(PAID, lambda *_: None, arguments={"x-stream-offset": "first"}),
        True,
    ),
    "asks whether it is there": (lambda c: c.queue_declare(PAID, passive=True), True),
    "reads the stream of another event": (lambda c: c.basic_consume(CANCELLED, lambda *_: None), False),
    "reads a stream of a like name": (lambda c: c.basic_consume(f"{PAID}.more", lambda *_: None), False),
    "writes into the stream": (lambda c: c.basic_publish("", PAID, b"{}"), False),
    "announces an event": (lambda c: c.basic_publish("tests.announced", "Paid", b"{}"), False),
    "binds the stream to another event": (
        lambda c: c.queue_bind(PAID, "tests.announced", "Cancelled"),
        False,
    ),
    "binds the stream to everything": (lambda c: c.queue_bind(PAID, "tests.events", "#"), False),
    "unbinds the stream": (lambda c: c.queue_unbind(PAID, "tests.announced", "Paid"), False),
    "deletes the stream": (lambda c: c.queue_delete(PAID), False),
    "declares a stream": (
        lambda c: c.queue_declare("tests.More.stream", durable=True, arguments={"x-queue-type": "stream"}),
        False,
    ),
}


@pytest.mark.stack
@pytest.mark.parametrize("act", ACTS)
def test_a_system_reads_the_streams_of_its_events_and_does_nothing_else_to_them(own_channel, act):
    done, allowed = ACTS[act]
    own_channel.basic_qos(prefetch_count=1)
    if allowed:
        done(own_channel)
    else:
        with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="403"):
            done(own_channel)


@pytest.mark.stack
def test_a_grant_that_ended_ends_the_reading_of_its_stream(broker, vessels, own_channel):
    system, bring = vessels
    user = system.credentials[0].user
    own_channel.basic_qos(prefetch_count=1)
    own_channel.basic_consume(PAID, lambda *_: None, arguments={"x-stream-offset": "next"})
    connections = broker.management
    eventually(lambda: user in {c.get("user") for c in connections.call("GET", "/connections?columns=user")})
    both = replace(system, events=system.events | {("tests", "Cancelled")})
    assert f"set the rights of user {user}" in bring(both), "a right more ends no connection"
    assert own_channel.connection.is_open
    assert bring(replace(system, events=frozenset({("tests", "Cancelled")})))[-1] == (
        f"set the rights of user {user}, and end its connections"
    )
    with pytest.raises(pika.exceptions.AMQPError):
        own_channel.connection.process_data_events(20)


@pytest.mark.stack
def test_a_reader_hears_that_its_stream_was_deleted_and_it_is_laid_out_again(broker, channel, vessels):
    announce(channel, "Cancelled", "lost")
    channel.basic_qos(prefetch_count=1)
    reading = channel.consume(CANCELLED, arguments={"x-stream-offset": "first"}, inactivity_timeout=20)
    assert next(reading)[2] == b"lost"
    broker.management.call("DELETE", f"/queues/{broker.vhost}/{CANCELLED}")
    assert list(reading) == [], "the broker cancels the consumer"
    assert broker.apply(TOPOLOGY) == [
        f"queue {CANCELLED}",
        f"binding tests.announced → {CANCELLED} (Cancelled)",
    ]
    announce(channel, "Cancelled", "new")
    assert read(channel, CANCELLED, "first", 1) == [(0, "new")]


@pytest.mark.stack
def test_what_is_too_old_goes_though_nothing_new_happens(broker, channel, monkeypatch):
    """Filled up, a segment is closed; a closed one whose last message is too old goes."""
    monkeypatch.setattr(streams, "SEGMENT_BYTES", 4_000)
    quiet = with_streams(topology_of([ServicePlan("tests", (), False)], [Booked]), [Booked], every_event=True)
    name = "tests.Booked.stream"
    with suppress(HTTPError):  # it may be there, with larger segments
        broker.management.call("DELETE", f"/queues/{broker.vhost}/{name}")
    broker.apply(replace(quiet, policies=(Policy("streams", r"\.stream$", (("max-age", "1s"),)),)))
    channel.basic_publish("tests.announced", "Booked", b"old", pika.BasicProperties(delivery_mode=2))
    eventually(lambda: broker.management.queue_depths()[name])  # the management API counts every few seconds
    now = datetime.now(UTC)
    assert roll_due(broker.management, now) == [], "it begins to count"
    assert roll_due(broker.management, now + CLOSED_EVERY - timedelta(seconds=1)) == []
    assert roll_due(broker.management, now + CLOSED_EVERY) == [], "nothing came since"
    assert name in roll_due(broker.management, now + ROLLED_EVERY)
    assert roll_due(broker.management, now + ROLLED_EVERY) == []
    weeks = count(2)

    def gone():
        roll_due(broker.management, now + next(weeks) * ROLLED_EVERY)
        return read(channel, name, "first", 1)[0][0] > 0

    eventually(gone)  # a second after it came
    reading = channel.connection.channel()
    reading.basic_qos(prefetch_count=1)
    _, properties, _ = next(reading.consume(name, arguments={"x-stream-offset": "first"}))
    assert properties.type == FILLER
    assert "cloudEvents_id" not in properties.headers
    reading.close()


@pytest.mark.stack
def test_a_segment_is_closed_the_next_day_where_something_came(broker, monkeypatch):
    seen = {PAID: 5, CANCELLED: 0}
    filled = []
    management = broker.management
    call = management.call

    def told(method, path, body=None):
        if path.startswith("/queues/"):
            return [{"name": name, "messages": held} for name, held in seen.items()]
        if path.endswith("/publish"):
            filled.append(body["routing_key"])
            return None
        return call(method, path, body)

    monkeypatch.setattr(management, "call", told)
    now = datetime.now(UTC) + timedelta(days=1_000)
    roll_due(management, now)
    seen[PAID] = 6 + streams.FILLERS
    assert roll_due(management, now + CLOSED_EVERY) == [PAID]
    assert filled[-2:] == [PAID, PAID]
    seen[PAID] += streams.FILLERS
    assert roll_due(management, now + 2 * CLOSED_EVERY) == []
