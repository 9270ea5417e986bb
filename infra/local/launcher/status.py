"""`make ps`, `make logs` and `make restart`."""

import os
import time
from typing import Any

import psutil

from launcher.portal import Portal
from launcher.problem import Problem
from launcher.supervisor import Supervisor
from launcher.workspace import Workspace

MEASURE_SECONDS = 2.0
SUPERVISOR = "supervisor"  # everything else is its child


def running_supervisor(workspace: Workspace) -> Supervisor:
    supervisor = Supervisor(workspace)
    if not supervisor.answers():
        raise Problem("The portal does not run. Start it with `make run`.")
    return supervisor


def show_processes(workspace: Workspace) -> int:
    """A table of processes with memory and processor use over two seconds."""
    supervisor = running_supervisor(workspace)
    states = list(supervisor.states().values())
    states.append({"name": SUPERVISOR, "statename": "RUNNING", "pid": supervisor.call("getPID")})
    before = {state["name"]: usage_of(state) for state in states}
    time.sleep(MEASURE_SECONDS)
    print(f"{'process':<18} {'state':<10} {'pid':>8} {'memory':>10} {'core':>8}")
    total_memory = total_share = 0.0
    for state in states:
        memory, seconds = usage_of(state)
        share = max(0.0, seconds - before[state["name"]][1]) / MEASURE_SECONDS * 100
        total_memory, total_share = total_memory + memory, total_share + share
        begin = f"{state['name']:<18} {state['statename'].lower():<10} {state['pid'] or '':>8}"
        print(f"{begin} {memory:>7.0f} MB {share:>6.1f} %")
    print(f"{'together':<38} {total_memory:>7.0f} MB {total_share:>6.1f} %")
    return 0


def usage_of(state: dict[str, Any]) -> tuple[float, float]:
    """Memory in MB (shared pages counted once) and processor seconds of a process and what it started."""
    memory = seconds = 0.0
    if not state["pid"]:
        return memory, seconds
    try:
        process = psutil.Process(state["pid"])
        family = [process, *(process.children(recursive=True) if state["name"] != SUPERVISOR else [])]
    except psutil.Error:
        return memory, seconds
    for member in family:
        try:
            times = member.cpu_times()
            memory, seconds = (
                memory + member.memory_full_info().pss / 1024**2,
                seconds + times.user + times.system,
            )
        except psutil.Error:
            continue
    return memory, seconds


def follow_logs(workspace: Workspace, name: str) -> int:
    """Shows the end of one log, or of all, and what is added; until Ctrl-C."""
    known = {file.stem: file for file in sorted(workspace.logs.glob("*.log"))}
    if not known or (name and name not in known):
        raise Problem(f"There is no log of {name or 'any process'}. Logs: {', '.join(known) or 'none yet'}.")
    files = [known[name]] if name else known.values()
    os.execvp("tail", ["tail", "-n", "40", "-F", *map(str, files)])  # noqa: S606


def restart(workspace: Workspace, name: str) -> int:
    """Stops a process cleanly, starts it again and returns when it is ready."""
    known = running_supervisor(workspace).states()
    if name not in known:
        raise Problem(f"There is no process {name}. Processes: {', '.join(sorted(known))}.")
    Portal(workspace).supervisor.restart(name)
    print(f"{name} runs again and is ready.")
    return 0
