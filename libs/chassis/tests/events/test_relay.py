"""The relay sends everything, in order, deletes what is confirmed, and one relay works at a time."""

import signal
import threading
from urllib.parse import quote
from uuid import uuid4

import pika
import psycopg
import pytest
from mtnet_chassis.broker.plan import Group, ServicePlan
from mtnet_chassis.broker.topology import topology_of
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.events.relay import Relay
from mtnet_chassis.testing.pytest_plugin import eventually
from mtnet_chassis.testing.running import RunningProcess
from mtnet_contracts.events import ApplicationWithdrawn
from mtnet_contracts.examples import example_payload

pytestmark = pytest.mark.stack

GROUP = Group(service="listener", name="all", ordered=False, contracts=frozenset({ApplicationWithdrawn}))
PLANS = [
    ServicePlan("accounts", (), False),
    ServicePlan("listener", (GROUP,), False),
]


def withdrawn(subject=None):
    return ApplicationWithdrawn.from_payload(
        example_payload(ApplicationWithdrawn) | {"application_id": str(subject or uuid4())}
    )


@pytest.fixture(scope="module")
def wired(broker):
    broker.apply(topology_of(PLANS))
    return broker


@pytest.fixture
def start_relay(database_url, wired):
    running = []

    def start():
        relay = Relay(service="accounts", dsn=database_url, amqp_url=wired.amqp_url)
        thread = threading.Thread(target=relay.run)
        thread.start()
        running.append((relay, thread))
        return relay

    yield start
    for relay, _ in running:
        relay.stop()
    for _, thread in running:
        thread.join(20)
        assert not thread.is_alive()


def announce(database_url, events):
    with psycopg.connect(database_url) as tx:
        Outbox(tx).announce_many(events)


def outbox_depth(database_url):
    with psycopg.connect(database_url) as tx:
        return tx.execute("SELECT count(*) FROM outbox").fetchone()[0]


def test_everything_arrives_in_order_and_the_outbox_is_empty_afterwards(database_url, wired, start_relay):
    subject = uuid4()
    announce(database_url, [withdrawn(subject) for _ in range(2500)])
    start_relay()
    found = wired.wait_for_messages("listener.all", 2500)
    assert [int(h["cloudEvents_sequence"]) for h, _ in found] == list(range(1, 2501))
    eventually(lambda: outbox_depth(database_url) == 0)
    headers, body = found[0]
    assert headers["cloudEvents_type"] == "accounts.ApplicationWithdrawn"
    assert headers["cloudEvents_partitionkey"] == f"application/{subject}"
    assert b"PTAPPLY" in body


def test_a_row_that_commits_late_is_sent_late_and_not_skipped(database_url, wired, start_relay):
    late = psycopg.connect(database_url)
    Outbox(late).announce(withdrawn())
    announce(database_url, [withdrawn() for _ in range(50)])
    start_relay()
    wired.wait_for_messages("listener.all", 50)
    announce(database_url, [withdrawn() for _ in range(50)])
    wired.wait_for_messages("listener.all", 50)
    late.commit()
    late.close()
    assert len(wired.wait_for_messages("listener.all", 1)) == 1
    eventually(lambda: outbox_depth(database_url) == 0)


def test_a_second_relay_stands_by_and_takes_over(database_url, wired, start_relay):
    first = start_relay()
    eventually(lambda: first.active)
    second = start_relay()
    eventually(lambda: second.healthy)  # it has asked for the lock
    assert not second.active
    announce(database_url, [withdrawn()])
    assert len(wired.wait_for_messages("listener.all", 1)) == 1
    first.stop()
    eventually(lambda: second.active)
    announce(database_url, [withdrawn()])
    assert len(wired.wait_for_messages("listener.all", 1)) == 1


def test_an_event_that_nobody_listens_to_waits_in_the_unrouted_queue(database_url, wired, start_relay):
    with psycopg.connect(database_url) as tx:
        Outbox(tx).announce(withdrawn())
        tx.execute("UPDATE outbox SET name = 'NobodyListens'")
    start_relay()
    (found,) = wired.wait_for_messages("unrouted", 1)
    assert found[0]["cloudEvents_type"] == "accounts.NobodyListens"


