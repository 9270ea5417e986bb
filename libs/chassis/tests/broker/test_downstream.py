"""What a downstream system has on the broker: exactly what it was granted, and nothing of anybody else."""

from dataclasses import replace
from functools import partial
from urllib.parse import urlsplit, urlunsplit

import pika
import pytest
from ledger.events import Booked, Cancelled, Paid
from mtnet_chassis.broker import downstream
from mtnet_chassis.broker.downstream import (
    Credential,
    DownstreamSystem,
    differences,
    hashed,
    queues_of_before,
)
from mtnet_chassis.broker.plan import ServicePlan
from mtnet_chassis.broker.topology import topology_of
from mtnet_chassis.operations.queues import messages_in
from mtnet_chassis.testing.pytest_plugin import eventually

pytestmark = pytest.mark.stack

TOPOLOGY = topology_of(
    [ServicePlan("tests", (), False), ServicePlan("ledger", (), False)], [Paid, Cancelled, Booked]
)


@pytest.fixture
def name(broker):
    """Users are the whole broker's, and other tests have theirs there at the same time."""
    return f"v-{broker.vhost}"


@pytest.fixture
def system(name):
    credential = Credential(f"downstream.{name}.1", hashed("its secret"))
    return DownstreamSystem(name, frozenset({("tests", "Paid")}), (credential,))


@pytest.fixture
def bring(broker):
    """`bring(systems)` brings the broker in line and returns what was done; all of it is removed again afterwards."""
    broker.apply(TOPOLOGY)

    def bring(*systems):
        found = differences(broker.management, systems)
        for difference in found:
            difference.mend()
        return [difference.text for difference in found]

    yield bring
    bring()


def url_of(broker, user, password="its secret"):
    parts = urlsplit(broker.amqp_url)
    return urlunsplit(parts._replace(netloc=f"{user}:{password}@{parts.hostname}:{parts.port}"))


@pytest.fixture
def channel_of(broker):
    """`channel_of(system)` is a channel of the system's own user; closed after the test."""
    opened = []

    def channel_of(system, number=0):
        user = system.credentials[number].user
        opened.append(pika.BlockingConnection(pika.URLParameters(url_of(broker, user))))
        channel = opened[-1].channel()
        channel.confirm_delivery()
        return channel

    yield channel_of
    for connection in opened:
        if connection.is_open:
            connection.close()


def announce(broker, *names):
    connection = pika.BlockingConnection(pika.URLParameters(broker.amqp_url))
    channel = connection.channel()
    channel.confirm_delivery()
    for name in names:
        channel.basic_publish("tests.announced", name, name.encode(), mandatory=False)
    connection.close()


def taken(channel, queue, count):
    """The bodies of so many messages, acknowledged; the next ones stay in the queue."""
    channel.basic_qos(prefetch_count=1)
    found = []
    for method, _, body in channel.consume(queue, inactivity_timeout=20):
        assert method, f"{len(found)} of {count} messages came"
        found.append(body.decode())
        channel.basic_ack(method.delivery_tag)
        if len(found) == count:
            break
    channel.cancel()
    return found


def one_of(channel, queue):
    """A message that is not acknowledged yet."""
    channel.basic_qos(prefetch_count=1)
    method, _, _ = next(channel.consume(queue, inactivity_timeout=20))
    assert method
    return method


def test_what_is_wanted_is_there_after_the_first_time_and_nothing_is_left_to_do(bring, system):
    assert bring(system)
    assert bring(system) == []


def test_what_differs_is_shown_before_anything_is_done(broker, bring, system):
    shown = [difference.text for difference in differences(broker.management, [system])]
    assert f"add queue {system.queue}" in shown
    assert f"let {system.queue} have Paid of tests.announced" in shown
    assert system.queue not in broker.management.queue_depths()


def test_it_gets_what_it_was_granted(broker, bring, system, channel_of):
    bring(system)
    announce(broker, "Cancelled", "Paid", "Cancelled", "Paid")
    assert taken(channel_of(system), system.queue, 2) == ["Paid", "Paid"]


