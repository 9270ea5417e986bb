"""A registered system on a real broker, and both kinds of stores."""

import secrets
import sys
from pathlib import Path

import psycopg
import pytest
from mtnet_chassis.testing.downstream import Registered

STAND = Path(__file__).parent / "stand"
sys.path[:0] = [p for p in (str(STAND),) if p not in sys.path]

from subscriber_stand import EVENTS, store_at  # noqa: E402 - found by the line above


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.stack)])
def place(request, tmp_path):
    """Where a store is: a file, or the address of a new schema."""
    if request.param == "sqlite":
        return str(tmp_path / "vessels.db")
    url = request.getfixturevalue("empty_database")
    schema = f"s{secrets.token_hex(4)}"
    with psycopg.connect(url, autocommit=True) as db:
        db.execute(f"CREATE SCHEMA {schema}")
    return f"{url}?options=-csearch_path%3D{schema}"


@pytest.fixture(scope="module")
def empty_database(postgres_url):
    from mtnet_chassis.testing.pytest_plugin import create_database, drop_database, url_of

    name = create_database(postgres_url)
    yield url_of(postgres_url, name)
    drop_database(postgres_url, name)


@pytest.fixture
def store(place):
    store = store_at(place)
    store.prepare()
    counted = "SERIAL PRIMARY KEY" if place.startswith("postgres") else "INTEGER PRIMARY KEY"
    store.run(f"CREATE TABLE effect (place {counted}, event_id TEXT, stream TEXT, sequence BIGINT)")
    yield store
    store.close()


@pytest.fixture(scope="module")
def registered(broker):
    """One for all tests of a module: what takes time is to make and remove its queues."""
    registered = Registered(broker.management, broker.amqp_url, f"vessels-{secrets.token_hex(3)}", EVENTS)
    yield registered
    registered.remove()


@pytest.fixture
def portal(registered):
    """The registered system with empty queues."""
    for queue in (registered.queue, f"{registered.queue}.dead"):
        registered.channel.queue_purge(queue)
    return registered


@pytest.fixture
def streams(portal):
    """New streams of the events that it was granted."""
    yield portal.make_streams()
    portal.remove_streams()
