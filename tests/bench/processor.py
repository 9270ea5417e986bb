"""Where the processor's time goes: seconds used by each part, from /proc."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from launcher.servers import PostgresServer, RabbitServer
from launcher.servers.finding import processes_in

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class Meter:
    """Starts when it is made; every process that is named must still live when it is read."""

    def __init__(self, postgres: PostgresServer, rabbit: RabbitServer) -> None:
        self._servers = {"PostgreSQL": postgres, "RabbitMQ": rabbit}
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
            name: sum(used(pid, ended_children=True) for pid in processes_in(server.data))
            for name, server in self._servers.items()
        }
        return servers | {
            part: sum(used(member) for pid in pids for member in family(pid))
            for part, pids in self._processes.items()
        }


def family(pid: int) -> list[int]:
    """The process and what descends from it."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        children = []
    return [pid, *(member for child in children for member in family(int(child)))]


def used(pid: int, *, ended_children: bool = False) -> float:
    """Seconds of user and system time; 0 when it has ended and nobody waited for it."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11 : 15 if ended_children else 13])) / TICKS_PER_SECOND
