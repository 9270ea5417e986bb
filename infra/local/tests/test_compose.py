"""docker-compose.yml, its environment files and what the documents say of them fit together; no engine needed."""

import re
from pathlib import Path

import pytest
import yaml
from launcher.compose import container_environments, write_compose_environment
from launcher.keys import secrets_in
from launcher.problem import Problem
from launcher.processes import PROCESSES, SERVICES
from launcher.servers.rabbit import LIMITS
from launcher.workspace import Workspace

PROJECT = Path(__file__).resolve().parents[3]
CONNECTIONS_OF_A_REPLICA = 24  # DATABASE_POOL_SIZE with ten workers
CONNECTIONS_OF_A_RELAY = 2
DOCUMENTS = ("docs/runbook.md", "infra/docker/README.md")


@pytest.fixture
def containers():
    return yaml.safe_load((PROJECT / "docker-compose.yml").read_text())["services"]


@pytest.fixture
def environment_files(tmp_path):
    assert write_compose_environment(Workspace(tmp_path)) == 0
    return {
        file.stem: dict(line.split("=", 1) for line in file.read_text().splitlines())
        for file in (tmp_path / "compose").glob("*.env")
    }


def test_every_process_is_a_container(containers):
    assert {process.name for process in PROCESSES} <= set(containers)


def test_the_broker_has_the_limits_of_every_broker(containers):
    """The official image and Debian's read each `.conf` of this folder."""
    (mounted,) = [each for each in containers["rabbitmq"]["volumes"] if each.endswith(".conf:ro")]
    ours, theirs, _ = mounted.split(":")
    assert PROJECT / ours == LIMITS
    assert Path(theirs).parent == Path("/etc/rabbitmq/conf.d")


def test_each_environment_file_is_written_and_each_written_one_is_used(containers, environment_files):
    used = {Path(each["env_file"]).stem for each in containers.values() if "env_file" in each}
    assert used == set(environment_files)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_documents_name_containers_that_exist(containers, document):
    text = " ".join((PROJECT / document).read_text().split())
    named = re.findall(r"compose (?:run --rm|exec) ([a-z-]+)", text)
    named += re.findall(r"--scale ([a-z-]+)=", text)
    assert named
    assert set(named) <= set(containers)


def test_init_begins_when_both_servers_answer(containers):
    assert containers["init"]["depends_on"] == {
        "postgres": {"condition": "service_healthy"},
        "rabbitmq": {"condition": "service_healthy"},
    }
    asked = {name: containers[name]["healthcheck"]["test"] for name in ("postgres", "rabbitmq")}
    assert "127.0.0.1" in asked["postgres"], "its socket answers before the database is made"
    assert "check_port_connectivity" in asked["rabbitmq"]


def test_an_operators_commands_have_their_environment_and_do_not_start_with_the_portal(
    containers, environment_files
):
    assert {"AMQP_OPERATOR_URL", "RABBITMQ_MANAGEMENT_URL"} <= set(environment_files["operator"])
    assert containers["operator"]["profiles"] == ["operator"]
    assert containers["operator"]["image"] == containers["init"]["image"]


@pytest.mark.parametrize("process", [p.name for p in PROCESSES if p.name != "sandbox"])
def test_a_process_may_be_scaled_and_has_the_time_to_work_off_what_is_in_hand(containers, process):
    from mtnet_chassis.broker.reader import DRAIN_SECONDS

    assert "ports" not in containers[process], "a second one could not have the same port"
    assert "container_name" not in containers[process]
    grace = containers[process]["stop_grace_period"]
    assert int(grace.removesuffix("s")) > DRAIN_SECONDS + 5


def test_postgresql_has_connections_for_two_of_everything(containers):
    most = int(containers["postgres"]["command"][-1].removeprefix("max_connections="))
    assert most > 2 * len(SERVICES) * (CONNECTIONS_OF_A_REPLICA + CONNECTIONS_OF_A_RELAY)


def test_the_gateways_believe_the_balancer_alone(environment_files):
    assert environment_files["gateway"]["GATEWAY_PROXIES"] == "1"
    assert environment_files["gateway"]["PORTAL_URL"] == environment_files["accounts"]["PORTAL_URL"]


def gateway_environment(directory):
    secrets = secrets_in(directory / "secrets.json", "rabbitmq_password")
    return container_environments(secrets).of("gateway")


@pytest.mark.parametrize(("proxies", "believed"), [("0", 1), ("1", 2), ("2", 3)])
def test_one_setting_says_how_many_proxies_stand_before_the_balancer(
    tmp_path, monkeypatch, proxies, believed
):
    monkeypatch.setenv("PORTAL_URL", "https://portal.example/")
    monkeypatch.setenv("PORTAL_PROXIES", proxies)
    monkeypatch.setenv("PORTAL_HOSTS", "www.portal.example")
    gateway = gateway_environment(tmp_path)
    assert (gateway["GATEWAY_PROXIES"], gateway["PORTAL_URL"]) == (str(believed), "https://portal.example")
    assert gateway["PORTAL_HOSTS"] == "www.portal.example"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORTAL_URL", "portal.example"),
        ("PORTAL_URL", "https://portal.example/mtnet"),
        ("PORTAL_URL", "ftp://portal.example"),
        ("PORTAL_URL", "https://[portal"),
        ("PORTAL_URL", "https://portal.example:x"),
        ("PORTAL_PROXIES", "-1"),
        ("PORTAL_PROXIES", "many"),
        ("PORTAL_PROXIES", "100"),
    ],
)
def test_a_setting_that_cannot_be_right_is_named(tmp_path, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(Problem, match=name):
        gateway_environment(tmp_path)
