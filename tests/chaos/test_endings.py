"""How it ends: a stop under load has nothing handed out twice, and the dead letters are exactly the poison put in."""

import contextlib
import time
from uuid import UUID

import pika
import psycopg
import pytest
from mtnet_chassis.operations.dead_letters import letters_in

from tests.chaos.checker import check
from tests.chaos.producer import ACCOUNTS, pay
from tests.chaos.world import HANDLERS, patiently

pytestmark = [pytest.mark.stack, pytest.mark.timeout(120)]


def broker_counts(world, kind):
    queues = [world.management.call("GET", f"/queues/{world.management.vhost}/ledger.{h}") for h in HANDLERS]
    return sum(queue.get("message_stats", {}).get(kind, 0) for queue in queues)


def test_a_stop_under_load_has_nothing_handed_out_twice(world, long):
    producer = world.pay(1_000_000, pause=0.02)
    for _ in range(8 if long else 2):
        patiently(lambda: world.processes["ledger"].events_handled()["applied"] > 20, 30)
        assert producer.poll() is None  # still under load
        assert world.processes["ledger"].stop() == 0
        world.start("ledger").wait_ready()
        assert world.processes["ledger"].events_handled()["duplicate"] == 0
    producer.terminate()
    assert producer.wait(30) == 0
    world.come_to_rest()
    world.assert_good()
    assert world.processes["ledger"].events_handled()["duplicate"] == 0
    expected = len(HANDLERS) * len(world.history()[0])
    # Not «redeliver»: a message that the broker had on its way when it heard the cancel never leaves it, and
    # still counts as redelivered when it is sent for the first time. The broker counts every five seconds.
    patiently(lambda: broker_counts(world, "ack") >= expected, 20)
    assert (broker_counts(world, "deliver"), broker_counts(world, "ack")) == (expected, expected)


def test_the_dead_letters_are_exactly_the_poison(world):
    poison = set()
    producer = world.pay(40, pause=0.02)
    with psycopg.connect(world.source_url) as session:
        for number in range(10):
            with session.transaction():
                pay(session, [UUID(int=number % ACCOUNTS + 1)], "poison")
                poison |= {
                    row[0]
                    for row in session.execute(
                        "SELECT event_id FROM booking WHERE xmin = pg_current_xact_id()::xid"
                    )
                }
            session.commit()
            time.sleep(0.05)
    assert len(poison) == 10
    assert producer.wait(60) == 0
    with contextlib.closing(pika.BlockingConnection(pika.URLParameters(world.amqp_url))) as broker:
        patiently(lambda: len(letters_in(broker, "ledger.wishes")) >= len(poison), 30)

        def booked(handler):
            committed, applied = world.history()
            return len(applied[handler]) >= len(committed) - (len(poison) if handler == "wishes" else 0)

        patiently(lambda: all(booked(handler) for handler in HANDLERS), 30)
        dead = [UUID(letter.id) for letter in letters_in(broker, "ledger.wishes")]
        assert (len(dead), set(dead)) == (len(poison), poison)
        assert letters_in(broker, "ledger.ordered") == letters_in(broker, "ledger.batch") == []
    committed, applied = world.history()
    for handler, ordered in HANDLERS.items():
        expected = [c for c in committed if handler != "wishes" or c.event not in poison]
        verdict = check(expected, applied[handler], ordered=ordered)
        assert verdict.good, f"{handler}: {verdict}"
