"""Finding processes by the directory they work in."""

import contextlib
import os
import signal
from pathlib import Path


def working_directory(pid: int) -> Path | None:
    """Where a process works, None when it is gone, dead or not ours to look at."""
    try:
        if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return None
        return Path(os.readlink(f"/proc/{pid}/cwd"))
    except OSError:
        return None


def processes_in(directory: Path) -> list[int]:
    """Every live process whose working directory is `directory`."""
    where = directory.resolve()
    return [
        int(name) for name in os.listdir("/proc") if name.isdigit() and working_directory(int(name)) == where
    ]


def signal_quietly(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