def test_a_grant_that_ended_takes_nothing_from_what_has_arrived(broker, bring, system, channel_of):
    bring(system)
    announce(broker, "Paid", "Cancelled")
    told = bring(replace(system, events=frozenset({("tests", "Cancelled")})))
    assert told == [
        f"let {system.queue} have Cancelled of tests.announced",
        f"let {system.queue} have Paid of tests.announced no longer",
        f"set the rights of user {system.credentials[0].user}",
    ]
    announce(broker, "Paid", "Cancelled")
    assert taken(channel_of(system), system.queue, 2) == ["Paid", "Cancelled"]


ACTS = {
    "reads its queue": (lambda c, own: c.basic_consume(own, lambda *_: None), True),
    "reads its dead letters": (lambda c, own: c.basic_get(f"{own}.dead"), True),
    "puts a dead letter back": (lambda c, own: c.basic_publish(f"{own}.back", own, b"{}"), True),
    "asks whether its queue is there": (lambda c, own: c.queue_declare(own, passive=True), True),
    "declares a queue": (lambda c, own: c.queue_declare(f"{own}.more"), False),
    "declares one for itself alone": (lambda c, _: c.queue_declare("", exclusive=True), False),
    "declares one without a name that can be seen": (lambda c, _: c.queue_declare("\n"), False),
    "declares an exchange": (lambda c, own: c.exchange_declare(f"{own}.more"), False),
    "deletes its queue": (lambda c, own: c.queue_delete(own), False),
    "binds itself to another event": (lambda c, own: c.queue_bind(own, "tests.events", "Cancelled"), False),
    "binds itself to everything": (lambda c, own: c.queue_bind(own, "tests.events", "#"), False),
    "binds its exchange to everything": (
        lambda c, own: c.exchange_bind(f"{own}.back", "tests.events", "#"),
        False,
    ),
    "binds its queue once more": (lambda c, own: c.queue_bind(own, f"{own}.back", "more"), False),
    "unbinds somebody's queue": (lambda c, _: c.queue_unbind("unrouted", "unrouted", ""), False),
    "announces an event": (lambda c, _: c.basic_publish("tests.events", "Paid", b"{}"), False),
    "calls a service": (lambda c, _: c.basic_publish("nameko-rpc", "accounts.log_in", b"{}"), False),
    "sends past the exchanges": (lambda c, own: c.basic_publish("", own, b"{}"), False),
    "reads what reached nobody": (lambda c, _: c.basic_get("unrouted"), False),
    "reads another system's queue": (lambda c, own: c.basic_get(f"{own}-two"), False),
    "reads another system's dead letters": (lambda c, own: c.basic_get(f"{own}-two.dead"), False),
    "writes into another system's queue": (
        lambda c, own: c.basic_publish(f"{own}-two.back", own, b"{}"),
        False,
    ),
    "purges another system's queue": (lambda c, own: c.queue_purge(f"{own}-two"), False),
}


@pytest.mark.parametrize("act", ACTS)
def test_it_may_do_no_more_than_read_its_queues_and_put_letters_back(broker, bring, system, act, channel_of):
    credential = replace(system.credentials[0], user=f"downstream.{system.name}-two.1")
    other = replace(system, name=f"{system.name}-two", credentials=(credential,))
    bring(system, other)
    done, allowed = ACTS[act]
    channel = channel_of(system)
    if allowed:
        done(channel, system.queue)
    else:
        with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="403"):
            done(channel, system.queue)


def test_nothing_that_it_may_read_can_be_bound_to_what_it_may_write_to(broker, bring, system, channel_of):
    """Bindings have no bound on the broker: whoever could make one could make them without end."""
    bring(system)
    before = broker.management.call("GET", f"/bindings/{broker.management.vhost}")
    names = [system.queue, f"{system.queue}.dead", system.back, "tests.Paid.stream"]
    connection = channel_of(system).connection
    for to, of in ((to, of) for to in names for of in names):
        for bind in ("queue_bind", "exchange_bind"):
            with pytest.raises(pika.exceptions.ChannelClosedByBroker, match=r"403|404"):
                getattr(connection.channel(), bind)(to, of, "anything")
    assert broker.management.call("GET", f"/bindings/{broker.management.vhost}") == before


