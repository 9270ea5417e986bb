"""One command lays out the broker, changes nothing silently, and gives each user the least it needs."""

from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

import pika
import psycopg
import pytest
from ledger.events import Booked, Cancelled, Paid
from mtnet_chassis.broker.management import TopologyDiffers, Unwanted
from mtnet_chassis.broker.plan import Group, ServicePlan
from mtnet_chassis.broker.topology import (
    FOR_DOWNSTREAM,
    NEVER,
    Binding,
    Queue,
    bound_events,
    permissions_of,
    topology_of,
)
from mtnet_chassis.operations.record import Operator
from mtnet_chassis.operations.unrouted import Unrouted
from mtnet_chassis.runtime.services import installed_services, plan_of
from mtnet_chassis.testing.pytest_plugin import eventually
from mtnet_contracts.event import catalogue

EVENTS = [Paid, Cancelled, Booked]
VICTIM = ServicePlan("victim", (Group("victim", "all", True, frozenset({Paid})),), False)
OPERATOR = Operator("operator1", "a test")
PLANS = [ServicePlan("tests", (), False), plan_of("ledger"), VICTIM]


@pytest.fixture
def fresh_broker(broker):
    """A virtual host in which nothing is declared."""
    name = f"{broker.vhost}-fresh"
    fresh = replace(broker, vhost=name, amqp_url=broker.amqp_url.replace(broker.vhost, name))
    fresh.management.make_vhost()
    yield fresh
    fresh.management.remove_vhost()


def bindings_of(group):
    plan = ServicePlan("listener", (group,), False)
    bindings = topology_of([plan], EVENTS).bindings
    return {b.routing_key for b in bindings if b.queue == group.queue and b.exchange.endswith(".events")}


def test_an_unordered_group_hears_what_it_handles():
    assert bindings_of(Group("listener", "some", False, frozenset({Paid}))) == {"Paid"}


def test_an_ordered_group_hears_all_of_the_aggregate_so_that_its_sequence_has_no_gaps():
    assert bindings_of(Group("listener", "all", True, frozenset({Paid}))) == {"Paid", "Cancelled"}


def test_the_plan_of_a_service_is_read_from_its_code():
    plan = plan_of("ledger")
    assert [(g.queue, g.ordered) for g in plan.groups] == [
        ("ledger.batch", False),
        ("ledger.ordered", True),
        ("ledger.wishes", False),
    ]
    assert plan.answers_calls


