"""Keeps processes alive through supervisord: its generated configuration and its calls."""

import os
import shlex
import subprocess
import sys
import tempfile
import xmlrpc.client
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

from supervisor.xmlrpc import SupervisorTransport

from launcher.keys import write_private
from launcher.servers.process import wait_until
from launcher.workspace import Workspace

BIN = Path(sys.executable).parent
LONGEST_SOCKET_PATH = 100  # Linux allows 107 bytes

# What children may know of the environment that `make run` was typed in.
INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")


@dataclass(frozen=True)
class Program:
    """What supervisord needs to know about one process."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    directory: Path
    user: str | None = None
    autostart: bool = False
    stop_signal: str = "TERM"
    stop_seconds: int = 30
    priority: int = 500  # lower starts earlier and stops later
    extra: Mapping[str, str] = field(default_factory=dict)


def quoted(value: str) -> str:
    """For supervisor's environment lists, which know no way to write a quotation mark."""
    if '"' in value or "\n" in value:
        raise ValueError("supervisor cannot pass on a value with a quotation mark or a line end")
    return f'"{escaped(value)}"'


def escaped(value: object) -> str:
    """A value as supervisor's configuration writes it: there a percent sign begins a variable."""
    return str(value).replace("%", "%%")


class Supervisor:
    """One supervisord in one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.configuration = workspace.state / "supervisord.conf"
        socket = workspace.state / "supervisor.sock"
        if len(str(socket)) > LONGEST_SOCKET_PATH:
            digest = sha256(str(workspace.state).encode()).hexdigest()[:16]
            socket = Path(tempfile.gettempdir()) / f"mtnet-{os.geteuid()}-{digest}.sock"
        self._socket = socket

    def write(self, programs: list[Program]) -> None:
        parts = [
            "; Written by the launcher at each start.",
            "[supervisord]",
            f"logfile={escaped(self._workspace.log_of('supervisord'))}",
            "logfile_maxbytes=5MB",
            "logfile_backups=1",
            f"pidfile={escaped(self._workspace.state / 'supervisord.pid')}",
            f"childlogdir={escaped(self._workspace.logs)}",
            "nodaemon=true",
            "silent=true",
            *(["user=root"] if os.geteuid() == 0 else []),
            "[unix_http_server]",
            f"file={escaped(self._socket)}",
            "chmod=0600",
            "[rpcinterface:supervisor]",
            "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
            f"[supervisorctl]\nserverurl=unix://{escaped(self._socket)}",
        ]
        for program in programs:
            environment = {**program.environment, "MTNET_WORKSPACE": str(self._workspace.state)}
            parts += [
                f"[program:{program.name}]",
                "command=" + escaped(shlex.join(program.command)),
                f"directory={escaped(program.directory)}",
                "environment=" + ",".join(f"{name}={quoted(value)}" for name, value in environment.items()),
                f"autostart={str(program.autostart).lower()}",
                "autorestart=true",
                "startsecs=1",
                "startretries=50",
                f"stopsignal={program.stop_signal}",
                f"stopwaitsecs={program.stop_seconds}",
                f"priority={program.priority}",
                "redirect_stderr=true",
                f"stdout_logfile={self._log_of(program.name)}",
                "stdout_logfile_maxbytes=10MB",
                "stdout_logfile_backups=1",
                *([f"user={program.user}"] if program.user else []),
            ]
        write_private(self.configuration, "\n".join(parts) + "\n")

    def _log_of(self, program: str) -> Path:
        """Relative to where supervisord works: it would expand a percent sign in here twice."""
        return self._workspace.log_of(program).relative_to(self._workspace.state)

    def start(self) -> None:
        """Starts supervisord in its own session, so that Ctrl-C reaches the launcher alone."""
        environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
        environment |= {"PYTHONUNBUFFERED": "1", "MTNET_WORKSPACE": str(self._workspace.state)}
        with self._workspace.log_of("supervisord").open("ab") as log:
            child = subprocess.Popen(
                [str(BIN / "supervisord"), "--configuration", str(self.configuration)],
                cwd=self._workspace.state,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        if not wait_until(lambda: self.answers() or child.poll() is not None, 15) or child.poll() is not None:
            raise RuntimeError(f"supervisord did not start; see {self._workspace.log_of('supervisord')}")
        self._child: subprocess.Popen[bytes] | None = child

    def call(self, name: str, *arguments: Any) -> Any:
        """One XML-RPC call, e.g. call("getAllProcessInfo")."""
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        try:
            proxy = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=cast(Any, transport))
            return getattr(proxy.supervisor, name)(*arguments)
        finally:
            transport.close()

    def answers(self) -> bool:
        try:
            return bool(self.call("getState")["statename"] == "RUNNING")
        except (OSError, xmlrpc.client.Error):
            return False

    def states(self) -> list[dict[str, Any]]:
        return cast(list[dict[str, Any]], self.call("getAllProcessInfo"))

    def state_of(self, name: str) -> dict[str, Any]:
        return cast(dict[str, Any], self.call("getProcessInfo", name))

    def start_program(self, name: str, *, wait: bool = False) -> None:
        """Starts a program; one that runs or starts already is left as it is."""
        try:
            self.call("startProcess", name, wait)
        except xmlrpc.client.Fault as fault:
            if "ALREADY_STARTED" not in fault.faultString:
                raise

    def stop_program(self, name: str) -> None:
        try:
            self.call("stopProcess", name, True)
        except xmlrpc.client.Fault as fault:
            if "NOT_RUNNING" not in fault.faultString:
                raise

    def shut_down(self, seconds: float = 60) -> None:
        """Stops every program, the services before the servers they stand on, and then supervisord."""
        by_priority: dict[int, list[str]] = {}
        for program in self.states():
            by_priority.setdefault(self._priority(program["name"]), []).append(program["name"])
        for priority in sorted(by_priority, reverse=True):
            names = by_priority[priority]
            for name in names:
                self._ask_to_stop(name)
            wait_until(lambda names=names: self._stopped(names), seconds, 0.1)  # type: ignore[misc]
        pid = self.call("getPID")
        self.call("shutdown")
        child = getattr(self, "_child", None)
        gone = (lambda: child.poll() is not None) if child else (lambda: not Path(f"/proc/{pid}").exists())
        wait_until(gone, seconds)
        self._socket.unlink(missing_ok=True)

    def _stopped(self, names: list[str]) -> bool:
        return not any(state["pid"] for state in self.states() if state["name"] in names)

    def _ask_to_stop(self, name: str) -> None:
        """Asks a program to stop without waiting for it, so that all of one priority stop side by side."""
        try:
            self.call("stopProcess", name, False)
        except xmlrpc.client.Fault:
            return

    def _priority(self, name: str) -> int:
        for line in self.configuration.read_text().split(f"[program:{name}]", 1)[1].splitlines():
            if line.startswith("priority="):
                return int(line.removeprefix("priority="))
        return 500
