"""What the servers hold before a process starts: databases, broker users, tables, topology, demonstration content.

Each step is safe to repeat; one that was done with the same sources is left out.
"""

import contextlib
import hashlib
import json
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Lock
from urllib.parse import urlsplit

from mtnet_chassis.broker.management import Management

from launcher.databases import create_databases
from launcher.environment import VHOST, Environments
from launcher.problem import Problem
from launcher.processes import SERVICES
from launcher.progress import step
from launcher.supervisor import inherited_environment
from launcher.workspace import BIN, PROJECT, write_private

NEW_QUEUE_SECONDS = 4  # RabbitMQ 3.10 needs up to 3 s until a new quorum queue survives a kill -9
# What queues are made of.
TOPOLOGY_SOURCES = (
    "libs/contracts/mtnet_contracts/**/*.py",
    "libs/chassis/mtnet_chassis/**/*.py",
    "services/*/*/**/service.py",
    "services/*/*/**/endpoints.py",
    "services/*/*/**/messages.py",
    "services/*/pyproject.toml",
)


def sources(*patterns: str) -> list[Path]:
    return sorted(
        path
        for pattern in patterns
        for path in PROJECT.glob(pattern)
        if path.is_file() and path.suffix != ".pyc"
    )


class Steps:
    """Remembers in `file` which steps were done, and with which sources. Without a file every step is done."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._done: dict[str, str] = {}
        self._lock = Lock()
        if file:
            with contextlib.suppress(FileNotFoundError, ValueError):
                self._done = dict(json.loads(file.read_text()))

    def do(self, title: str, work: Callable[[], object], *facts: object, files: Iterable[Path] = ()) -> None:
        """Does `work`, unless it was done with the same facts and files. False from it: to be done again next time."""
        content = hashlib.sha256(repr(facts).encode())
        for file in files:
            content.update(f"{file.relative_to(PROJECT)}\0".encode() + file.read_bytes())
        if self._done.get(title) == content.hexdigest():
            return
        with step(title):
            complete = work()
        if complete is False or not self._file:
            return
        with self._lock:
            self._done[title] = content.hexdigest()
            write_private(self._file, json.dumps(self._done, indent=2) + "\n")


def run_command(environment: Mapping[str, str], program: str, *words: str) -> str:
    """A command of the virtual environment; what it said. Raises Problem with its last words."""
    done = subprocess.run(
        [str(BIN / program), *words],
        cwd=PROJECT,
        env={**inherited_environment(), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-12:])
        raise Problem(f"`{' '.join([program, *words])}` failed:\n{last}")
    return done.stdout


class Provisioning:
    """The steps for one pair of servers. `server` tells one from another made later in the same directory."""

    def __init__(self, environments: Environments, secrets: Mapping[str, str], steps: Steps) -> None:
        self._environments = environments
        self._secrets = secrets
        self._steps = steps

    def databases(self, administrator_dsn: str, server: object = None) -> None:
        work = partial(create_databases, administrator_dsn, self._secrets)
        self._steps.do("databases, roles and rights", work, server, self._secrets)
        with ThreadPoolExecutor(2) as side_by_side:
            list(side_by_side.map(lambda service: self._migrate(service, server), SERVICES))

    def _migrate(self, service: str, server: object) -> None:
        files = sources(f"services/{service}/migrations/*", "libs/chassis/mtnet_chassis/data/sql/*")
        work = partial(run_command, self._environments.migration(service), "mtnet", "migrate", service)
        self._steps.do(f"migrations of {service}", work, server, files=files)

    def broker_users(self, management_url: str, server: object = None) -> None:
        """The virtual host, and a user for each service and the gateway; rights come from the topology."""

        def create() -> None:
            management = Management(management_url, VHOST)
            management.make_vhost()
            everything = {"configure": ".*", "write": ".*", "read": ".*"}
            management.call("PUT", f"/permissions/{VHOST}/{urlsplit(management_url).username}", everything)
            for user in (*SERVICES, "gateway"):
                account = {"password": self._secrets[f"{user}_broker_password"], "tags": ""}
                management.call("PUT", f"/users/{user}", account)

        self._steps.do("broker users", create, server, self._secrets)

    def topology(self, server: object = None) -> None:
        def apply() -> bool:
            operator = self._environments.of("operator")
            said = run_command(operator, "mtnet", "topology", "apply")
            run_command(operator, "mtnet", "topology", "permissions")
            time.sleep(NEW_QUEUE_SECONDS)
            # A queue of an earlier release that still holds messages is made anew at a later start.
            return "kept queue" not in said

        self._steps.do("exchanges, queues and broker rights", apply, server, files=sources(*TOPOLOGY_SOURCES))

    def demonstration(self, server: object = None) -> None:
        for service in SERVICES:
            module = f"services/{service}/{service}/demo"
            files = sources(f"{module}.py", f"{module}/**/*")
            if files:
                work = partial(run_command, self._environments.of(service), "python", "-m", f"{service}.demo")
                self._steps.do(f"demonstration content of {service}", work, server, files=files)
