"""`make ps` and `make logs`."""

import os
import sys
import time
from typing import Any

from launcher.supervisor import Supervisor
from launcher.usage import Usage, usage_of
from launcher.workspace import Workspace

MEASURE_SECONDS = 2.0
SUPERVISOR = "supervisor"  # everything else is its child


def show_processes(workspace: Workspace) -> int:
    """A table of processes with memory and processor use over two seconds."""
    supervisor = Supervisor(workspace)
    if not supervisor.answers():
        print("The portal does not run. Start it with `make run`.")
        return 1
    states = supervisor.states()
    states.append({"name": SUPERVISOR, "statename": "RUNNING", "pid": supervisor.call("getPID"), "start": 0})
    before = {state["pid"]: measured(state) for state in states if state["pid"]}
    time.sleep(MEASURE_SECONDS)
    print(f"{'process':<18} {'state':<10} {'pid':>8} {'memory':>10} {'core':>8}")
    memory = core = 0.0
    for state in states:
        pid = state["pid"]
        if not pid:
            print(f"{state['name']:<18} {state['statename'].lower():<10}")
            continue
        now = measured(state)
        share = (now.processor_seconds - before[pid].processor_seconds) / MEASURE_SECONDS * 100
        memory, core = memory + now.memory_mb, core + share
        begin = f"{state['name']:<18} {state['statename'].lower():<10} {pid:>8}"
        print(f"{begin} {now.memory_mb:>7.0f} MB {share:>6.1f} %")
    print(f"{'together':<38} {memory:>7.0f} MB {core:>6.1f} %")
    return 0


def measured(state: dict[str, Any]) -> Usage:
    return usage_of(state["pid"], alone=state["name"] == SUPERVISOR)


def follow_logs(workspace: Workspace, name: str) -> int:
    """Shows the end of one log, or of all, and what is added; until Ctrl-C."""
    files = [workspace.log_of(name)] if name else sorted(workspace.logs.glob("*.log"))
    missing = [file for file in files if not file.exists()]
    if missing or not files:
        known = ", ".join(sorted(file.stem for file in workspace.logs.glob("*.log"))) or "none yet"
        print(f"There is no log of {name or 'any process'}. Logs: {known}.", file=sys.stderr)
        return 1
    os.execvp("tail", ["tail", "-n", "40", "-F", *map(str, files)])  # noqa: S606
