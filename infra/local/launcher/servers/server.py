"""What PostgreSQL and RabbitMQ have in common: one directory, one process, start, stop, kill."""

import secrets
import signal
import subprocess
import time
from functools import partial
from pathlib import Path

from launcher.port_conflicts import listener_of
from launcher.servers import finding, process
from launcher.servers.account import Account, forget_home, home_for, server_account
from launcher.servers.ports import is_free
from launcher.servers.problems import ServerProblem

SOCKETS_GONE_SECONDS = 5


class Server:
    """One private server. `directory` belongs to the caller; the data in it to the server's own account."""

    title: str
    accounts: tuple[str, ...]
    start_seconds: float = 60

    def __init__(self, directory: Path | str) -> None:
        self.directory = Path(directory).absolute()
        self.account: Account = server_account(*self.accounts)
        self.home: Path = home_for(self.account, self.directory)
        self.data: Path = self.home / "data"
        self.log: Path = self.directory / "server.log"
        self._child: subprocess.Popen[bytes] | None = None

    # What each kind of server knows about itself

    def prepare(self) -> None:
        """Creates what the first start needs, renews the configuration, removes what a crash left."""
        raise NotImplementedError

    def command(self) -> list[str]:
        """The command that becomes the server's own process (a process manager may run it, too)."""
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        raise NotImplementedError

    def pid(self) -> int | None:
        """The server's main process, whoever started it."""
        raise NotImplementedError

    def answers(self) -> bool:
        """True when a client can work with the server now."""
        raise NotImplementedError

    def listens_on(self) -> list[int]:
        """The ports that must be free before it starts."""
        raise NotImplementedError

    def after_stop(self) -> None:
        """Ends what the server leaves running beside itself."""

    # What everybody does with a server

    def check_ports(self) -> None:
        """Before a start: raises ServerProblem when somebody else listens where this server is going to."""
        for port in self.listens_on():
            # A process that was killed a moment ago may still be giving its sockets back.
            if not process.wait_until(partial(is_free, port), SOCKETS_GONE_SECONDS):
                raise ServerProblem(
                    f"Port {port} of {self.title} is used by {listener_of(port)}. Stop that program, or delete "
                    f"{self.directory / 'ports.json'}: then free ports are chosen."
                )

    def start(self) -> "Server":
        """Starts the server when it does not run yet and returns when it answers."""
        self.launch()
        self.wait_ready()
        return self

    def launch(self) -> None:
        """Starts the process without waiting for it to answer."""
        if self.pid() is None:
            if self._child is not None:
                self._child.poll()  # takes away one that ended by itself
            self.prepare()
            self.check_ports()
            self._child = process.spawn(
                self.command(),
                account=self.account,
                directory=self.data,
                environment=self.environment(),
                log=self.log,
            )

    def leave(self) -> None:
        """Lets the process outlive this program; whoever needs it later finds it by its pid file."""
        if self._child is not None:
            self._child.returncode = 0  # or Popen complains about a child nobody waited for
            self._child = None

    def wait_ready(self, seconds: float | None = None) -> None:
        deadline = time.monotonic() + (seconds or self.start_seconds)
        while not self.answers():
            if self._child is not None and self._child.poll() is not None:
                raise self._failure(f"ended with code {self._child.returncode}")
            if time.monotonic() > deadline:
                raise self._failure("did not answer in time")
            time.sleep(0.1)

    def stop(self, seconds: float = 60) -> None:
        """A clean stop: sessions end, everything is written."""
        self._end(signal.SIGTERM, seconds)

    def kill9(self) -> None:
        """The process is gone at once, as after a power failure of this one program."""
        self._end(signal.SIGKILL, 10)

    def restart(self) -> None:
        self.stop()
        self.start()

    def remove(self) -> None:
        """Stops the server and deletes its data."""
        self.kill9()
        for leftover in finding.processes_in(self.data):
            finding.signal_quietly(leftover, signal.SIGKILL)
        self.after_stop()
        forget_home(self.directory, self.home)

    def _end(self, number: signal.Signals, seconds: float) -> None:
        pid = self._child.pid if self._child is not None and self._child.poll() is None else self.pid()
        if pid is not None:
            finding.signal_quietly(pid, number)
            if not process.wait_until(lambda: self._gone(pid), seconds):
                finding.signal_quietly(pid, signal.SIGKILL)
                process.wait_until(lambda: self._gone(pid), 10)
        self._child = None
        if number is not signal.SIGKILL:
            self.after_stop()

    def _gone(self, pid: int) -> bool:
        if self._child is not None and self._child.pid == pid:
            return self._child.poll() is not None
        return finding.working_directory(pid) is None

    def _failure(self, what: str) -> ServerProblem:
        return ServerProblem(
            f"{self.title} {what}. Its last words, from {self.log}:\n{process.last_lines(self.log)}"
        )

    def _remembered_secret(self, name: str) -> str:
        """A password made once and kept readable for the caller alone."""
        file = self.directory / name
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(24))
        return file.read_text()
