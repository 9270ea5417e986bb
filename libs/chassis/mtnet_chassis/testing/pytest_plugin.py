"""Fixtures for the tests of services: a new database, a virtual host, a service that really runs.

Servers come from TEST_POSTGRES_URL, TEST_AMQP_URL and TEST_RABBITMQ_MANAGEMENT_URL (`make test` sets them). A
conftest.py may give a session fixture `servers` of its own.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import pytest

if TYPE_CHECKING:
    from mtnet_chassis.broker.management import Management
    from mtnet_chassis.broker.topology import Topology
    from mtnet_chassis.data.database import Transactions, Tx
    from mtnet_chassis.testing.running import RunningProcess


@dataclass(frozen=True)
class Broker:
    """A virtual host for one module. `amqp_url` is the administrator's, so tests may declare what they like."""

    amqp_url: str
    management_url: str
    vhost: str

    @property
    def management(self) -> Management:
        from mtnet_chassis.broker.management import Management

        return Management(self.management_url, self.vhost)

    def apply(self, topology: Topology) -> list[str]:
        """Declare exchanges, queues and bindings. Returns what was done."""
        return self.management.apply(topology)

    def wait_for_messages(
        self, queue: str, count: int, seconds: float = 20
    ) -> list[tuple[dict[str, Any], bytes]]:
        """Take `count` messages from a queue, as headers and body; fewer if they do not come in time."""
        import pika

        found: list[tuple[dict[str, Any], bytes]] = []
        connection = pika.BlockingConnection(pika.URLParameters(self.amqp_url))
        channel = connection.channel()
        channel.basic_qos(prefetch_count=count)
        try:
            for method, properties, body in channel.consume(queue, inactivity_timeout=seconds):
                if method is None:
                    break
                found.append((dict(properties.headers or {}), body))
                channel.basic_ack(method.delivery_tag)
                if len(found) == count:
                    break
            channel.cancel()
        finally:
            connection.close()
        return found


class Servers:
    """The PostgreSQL and the RabbitMQ of this session."""

    def postgres_url(self) -> str:
        """The superuser's URL."""
        return _given("TEST_POSTGRES_URL")

    def amqp_urls(self) -> tuple[str, str]:
        """The AMQP URL of the default virtual host and the management URL."""
        return _given("TEST_AMQP_URL"), _given("TEST_RABBITMQ_MANAGEMENT_URL")


