"""What the launcher decides without any server: ports, secrets, environments, refusals in sentences."""

import base64
import errno
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from accounts import demo
from launcher import __main__, provision, run
from launcher.environment import Environments
from launcher.keys import secrets_in
from launcher.portal import Portal
from launcher.ports import is_free, listener_of, ports_for_start, remembered_ports
from launcher.problem import Problem
from launcher.processes import PORTS, PROCESSES, SERVICES
from launcher.provision import Provisioning, Steps
from launcher.public_address import public_address
from launcher.servers import PostgresServer, postgres
from launcher.servers.account import Account, home_for
from launcher.servers.servers import PORTS as SERVER_PORTS
from launcher.stale_processes import MARK, end_stale_processes, stale_processes
from launcher.status import family, usage_of
from launcher.supervisor import Program, Supervisor
from launcher.workspace import Workspace
from mtnet_contracts.vocabulary.channels import CHANNELS
from sandbox.authenticator import DEMO_KEY


@pytest.fixture
def workspace(tmp_path):
    workspace = Workspace(tmp_path / "state")
    workspace.create()
    return workspace


@pytest.fixture
def busy_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def environments(workspace):
    values = {
        **secrets_in(workspace.state / "secrets.json"),
        **public_address("http://127.0.0.1:4"),
        "rabbitmq_password": "word",
        "files_url": workspace.files.as_uri(),
        "state": workspace.state,
    }
    return Environments("one-machine", dict.fromkeys((*PORTS, *SERVER_PORTS), 7), values)


def test_a_channel_of_the_registry_is_configured_without_a_line_here(workspace, monkeypatch):
    monkeypatch.setitem(CHANNELS, "pigeon", CHANNELS["sms"])
    notify, sandbox = environments(workspace).of("notify"), environments(workspace).of("sandbox")
    assert notify["NOTIFY_PIGEON_URL"].endswith("/pigeon")
    assert notify["NOTIFY_PIGEON_TOKEN"] == sandbox["NOTIFY_PIGEON_TOKEN"]


def test_ports_are_chosen_once_and_remembered(tmp_path):
    first = remembered_ports(tmp_path / "ports.json", ["a", "b"])
    assert remembered_ports(tmp_path / "ports.json", ["a", "b"]) == first
    assert len(set(first.values())) == 2
    assert all(is_free(port) for port in first.values())


def test_a_given_port_replaces_the_remembered_one(tmp_path):
    remembered_ports(tmp_path / "ports.json", ["a"], {"a": 20001})
    assert remembered_ports(tmp_path / "ports.json", ["a"], {"a": 20002}) == {"a": 20002}
    assert remembered_ports(tmp_path / "ports.json", ["a"]) == {"a": 20002}


def test_who_holds_a_port_is_named(busy_port):
    assert not is_free(busy_port)
    assert f"(process {os.getpid()})" in listener_of(busy_port)


def test_a_busy_port_that_was_asked_for_is_refused_with_a_way_out(workspace, busy_port, monkeypatch):
    monkeypatch.setenv("PORTAL_PORT", str(busy_port))
    with pytest.raises(Problem, match=rf"Port {busy_port} is used by .*make run PORTAL_PORT=\d+"):
        ports_for_start(workspace.state / "ports.json")


def test_a_remembered_port_that_became_busy_is_refused_with_a_way_out(workspace, busy_port):
    (workspace.state / "ports.json").write_text(json.dumps({"inbox": busy_port}))
    with pytest.raises(Problem, match=r"make run INBOX_PORT="):
        ports_for_start(workspace.state / "ports.json")


@pytest.mark.parametrize("wish", ["80", "70000", "portal"])
def test_a_port_that_cannot_be_is_refused(workspace, monkeypatch, wish):
    monkeypatch.setenv("PORTAL_PORT", wish)
    with pytest.raises(Problem, match="is no port"):
        ports_for_start(workspace.state / "ports.json")


