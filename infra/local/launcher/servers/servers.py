"""The two servers of one workspace: prepared, started by supervisor, stopped, removed."""

import shutil
from collections.abc import Mapping

from launcher.ports import remembered_ports
from launcher.servers.postgres import PostgresServer
from launcher.servers.rabbit import RabbitServer
from launcher.stale_processes import end_stale_processes
from launcher.supervisor import Program, Supervisor
from launcher.workspace import Workspace

PORTS = ("postgresql", "amqp", "rabbitmq", "erlang", "epmd")


class Servers:
    """PostgreSQL and RabbitMQ. Another object with the same workspace finds the same ports and passwords."""

    def __init__(
        self, workspace: Workspace, *, ports: Mapping[str, int] | None = None, durable: bool = True
    ) -> None:
        workspace.create()
        self.workspace = workspace
        known = remembered_ports(workspace.state / "ports.json", PORTS, ports)
        self.postgres = PostgresServer(workspace.state / "postgres", known["postgresql"], durable=durable)
        self.rabbit = RabbitServer(workspace.state / "rabbitmq", known)
        self.supervisor = Supervisor(workspace, self.programs(restart=False))

    def programs(self, *, restart: bool) -> list[Program]:
        """`restart`: a server that ends is started again."""
        return [self.postgres.program(restart=restart), self.rabbit.program(restart=restart)]

    def launch(self) -> None:
        """Starts them without waiting until they answer."""
        end_stale_processes(self.workspace.state)
        self.postgres.prepare()
        self.rabbit.prepare()
        self.supervisor.start()

    def start(self) -> None:
        self.launch()
        self.supervisor.wait_ready(self.postgres.name, self.rabbit.name)

    def stop(self) -> None:
        """Ends everything that supervisor runs, and what it left; the data stay."""
        if self.supervisor.answers():
            self.supervisor.shut_down()
        end_stale_processes(self.workspace.state)  # Erlang's epmd at least

    def remove(self) -> None:
        """Ends everything at once and deletes the workspace."""
        end_stale_processes(self.workspace.state, seconds=0)
        for directory in (self.postgres.home, self.rabbit.home, self.workspace.state):
            shutil.rmtree(directory, ignore_errors=True)
