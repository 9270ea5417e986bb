"""Each service's database: what its owner and its runtime role may do."""

import psycopg
import pytest
from launcher.databases import create_databases
from launcher.keys import RECIPES
from launcher.processes import SERVICES
from launcher.servers import Servers
from launcher.workspace import Workspace

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def secrets():
    return {name: f"word-of-{name}" for name in RECIPES}


@pytest.fixture(scope="module")
def server(tmp_path_factory, secrets):
    servers = Servers(Workspace(tmp_path_factory.mktemp("databases")))
    try:
        servers.start()
        create_databases(servers.postgres.dsn(), secrets)
        yield servers.postgres
    finally:
        servers.remove()


def as_owner(server, secrets, service="review"):
    word = secrets[f"{service}_database_owner_password"]
    return psycopg.connect(server.dsn(f"mtnet_{service}", f"{service}_owner", word), autocommit=True)


def as_runtime(server, secrets, service="review", database="mtnet_review"):
    word = secrets[f"{service}_database_password"]
    return psycopg.connect(server.dsn(database, service, word), autocommit=True)


def test_the_owner_makes_tables_and_the_runtime_role_writes_rows(server, secrets):
    with as_owner(server, secrets) as owner:
        owner.execute("CREATE TABLE thing (id bigint GENERATED ALWAYS AS IDENTITY, name text)")
    with as_runtime(server, secrets) as runtime:
        runtime.execute("INSERT INTO thing (name) VALUES ('one')")
        runtime.execute("UPDATE thing SET name = 'two'")
        assert runtime.execute("SELECT name FROM thing").fetchall() == [("two",)]
        runtime.execute("DELETE FROM thing")


@pytest.mark.parametrize("statement", ["CREATE TABLE mine (id int)", "DROP TABLE fixed", "TRUNCATE fixed"])
def test_the_runtime_role_cannot_change_the_schema(server, secrets, statement):
    with as_owner(server, secrets) as owner:
        owner.execute("CREATE TABLE IF NOT EXISTS fixed (id int)")
    with as_runtime(server, secrets) as runtime, pytest.raises(psycopg.errors.InsufficientPrivilege):
        runtime.execute(statement)


def test_a_service_cannot_enter_another_ones_database(server, secrets):
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        as_runtime(server, secrets, "notify", "mtnet_review")


def test_creating_again_changes_nothing_but_passwords(server, secrets):
    changed = {**secrets, "review_database_password": "another"}
    create_databases(server.dsn(), changed)
    with as_runtime(server, changed) as runtime:
        assert runtime.execute("SELECT current_user").fetchone() == ("review",)
    create_databases(server.dsn(), secrets)
    with psycopg.connect(server.dsn()) as session:
        found = session.execute("SELECT datname FROM pg_database WHERE datname LIKE 'mtnet%'").fetchall()
    assert {name for (name,) in found} == {f"mtnet_{service}" for service in SERVICES}
