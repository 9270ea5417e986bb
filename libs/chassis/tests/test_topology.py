"""One command lays out the broker, changes nothing silently, and gives each user the least it needs."""

from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

import pika
import pytest
from ledger.events import Booked, Cancelled, Paid
from mtnet_chassis.services import Group, ServicePlan, plan_of
from mtnet_chassis.topology import (
    Binding,
    Queue,
    TopologyDiffers,
    permissions_of,
    topology_of,
)

EVENTS = [Paid, Cancelled, Booked]
PLANS = [ServicePlan("tests", (Paid, Cancelled), (), False), plan_of("ledger")]


def bindings_of(group):
    plan = ServicePlan("listener", (), (group,), False)
    return {b.routing_key for b in topology_of([plan], EVENTS).bindings if b.queue == group.queue}


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
        "x-delivery-limit": 20,
        "x-dead-letter-exchange": "dead",
        "x-dead-letter-routing-key": "ledger.batch",
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
    assert queues["ledger.batch.dead"]["x-queue-type"] == "quorum"
    assert {q for q in queues if q.startswith("retry.")} == {
        "retry.5s",
        "retry.30s",
        "retry.2m",
        "retry.10m",
        "retry.1h",
    }


@pytest.mark.stack
def test_applying_twice_changes_nothing(broker):
    topology = topology_of(PLANS, EVENTS)
    assert broker.apply(topology)
    assert broker.apply(topology) == []


@pytest.mark.stack
def test_a_binding_that_nobody_wants_any_more_goes(broker):
    topology = topology_of(PLANS, EVENTS)
    old = Binding("tests.events", "ledger.batch", "Retired")
    broker.apply(replace(topology, bindings=topology.bindings | {old}))
    assert broker.apply(topology) == ["removed binding tests.events → ledger.batch (Retired)"]


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
        (lambda c: c.basic_publish("retry.5s", "ledger.batch", b"{}"), True),
        (lambda c: c.basic_publish("dead", "ledger.batch", b"{}"), True),
        (lambda c: c.queue_declare("ledger.batch", passive=True), True),
        (lambda c: c.basic_get("ledger.batch.dead"), False),
        (lambda c: c.basic_get("unrouted"), False),
        (lambda c: c.basic_publish("tests.events", "Paid", b"{}"), False),
        (lambda c: c.basic_publish("", "ledger.batch", b"{}"), False),
        (lambda c: c.queue_declare("ledger.mine"), False),
        (lambda c: c.queue_bind("ledger.batch", "tests.events", "Cancelled"), False),
        (lambda c: c.queue_delete("ledger.batch"), False),
    ],
)
def test_a_service_may_do_its_own_work_and_nothing_else(ledger_url, what, allowed):
    assert may(ledger_url, what) is allowed
