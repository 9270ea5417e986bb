"""The directory of one running portal, or of the servers of one test run."""

import contextlib
import fcntl
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Workspace:
    """`state` holds everything that is written: servers' data, files, logs, ports, secrets."""

    state: Path

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def files(self) -> Path:
        return self.state / "files"

    def create(self) -> None:
        for directory in (self.state, self.logs, self.files):
            directory.mkdir(parents=True, exist_ok=True)

    def log_of(self, process: str) -> Path:
        return self.logs / f"{process}.log"

    def log_end(self, process: str, lines: int = 12) -> str:
        """The last lines of a log, with the name of the file."""
        log = self.log_of(process)
        text = log.read_text(errors="replace") if log.exists() else ""
        return "\n".join([*text.splitlines()[-lines:], f"(all of it: {log})"])

    @contextlib.contextmanager
    def lock(self) -> Iterator[bool]:
        """True for the first launcher that works here, False for a second one while the first lives."""
        with (self.state / "run.lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True


def local_workspace() -> Workspace:
    return Workspace(PROJECT / ".local")


def write_private(file: Path, text: str) -> None:
    """Writes a file with mode 0600, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(file.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
        output.write(text)
    draft.replace(file)