def test_an_inner_port_that_became_busy_is_quietly_moved(workspace, busy_port):
    (workspace.state / "ports.json").write_text(json.dumps({"review_health": busy_port}))
    file = workspace.state / "ports.json"
    assert remembered_ports(file, PORTS, ports_for_start(file))["review_health"] != busy_port


@pytest.mark.parametrize("name", ["postgresql", "amqp", "epmd"])
def test_an_inner_port_of_a_server_that_became_busy_is_quietly_moved(workspace, busy_port, name):
    file = workspace.state / "ports.json"
    kept = remembered_ports(file, ["rabbitmq"])
    remembered_ports(file, [name], {name: busy_port})
    found = remembered_ports(file, [name], ports_for_start(file))
    assert found.items() >= kept.items()
    assert found[name] != busy_port
    assert is_free(found[name])


def test_a_busy_port_that_people_type_is_not_moved_behind_their_back(workspace, busy_port):
    file = workspace.state / "ports.json"
    remembered_ports(file, ["rabbitmq"], {"rabbitmq": busy_port})
    with pytest.raises(Problem, match=r"make run RABBITMQ_PORT="):
        ports_for_start(file)


def test_a_full_disk_is_a_sentence(monkeypatch, capsys):
    def fill(workspace):
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setitem(__main__.COMMANDS, "run", fill)
    assert __main__.main("run") == 1
    assert "The disk is full: free some space and run `make run` again." in capsys.readouterr().err


def test_a_second_launcher_is_told_that_the_first_one_runs(workspace, capsys):
    with workspace.lock() as first, workspace.lock() as second:
        assert (first, second) == (True, False)
        assert run.already_runs(workspace) == 0
    assert "is being started by another" in capsys.readouterr().out


def test_who_can_log_in_is_told_as_accounts_makes_them():
    rabbit = SimpleNamespace(port=1, management_port=2, password="word")
    portal = SimpleNamespace(url="http://portal", inbox_url="http://inbox", rabbit=rabbit)
    said = run.panel(portal, "The portal runs")
    told = {line.split()[0] for line in said.splitlines() if re.match(r"    \w+ +\S+ / ", line)}
    assert told <= {name for name, *_ in demo.PEOPLE}
    assert {"demomember", "operator1", "helpdesk1", "editor1"} <= told
    assert f"with the password {demo.PASSWORD}\n" in said
    assert f"an app with the key {demo.TOTP_KEY}\n" in said
    assert DEMO_KEY == demo.TOTP_KEY


def test_secrets_are_made_once_and_readable_by_their_owner_alone(workspace):
    file = workspace.state / "secrets.json"
    first = secrets_in(file)
    assert secrets_in(file) == first
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(base64.b64decode(first["actor_private_key"])) == 32
    assert len(base64.b64decode(first["id_number_keys"].removeprefix("k1:"))) == 32


def test_a_secret_that_is_new_in_this_version_is_added_to_the_old_ones(workspace):
    file = workspace.state / "secrets.json"
    first = dict(secrets_in(file))
    kept = first.pop("accounts_database_password")
    file.write_text(json.dumps(first))
    second = secrets_in(file)
    assert second["accounts_database_password"] != kept
    assert second["actor_private_key"] == first["actor_private_key"]


def test_every_process_has_an_environment(workspace):
    known = environments(workspace).everything()
    assert set(known) == {process.name for process in PROCESSES}


@pytest.mark.stack
def test_a_process_gets_what_a_caller_adds_and_nothing_of_the_callers_own_environment(workspace, monkeypatch):
    monkeypatch.setenv("GATEWAY_WORKERS", "9")
    programs = Portal(workspace, more={"gateway": {"GATEWAY_RATE_LIMITS": "off"}}).supervisor.programs
    gateway, accounts = (programs[name].environment for name in ("gateway", "accounts"))
    assert gateway["GATEWAY_RATE_LIMITS"] == "off"
    assert gateway["GATEWAY_PORT"]
    assert "GATEWAY_RATE_LIMITS" not in accounts
    assert "9" not in (gateway.get("GATEWAY_WORKERS"), accounts.get("GATEWAY_WORKERS"))


