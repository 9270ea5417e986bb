"""Processes of this workspace that a killed launcher or supervisor left running."""

import os
import signal
import time
from pathlib import Path

from launcher.servers.finding import signal_quietly


def left_running(state: Path) -> list[int]:
    """Every process that carries the mark of this workspace in its environment, except ourselves."""
    mark = f"MTNET_WORKSPACE={state}".encode()
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            try:
                if mark in Path(f"/proc/{name}/environ").read_bytes().split(b"\0"):
                    found.append(int(name))
            except OSError:
                continue
    return found


def end(state: Path, seconds: float = 20) -> int:
    """Ends them, politely first; returns how many there were."""
    found = left_running(state)
    for pid in found:
        signal_quietly(pid, signal.SIGINT if program_of(pid) == "postgres" else signal.SIGTERM)
    deadline = time.monotonic() + seconds
    while left_running(state) and time.monotonic() < deadline:
        time.sleep(0.1)
    for pid in left_running(state):
        signal_quietly(pid, signal.SIGKILL)
    return len(found)


def program_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""
