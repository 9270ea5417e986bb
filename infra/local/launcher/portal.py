"""The whole portal in one workspace: servers and processes, prepared, started, stopped."""

import urllib.error
import urllib.request
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from launcher.environment import Environments
from launcher.keys import secrets_in
from launcher.ports import remembered_ports
from launcher.processes import PORTS, PROCESSES
from launcher.progress import step
from launcher.provision import Provisioning, Steps
from launcher.public_address import public_address
from launcher.servers import Servers
from launcher.supervisor import Program, Supervisor
from launcher.workspace import BIN, PROJECT, Workspace, write_private

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Portal(Servers):
    """Every process of the system. `ports`: those that are not the remembered ones; `more`: variables by process that
    environment.toml does not have, or has otherwise."""

    def __init__(
        self,
        workspace: Workspace,
        *,
        ports: Mapping[str, int] | None = None,
        more: Mapping[str, Mapping[str, str]] | None = None,
        durable: bool = True,
    ) -> None:
        super().__init__(workspace, ports=ports, durable=durable)
        self.ports = remembered_ports(workspace.state / "ports.json", PORTS)
        self.url = f"http://127.0.0.1:{self.ports['portal']}"
        self.inbox_url = f"http://127.0.0.1:{self.ports['inbox']}"
        self.secrets = secrets_in(workspace.state / "secrets.json")
        # A file, so that keys can be rotated while the portal runs. The first key stays among the secrets.
        keys = workspace.state / "id-number-keys"
        if not keys.exists():
            write_private(keys, f"{self.secrets['id_number_keys']}\n")
        values = {
            **self.secrets,
            **public_address(self.url),
            "rabbitmq_password": self.rabbit.password,
            "files_url": workspace.files.as_uri(),
            "state": workspace.state,
        }
        self.environments = Environments("one-machine", self.ports, values)
        self._more = more or {}
        self.supervisor = Supervisor(workspace, [*self.programs(restart=True), *self._processes()])

    def start(self) -> None:
        """Everything from nothing to ready; what an earlier start has done is not done again."""
        self.launch()
        self._provision()
        self.supervisor.call("startProcessGroup", "portal", False)  # without waiting for each
        names = [process.name for process in PROCESSES]
        with step(f"{len(names)} processes ready"):
            self.supervisor.wait_ready(*names)

    def _provision(self) -> None:
        steps = Steps(self.workspace.state / "steps.json")
        provisioning = Provisioning(self.environments, self.secrets, steps)
        cluster, node = modified(self.postgres.data / "PG_VERSION"), modified(self.rabbit.cookie)

        def databases() -> None:
            with step("PostgreSQL"):
                self.supervisor.wait_ready(self.postgres.name)
            provisioning.databases(self.postgres.dsn(), cluster)

        def broker() -> None:
            with step("RabbitMQ"):
                self.supervisor.wait_ready(self.rabbit.name)
            provisioning.broker_users(self.rabbit.management_url, node)
            provisioning.topology(node)

        with ThreadPoolExecutor() as side_by_side:
            for work in [side_by_side.submit(databases), side_by_side.submit(broker)]:
                work.result()
        provisioning.demonstration(cluster)

    def _processes(self) -> list[Program]:
        return [
            Program(
                process.name,
                command=[str(BIN / process.command[0]), *process.command[1:]],
                environment={**self.environments.of(process.name), **self._more.get(process.name, {})},
                directory=PROJECT,
                problem=partial(readiness_problem, self.ports[process.health_port]),
                autostart=process.name == "sandbox",
            )
            for process in PROCESSES
        ]


def modified(file: Path) -> int:
    return file.stat().st_mtime_ns


def readiness_problem(port: int) -> str:
    """Nothing when /readyz says yes, else what it says."""
    try:
        with DIRECT.open(f"http://127.0.0.1:{port}/readyz", timeout=5):
            return ""
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.read(200).decode("utf-8", "replace").strip() or str(refusal)
    except (OSError, ValueError) as problem:
        return str(problem) or "no answer"