@pytest.fixture
def queue_of_before(broker, system):
    """As releases declared it whose dead letters went over an exchange of the queue's name; an event waits in it."""
    broker.apply(TOPOLOGY)
    old = {"x-dead-letter-exchange": system.queue, "x-dead-letter-routing-key": "dead"}
    live, dead = downstream.queues_of(system)
    with pika.BlockingConnection(pika.URLParameters(broker.amqp_url)) as connection:
        channel = connection.channel()
        channel.exchange_declare(system.queue, "direct", durable=True)
        channel.queue_declare(live.name, durable=True, arguments=dict(live.arguments) | old)
        channel.queue_declare(dead.name, durable=True, arguments=dict(dead.arguments))
        channel.queue_bind(dead.name, system.queue, "dead")
        channel.queue_bind(live.name, "tests.announced", "Paid")
    announce(broker, "Paid")
    eventually(lambda: not connections_of(broker))
    return live.name


def connections_of(broker):
    return broker.management.call("GET", f"/vhosts/{broker.management.vhost}/connections")


@pytest.fixture
def bring_alone(broker):
    """As the command does that an operator gives while nobody is connected."""

    def bring_alone(system):
        found = differences(broker.management, [system], partial(messages_in, broker.amqp_url))
        for difference in found:
            difference.mend()
        return [difference.text for difference in found]

    return bring_alone


def test_a_queue_of_before_that_holds_something_or_is_in_use_is_kept(
    broker, bring, bring_alone, system, queue_of_before, channel_of
):
    """A queue's arguments cannot be changed, and what is in it or on its way to it must not be lost."""
    bring_alone(system)
    assert bring_alone(system) == bring(system) == []
    assert queues_of_before(broker.management, [system]) == [queue_of_before]
    reader = channel_of(system)
    reader.basic_nack(one_of(reader, system.queue).delivery_tag, requeue=False)
    reader.cancel()
    assert taken(reader, f"{system.queue}.dead", 1) == ["Paid"]
    eventually(lambda: connections_of(broker))
    assert bring_alone(system) == []
    assert queues_of_before(broker.management, [system]) == [queue_of_before]


def test_a_queue_of_before_that_is_empty_while_nobody_is_connected_is_declared_anew(
    broker, bring, bring_alone, system, queue_of_before, channel_of
):
    bring(system)
    reader = channel_of(system)
    assert taken(reader, system.queue, 1) == ["Paid"]
    reader.connection.close()
    eventually(lambda: not connections_of(broker))
    assert bring(system) == []
    assert bring_alone(system) == [
        f"remove queue {system.queue}, which is empty and leads its dead letters as before",
        f"add queue {system.queue}",
        f"let {system.queue} have {system.queue} of {system.back}",
        f"let {system.queue} have Paid of tests.announced",
        f"let {system.queue}.dead have dead of {system.queue} no longer",
        f"remove exchange {system.queue}",
    ]
    assert bring_alone(system) == bring(system) == queues_of_before(broker.management, [system]) == []
    announce(broker, "Paid")
    reader = channel_of(system)
    reader.basic_nack(one_of(reader, system.queue).delivery_tag, requeue=False)
    reader.cancel()
    assert taken(reader, f"{system.queue}.dead", 1) == ["Paid"]


def test_a_rejected_message_is_a_dead_letter_that_the_system_puts_back_itself(
    broker, bring, system, channel_of
):
    bring(system)
    announce(broker, "Paid")
    channel = channel_of(system)
    channel.basic_nack(one_of(channel, system.queue).delivery_tag, requeue=False)
    channel.cancel()
    method, properties, letter = next(channel.consume(f"{system.queue}.dead", inactivity_timeout=20))
    assert properties.headers["x-first-death-reason"] == "rejected"
    channel.basic_publish(system.back, system.queue, letter)
    channel.basic_ack(method.delivery_tag)
    channel.cancel()
    assert taken(channel, system.queue, 1) == ["Paid"]


def test_a_message_that_is_returned_for_ever_becomes_a_dead_letter(
    broker, bring, system, monkeypatch, channel_of
):
    monkeypatch.setattr(downstream, "MOST_RETURNS", 3)
    bring(system)
    announce(broker, "Paid")
    channel = channel_of(system)
    channel.basic_qos(prefetch_count=1)
    returned = 0
    for method, _, _ in channel.consume(system.queue, inactivity_timeout=1):
        if method is None:
            break
        channel.basic_nack(method.delivery_tag, requeue=True)
        returned += 1
    channel.cancel()
    assert returned == 4
    eventually(lambda: channel.basic_get(f"{system.queue}.dead")[0])