def test_every_event_queue_is_safe():
    queues = {q.name: dict(q.arguments) for q in topology_of(PLANS, EVENTS).queues}
    assert queues["ledger.batch"] == {
        "x-queue-type": "quorum",
        "x-delivery-limit": 1_000_000_000,
        "x-dead-letter-exchange": "dead",
        "x-dead-letter-routing-key": "ledger.batch",
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
    assert queues["ledger.batch.dead"]["x-queue-type"] == "quorum"
    assert {q for q in queues if q.startswith("ledger.retry.")} == {
        "ledger.retry.5s",
        "ledger.retry.30s",
        "ledger.retry.2m",
        "ledger.retry.10m",
        "ledger.retry.1h",
    }
    assert queues["ledger.retry.5s"]["x-dead-letter-exchange"] == "ledger.retried"


@pytest.mark.stack
def test_applying_twice_changes_nothing(broker):
    topology = topology_of(PLANS, EVENTS)
    assert broker.apply(topology)
    assert broker.apply(topology) == []


@pytest.mark.stack
def test_what_the_code_does_not_know_is_told_and_stays_until_somebody_prunes(broker):
    topology = topology_of(PLANS, EVENTS)
    newer = Binding("tests.events", "ledger.batch", "Newer")
    gone = Binding("tests.events", "ledger.gone", "Paid")
    broker.apply(
        replace(
            topology,
            queues=(*topology.queues, Queue("ledger.gone", (("x-queue-type", "quorum"),))),
            bindings=topology.bindings | {newer, gone},
        )
    )
    management = broker.management
    assert broker.apply(topology) == []
    unwanted = management.unwanted(topology)
    assert unwanted == Unwanted((newer, gone), (("ledger.gone", 0),), ())
    assert "unwanted binding tests.events → ledger.batch (Newer)" in str(unwanted)
    assert management.prune(unwanted)[-1] == "kept queue ledger.gone: unbound just now, prune again"
    assert management.prune(Unwanted((), (("ledger.gone", 3),), ())) == ["kept queue ledger.gone: 3 messages"]
    assert management.prune(management.unwanted(topology)) == ["removed queue ledger.gone"]
    assert management.unwanted(topology) == Unwanted((), (), ())


@pytest.mark.stack
def test_letters_may_be_looked_at_any_number_of_times(broker):
    """RabbitMQ 4 drops a message after 20 looks where no limit is set; what counts is what the queue goes by."""
    broker.apply(topology_of(PLANS, EVENTS))

    def limit(queue):
        found = broker.management.call("GET", f"/queues/{broker.vhost}/{queue}")
        return (found.get("effective_policy_definition") or {}).get("delivery-limit", 0)

    for queue in ("ledger.batch.dead", "unrouted"):
        eventually(lambda queue=queue: limit(queue) >= 1_000_000)
    assert delivery_limit(broker, "ledger.batch") == NEVER  # it has its own, as an argument


def limited(topology):
    """As an earlier release declared it."""
    return replace(
        topology,
        queues=tuple(
            Queue(q.name, tuple((k, 20 if v == NEVER else v) for k, v in q.arguments))
            for q in topology.queues
        ),
    )


def delivery_limit(broker, queue):
    return broker.management.call("GET", f"/queues/{broker.vhost}/{queue}")["arguments"]["x-delivery-limit"]


@pytest.mark.stack
def test_an_empty_queue_of_an_earlier_release_loses_its_delivery_limit_where_nobody_is_connected(
    fresh_broker,
):
    topology = topology_of(PLANS, EVENTS)
    fresh_broker.apply(limited(topology))
    assert delivery_limit(fresh_broker, "ledger.batch") == 20
    done = fresh_broker.apply(topology)
    assert "queue ledger.batch" in done
    assert delivery_limit(fresh_broker, "ledger.batch") == NEVER
    assert "binding tests.events → ledger.batch (Paid)" in done, "the new queue is bound as the old one was"
    assert fresh_broker.apply(topology) == []


@pytest.mark.stack
def test_a_queue_of_an_earlier_release_that_is_in_use_stays_and_is_told(fresh_broker):
    topology = topology_of(PLANS, EVENTS)
    fresh_broker.apply(limited(topology))
    connection = pika.BlockingConnection(pika.URLParameters(fresh_broker.amqp_url))
    channel = connection.channel()
    channel.confirm_delivery()
    channel.basic_publish("", "ledger.batch", b"{}", pika.BasicProperties(delivery_mode=2))
    management = fresh_broker.management
    eventually(lambda: management.call("GET", f"/vhosts/{fresh_broker.vhost}/connections"))
    told = [line for line in fresh_broker.apply(topology) if line.startswith("kept queue")]
    assert [line.split()[2] for line in told] == [
        "ledger.batch", "ledger.ordered", "ledger.wishes", "victim.all",
    ]  # fmt: skip
    connection.close()
    eventually(lambda: not management.call("GET", f"/vhosts/{fresh_broker.vhost}/connections"))
    told = [line for line in fresh_broker.apply(topology) if line.startswith("kept queue")]
    assert [line.split()[2] for line in told] == ["ledger.batch"], "it holds a message"
    assert fresh_broker.wait_for_messages("ledger.batch", 1)


@pytest.mark.stack
def test_other_arguments_of_a_queue_are_refused_in_a_sentence(broker):
    topology = topology_of(PLANS, EVENTS)
    broker.apply(topology)
    changed = [
        Queue(q.name, (*q.arguments, ("x-max-length", 5))) if q.name == "ledger.batch" else q
        for q in topology.queues
    ]
    with pytest.raises(TopologyDiffers, match=r"ledger\.batch .*x-max-length"):
        broker.apply(replace(topology, queues=tuple(changed)))


@pytest.fixture(scope="module")
def ledger_url(broker):
    """The broker as the ledger's own user sees it."""
    broker.apply(topology_of(PLANS, EVENTS))
    user = f"ledger-{broker.vhost}"
    broker.management.set_user(user, "secret")
    (permission,) = [p for p in permissions_of(PLANS) if p.user == "ledger"]
    broker.management.set_permission(replace(permission, user=user))
    parts = urlsplit(broker.amqp_url)
    yield urlunsplit(parts._replace(netloc=f"{user}:secret@{parts.hostname}:{parts.port}"))
    broker.management.call("DELETE", f"/users/{user}")


def may(url, act):
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    channel.confirm_delivery()
    refusals = []
    try:
        act(channel)
    except pika.exceptions.ChannelClosedByBroker as refused:
        refusals.append(refused.reply_code)
    connection.close()
    assert refusals in ([], [403])
    return not refusals


@pytest.mark.stack
@pytest.mark.parametrize(
    ("what", "allowed"),
    [
        (lambda c: c.basic_get("ledger.batch"), True),
        (lambda c: c.basic_get("rpc-ledger"), True),
        (lambda c: c.basic_publish("ledger.events", "Booked", b"{}"), True),
        (lambda c: c.basic_publish("nameko-rpc", "some-reply", b"{}"), True),
        (lambda c: c.basic_publish("ledger.retry.5s", "ledger.batch", b"{}"), True),
        (lambda c: c.basic_publish("ledger.dead", "ledger.batch", b"{}"), True),
        (lambda c: c.queue_declare("ledger.batch", passive=True), True),
        (lambda c: c.basic_get("ledger.batch.dead"), False),
        (lambda c: c.basic_get("unrouted"), False),
        (lambda c: c.basic_publish("tests.events", "Paid", b"{}"), False),
        (lambda c: c.basic_publish("", "ledger.batch", b"{}"), False),
        (lambda c: c.basic_publish("dead", "ledger.batch", b"{}"), False),
        (lambda c: c.basic_publish("ledger.retried", "ledger.batch", b"{}"), False),
        (lambda c: c.basic_publish("victim.retry.5s", "victim.all", b"{}"), False),
        (lambda c: c.basic_publish("victim.dead", "victim.all", b"{}"), False),
        (lambda c: c.queue_declare("ledger.mine"), False),
        (lambda c: c.queue_bind("ledger.batch", "tests.events", "Cancelled"), False),
        (lambda c: c.queue_delete("ledger.batch"), False),
    ],
)
def test_a_service_may_do_its_own_work_and_nothing_else(ledger_url, what, allowed):
    assert may(ledger_url, what) is allowed


@pytest.mark.stack
def test_nobody_can_put_a_forged_event_into_the_queue_of_another(ledger_url, broker):
    """Through its own retries or dead letters, by the routing key or by the copies that a header asks for."""
    victims = ("victim.all", "victim.all.dead")
    forged = pika.BasicProperties(headers={"CC": list(victims), "BCC": list(victims)}, delivery_mode=2)
    connection = pika.BlockingConnection(pika.URLParameters(ledger_url))
    channel = connection.channel()
    channel.confirm_delivery()
    for exchange in ("ledger.retry.5s", "ledger.dead", "ledger.events"):
        for key in ("victim.all", "victim.all.dead", "ledger.batch"):
            channel.basic_publish(exchange, key, b"{}", forged)
    connection.close()
    # The last of them came back after its delay, as its own may; what was sent before it has gone its way as well.
    assert broker.wait_for_messages("ledger.batch", 1, seconds=15)
    administrator = pika.BlockingConnection(pika.URLParameters(broker.amqp_url))
    channel = administrator.channel()
    channel.confirm_delivery()
    for queue in victims:
        channel.basic_publish("", queue, b"sent last")
        assert [body for _, body in broker.wait_for_messages(queue, 1)] == [b"sent last"]
        assert channel.queue_declare(queue, passive=True).method.message_count == 0, queue
    administrator.close()


@pytest.mark.stack
def test_unrouted_holds_what_should_have_reached_somebody_and_nothing_else(
    fresh_broker, monkeypatch, postgres_dsn
):
    """`Cancelled` is for downstream systems, `Paid` has a subscriber, `Booked` should have one, `Newer` is unknown."""
    monkeypatch.setattr(Cancelled, "needs_subscriber", False)
    batch = ServicePlan("ledger", (Group("ledger", "batch", False, frozenset({Paid})),), False)
    plans = [ServicePlan("tests", (), False), batch]
    topology = topology_of(plans, EVENTS)
    fresh_broker.apply(topology)
    assert fresh_broker.apply(topology) == []
    connection = pika.BlockingConnection(pika.URLParameters(fresh_broker.amqp_url))
    channel = connection.channel()
    channel.confirm_delivery()
    for key in ("Paid", "Cancelled", "Booked", "Newer", "Booked"):
        channel.basic_publish("tests.events", key, b"{}", pika.BasicProperties(delivery_mode=2))
    # A downstream system binds a queue of its own, and gets it.
    channel.queue_declare("customs", exclusive=True)
    channel.queue_bind("customs", "tests.events", "Cancelled")
    channel.basic_publish("tests.events", "Cancelled", b"{}", pika.BasicProperties(delivery_mode=2))
    eventually(lambda: channel.basic_get("customs", auto_ack=True)[0])
    session = psycopg.connect(postgres_dsn)
    unrouted = Unrouted(connection, lambda service: session)
    assert [(x.place, x.event) for x in unrouted.list()] == [
        ("tests.events", "Booked"), ("tests.events", "Newer"), ("tests.events", "Booked"),
    ]  # fmt: skip
    # The binding that was missing is there now; what was missed is sent again.
    both = ServicePlan("ledger", (Group("ledger", "batch", False, frozenset({Paid, Booked})),), False)
    fresh_broker.apply(topology_of([plans[0], both], EVENTS))
    assert unrouted.retry("ledger.events", None, OPERATOR) == 0
    assert unrouted.retry("tests.events", None, OPERATOR) == 3
    (newer,) = unrouted.list()
    assert newer.event == "Newer"
    assert len(fresh_broker.wait_for_messages("ledger.batch", 3)) == 3
    with pytest.raises(LookupError, match="nobody"):
        unrouted.discard("tests.events", "nobody", OPERATOR)
    assert unrouted.discard("tests.events", newer.id, OPERATOR) == 1
    assert unrouted.list() == []
    done = session.execute("SELECT action, event FROM operator_act WHERE kind = 'unrouted' ORDER BY acted_at")
    assert sorted(done.fetchall()) == [
        ("discarded", "Newer"), ("retried", "Booked"), ("retried", "Booked"), ("retried", "Newer"),
    ]  # fmt: skip
    session.close()
    connection.close()


def test_a_group_is_not_named_like_something_else_on_the_broker():
    with pytest.raises(ValueError, match="outbox"):
        Group("ledger", "outbox", False, frozenset())


@pytest.mark.stack
def test_an_event_that_gets_a_subscriber_is_an_alarm_again_when_its_binding_is_lost(
    fresh_broker, monkeypatch
):
    plans = [ServicePlan("tests", (), False)]
    discarding = Binding("tests.events", FOR_DOWNSTREAM, "Cancelled", to_exchange=True)
    with monkeypatch.context() as patch:
        patch.setattr(Cancelled, "needs_subscriber", False)
        topology = topology_of(plans, EVENTS)
        assert discarding in topology.bindings
        fresh_broker.apply(topology)
    done = fresh_broker.apply(topology_of(plans, EVENTS))
    assert done == ["removed binding tests.events → for-downstream (Cancelled)"]


@pytest.mark.slow  # loads every service
def test_the_events_for_downstream_systems_are_those_that_no_service_subscribes_to():
    """Said in the contract, so that a subscriber which loses its handler is noticed here."""
    plans = [plan_of(name) for name in installed_services()]
    known = catalogue()
    heard = {event for plan in plans for group in plan.groups for event in bound_events(group, known)}
    assert {e for e in known if e not in heard} == {e for e in known if not e.needs_subscriber}
    assert [e for e in known if not e.needs_subscriber], (
        "the portal has such events; is the catalogue loaded?"
    )