def test_a_service_is_told_of_its_own_database_and_broker_user_only(workspace):
    for service in SERVICES:
        text = json.dumps(environments(workspace).of(service))
        for other in set(SERVICES) - {service}:
            assert f"mtnet_{other}" not in text
            assert f"amqp://{other}:" not in text
        assert "MIGRATION_DATABASE_URL" not in text


@pytest.mark.parametrize(
    ("name", "holder"),
    [
        ("ACCOUNTS_ACTOR_PRIVATE_KEY", "accounts"),
        ("ACCOUNTS_ID_NUMBER_KEYS", "accounts"),
        ("NOTIFY_SEALING_PRIVATE_KEY", "notify"),
        ("GATEWAY_SECRET_KEY", "gateway"),
    ],
)
def test_a_private_key_is_given_to_its_holder_alone(workspace, name, holder):
    known = environments(workspace).everything()
    assert {process for process, environment in known.items() if name in environment} == {holder}


def test_a_step_is_done_again_when_its_sources_change(tmp_path):
    done = []

    def do(title, *facts):
        Steps(tmp_path / "steps.json").do(title, lambda: done.append(title), *facts)

    do("topology", "one")
    do("topology", "one")
    assert done == ["topology"]
    do("topology", "two")
    do("databases", "one")
    assert done == ["topology", "topology", "databases"]


@pytest.mark.slow  # starts processes
def test_a_process_that_is_killed_is_started_again_and_all_stop_together(workspace):
    sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
    script = workspace.state / "sleep.py"
    script.write_text(sleep[2])
    program = Program(
        "sleeper",
        [sys.executable, str(script)],
        {"PERCENT": "50% of it, or more"},
        workspace.state,
    )
    supervisor = Supervisor(workspace, [program])
    supervisor.start()
    try:
        first = wait_for_pid(supervisor, 0)
        environment = Path(f"/proc/{first}/environ").read_text().split("\0")
        assert "PERCENT=50% of it, or more" in environment
        assert usage_of(family(first))[0] > 1
        os.kill(first, signal.SIGKILL)
        assert wait_for_pid(supervisor, first) != first
    finally:
        supervisor.shut_down()
    assert not supervisor.answers()
    assert stale_processes(workspace.state) == []


FOLDERS = ["with a space", "100%s", "%(here)s", "航港", "航港單一窗口服務平臺" * 3]


@pytest.fixture(scope="module")
def supervised(tmp_path_factory):
    """By the folder's name: a supervisor with one process. All start at once, since each takes seconds to say so."""
    found = {}
    try:
        for name in FOLDERS:
            workspace = Workspace(tmp_path_factory.mktemp("folder") / name / ".local")
            workspace.create()
            script = workspace.state / "sleep.py"
            script.write_text("import time; print('up', flush=True); time.sleep(600)")
            program = Program(
                "sleeper",
                [sys.executable, str(script)],
                {"FILES": str(workspace.files)},
                workspace.state.parent,
            )
            found[name] = Supervisor(workspace, [program])
            found[name].start()
        yield found
    finally:
        with ThreadPoolExecutor() as at_once:
            list(at_once.map(Supervisor.shut_down, found.values()))


@pytest.mark.slow  # starts processes
@pytest.mark.parametrize("name", FOLDERS)
def test_supervised_processes_run_in_a_folder_named(supervised, name):
    workspace = supervised[name].workspace
    pid = wait_for_pid(supervised[name], 0)
    assert f"FILES={workspace.files}" in Path(f"/proc/{pid}/environ").read_text().split("\0")
    assert workspace.log_of("sleeper").read_text() == "up\n"
    assert Path(f"/proc/{pid}/cwd").resolve() == workspace.state.parent


