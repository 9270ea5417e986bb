"""Servers die, connections close or fall silent, relays double: afterwards everything is there once, in order."""

import signal
import time
from urllib.parse import quote

import psycopg
import pytest
from mtnet_chassis.events.relay.relay import LEAVE_SECONDS

from tests.chaos.proxy import Proxy
from tests.chaos.world import HANDLERS, HEARTBEAT_SECONDS, patiently

pytestmark = [pytest.mark.stack, pytest.mark.timeout(170)]


@pytest.fixture
def paying(world, long):
    """A producer at work for some seconds; what it could not commit while a server was away was never paid."""
    revive(world)
    producer = world.pay(600 if long else 120, pause=0.02)
    time.sleep(0.7)
    yield producer
    if producer.poll() is None:
        producer.wait(120)


def revive(world):
    """The relay and the ledger are ready, and nothing else runs, whatever the last test left."""
    for name in list(world.processes):
        if name not in ("relay", "ledger"):
            world.processes.pop(name).kill()
    world.keep_alive()
    for process in world.processes.values():
        process.wait_ready()


def rest(world, producer):
    assert producer.wait(120) == 0
    world.come_to_rest(90)
    world.assert_good()
    world.assert_kept()


def test_the_broker_is_killed_and_comes_back(world, paying):
    world.servers.supervisor.kill("rabbitmq")
    time.sleep(1)
    world.servers.supervisor.start_program("rabbitmq")
    rest(world, paying)


def test_postgresql_stops_at_once_and_comes_back(world, paying):
    world.servers.supervisor.kill("postgresql", signal.SIGQUIT)
    time.sleep(1)
    world.servers.supervisor.start_program("postgresql")
    rest(world, paying)


def test_the_broker_closes_every_connection(world, paying, long):
    for _ in range(10 if long else 3):
        for connection in world.management.call("GET", "/connections"):
            world.management.call("DELETE", f"/connections/{quote(connection['name'], safe='')}")
        time.sleep(0.5)
    rest(world, paying)


def test_every_database_session_is_ended(world, paying, long):
    for _ in range(10 if long else 3):
        with psycopg.connect(world.postgres.dsn(), autocommit=True) as session:
            session.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE '%\\_s'"
            )
            session.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE '%\\_l'"
            )
        time.sleep(0.3)
    rest(world, paying)


@pytest.mark.parametrize("name", ["relay", "ledger"])
def test_a_connection_falls_silent_and_stays_open(world, name):
    proxy = Proxy("127.0.0.1", world.rabbit.port)
    try:
        process = world.start(name, amqp_port=proxy.port)
        process.wait_ready()
        producer = world.pay(120, pause=0.02)
        time.sleep(0.7)
        proxy.black_hole()
        assert producer.wait(60) == 0
        patiently(lambda: not process.ready(), 60)  # it notices by itself: nobody closes the socket for it
        proxy.forward()
        world.come_to_rest(60)
        world.assert_good()
    finally:
        world.start(name).wait_ready()
        proxy.close()


CUTS = 25  # more than the 20 returns after which RabbitMQ 4 gives a message up where no limit is set


def test_a_consumer_that_waits_for_the_database_loses_its_connection_again_and_again(world):
    """The broker counts each return of a message against it; nothing is wrong with any of them."""
    proxy = Proxy("127.0.0.1", world.rabbit.port)
    try:
        ledger = world.start("ledger", amqp_port=proxy.port)
        ledger.wait_ready()
        with psycopg.connect(world.ledger_url) as blocker:
            blocker.execute("LOCK TABLE booking IN ACCESS EXCLUSIVE MODE")
            assert world.pay(20).wait(60) == 0
            patiently(lambda: waiting_for_bookings(world) == len(HANDLERS), 30)
            for _ in range(CUTS):
                before = proxy.passed
                proxy.cut()
                patiently(lambda before=before: proxy.passed >= before + len(HANDLERS), 60)
                patiently(ledger.ready, 30)
                patiently(lambda: handed_out(world), 30)
        world.come_to_rest(90)
        world.assert_good()
    finally:
        world.start("ledger").wait_ready()
        proxy.close()


def waiting_for_bookings(world):
    with psycopg.connect(world.ledger_url) as session:
        (count,) = session.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'booking'::regclass"
        ).fetchone()
    return count


def handed_out(world):
    """Whether consumers have all messages again."""
    return not any(world.waiting().get(f"ledger.{handler}") for handler in HANDLERS)


def metric(process, name):
    """The value of a gauge of the source's relay."""
    lines = process.get("/metrics")[1].splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f'{name}{{service="tests"}}'))


def limit_memory(rabbit, limit):
    """A limit below what the broker uses is the memory alarm: it takes nothing more from publishers."""
    rabbit.control("set_vm_memory_high_watermark", "absolute", limit)


def test_the_broker_is_blocked_and_a_relay_with_events_in_flight_can_be_stopped(world):
    revive(world)
    producer = world.pay(1_000_000, pause=0.02)  # until it is told: the alarm may be long in coming
    try:
        limit_memory(world.rabbit, "1MB")
        patiently(lambda: metric(world.processes["relay"], "mtnet_outbox_depth") > 0, 30)
        patiently(lambda: "broker blocks publishing" in world.processes["relay"].log, 10)
        time.sleep(
            2 * HEARTBEAT_SECONDS
        )  # longer than it waits for a confirm of a broker that is not blocked
        assert "no confirm for" not in world.processes["relay"].log
        began = time.monotonic()
        assert world.processes["relay"].stop() == 0
        assert time.monotonic() - began < LEAVE_SECONDS + 5
        world.start("relay")
    finally:
        producer.terminate()
        limit_memory(world.rabbit, "1GB")
    rest(world, producer)


def test_two_relays_and_the_active_one_is_killed(world, paying):
    world.start("relay2").wait_ready()
    world.kill("relay")
    rest(world, paying)
    world.processes.pop("relay2").kill()


def test_a_relay_that_slept_through_its_lock_does_no_harm(world, paying):
    """The active relay is frozen until PostgreSQL gives its session up and another takes over; then it goes on."""
    sleeper = world.start("relay", RELAY_SILENT_SECONDS="6")
    sleeper.wait_ready()
    patiently(lambda: metric(sleeper, "mtnet_relay_active") == 1, 30)
    world.start("relay2").wait_ready()
    sleeper.send(signal.SIGSTOP)
    patiently(lambda: metric(world.processes["relay2"], "mtnet_relay_active") == 1, 60)
    time.sleep(0.5)
    sleeper.send(signal.SIGCONT)
    rest(world, paying)
    world.processes.pop("relay2").kill()


@pytest.mark.parametrize("name", ["relay", "ledger"])
def test_sigterm_under_load_again_and_again(world, paying, name, long):
    for _ in range(8 if long else 2):
        assert world.processes[name].stop() == 0
        world.start(name).wait_ready()
    rest(world, paying)


@pytest.mark.parametrize("name", ["relay", "ledger"])
def test_kill_under_load_again_and_again(world, paying, name, long):
    for _ in range(8 if long else 2):
        world.kill(name)
        world.start(name).wait_ready()
    rest(world, paying)
