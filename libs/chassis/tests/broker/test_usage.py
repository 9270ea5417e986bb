"""How full a system's queue is, and since when nothing was taken from it."""

from datetime import UTC, datetime, timedelta

import pika
import pytest
from mtnet_chassis.broker import downstream
from mtnet_chassis.broker.downstream import DownstreamSystem, differences
from mtnet_chassis.broker.plan import ServicePlan
from mtnet_chassis.broker.topology import topology_of
from mtnet_chassis.broker.usage import QueueUsage, Waiting, share_of, usage_of, waiting_after
from mtnet_chassis.testing.pytest_plugin import eventually

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def queue(messages, taken):
    return {"messages": messages, "message_stats": {"ack": taken}}


def test_it_waits_from_when_something_was_first_seen_in_it_until_something_is_taken():
    empty = waiting_after(None, queue(0, 7), NOW)
    assert empty == Waiting(7, None)
    begun = waiting_after(empty, queue(3, 7), NOW + HOUR)
    assert begun == Waiting(7, (NOW + HOUR).isoformat())
    assert waiting_after(begun, queue(5, 7), NOW + 2 * HOUR) == begun
    assert waiting_after(begun, queue(4, 8), NOW + 2 * HOUR) == Waiting(8, (NOW + 2 * HOUR).isoformat())
    assert waiting_after(begun, queue(0, 10), NOW + 2 * HOUR) == Waiting(10, None)


def test_a_broker_that_counts_anew_has_taken_nothing_by_it():
    begun = Waiting(70, NOW.isoformat())
    assert waiting_after(begun, queue(3, 0), NOW + HOUR) == Waiting(0, NOW.isoformat())


@pytest.mark.parametrize(
    ("found", "waiting_days", "share"),
    [
        ({}, 0, 0),
        ({"messages": 500_000}, 0, 0.5),
        ({"message_bytes": 1 << 28}, 0, 0.25),
        ({"messages": 1}, 17.5, 0.5),
        ({"messages": 50, "effective_policy_definition": {"max-length": 100}}, 0, 0.5),
    ],
)
def test_the_share_is_that_of_the_nearest_limit(found, waiting_days, share):
    assert share_of(found, waiting_days * 24 * 3600) == pytest.approx(share, abs=1e-5)


@pytest.mark.stack
def test_what_is_told_of_a_queue_on_the_broker(broker, monkeypatch):
    few = tuple((name, 4 if name == "max-length" else value) for name, value in downstream.LIMITS.definition)
    monkeypatch.setattr(
        downstream, "LIMITS", downstream.Policy(downstream.LIMITS.name, downstream.LIMITS.pattern, few)
    )
    broker.apply(topology_of([ServicePlan("tests", (), False)]))
    name = f"u-{broker.vhost}"
    system = DownstreamSystem(name, frozenset({("tests", "Paid")}), ())
    for difference in differences(broker.management, [system]):
        difference.mend()
    assert usage_of(broker.management, NOW) == [QueueUsage(name, 0, 0, 0, 0, 0.0, 0.0)]
    with pika.BlockingConnection(pika.URLParameters(broker.amqp_url)) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        for _ in range(2):
            channel.basic_publish("tests.announced", "Paid", b"12345")
        # The management API learns of it within seconds, and of its bytes last.
        eventually(lambda: usage_of(broker.management, NOW)[0].bytes == 10)
        found = usage_of(broker.management, NOW + timedelta(days=7))[0]
        assert found == QueueUsage(name, 2, 10, 0, 0, 7 * 24 * 3600.0, 0.5)
    for difference in differences(broker.management, []):
        difference.mend()
    assert usage_of(broker.management, NOW) == []
