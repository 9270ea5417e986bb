"""Finding, starting and ending the one process that works in a given directory."""

import contextlib
import os
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from launcher.servers.account import Account
from launcher.servers.finding import working_directory
from launcher.servers.problems import ServerProblem


def recorded_pid(file: Path, directory: Path) -> int | None:
    """The process a pid file names, when it lives and works in `directory`; None when stale or reused."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        pid = int(file.read_text().split()[0])
        if working_directory(pid) == directory.resolve():
            return pid
    return None


def spawn(
    command: list[str], *, account: Account, directory: Path, environment: Mapping[str, str], log: Path
) -> subprocess.Popen[bytes]:
    """Starts a server in its own session, so that Ctrl-C at the terminal does not reach it."""
    try:
        with log.open("ab") as output:
            return subprocess.Popen(
                command,
                cwd=directory,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **account.spawn_arguments(),
            )
    except FileNotFoundError as problem:
        raise ServerProblem(f"{command[0]} is missing: install it, or run `make run` as root.") from problem


def wait_until(done: Callable[[], bool], seconds: float, step: float = 0.05) -> bool:
    """Asks again and again until `done` says yes; False when the time is over."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(step)
    return True


def last_lines(log: Path, count: int = 12) -> str:
    try:
        with log.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - 16_384))
            return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-count:])
    except OSError:
        return ""