def wait_for_pid(supervisor, before):
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        state = supervisor.states()["sleeper"]
        if state["statename"] == "RUNNING" and state["pid"] != before:
            return state["pid"]
        time.sleep(0.1)
    raise AssertionError(supervisor.states())


def test_what_a_killed_run_left_is_found_by_its_mark_and_ended(workspace):
    marked = {**os.environ, MARK: str(workspace.state)}
    orphan = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], env=marked)
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        deadline = time.monotonic() + 5
        while not stale_processes(workspace.state) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert [process.pid for process in stale_processes(workspace.state)] == [orphan.pid]
        orphan.send_signal(signal.SIGTERM)
        orphan.wait(5)
        assert end_stale_processes(workspace.state) == 0
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_path_too_long_for_a_socket_is_no_obstacle(tmp_path):
    workspace = Workspace(tmp_path / ("deep" * 30))
    workspace.create()
    supervisor = Supervisor(workspace)
    supervisor.start()
    assert supervisor.answers()
    supervisor.shut_down()


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """PostgreSQL 15 and 17, and none on the search path."""
    for version in ("15", "17"):
        program = tmp_path / "lib" / version / "bin" / "postgres"
        program.parent.mkdir(parents=True)
        program.touch()
    monkeypatch.setattr(postgres, "DEBIAN", tmp_path / "lib")
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path / "lib"


def test_new_data_are_made_by_the_newest_postgresql(installed):
    assert postgres.programs() == installed / "17" / "bin"


@pytest.mark.parametrize("version", ["15", "17"])
def test_data_are_opened_by_the_postgresql_that_wrote_them(installed, version):
    assert postgres.programs(version) == installed / version / "bin"


def test_data_of_a_postgresql_that_is_gone_name_both_versions(installed):
    with pytest.raises(Problem, match=r"PostgreSQL 14; this machine has 15, 17.*postgresql-14"):
        postgres.programs("14")


def test_a_postgresql_of_another_place_is_asked_for_its_version(installed, tmp_path):
    program = tmp_path / "postgres"
    program.write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 16.2 (self-made)'\n")
    program.chmod(0o755)
    assert postgres.programs("16") == tmp_path
    with pytest.raises(Problem, match="has 15, 16, 17"):
        postgres.programs("14")


def test_the_data_tell_their_version(tmp_path, installed):
    server = PostgresServer(tmp_path / "postgres", 20000)
    try:
        server.data.mkdir(exist_ok=True)
        (server.data / "PG_VERSION").write_text("15\n")
        assert server.program(restart=True).command[0] == str(installed / "15" / "bin" / "postgres")
    finally:
        shutil.rmtree(server.home)


def test_servers_of_a_user_without_a_plain_home_are_told_where_to_go(tmp_path, monkeypatch):
    me = Account("tester", 1001, 1001, switch=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "plain"))
    assert home_for(me, tmp_path / "a space").parent == tmp_path / "plain" / "mtnet-portal"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "not plain"))
    with pytest.raises(Problem, match="set XDG_DATA_HOME"):
        home_for(me, tmp_path / "another space")


@pytest.mark.parametrize(
    ("said", "again"),
    [("queue review.cases\n", False), ("kept queue review.cases with its old limit\n", True)],
)
def test_the_topology_is_applied_again_while_a_queue_could_not_be_made_anew(
    tmp_path, monkeypatch, said, again
):
    ran = []
    monkeypatch.setattr(provision, "NEW_QUEUE_SECONDS", 0)
    monkeypatch.setattr(provision, "run_command", lambda environment, *words: ran.append(words[-1]) or said)
    steps = Steps(tmp_path / "steps.json")
    provisioning = Provisioning(SimpleNamespace(of=lambda name: {}), {}, steps)
    provisioning.topology()
    assert ran == ["apply", "permissions"]
    provisioning.topology()
    assert (len(ran) == 4) is again