def test_a_full_queue_drops_its_oldest_and_holds_up_nobody(broker, bring, system, monkeypatch):
    few = tuple((k, 3 if k == "max-length" else v) for k, v in downstream.LIMITS.definition)
    monkeypatch.setattr(downstream, "LIMITS", replace(downstream.LIMITS, definition=few))
    bring(system)
    announce(broker, *["Paid"] * 10)  # each of them confirmed
    eventually(lambda: broker.management.queue_depths()[system.queue] <= 3)


def test_two_secrets_work_until_one_of_them_ends_and_its_connections_with_it(
    broker, bring, system, channel_of
):
    second = Credential(f"downstream.{system.name}.2", hashed("its secret"))
    both = replace(system, credentials=(*system.credentials, second))
    bring(both)
    first, later = channel_of(both), channel_of(both, 1)
    bring(replace(system, credentials=(second,)))
    with pytest.raises(pika.exceptions.AMQPError):
        first.connection.process_data_events(20)
    assert later.queue_declare(system.queue, passive=True)
    with pytest.raises(pika.exceptions.ProbableAuthenticationError):
        channel_of(system)


def test_a_secret_that_was_changed_by_hand_is_set_right(broker, bring, system, channel_of):
    bring(system)
    broker.management.set_user(system.credentials[0].user, "something else")
    assert bring(system) == [f"set the secret of user {system.credentials[0].user}"]
    assert channel_of(system)


def test_a_system_that_is_gone_leaves_nothing(broker, bring, system):
    bring(system)
    announce(broker, "Paid")
    bring()
    assert not [name for name in broker.management.queue_depths() if name.startswith("downstream.")]
    users = {user["name"] for user in broker.management.call("GET", "/users")}
    assert system.credentials[0].user not in users


def test_the_topology_of_the_services_leaves_it_alone(broker, bring, system):
    bring(system)
    unwanted = broker.management.unwanted(TOPOLOGY)
    assert not [name for name, _ in unwanted.queues if name.startswith("downstream.")]
    assert not [binding for binding in unwanted.bindings if binding.queue.startswith("downstream.")]
    assert not [name for name in unwanted.exchanges if name.startswith("downstream.")]


# A Nameko service with queues of its own, where an operator allows it

OF_NAMEKO = {
    "declares the queue of its method": (lambda c, q: c.queue_declare(q("Paid"), durable=True), True),
    "binds it to its event": (lambda c, q: c.queue_bind(q("Paid"), "tests.events", "Paid"), True),
    "reads it": (lambda c, q: c.basic_consume(q("Paid"), lambda *_: None), True),
    "binds it to another event": (lambda c, q: c.queue_bind(q("Paid"), "tests.events", "Cancelled"), False),
    "binds it to everything": (lambda c, q: c.queue_bind(q("Paid"), "tests.events", "#"), False),
    "binds it to another source": (lambda c, q: c.queue_bind(q("Paid"), "ledger.events", "Booked"), False),
    "declares that of another event": (lambda c, q: c.queue_declare(q("Cancelled")), False),
    "declares that of another method": (lambda c, q: c.queue_declare(f"{q('Paid')}_too"), False),
    "declares that of another service": (
        lambda c, q: c.queue_declare("evt-tests-Paid--review.on_event"),
        False,
    ),
    "declares the source's exchange": (
        lambda c, _: c.exchange_declare("tests.events", "topic", durable=True),
        False,
    ),
}


@pytest.fixture
def with_nameko(broker, bring, system):
    """The system with queues of `on_event`, and the queue of `Paid` as its service declares it."""
    allowed = replace(system, nameko_method="on_event")
    bring(allowed)
    connection = pika.BlockingConnection(pika.URLParameters(url_of(broker, system.credentials[0].user)))
    channel = connection.channel()
    (queue,) = allowed.nameko_queues
    channel.queue_declare(queue, durable=True)
    channel.queue_bind(queue, "tests.events", "Paid")
    connection.close()
    return allowed


