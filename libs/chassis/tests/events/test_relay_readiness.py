"""A relay that cannot work says what it misses: the database or the broker."""

import json
from urllib.parse import urlsplit, urlunsplit

import pytest
from mtnet_chassis.testing.pytest_plugin import eventually
from mtnet_chassis.testing.running import RunningProcess

pytestmark = pytest.mark.stack


@pytest.fixture
def relay(database_url, broker):
    running = []

    def start(**environment):
        process = RunningProcess(
            "relay",
            "accounts",
            environment={"DATABASE_URL": database_url, "AMQP_URL": broker.amqp_url} | environment,
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()


def closed(url):
    """The same address at a port where nobody listens."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition(":")[0] + ":1"))


def problems(process):
    try:
        status, text = process.get("/readyz")
    except (OSError, ValueError):  # it has not yet come so far
        return None
    return set(json.loads(text)["problems"]), status


def test_a_relay_without_its_database_names_the_database(relay, database_url):
    process = relay(DATABASE_URL=closed(database_url))
    eventually(lambda: problems(process) == ({"database"}, 503))


def test_a_relay_without_its_broker_names_the_broker(relay, broker):
    process = relay(AMQP_URL=closed(broker.amqp_url))
    eventually(lambda: problems(process) == ({"broker"}, 503))


def test_the_relay_that_sends_and_the_one_that_stands_by_are_ready(relay):
    for process in (relay(), relay()):
        process.wait_ready()
        assert problems(process) == (set(), 200)
