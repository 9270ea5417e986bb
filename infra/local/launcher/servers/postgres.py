"""A private PostgreSQL: own cluster, 127.0.0.1 only, passwords, every commit on disk unless it is for tests."""

import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote

import psycopg

from launcher.problem import Problem
from launcher.servers.account import home_for, remembered_secret, server_account
from launcher.supervisor import Program

DEBIAN = Path("/usr/lib/postgresql")
SETTINGS = Path(__file__).with_name("postgresql.conf")
# Data that a failure of the machine may take, and of a process may not: whatever was committed is with the system. They
# are few and soon gone: nothing need tidy them up.
NOT_DURABLE = "fsync = off\nfull_page_writes = off\nautovacuum = off\n"


def programs(wanted: str | None = None) -> Path:
    """The directory of a server's programs: of that major version, else of the newest.

    Raises Problem when there is none.
    """
    installed = {path.parent.name: path for path in DEBIAN.glob("*/bin") if (path / "postgres").exists()}
    if elsewhere := shutil.which("postgres"):
        directory = Path(elsewhere).resolve().parent
        installed.setdefault(version_of(directory), directory)
    if not installed:
        raise Problem("PostgreSQL is not installed: `sudo apt-get install postgresql`.")
    if wanted and wanted not in installed:
        raise Problem(
            f"The data here were written by PostgreSQL {wanted}; this machine has {', '.join(sorted(installed))}. "
            f"Install version {wanted} (`sudo apt-get install postgresql-{wanted}`), or begin with empty data: "
            "`make stop`, then rename the folder .local."
        )
    return installed[wanted or max(installed, key=lambda version: int(version) if version.isdigit() else 0)]


def version_of(directory: Path) -> str:
    """The major version of the server in a directory: "15"."""
    command = [str(directory / "postgres"), "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    number = re.search(r"\(PostgreSQL\) (\d+)", said.stdout)
    return number[1] if number else "unknown"


class PostgresServer:
    """PostgreSQL in `directory`. The superuser is `postgres`; its password lies in the directory.

    One that is not `durable` does not wait for the disk.
    """

    name = "postgresql"

    def __init__(self, directory: Path, port: int, *, durable: bool = True) -> None:
        self.account = server_account("postgres")
        self.home = home_for(self.account, directory)
        self.data = self.home / "data"
        self.port = port
        self._settings = SETTINGS.read_text() + ("" if durable else NOT_DURABLE)
        self.password = remembered_secret(directory / "superuser-password")

    def dsn(self, database: str = "postgres", user: str = "postgres", password: str | None = None) -> str:
        """A URL for psycopg; by default the superuser's."""
        word = self.password if password is None else password
        return f"postgresql://{quote(user)}:{quote(word)}@127.0.0.1:{self.port}/{quote(database)}"

    def prepare(self) -> None:
        """Creates the cluster at the first start and writes the configuration; while the server does not run."""
        if not (self.data / "PG_VERSION").exists():
            self._create_cluster()
        self.account.write(self.data / "mtnet.conf", f"{self._settings}port = {self.port}\n")
        # After a power failure its process id may be somebody else's now.
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def program(self, *, restart: bool) -> Program:
        written_by = self.data / "PG_VERSION"  # a server reads no other's data
        version = written_by.read_text().strip() if written_by.exists() else None
        return Program(
            self.name,
            command=[str(programs(version) / "postgres"), "-D", str(self.data)],
            environment=self._environment(),
            directory=self.data,
            problem=self.problem,
            group="servers",
            user=self.account.name if self.account.switch else None,
            autorestart=restart,
            stop_signal="INT",  # running transactions are rolled back, then a checkpoint
            stop_seconds=60,
        )

    def problem(self) -> str:
        """Nothing when it can be worked with."""
        try:
            psycopg.connect(self.dsn(), connect_timeout=2).close()
        except psycopg.OperationalError as problem:
            return str(problem) or "no answer"
        return ""

    def _environment(self) -> dict[str, str]:
        return {"LC_ALL": "C.UTF-8", "HOME": str(self.home)}

    def _create_cluster(self) -> None:
        shutil.rmtree(
            self.data, ignore_errors=True
        )  # without PG_VERSION: of a first start that was interrupted
        self.account.make_directory(self.data)
        password_file = self.home / "initdb-password"
        self.account.write(password_file, self.password)
        done = self.account.run(
            programs() / "initdb", "-D", self.data, "--username=postgres", "--auth=scram-sha-256",
            f"--pwfile={password_file}", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions",
            **self._environment(),
        )  # fmt: skip
        password_file.unlink()
        if done.returncode != 0:  # it has removed what it made
            raise Problem(f"initdb could not create {self.data}:\n{done.stderr.strip()}")
        with (self.data / "postgresql.conf").open("a") as configuration:
            configuration.write("\ninclude = 'mtnet.conf'\n")