def test_a_row_that_cannot_be_sent_is_put_aside_and_blocks_its_own_aggregate_only(
    database_url, wired, start_relay
):
    poisoned, healthy = uuid4(), uuid4()
    with psycopg.connect(database_url) as tx:
        Outbox(tx).announce_many([withdrawn(poisoned)])
        tx.execute("UPDATE outbox SET name = repeat('x', 300)")
        Outbox(tx).announce_many([withdrawn(healthy)])
    start_relay()
    (found,) = wired.wait_for_messages("listener.all", 1)
    assert found[0]["cloudEvents_subject"] == str(healthy)
    announce(database_url, [withdrawn(poisoned), withdrawn(healthy)])
    (found,) = wired.wait_for_messages("listener.all", 1)
    assert found[0]["cloudEvents_subject"] == str(healthy)
    with psycopg.connect(database_url) as tx:
        dead = tx.execute("SELECT subject, reason FROM outbox_dead ORDER BY position").fetchall()
    assert [subject for subject, _ in dead] == [str(poisoned), str(poisoned)]
    assert "255" in dead[0][1]
    assert "behind" in dead[1][1]
    eventually(lambda: outbox_depth(database_url) == 0)


def test_a_closed_connection_is_made_anew_and_nothing_is_lost(database_url, wired, start_relay):
    with psycopg.connect(database_url) as tx:
        tx.execute("DELETE FROM outbox_dead")
        tx.execute("DELETE FROM outbox")
    relay = start_relay()
    eventually(lambda: relay.healthy)
    stop = threading.Event()
    sent = 0

    def cut():
        while not stop.wait(0.4):
            for connection in wired.management.call("GET", "/connections"):
                if connection["client_properties"].get("connection_name") == "accounts-relay":
                    wired.management.call("DELETE", f"/connections/{quote(connection['name'], safe='')}")

    thread = threading.Thread(target=cut)
    thread.start()
    for _ in range(20):
        announce(database_url, [withdrawn() for _ in range(100)])
        sent += 100
    stop.set()
    thread.join()
    eventually(lambda: outbox_depth(database_url) == 0)
    # Everything was confirmed, so it is in the queue; what was not confirmed before a cut was sent again.
    with pika.BlockingConnection(pika.URLParameters(wired.amqp_url)) as connection:
        there = connection.channel().queue_declare("listener.all", passive=True).method.message_count
    found = wired.wait_for_messages("listener.all", there)
    assert len({h["cloudEvents_id"] for h, _ in found}) == sent


def test_the_outbox_is_measured_while_the_broker_is_away(database_url):
    with psycopg.connect(database_url) as tx:
        tx.execute("DELETE FROM outbox")
    announce(database_url, [withdrawn() for _ in range(3)])
    relay = RunningProcess(
        "relay", "accounts", environment={"DATABASE_URL": database_url, "AMQP_URL": "amqp://127.0.0.1:9/none"}
    )
    try:
        eventually(lambda: 'mtnet_outbox_depth{service="accounts"} 3.0' in metrics(relay))
        assert not relay.ready()
        announce(database_url, [withdrawn()])
        eventually(lambda: 'mtnet_outbox_depth{service="accounts"} 4.0' in metrics(relay))
    finally:
        relay.kill()


def metrics(process):
    try:
        return process.get("/metrics")[1]
    except (OSError, ValueError):
        return ""


def test_a_frozen_relay_loses_its_lock_without_help(database_url, wired, run_process):
    """SIGSTOP: its session stays open, and PostgreSQL alone can tell that nobody is behind it any more."""
    with psycopg.connect(database_url) as tx:
        tx.execute("DELETE FROM outbox")
    active = 'mtnet_relay_active{service="accounts"} 1.0'
    frozen = run_process("relay", "accounts", RELAY_SILENT_SECONDS="6")
    eventually(lambda: active in metrics(frozen))
    standby = run_process("relay", "accounts")
    frozen.send(signal.SIGSTOP)
    eventually(lambda: active in metrics(standby), 60)
    announce(database_url, [withdrawn()])
    assert len(wired.wait_for_messages("listener.all", 1)) == 1
    frozen.send(signal.SIGCONT)
    eventually(lambda: active not in metrics(frozen))
