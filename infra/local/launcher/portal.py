"""The whole portal in one workspace: prepared, started, watched, stopped."""

import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from launcher import stale_processes
from launcher.broker import create_users
from launcher.databases import create_databases
from launcher.environment import Addresses, Environments
from launcher.health import readiness
from launcher.keys import secrets_in
from launcher.processes import PORTS, PROCESSES, SERVICES, Process
from launcher.progress import Progress
from launcher.public_address import PublicAddress, public_address
from launcher.servers import PostgresServer, RabbitServer
from launcher.servers.ports import remembered_ports
from launcher.servers.process import last_lines, wait_until
from launcher.sources import demonstration_of, digest, migrations_of, topology_sources
from launcher.supervisor import BIN, INHERITED, Program, Supervisor
from launcher.workspace import Stamps, Workspace

NEW_QUEUE_SECONDS = 4  # RabbitMQ 3.10 needs up to 3 s until a new quorum queue survives a kill -9


MOST_ATTEMPTS = 4  # of one process to come up


class PortalProblem(Exception):
    """The portal cannot start or go on; the text says why and what to do."""


class Portal:
    """Every process of the system in one workspace. Servers given from outside are used but not managed."""

    def __init__(
        self,
        workspace: Workspace,
        *,
        postgres: PostgresServer | None = None,
        rabbit: RabbitServer | None = None,
        ports: dict[str, int | None] | None = None,
        progress: Progress | None = None,
    ) -> None:
        workspace.create()
        self.workspace = workspace
        self.progress = progress or Progress(quiet=True)
        self.ports = remembered_ports(workspace.state / "ports.json", PORTS, ports)
        self.secrets = secrets_in(workspace.state / "secrets.json")
        self._own_servers = postgres is None and rabbit is None
        self.postgres = postgres or PostgresServer(workspace.state / "postgres")
        self.rabbit = rabbit or RabbitServer(
            workspace.state / "rabbitmq", management_port=(ports or {}).get("rabbitmq")
        )
        self.supervisor = Supervisor(workspace)
        self.stamps = Stamps(workspace.state / "stamps.json")
        self.environments = Environments(self._addresses(), self.secrets)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['portal']}"

    @property
    def inbox_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['inbox']}"

    def runs(self) -> bool:
        return self.supervisor.answers()

    # Starting

    def start(self) -> None:
        """Everything from nothing to ready; what an earlier start has done is not done again."""
        self.supervisor.write(self._programs())
        self.supervisor.start()
        try:
            with ThreadPoolExecutor() as side_by_side:
                steps = [
                    side_by_side.submit(self._prepare_databases),
                    side_by_side.submit(self._prepare_broker),
                ]
                for step in steps:
                    step.result()
            self._apply_topology()
            self._put_demonstration()
            self._start_processes()
            self.wait_ready()
        except BaseException:
            self.stop()
            raise

    def _prepare_databases(self) -> None:
        with self.progress.step("PostgreSQL"):
            self.postgres.wait_ready()
        made = self._age_of(self.postgres.data / "PG_VERSION")
        content = digest(made, *SERVICES, *(f"{key}={value}" for key, value in sorted(self.secrets.items())))
        if not self.stamps.is_done("databases", content):
            with self.progress.step("databases, roles and rights"):
                create_databases(self.postgres.dsn(), self.secrets)
            self.stamps.done("databases", content)
        wanted = {service: digest(made, files=migrations_of(service)) for service in SERVICES}
        missing = [
            service
            for service in SERVICES
            if not self.stamps.is_done(f"migrations {service}", wanted[service])
        ]
        if missing:
            with (
                self.progress.step(f"migrations: {', '.join(missing)}"),
                ThreadPoolExecutor(2) as side_by_side,
            ):
                for service, work in [(each, side_by_side.submit(self._migrate, each)) for each in missing]:
                    work.result()
                    self.stamps.done(f"migrations {service}", wanted[service])

    def _migrate(self, service: str) -> None:
        self.run_once(["mtnet", "migrate", service], self.environments.migration(service))

    def _prepare_broker(self) -> None:
        with self.progress.step("RabbitMQ"):
            self.rabbit.wait_ready()
        made = self._age_of(self.rabbit.home / "home" / ".erlang.cookie")
        content = digest(made, *(f"{key}={value}" for key, value in sorted(self.secrets.items())))
        if not self.stamps.is_done("broker users", content):
            with self.progress.step("broker users"):
                create_users(self.rabbit.management_url, self.secrets)
            self.stamps.done("broker users", content)

    def _apply_topology(self) -> None:
        made = self._age_of(self.rabbit.home / "home" / ".erlang.cookie")
        content = digest(made, files=topology_sources())
        if self.stamps.is_done("topology", content):
            return
        with self.progress.step("exchanges, queues and broker rights"):
            said = [
                self.run_once(["mtnet", "topology", action], self.environments.operator())
                for action in ("apply", "permissions")
            ]
            time.sleep(NEW_QUEUE_SECONDS)
        # A queue of an earlier release that still holds messages is made anew at a later start.
        if not any("kept queue" in each for each in said):
            self.stamps.done("topology", content)

    def _put_demonstration(self) -> None:
        made = self._age_of(self.postgres.data / "PG_VERSION")
        for service in SERVICES:
            files = demonstration_of(service)
            content = digest(made, files=files)
            if files and not self.stamps.is_done(f"demonstration {service}", content):
                with self.progress.step(f"demonstration content of {service}"):
                    self.run_once(["python", "-m", f"{service}.demo"], self.environments.service(service))
                self.stamps.done(f"demonstration {service}", content)

    def _start_processes(self) -> None:
        for process in PROCESSES:
            self.supervisor.start_program(process.name)

    def wait_ready(self, seconds: float = 120) -> None:
        """Returns when every process says it is ready."""
        with self.progress.step(f"{len(PROCESSES)} processes ready"):
            waiting: dict[Process, str] = dict.fromkeys(PROCESSES, "")
            pids: dict[str, set[int]] = {}
            deadline = time.monotonic() + seconds
            while waiting:
                for process in list(waiting):
                    ready, waiting[process] = readiness(self.ports[process.health_port])
                    if ready:
                        del waiting[process]
                    elif self._keeps_dying(process.name, pids):
                        raise self._not_ready({process: waiting[process]})
                if time.monotonic() > deadline:
                    raise self._not_ready(waiting)
                if waiting:
                    time.sleep(0.1)

    def _keeps_dying(self, name: str, pids: dict[str, set[int]]) -> bool:
        state = self.supervisor.state_of(name)
        seen = pids.setdefault(name, set())
        if state["pid"]:
            seen.add(state["pid"])
        return state["statename"] == "FATAL" or len(seen) > MOST_ATTEMPTS

    def _not_ready(self, waiting: dict[Process, str]) -> PortalProblem:
        parts = [f"Not ready: {', '.join(process.name for process in waiting)}."]
        for process, answer in waiting.items():
            log = self.workspace.log_of(process.name)
            parts.append(
                f"\n{process.name} ({self.supervisor.state_of(process.name)['statename']}): {answer}"
            )
            parts.append(f"{last_lines(log, 8)}\n(all of it: {log})")
        return PortalProblem("\n".join(parts))

    # Running

    def run_once(self, command: list[str], environment: dict[str, str]) -> str:
        """One command of the virtual environment to its end; what it said. Raises PortalProblem with its last words."""
        done = subprocess.run(
            [str(BIN / command[0]), *command[1:]],
            cwd=self.workspace.project,
            env=self.full_environment(environment),
            capture_output=True,
            text=True,
            check=False,
        )
        with self.workspace.log_of("set-up").open("a") as log:
            log.write(f"$ {' '.join(command)}\n{done.stdout}{done.stderr}")
        if done.returncode != 0:
            words = "\n".join((done.stdout + done.stderr).strip().splitlines()[-12:])
            raise PortalProblem(f"`{' '.join(command)}` failed:\n{words}")
        return done.stdout

    def full_environment(self, environment: dict[str, str]) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        return {**inherited, "PYTHONUNBUFFERED": "1", **environment}

    def restart(self, name: str) -> None:
        """Stops a process cleanly, starts it again and returns when it is ready."""
        self.supervisor.stop_program(name)
        self.supervisor.start_program(name)
        self.wait_process_ready(name)

    def kill9(self, name: str) -> None:
        """Kills a process at once and returns when it was started again (it may not be ready yet)."""
        if name in ("postgresql", "rabbitmq") and not self._own_servers:
            server = self.postgres if name == "postgresql" else self.rabbit
            server.kill9()
            server.launch()
            server.leave()  # it belongs to the whole test run, not to this part of it
            return
        dead = int(self.supervisor.state_of(name)["pid"])
        os.kill(dead, signal.SIGKILL)
        wait_until(lambda: self.supervisor.state_of(name)["pid"] not in (0, dead), 30, 0.1)

    def wait_process_ready(self, name: str, seconds: float = 60) -> None:
        if name in ("postgresql", "rabbitmq"):
            (self.postgres if name == "postgresql" else self.rabbit).wait_ready()
            return
        process = next(each for each in PROCESSES if each.name == name)
        port = self.ports[process.health_port]
        if not wait_until(lambda: readiness(port)[0], seconds, 0.1):
            raise self._not_ready({process: readiness(port)[1]})

    # Stopping

    def stop(self) -> None:
        """Stops every process; the data stay."""
        if self.supervisor.answers():
            self.supervisor.shut_down()
        if self._own_servers:
            self.rabbit.after_stop()
        stale_processes.end(self.workspace.state)

    # Facts for the above

    def _addresses(self) -> Addresses:
        # The portals of tests are reached at their own address, whatever is set here.
        address = public_address(self.url) if self._own_servers else PublicAddress(self.url, 0, "")
        return Addresses(
            postgres=f"127.0.0.1:{self.postgres.port}",
            amqp=f"127.0.0.1:{self.rabbit.port}",
            management_url=self.rabbit.management_url,
            operator_url=self.rabbit.url("mtnet"),
            portal_url=address.url,
            portal_hosts=address.hosts,
            proxies=address.proxies,
            files_url=self.workspace.files.as_uri(),
            smtp_url=f"smtp://127.0.0.1:{self.ports['smtp']}",
            sms_url=f"{self.inbox_url}/sms",
            ports=self.ports,
            sandbox_data=str(self.workspace.state / "inbox.sqlite"),
        )

    def _programs(self) -> list[Program]:
        programs = [
            Program(
                name=process.name,
                command=[str(BIN / process.command[0]), *process.command[1:]],
                environment=self.environments.of(process.name),
                directory=self.workspace.project,
                autostart=process.name == "sandbox",
            )
            for process in PROCESSES
        ]
        if self._own_servers:
            for server, stop_signal in ((self.postgres, "INT"), (self.rabbit, "TERM")):
                server.log = self.workspace.log_of(server.title.lower())
                server.prepare()
                server.check_ports()
                programs.append(
                    Program(
                        name=server.title.lower(),
                        command=server.command(),
                        environment=server.environment(),
                        directory=server.data,
                        user=server.account.name if server.account.switch else None,
                        autostart=True,
                        stop_signal=stop_signal,
                        stop_seconds=60,
                        priority=100,
                    )
                )
        return programs

    @staticmethod
    def _age_of(file: Path) -> str:
        """Tells one data directory from another made later in the same directory."""
        return str(file.stat().st_mtime_ns)
