"""The private servers on this machine: who runs them, where they listen, what they survive."""

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

import pika
import psycopg
import pytest
from launcher.servers import Servers
from launcher.servers.account import server_account
from launcher.servers.rabbit import LIMITS
from launcher.workspace import Workspace

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def servers():
    workspace = Workspace(Path(tempfile.mkdtemp(prefix="mtnet-servers-")))
    workspace.state.chmod(0o711)
    servers = Servers(workspace)
    try:
        servers.start()
        yield servers
    finally:
        servers.remove()


@pytest.fixture(scope="module")
def postgres(servers):
    return servers.postgres


@pytest.fixture(scope="module")
def rabbit(servers):
    return servers.rabbit


@pytest.fixture
def restart(servers):
    """Ends one of the servers with a signal, does something, and starts it again."""

    def end_and_start(name, number=signal.SIGKILL, between=lambda: None):
        servers.supervisor.kill(name, number)
        assert servers.supervisor.pid(name) == 0
        between()
        servers.supervisor.start_program(name)
        servers.supervisor.wait_ready(name)

    return end_and_start


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


def test_servers_run_as_an_unprivileged_user_even_when_root_starts_them(servers):
    for server in (servers.postgres, servers.rabbit):
        assert user_of(servers.supervisor.pid(server.name)) == server.account.name
        assert server.account.uid != 0


def test_servers_listen_on_127_0_0_1_only(servers):
    for name in ("postgresql", "rabbitmq"):
        assert listening_addresses(servers.supervisor.pid(name)) == {"127.0.0.1"}


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes", "synchronous_commit"])
def test_every_commit_is_on_disk(postgres, setting):
    with psycopg.connect(postgres.dsn()) as session:
        assert session.execute(f"SHOW {setting}").fetchone() == ("on",)


def test_the_server_of_tests_waits_for_no_disk():
    """A server given by TEST_POSTGRES_URL is somebody's own."""
    if not os.environ.get("MTNET_TEST_STATE"):
        pytest.skip("not a server of `make test`")
    with psycopg.connect(os.environ["TEST_POSTGRES_URL"]) as session:
        assert session.execute("SHOW fsync").fetchone() == ("off",)
        assert session.execute("SHOW synchronous_commit").fetchone() == ("on",)


def test_committed_rows_survive_a_killed_postgres(postgres, restart):
    with psycopg.connect(postgres.dsn()) as session:
        session.execute("CREATE TABLE kept (id int)")
        session.execute("INSERT INTO kept VALUES (1)")
    restart("postgresql")
    assert count_rows(postgres) == 1


def test_committed_rows_survive_an_immediate_stop(postgres, restart):
    with psycopg.connect(postgres.dsn()) as session:
        session.execute("CREATE TABLE IF NOT EXISTS kept (id int)")
        session.execute("TRUNCATE kept")
        session.execute("INSERT INTO kept VALUES (1), (2)")
    restart("postgresql", signal.SIGQUIT)
    assert count_rows(postgres) == 2


def test_a_pid_file_that_names_a_strangers_process_does_not_prevent_the_start(servers, postgres, restart):
    """As after a power failure; a whole start prepares the server's directory."""

    def name_ourselves():
        pid_file = postgres.data / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
        pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
        postgres.prepare()

    restart("postgresql", between=name_ourselves)
    assert user_of(servers.supervisor.pid("postgresql")) == postgres.account.name


def test_confirmed_messages_survive_a_killed_broker(rabbit, restart):
    publish_one_durably(rabbit)
    restart("rabbitmq")
    assert take_one(rabbit) == b"1"


@pytest.mark.parametrize(("more", "is_taken"), [(0, True), (1, False)])
def test_a_message_larger_than_the_limit_is_refused_by_the_broker(rabbit, more, is_taken):
    (limit,) = re.findall(r"^max_message_size = (\d+)$", LIMITS.read_text(), re.MULTILINE)
    with pika.BlockingConnection(pika.URLParameters(rabbit.url())) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        queue = channel.queue_declare("", exclusive=True).method.queue
        told = (
            nullcontext() if is_taken else pytest.raises(pika.exceptions.ChannelClosedByBroker, match="406")
        )
        with told:
            channel.basic_publish("", queue, bytes(int(limit) + more), mandatory=True)


def test_a_second_object_finds_the_same_ports_passwords_and_processes(servers):
    again = Servers(servers.workspace)
    assert again.postgres.dsn() == servers.postgres.dsn()
    assert again.rabbit.url() == servers.rabbit.url()
    assert again.rabbit.management_url == servers.rabbit.management_url
    assert again.supervisor.pid("postgresql") == servers.supervisor.pid("postgresql") > 0


def test_a_wrong_password_is_refused(postgres):
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres.dsn(password="wrong"))


def test_the_servers_work_for_a_project_in_a_folder_of_any_name(tmp_path):
    servers = Servers(Workspace(tmp_path / "with a space" / "100%s" / "航港"))
    try:
        servers.start()
        assert Servers(servers.workspace).postgres.dsn() == servers.postgres.dsn()
    finally:
        servers.remove()
    homes = [servers.workspace.state, servers.postgres.home, servers.rabbit.home]
    assert [path for path in homes if path.exists()] == []


@pytest.mark.skipif(
    os.geteuid() != 0, reason="only root has directories that the server's account cannot enter"
)
def test_data_go_elsewhere_when_the_servers_account_cannot_enter_the_directory(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    servers = Servers(Workspace(closed))
    server = servers.postgres
    try:
        servers.start()
        assert server.home != closed / "postgres"
        assert server_account("postgres").can_enter(server.home)
        assert (closed / "postgres" / "elsewhere").resolve() == server.home
    finally:
        servers.remove()
    assert not server.home.exists()


@pytest.mark.skipif(
    os.geteuid() != 0, reason="only root has directories that the server's account cannot enter"
)
def test_who_deletes_the_directory_starts_from_nothing(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    Servers(Workspace(closed)).start()
    shutil.rmtree(closed)
    closed.mkdir(mode=0o700)
    second = Servers(Workspace(closed))
    try:
        second.start()
        with psycopg.connect(second.postgres.dsn()) as session:
            assert session.execute("SELECT 1").fetchone() == (1,)
    finally:
        second.remove()
