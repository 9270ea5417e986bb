"""Processes that a launcher or a supervisor which was killed has left running in a workspace."""

import contextlib
import os
import signal
from pathlib import Path

import psutil

MARK = "MTNET_WORKSPACE"  # every process of a workspace has it in its environment


def stale_processes(state: Path) -> list[psutil.Process]:
    """Every process that carries the mark of this workspace or of one inside it, except ourselves."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError, KeyError):
            if process.pid != os.getpid() and Path(process.environ()[MARK]).is_relative_to(state):
                found.append(process)
    return found


def end_stale_processes(state: Path, seconds: float = 20) -> int:
    """Asks them to end, then kills what is left; returns how many there were."""
    found = stale_processes(state)
    for process in found:
        with contextlib.suppress(psutil.Error):
            # PostgreSQL waits for its clients at SIGTERM, and ends their sessions at SIGINT.
            process.send_signal(signal.SIGINT if process.name() == "postgres" else signal.SIGTERM)
    psutil.wait_procs(found, seconds)
    for process in stale_processes(state):
        with contextlib.suppress(psutil.Error):
            process.kill()
            process.wait(5)
    return len(found)