@pytest.mark.parametrize("act", OF_NAMEKO)
def test_a_nameko_service_may_declare_bind_and_read_the_queues_of_its_method_only(
    with_nameko, act, channel_of
):
    done, allowed = OF_NAMEKO[act]
    channel = channel_of(with_nameko)

    def queue(event):
        return f"evt-tests-{event}--{with_nameko.name}.on_event"

    if allowed:
        done(channel, queue)
    else:
        with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="403"):
            done(channel, queue)


def test_a_queue_of_nameko_is_bounded_like_the_systems_own(broker, with_nameko):
    (queue,) = with_nameko.nameko_queues
    eventually(lambda: _policy_of(broker, queue) == "downstream")


def _policy_of(broker, queue):
    return broker.management.call("GET", f"/queues/{broker.management.vhost}/{queue}").get("policy")


@pytest.mark.parametrize(
    "change", [{"nameko_method": None}, {"events": frozenset({("tests", "Cancelled")})}, {"name": None}]
)
def test_what_nameko_declared_goes_when_it_is_not_allowed_any_more(
    broker, bring, with_nameko, channel_of, change
):
    (queue,) = with_nameko.nameko_queues
    told = bring() if "name" in change else bring(replace(with_nameko, **change))
    assert f"remove queue {queue} and its 0 messages" in told
    assert queue not in broker.management.queue_depths()
    if "name" not in change:
        with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="403"):
            channel_of(with_nameko).queue_declare(queue, durable=True)


def test_a_suspended_system_keeps_its_queue_of_nameko(broker, bring, with_nameko):
    bring(replace(with_nameko, credentials=()))
    assert with_nameko.nameko_queues[0] in broker.management.queue_depths()
    assert bring(with_nameko)
    assert bring(with_nameko) == []


TWO = frozenset({("tests", "Paid"), ("tests", "Cancelled")})
BY_HAND = {
    "its queue of another event": lambda c, q: (
        c.queue_declare(q("Cancelled"), durable=True),
        c.queue_bind(q("Cancelled"), "tests.events", "Paid"),
    ),
    "its queue with arguments": lambda c, q: (
        c.queue_declare(q("Cancelled"), durable=True),
        c.queue_bind(q("Cancelled"), "tests.events", "Paid", {"x": 1}),
    ),
    "an exchange before its queue": lambda c, q: (
        c.queue_declare(q("Cancelled"), durable=True),
        c.exchange_declare(q("Cancelled"), "fanout", durable=True),
        c.exchange_bind(q("Cancelled"), "tests.events", "Paid"),
        c.queue_bind(q("Cancelled"), q("Cancelled"), ""),
    ),
}


@pytest.mark.parametrize("way", BY_HAND)
def test_a_grant_that_ended_has_ended_whatever_was_bound_to_what(broker, bring, with_nameko, channel_of, way):
    both = replace(with_nameko, events=TWO)
    bring(both)
    channel = channel_of(both)
    BY_HAND[way](channel, lambda event: f"evt-tests-{event}--{both.name}.on_event")
    bring(replace(both, events=frozenset({("tests", "Cancelled")})))
    with pytest.raises(pika.exceptions.AMQPError):  # it was ended: the broker keeps rights in a busy channel
        channel.connection.process_data_events(20)
    announce(broker, "Paid")
    (queue,) = replace(both, events=frozenset({("tests", "Cancelled")})).nameko_queues
    with pika.BlockingConnection(pika.URLParameters(broker.amqp_url)) as connection:
        assert connection.channel().queue_declare(queue, passive=True).method.message_count == 0
    assert bring(replace(both, events=frozenset({("tests", "Cancelled")}))) == []


def test_a_queue_that_could_refuse_is_removed_and_the_system_named(broker, bring, with_nameko, channel_of):
    channel = channel_of(with_nameko)
    (queue,) = with_nameko.nameko_queues
    channel.queue_delete(queue)
    channel.queue_declare(queue, durable=True, arguments={"x-max-length": 1, "x-overflow": "reject-publish"})
    found = differences(broker.management, [with_nameko])
    assert [(each.text, each.misused_by) for each in found] == [
        (f"remove queue {queue}, which is not as Nameko declares it", with_nameko.name)
    ]
    bring(with_nameko)
    assert queue not in broker.management.queue_depths()