def _given(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        pytest.fail(f"This test needs a server: set {name}, or run `make test`.", pytrace=False)
    return value


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever asks for a server is marked `stack`, and for the whole portal `system`; nobody has to think of it."""
    for item in items:
        needs = set(getattr(item, "fixturenames", ()))
        if "servers" in needs:
            item.add_marker("stack")
        if "system" in needs:
            item.add_marker("system")


class RunningTests:
    """A file with the tests that are running, for whoever has to end a run that hangs."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._running: list[str] = []

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._running.append(nodeid)
        self._write()

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        with suppress(ValueError):
            self._running.remove(nodeid)
        self._write()

    def pytest_sessionfinish(self) -> None:
        self._file.unlink(missing_ok=True)

    def _write(self) -> None:
        self._file.write_text(", ".join(self._running))


def pytest_configure(config: pytest.Config) -> None:
    state = os.environ.get("MTNET_TEST_STATE")
    if state and not hasattr(config, "workerinput"):  # workers report to the process that started them
        config.pluginmanager.register(RunningTests(Path(state, "current-tests")))


@pytest.fixture(scope="session")
def servers() -> Servers:
    return Servers()


@pytest.fixture(scope="session")
def postgres_url(servers: Servers) -> str:
    """The superuser's URL of the test server."""
    return servers.postgres_url()


@pytest.fixture(scope="module")
def migrations(request: pytest.FixtureRequest) -> tuple[Path, ...]:
    """Folders of migrations beside the chassis' own: those of the service whose tests these are. May be overridden."""
    for folder in Path(request.path).parents:
        if (folder / "pyproject.toml").exists():
            found = folder / "migrations"
            return (found,) if found.is_dir() else ()
    return ()


@pytest.fixture(scope="session")
def make_database(postgres_url: str) -> Iterator[Callable[[tuple[Path, ...]], str]]:
    """Makes a migrated database and returns its URL. It is a copy of a template, so a second one takes milliseconds."""
    made: list[str] = []
    templates: dict[tuple[Path, ...], str] = {}

    def make(folders: tuple[Path, ...] = ()) -> str:
        if folders not in templates:
            templates[folders] = template_of(postgres_url, folders)
        made.append(create_database(postgres_url, template=templates[folders]))
        return url_of(postgres_url, made[-1])

    yield make
    if "MTNET_TEST_STATE" not in os.environ:  # the server of `make test` goes as a whole
        for name in made:
            drop_database(postgres_url, name)


@pytest.fixture(scope="module")
def postgres_dsn(make_database: Callable[[tuple[Path, ...]], str], migrations: tuple[Path, ...]) -> str:
    """A new database for this module, with the tables of the chassis and of the service."""
    return make_database(migrations)


@pytest.fixture(scope="module")
def database_url(postgres_dsn: str) -> str:
    """The same database, named like the variable that a service reads."""
    return postgres_dsn


@pytest.fixture(scope="module")
def transactions(postgres_dsn: str) -> Iterator[Transactions]:
    """Transactions that really commit."""
    from mtnet_chassis.data.database import connect_transactions

    transactions = connect_transactions(postgres_dsn)
    yield transactions
    transactions.close()


@pytest.fixture
def tx(postgres_dsn: str) -> Iterator[Tx]:
    """A transaction that is rolled back after the test."""
    import psycopg

    connection = psycopg.connect(postgres_dsn)
    try:
        yield connection
    finally:
        connection.rollback()
        connection.close()


@pytest.fixture(scope="module")
def broker(servers: Servers) -> Iterator[Broker]:
    """A new virtual host for this module."""
    from mtnet_chassis.broker.management import Management

    amqp_url, management_url = servers.amqp_urls()
    name = f"test-{secrets.token_hex(4)}"
    management = Management(management_url, name)
    management.make_vhost()
    yield Broker(urlunsplit(urlsplit(amqp_url)._replace(path=f"/{name}")), management_url, name)
    management.remove_vhost()


@pytest.fixture(scope="module")
def topology(broker: Broker, request: pytest.FixtureRequest) -> Broker:
    """The broker with everything declared for the services that the module's SERVICES names."""
    from mtnet_chassis.broker.management import Management
    from mtnet_chassis.broker.topology import topology_of
    from mtnet_chassis.runtime.services import plan_of

    plans = [plan_of(name) for name in getattr(request.module, "SERVICES", ())]
    Management(broker.management_url, broker.vhost).apply(topology_of(plans))
    return broker


@pytest.fixture
def relay_once(postgres_dsn: str, broker: Broker) -> Callable[[str], int]:
    """`relay_once("review")` sends everything in the module's outbox and returns how many events that were."""
    from mtnet_chassis.testing.relaying import drain

    return lambda service: drain(service=service, dsn=postgres_dsn, amqp_url=broker.amqp_url)


@pytest.fixture
def run_process(postgres_dsn: str, broker: Broker) -> Iterator[Callable[..., RunningProcess]]:
    """`run_process("serve", "review", ROUTES="…")` starts `mtnet serve review` and waits until it is ready."""
    from mtnet_chassis.testing.running import RunningProcess

    started: list[RunningProcess] = []

    def run(command: str, service: str, **environment: str) -> RunningProcess:
        process = RunningProcess(
            command,
            service,
            environment={"DATABASE_URL": postgres_dsn, "AMQP_URL": broker.amqp_url} | environment,
        )
        started.append(process)
        process.wait_ready()
        return process

    yield run
    for process in started:
        sys.stdout.write(f"--- {process.name}\n{process.log[-20000:]}\n")  # shown when the test fails
        if "COVERAGE_PROCESS_CONFIG" in os.environ:  # what is killed writes down nothing that it reached
            with suppress(subprocess.TimeoutExpired):
                process.stop(10)
        process.kill()


def eventually(check: Callable[[], object], seconds: float = 20) -> None:
    """Wait until `check` is true. Raises AssertionError after `seconds`."""
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, f"not within {seconds} s"  # noqa: S101 - it is an assertion
        time.sleep(0.02)


def url_of(server_url: str, name: str) -> str:
    return urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))


def create_database(server_url: str, template: str | None = None) -> str:
    import psycopg
    from psycopg import sql

    name = f"test_{secrets.token_hex(6)}"
    statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
    if template is not None:
        statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
    with psycopg.connect(server_url, autocommit=True) as session:
        session.execute(statement)
    return name


def template_of(server_url: str, folders: tuple[Path, ...]) -> str:
    """The database with these migrations, made by the first of all workers that asks; on a server of yours it stays."""
    import psycopg
    from psycopg import sql

    from mtnet_chassis.data.migrations import fingerprint, migrate

    name = f"template_{fingerprint(folders)[:40]}"
    with psycopg.connect(server_url, autocommit=True) as session:
        session.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [name])
        if not session.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            half = create_database(server_url)
            migrate(url_of(server_url, half), *folders)
            session.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(half), sql.Identifier(name))
            )
    return name


def drop_database(server_url: str, name: str) -> None:
    import psycopg
    from psycopg import sql

    with psycopg.connect(server_url, autocommit=True) as session:
        session.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
