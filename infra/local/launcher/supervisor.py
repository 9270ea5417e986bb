"""Keeps processes alive through supervisord: its configuration, its calls, and when each process is ready."""

import contextlib
import os
import shlex
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from xmlrpc.client import Error, Fault

import jinja2
import psutil
from supervisor.childutils import getRPCInterface

from launcher.problem import Problem
from launcher.stale_processes import MARK
from launcher.workspace import BIN, Workspace, write_private

TEMPLATE = Path(__file__).with_name("supervisord.conf.jinja")
LONGEST_SOCKET_PATH = 98  # bytes; Linux allows 107, and supervisord first adds a process number
MOST_ATTEMPTS = 4  # of one process to come up
STOP_SECONDS = 90
# What children may know of the environment that `make run` was typed in.
INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")


@dataclass(frozen=True)
class Program:
    """One process. `problem` asks whether it is ready: nothing, or what is still wrong."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    directory: Path
    problem: Callable[[], str] = lambda: ""
    group: str = "portal"  # `servers` start earlier and stop later
    user: str | None = None
    autostart: bool = True
    autorestart: bool = True
    stop_signal: str = "TERM"
    stop_seconds: int = 30


def inherited_environment() -> dict[str, str]:
    return {name: os.environ[name] for name in INHERITED if name in os.environ} | {"PYTHONUNBUFFERED": "1"}


def escaped(value: object) -> str:
    """A value as supervisor's configuration writes it: a percent sign begins a variable there, and nothing stands for
    a quotation mark. Raises Problem."""
    text = str(value)
    if '"' in text or "\n" in text:
        raise Problem(f"A setting may hold no quotation mark and no line end: {text!r}.")
    return text.replace("%", "%%")


class Supervisor:
    """One supervisord in one workspace."""

    def __init__(self, workspace: Workspace, programs: Iterable[Program] = ()) -> None:
        self.workspace = workspace
        self.programs = {program.name: program for program in programs}
        self._socket = workspace.state / "supervisor.sock"
        if len(os.fsencode(self._socket)) > LONGEST_SOCKET_PATH:
            digest = sha256(str(workspace.state).encode()).hexdigest()[:16]
            self._socket = Path(tempfile.gettempdir()) / f"mtnet-{os.geteuid()}-{digest}.sock"

    def start(self) -> None:
        """Writes the configuration and starts supervisord, which starts what is marked `autostart`."""
        configuration = self.workspace.state / "supervisord.conf"
        write_private(configuration, self._configuration())
        done = subprocess.run(
            [str(BIN / "supervisord"), "--configuration", str(configuration)],
            cwd=self.workspace.state,
            env=inherited_environment() | {MARK: str(self.workspace.state)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise Problem(f"supervisord did not start: {done.stdout}{done.stderr}")

    def _configuration(self) -> str:
        template = jinja2.Environment(finalize=escaped, trim_blocks=True, undefined=jinja2.StrictUndefined)  # noqa: S701 - no HTML
        return template.from_string(TEMPLATE.read_text()).render(
            state=self.workspace.state,
            socket=self._socket,
            root=os.geteuid() == 0,
            # The first group starts first and stops last.
            groups={
                group: [program for program in self.programs.values() if program.group == group]
                for group in ("servers", "portal")
            },
            join=shlex.join,
        )

    # Calls

    def call(self, method: str, *arguments: Any) -> Any:
        """One XML-RPC call, e.g. call("getAllProcessInfo")."""
        with getRPCInterface({"SUPERVISOR_SERVER_URL": f"unix://{self._socket}"}) as server:
            return getattr(server.supervisor, method)(*arguments)

    def answers(self) -> bool:
        try:
            return bool(self.call("getState")["statename"] == "RUNNING")
        except (OSError, Error):
            return False

    def states(self) -> dict[str, dict[str, Any]]:
        """What supervisord says of each process, by name."""
        return {state["name"]: state for state in self.call("getAllProcessInfo")}

    def pid(self, name: str) -> int:
        """0 when it does not run."""
        return int(self.states()[name]["pid"])

    def start_program(self, name: str) -> None:
        """Starts a program; one that runs or starts already is left as it is."""
        self._change("startProcess", name, "ALREADY_STARTED")

    def stop_program(self, name: str) -> None:
        """Returns when it has ended."""
        self._change("stopProcess", name, "NOT_RUNNING")

    def _change(self, method: str, name: str, unless: str) -> None:
        try:
            self.call(method, f"{self.states()[name]['group']}:{name}", method == "stopProcess")
        except Fault as fault:
            if unless not in fault.faultString:
                raise

    def restart(self, name: str) -> None:
        """A clean stop and start; returns when it is ready."""
        self.stop_program(name)
        self.start_program(name)
        self.wait_ready(name)

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Returns when supervisord knows that it is gone. Raises psutil.NoSuchProcess where it does not run."""
        killed = psutil.Process(self.pid(name))
        killed.send_signal(number)
        killed.wait(30)
        while self.pid(name) == killed.pid:
            time.sleep(0.05)

    def wait_ready(self, *names: str, seconds: float = 120) -> None:
        """Returns when all these processes are ready. Raises Problem with the last words of those that are not."""
        waiting = {name: "" for name in names}
        pids: dict[str, set[int]] = {name: {0} for name in names}
        deadline = time.monotonic() + seconds
        while waiting := {name: said for name in waiting if (said := self.programs[name].problem())}:
            states = self.states()
            for name in waiting:
                pids[name].add(states[name]["pid"])
            over = [name for name in waiting if self._is_over(states[name], pids[name])]
            if over or time.monotonic() > deadline:
                raise Problem(
                    "\n".join(
                        f"{name} is not ready ({states[name]['statename']}): {waiting[name]}\n"
                        f"{self.workspace.log_end(name)}\n"
                        for name in over or waiting
                    )
                )
            time.sleep(0.1)

    def _is_over(self, state: Mapping[str, Any], pids: set[int]) -> bool:
        ended = state["statename"] == "EXITED" and not self.programs[state["name"]].autorestart
        return ended or state["statename"] == "FATAL" or len(pids - {0}) > MOST_ATTEMPTS

    def shut_down(self) -> None:
        """Stops every program, the services before the servers they need, and then supervisord."""
        supervisord = psutil.Process(self.call("getPID"))
        self.call("shutdown")
        with contextlib.suppress(psutil.TimeoutExpired):
            supervisord.wait(STOP_SECONDS)
