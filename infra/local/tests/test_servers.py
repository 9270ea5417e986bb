"""The private servers on this machine: who runs them, where they listen, what they survive."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pika
import psycopg
import pytest
from launcher.servers import PostgresServer, RabbitServer
from launcher.servers.account import server_account

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def place():
    directory = Path(tempfile.mkdtemp(prefix="mtnet-servers-"))
    directory.chmod(0o711)
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="module")
def postgres(place):
    server = PostgresServer(place / "postgres")
    server.start()
    yield server
    server.remove()


@pytest.fixture(scope="module")
def rabbit(place):
    server = RabbitServer(place / "rabbitmq")
    server.start()
    yield server
    server.remove()


def user_of(pid):
    return pwd.getpwuid(os.stat(f"/proc/{pid}").st_uid).pw_name


def listening_addresses(pid):
    lines = subprocess.run(["ss", "-Hltnp"], capture_output=True, text=True, check=True).stdout.splitlines()
    return {line.split()[3].rsplit(":", 1)[0] for line in lines if f"pid={pid}," in line}


def count_rows(server):
    with psycopg.connect(server.dsn()) as session:
        return session.execute("SELECT count(*) FROM kept").fetchone()[0]


def publish_one_durably(server):
    """RabbitMQ 3.10 writes a new quorum queue to its directory up to 3 s after the declaration."""
    with pika.BlockingConnection(pika.URLParameters(server.url())) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.queue_declare("kept", durable=True, arguments={"x-queue-type": "quorum"})
        time.sleep(4)
        channel.basic_publish("", "kept", b"1", pika.BasicProperties(delivery_mode=2), mandatory=True)


def take_one(server):
    with pika.BlockingConnection(pika.URLParameters(server.url())) as connection:
        _, _, body = connection.channel().basic_get("kept")
        return body


def test_servers_run_as_an_unprivileged_user_even_when_root_starts_them(postgres, rabbit):
    for server in (postgres, rabbit):
        assert user_of(server.pid()) == server.account.name
        assert server.account.uid != 0


def test_servers_listen_on_127_0_0_1_only(postgres, rabbit):
    for server in (postgres, rabbit):
        assert listening_addresses(server.pid()) == {"127.0.0.1"}


def test_committed_rows_survive_a_killed_postgres(postgres):
    with psycopg.connect(postgres.dsn()) as session:
        session.execute("CREATE TABLE kept (id int)")
        session.execute("INSERT INTO kept VALUES (1)")
    postgres.kill9()
    assert postgres.pid() is None
    postgres.start()
    assert count_rows(postgres) == 1


def test_committed_rows_survive_an_immediate_stop(postgres):
    with psycopg.connect(postgres.dsn()) as session:
        session.execute("CREATE TABLE IF NOT EXISTS kept (id int)")
        session.execute("TRUNCATE kept")
        session.execute("INSERT INTO kept VALUES (1), (2)")
    postgres.stop_immediate()
    postgres.start()
    assert count_rows(postgres) == 2


def test_a_pid_file_that_names_a_strangers_process_does_not_prevent_the_start(postgres):
    postgres.kill9()
    pid_file = postgres.data / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    postgres.start()
    assert user_of(postgres.pid()) == postgres.account.name


def test_confirmed_messages_survive_a_killed_broker(rabbit):
    publish_one_durably(rabbit)
    rabbit.kill9()
    assert rabbit.pid() is None
    rabbit.start()
    assert take_one(rabbit) == b"1"


def test_a_second_object_finds_the_same_ports_passwords_and_process(postgres, rabbit):
    again = PostgresServer(postgres.directory)
    assert (again.port, again.password, again.pid()) == (postgres.port, postgres.password, postgres.pid())
    again = RabbitServer(rabbit.directory)
    assert (again.url(), again.management_url, again.pid()) == (
        rabbit.url(),
        rabbit.management_url,
        rabbit.pid(),
    )


def test_a_wrong_password_is_refused(postgres):
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres.dsn(password="wrong"))


@pytest.mark.parametrize("name", ["with a space", "100%s", "航港"])
def test_the_servers_work_for_a_project_in_a_folder_named(tmp_path, name):
    directory = tmp_path / name
    directory.mkdir()
    servers = [PostgresServer(directory / "postgres"), RabbitServer(directory / "rabbitmq")]
    try:
        for server in servers:
            server.start()
            assert server.answers()
        again = PostgresServer(directory / "postgres")
        assert (again.pid(), again.password) == (servers[0].pid(), servers[0].password)
    finally:
        for server in servers:
            server.remove()
    assert [path for server in servers for path in (server.directory, server.home) if path.exists()] == []


@pytest.mark.skipif(
    os.geteuid() != 0, reason="only root has directories that the server's account cannot enter"
)
def test_data_go_elsewhere_when_the_servers_account_cannot_enter_the_directory(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    server = PostgresServer(closed / "postgres")
    try:
        server.start()
        assert server.home != server.directory
        assert server_account("postgres").can_enter(server.home)
        assert (server.directory / "elsewhere").resolve() == server.home
    finally:
        server.remove()
    assert not server.home.exists()


@pytest.mark.skipif(
    os.geteuid() != 0, reason="only root has directories that the server's account cannot enter"
)
def test_who_deletes_the_directory_starts_from_nothing(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    first = PostgresServer(closed / "postgres").start()
    shutil.rmtree(closed / "postgres")
    second = PostgresServer(closed / "postgres")
    try:
        second.start()
        with psycopg.connect(second.dsn()) as session:
            assert session.execute("SELECT 1").fetchone() == (1,)
    finally:
        first.stop()
        second.remove()
