"""Memory and processor time of a set of processes, from /proc."""

import os
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    """Proportional memory (shared pages counted once) in MB, and processor seconds."""

    memory_mb: float
    processor_seconds: float


def family(pid: int) -> list[int]:
    """The process and everything it started that still lives."""
    members = [pid]
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            for child in Path(f"/proc/{pid}/task/{task}/children").read_text().split():
                members += family(int(child))
    except OSError:
        return members
    return members


def usage_of(pid: int, *, alone: bool = False) -> Usage:
    """Of a process and all that it started; `alone`: without those."""
    memory = seconds = 0.0
    for member in [pid] if alone else family(pid):
        try:
            fields = Path(f"/proc/{member}/stat").read_text().rsplit(")", 1)[1].split()
            seconds += (int(fields[11]) + int(fields[12])) / TICKS
            for line in Path(f"/proc/{member}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    memory += int(line.split()[1]) / 1024
        except OSError:
            continue
    return Usage(memory, seconds)
