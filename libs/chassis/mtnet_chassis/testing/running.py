"""Run a service or a relay as a process of its own, for tests that need a real one."""

from __future__ import annotations

import atexit
import base64
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mtnet_chassis.runtime import child
from mtnet_chassis.testing.fork_server import ForkedProcess, fork_server

HANDLED = re.compile(r'^mtnet_events_handled_total\{.*result="(\w+)".*\} (\S+)$', re.M)
NOTHING: Mapping[str, str] = MappingProxyType({})


# What a command imports when it runs.
IMPORTS = {
    "serve": ("mtnet_chassis.runtime.serve",),
    "relay": ("mtnet_chassis.events.relay", "mtnet_chassis.runtime.stack_dump", "mtnet_chassis.telemetry"),
}


def start_python(
    module: str,
    *words: str,
    imports: Sequence[str],
    patched: bool = False,
    apart: str = "",
    environment: Mapping[str, str],
    log: Path = Path(os.devnull),
) -> ForkedProcess | subprocess.Popen[bytes]:
    """`python -m module words`, by the fork server; see there what `imports`, `patched` and `apart` mean."""
    if "COVERAGE_PROCESS_CONFIG" not in os.environ:
        server = fork_server(patched=patched, apart=apart)
        return server.start(module, *words, imports=imports, environment=environment, log=log)
    with log.open("wb") as output:  # coverage measures what is started from nothing
        return subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-W", "ignore", "-m", module, *words],
            env=dict(environment),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # as the fork server's
        )


def copied_children(imports: Mapping[str, Sequence[str]]) -> Callable[..., Any]:
    """In place of `runtime.child.start`: children begin as copies. `imports` by task: what it imports."""

    def start(module: str, task: str, directory: Path) -> Any:
        return start_python(
            module,
            task,
            str(directory),
            imports=(module, *imports.get(task, ())),
            apart=task,
            environment=child.environment(),
            log=directory / "errors",
        )

    return start


class NotReady(RuntimeError):
    """The process ended, or did not become ready in time; the text has the end of its log."""


class RunningProcess:
    """`mtnet <command> <service>` with its own health port and log file."""

    def __init__(self, command: str, service: str, *, environment: Mapping[str, str] = NOTHING) -> None:
        self.name = f"{command} {service}"
        # `make test` removes its own directory at the end; a worker of pytest-xdist ends without atexit.
        self._directory = Path(
            tempfile.mkdtemp(prefix="mtnet-process-", dir=os.environ.get("MTNET_TEST_STATE"))
        )
        atexit.register(shutil.rmtree, self._directory, ignore_errors=True)
        self.log_file = self._directory / "log"
        self._port_file = self._directory / "port"
        settings = {
            "ACTOR_PUBLIC_KEY": base64.b64encode(bytes(32)).decode(),
            "HEALTH_HOST": "127.0.0.1",
            "HEALTH_PORT": "0",
            "HEALTH_PORT_FILE": str(self._port_file),
            "LOG_LEVEL": "INFO",
        }
        self._process = start_python(
            "mtnet_chassis.operations.cli",
            command,
            service,
            imports=(
                "mtnet_chassis.operations.cli",
                *IMPORTS[command],
                *([f"{service}.service"] * (command == "serve")),
            ),
            patched=command == "serve",
            environment=os.environ | settings | dict(environment),
            log=self.log_file,
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def wait_ready(self, seconds: float = 30) -> None:
        """Wait until /readyz is 200. Raises NotReady."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self.alive:
                raise NotReady(f"{self.name} ended with {self._process.returncode}:\n{self.log[-4000:]}")
            if self.ready():
                return
            time.sleep(0.05)
        raise NotReady(f"{self.name} is not ready after {seconds} s:\n{self.log[-4000:]}")

    def ready(self) -> bool:
        try:
            return self.get("/readyz")[0] == 200
        except (OSError, ValueError):
            return False

    def get(self, path: str) -> tuple[int, str]:
        """Status and text of a page of the health server."""
        port = int(self._port_file.read_text())
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=3) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as problem:
            return problem.code, problem.read().decode()

    def events_handled(self) -> Counter[str]:
        """Deliveries of events by what became of them (`applied`, `duplicate`, `retried` …), since it began."""
        found: Counter[str] = Counter()
        for result, count in HANDLED.findall(self.get("/metrics")[1]):
            found[result] += int(float(count))
        return found

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait(self, seconds: float = 30) -> int:
        """The exit code. Raises subprocess.TimeoutExpired."""
        return self._process.wait(seconds)

    def stop(self, seconds: float = 35) -> int:
        """Send SIGTERM. Returns the exit code."""
        if self.alive:
            self._process.terminate()
        return self.wait(seconds)

    def kill(self) -> None:
        """SIGKILL, as if the machine had failed."""
        if self.alive:
            self._process.kill()
        self._process.wait()
