"""A downstream system's program, whose broker and database are killed under it: once in effect, in order."""

import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from mtnet_chassis.broker.management import Management
from mtnet_chassis.testing.downstream import Announced, Registered

from tests.chaos.world import patiently

pytestmark = [pytest.mark.stack, pytest.mark.timeout(170)]

PROGRAM = Path(__file__).parents[2] / "libs" / "subscriber" / "tests" / "stand" / "program.py"
EVENTS = (("accounts", "AccountActivated"), ("accounts", "AccountFrozen"))


@pytest.fixture
def registered(chaos_servers):
    vhost = f"subscriber-{secrets.token_hex(3)}"
    management = Management(chaos_servers.rabbit.management_url, vhost)
    management.make_vhost()
    registered = Registered(
        management, chaos_servers.rabbit.url(vhost), f"vessels-{secrets.token_hex(3)}", EVENTS
    )
    yield registered
    registered.remove()
    management.remove_vhost()


@pytest.fixture
def database(chaos_servers):
    name = f"vessels_{secrets.token_hex(3)}"
    with psycopg.connect(chaos_servers.postgres.dsn(), autocommit=True) as session:
        session.execute(f"CREATE DATABASE {name}")
    url = chaos_servers.postgres.dsn(name)
    with psycopg.connect(url) as session:
        session.execute("CREATE TABLE effect (place SERIAL, event_id TEXT, stream TEXT, sequence BIGINT)")
    return url


def applied(url):
    with psycopg.connect(url) as session:
        return session.execute("SELECT event_id, stream, sequence FROM effect ORDER BY place").fetchall()


def test_the_broker_and_then_the_database_are_killed_under_a_subscriber(chaos_servers, registered, database):
    events = [
        Announced(
            "AccountFrozen" if n // 5 % 3 == 1 else "AccountActivated",
            f"a{n % 5}",
            n // 5 + 1,
            {"account_id": f"a{n % 5}", "wish": "fail_once" if n % 70 == 9 else ""},
            event_id=uuid4(),
        )
        for n in range(300)
    ]
    supervisor = chaos_servers.supervisor
    program = subprocess.Popen([sys.executable, str(PROGRAM), registered.url, registered.name, database])
    try:
        registered.send(*events[:100])
        patiently(lambda: applied(database), 60)
        supervisor.kill("rabbitmq")
        time.sleep(0.5)
        supervisor.start_program("rabbitmq")
        patiently(registered.reconnected, 60)
        # What was sent and perhaps not confirmed the relay sends again, from its oldest on.
        registered.send(*events[50:200])
        patiently(lambda: len(applied(database)) > 100, 60)
        supervisor.kill("postgresql", signal.SIGQUIT)
        registered.send(*events[150:])
        time.sleep(0.5)
        supervisor.start_program("postgresql")
        patiently(lambda: len(applied(database)) >= 300, 90)
        program.terminate()
        assert program.wait(60) == 0
    finally:
        program.kill()
        program.wait()
    found = applied(database)
    assert sorted(row[0] for row in found) == sorted(str(each.event_id) for each in events)
    for account in range(5):
        numbers = [number for _, stream, number in found if stream == f"accounts/account/a{account}"]
        assert numbers == sorted(numbers)
    assert registered.ready() == 0
