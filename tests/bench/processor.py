"""Where the processor's time goes: seconds used by each part, from /proc."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import psutil
from launcher.servers import Servers

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class Meter:
    """Starts when it is made; every process that is named must still live when it is read."""

    def __init__(self, servers: Servers) -> None:
        pid = servers.supervisor.pid
        self._servers = {"PostgreSQL": pid(servers.postgres.name), "RabbitMQ": pid(servers.rabbit.name)}
        self._processes: dict[str, list[int]] = {}
        self._before = self._seconds()

    def watch(self, part: str, process: subprocess.Popen[bytes]) -> None:
        """Count what this process uses from now on as the part's."""
        self._processes.setdefault(part, []).append(process.pid)
        already = sum(used(member) for member in family(process.pid))
        self._before[part] = self._before.get(part, 0.0) + already

    def read(self) -> dict[str, float]:
        """Processor seconds by part."""
        now = self._seconds()
        return {part: now[part] - self._before.get(part, 0.0) for part in now}

    def _seconds(self) -> dict[str, float]:
        servers = {
            # The postmaster has taken over what its ended sessions used; so has nobody for the broker's helpers.
            name: sum(used(member, ended_children=True) for member in family(pid))
            for name, pid in self._servers.items()
        }
        return servers | {
            part: sum(used(member) for pid in pids for member in family(pid))
            for part, pids in self._processes.items()
        }


def family(pid: int) -> list[int]:
    """The process and what descends from it."""
    try:
        return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
    except psutil.NoSuchProcess:
        return [pid]


def used(pid: int, *, ended_children: bool = False) -> float:
    """Seconds of user and system time; 0 when it has ended and nobody waited for it."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11 : 15 if ended_children else 13])) / TICKS_PER_SECOND
