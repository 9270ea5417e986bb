"""A private PostgreSQL: own cluster, 127.0.0.1 only, passwords, every commit on disk."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

import psycopg

from launcher.servers import finding, process
from launcher.servers.ports import remembered_ports
from launcher.servers.problems import ServerProblem
from launcher.servers.server import Server

DEBIAN = Path("/usr/lib/postgresql")

SETTINGS = {
    "listen_addresses": "'127.0.0.1'",
    "unix_socket_directories": "''",  # no socket in /run/postgresql beside a system instance
    "max_connections": "200",
    "shared_buffers": "'96MB'",
    "work_mem": "'8MB'",
    "wal_level": "replica",
    "max_wal_size": "'512MB'",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "password_encryption": "'scram-sha-256'",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "log_line_prefix": "'%m [%p] %u@%d '",
    "log_lock_waits": "on",
    "logging_collector": "off",
    "bgwriter_delay": "'10s'",  # an idle server should sleep
    "wal_writer_delay": "'1s'",  # synchronous commits do not wait for it
}


def programs(version: str | None = None) -> Path:
    """The directory of a server's programs: of that major version, else of the newest, Debian's place first.

    Raises ServerProblem when there is none.
    """
    installed = {path.parent.name: path for path in DEBIAN.glob("*/bin") if (path / "postgres").exists()}
    if version in installed:
        return installed[version]
    if version is None and installed:
        return installed[max(installed, key=lambda name: int(name) if name.isdigit() else 0)]
    found = shutil.which("postgres")
    if found is None and not installed:
        raise ServerProblem("PostgreSQL is not installed: `sudo apt-get install postgresql`.")
    if found is not None:
        directory = Path(found).resolve().parent
        if version is None or version_of(directory) == version:
            return directory
        installed[version_of(directory)] = directory
    raise WrongVersion(version or "", sorted(installed))


def version_of(directory: Path) -> str:
    """The major version of the server in a directory: "15"."""
    said = subprocess.run(
        [str(directory / "postgres"), "--version"], capture_output=True, text=True, check=False
    )
    number = re.search(r"\(PostgreSQL\) (\d+)", said.stdout)
    return number[1] if number else "unknown"


class WrongVersion(ServerProblem):
    """The data are of a version that is not installed."""

    def __init__(self, wanted: str, installed: list[str]) -> None:
        super().__init__(wanted, installed)
        self.wanted, self.installed = wanted, installed

    def __str__(self) -> str:
        return (
            f"The data here were written by PostgreSQL {self.wanted}; this machine has {', '.join(self.installed)}. "
            f"Install version {self.wanted} (`sudo apt-get install postgresql-{self.wanted}`), or begin with "
            "empty data: `make stop`, then rename the folder .local."
        )


class PostgresServer(Server):
    """PostgreSQL in `directory`. The superuser is `postgres`; its password lies in the directory."""

    title = "PostgreSQL"
    accounts = ("postgres",)

    def __init__(
        self, directory: Path | str, port: int | None = None, *, settings: dict[str, str] | None = None
    ) -> None:
        super().__init__(directory)
        self.port = remembered_ports(self.directory / "ports.json", ["port"], {"port": port})["port"]
        self.password = self._remembered_secret("superuser-password")
        self._settings = {**SETTINGS, **(settings or {})}

    def dsn(self, database: str = "postgres", user: str = "postgres", password: str | None = None) -> str:
        """A URL for psycopg; the superuser's unless told otherwise."""
        word = self.password if password is None else password
        return f"postgresql://{quote(user)}:{quote(word)}@127.0.0.1:{self.port}/{quote(database)}"

    def prepare(self) -> None:
        if not (self.data / "PG_VERSION").exists():
            self._create_cluster()
        lines = [f"{name} = {value}" for name, value in {**self._settings, "port": str(self.port)}.items()]
        self.account.write(self.data / "mtnet.conf", "\n".join(lines) + "\n")
        self._clear_crash()

    def command(self) -> list[str]:
        return [str(programs(self._data_version()) / "postgres"), "-D", str(self.data)]

    def environment(self) -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "HOME": str(self.home)}

    def pid(self) -> int | None:
        return process.recorded_pid(self.data / "postmaster.pid", self.data)

    def answers(self) -> bool:
        with (
            contextlib.suppress(psycopg.OperationalError),
            psycopg.connect(self.dsn(), connect_timeout=2) as session,
        ):
            return session.execute("SELECT 1").fetchone() == (1,)
        return False

    def listens_on(self) -> list[int]:
        return [self.port]

    def stop(self, seconds: float = 60) -> None:
        """PostgreSQL's fast shutdown: running transactions are rolled back, then a checkpoint."""
        self._end(signal.SIGINT, seconds)

    def stop_immediate(self) -> None:
        """PostgreSQL's immediate shutdown: no checkpoint; the next start recovers from the log."""
        self._end(signal.SIGQUIT, 10)

    def kill9(self) -> None:
        super().kill9()
        process.wait_until(lambda: not finding.processes_in(self.data), 10)  # backends see it and leave

    def _data_version(self) -> str | None:
        """The major version that wrote the data; a server reads no other's."""
        try:
            return (self.data / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            return None

    def _create_cluster(self) -> None:
        if self.data.exists():
            shutil.rmtree(
                self.data
            )  # a first start was interrupted: without PG_VERSION there is no data in it
        self.account.make_directory(self.data)
        password_file = self.account.write(self.home / "initdb-password", self.password)
        command = [
            str(programs() / "initdb"), "-D", str(self.data), "--username=postgres", "--auth=scram-sha-256",
            f"--pwfile={password_file}", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions",
        ]  # fmt: skip
        done = subprocess.run(
            command,
            cwd=self.data,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
            **self.account.spawn_arguments(),
        )
        password_file.unlink()
        if done.returncode != 0:
            shutil.rmtree(self.data, ignore_errors=True)
            raise ServerProblem(f"initdb could not create {self.data}:\n{done.stderr.strip()}")
        with (self.data / "postgresql.conf").open("a") as configuration:
            configuration.write("\ninclude = 'mtnet.conf'\n")

    def _clear_crash(self) -> None:
        """After kill -9 or a power failure: no orphaned backend, no pid that is someone else's now."""
        if not process.wait_until(lambda: not finding.processes_in(self.data), 5):
            for orphan in finding.processes_in(self.data):
                finding.signal_quietly(orphan, signal.SIGKILL)
        if self.pid() is None:
            (self.data / "postmaster.pid").unlink(missing_ok=True)
