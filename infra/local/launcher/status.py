"""`make ps`, `make logs` and `make restart`."""

import contextlib
import os
import time

import psutil

from launcher.portal import Portal
from launcher.problem import Problem
from launcher.supervisor import Supervisor
from launcher.workspace import Workspace

MEASURE_SECONDS = 2.0


def running_supervisor(workspace: Workspace) -> Supervisor:
    supervisor = Supervisor(workspace)
    if not supervisor.answers():
        raise Problem("The portal does not run. Start it with `make run`.")
    return supervisor


def show_processes(workspace: Workspace) -> int:
    """A table of processes with memory and processor use over two seconds, each with what it started."""
    supervisor = running_supervisor(workspace)
    states = supervisor.states()
    families = {name: family(state["pid"]) for name, state in states.items()}
    families["supervisor"] = family(supervisor.call("getPID"))[:1]  # everything else is its child
    for members in families.values():
        usage_of(members)  # begins to measure
    time.sleep(MEASURE_SECONDS)
    print(f"{'process':<18} {'state':<10} {'pid':>8} {'memory':>10} {'core':>8}")
    total_memory = total_share = 0.0
    for name, members in families.items():
        state = states[name]["statename"].lower() if name in states else "running"
        memory, share = usage_of(members)
        total_memory, total_share = total_memory + memory, total_share + share
        pid = members[0].pid if members else ""
        print(f"{name:<18} {state:<10} {pid:>8} {memory:>7.0f} MB {share:>6.1f} %")
    print(f"{'together':<38} {total_memory:>7.0f} MB {total_share:>6.1f} %")
    return 0


def family(pid: int) -> list[psutil.Process]:
    """The process and everything it started that still lives."""
    with contextlib.suppress(psutil.Error):
        if pid:
            return [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return []


def usage_of(members: list[psutil.Process]) -> tuple[float, float]:
    """Memory in MB (shared pages counted once), and per cent of a core since the last time these were asked."""
    memory = share = 0.0
    for member in members:
        with contextlib.suppress(psutil.Error):
            share += member.cpu_percent()
            memory += member.memory_full_info().pss / 1024**2
    return memory, share


def follow_logs(workspace: Workspace, name: str = "") -> int:
    """Shows the end of one log, or of all, and what is added; until Ctrl-C."""
    known = {file.stem: file for file in sorted(workspace.logs.glob("*.log"))}
    if not known or (name and name not in known):
        raise Problem(f"There is no log of {name or 'any process'}. Logs: {', '.join(known) or 'none yet'}.")
    files = [known[name]] if name else known.values()
    os.execvp("tail", ["tail", "-n", "40", "-F", *map(str, files)])  # noqa: S606


def restart(workspace: Workspace, name: str = "") -> int:
    """Stops a process cleanly, starts it again and returns when it is ready."""
    known = running_supervisor(workspace).states()
    if name not in known:
        raise Problem(f"There is no process {name}. Processes: {', '.join(sorted(known))}.")
    Portal(workspace).supervisor.restart(name)
    print(f"{name} runs again and is ready.")
    return 0
