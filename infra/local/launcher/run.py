"""`make run` and `make stop`: one portal in the foreground, until Ctrl-C."""

import contextlib
import signal
import time
from pathlib import Path

from launcher.environment import VHOST
from launcher.portal import Portal, readiness_problem
from launcher.ports import ports_for_start
from launcher.progress import say, step
from launcher.stale_processes import end_stale_processes
from launcher.supervisor import Supervisor
from launcher.workspace import Workspace

PANEL = Path(__file__).with_name("panel.txt")
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(workspace: Workspace) -> int:
    for number in SIGNALS:  # a closed terminal and SIGTERM are as Ctrl-C
        signal.signal(number, signal.default_int_handler)
    workspace.create()
    with workspace.lock() as first, contextlib.suppress(KeyboardInterrupt):
        if not first or Supervisor(workspace).answers():
            return already_runs(workspace)
        run_until_stopped(workspace)
    return 0


def run_until_stopped(workspace: Workspace) -> None:
    began = time.monotonic()
    if count := end_stale_processes(workspace.state):  # they would hold the ports
        say(f"Ended {count} processes that an earlier run had left")
    portal = Portal(workspace, ports=ports_for_start(workspace.state / "ports.json"))
    say("Starting the portal")
    try:
        portal.start()
        say(panel(portal, f"The portal is ready after {time.monotonic() - began:.1f} s"))
        watch(portal)
    finally:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        say("\nStopping")
        with step("everything stopped; the data stay"):
            portal.stop()


def already_runs(workspace: Workspace) -> int:
    if Supervisor(workspace).answers():
        portal = Portal(workspace)
        if not readiness_problem(portal.ports["portal"]):
            print(panel(portal, "The portal runs"))
            print("It already runs. `make ps` lists its processes, `make stop` stops it.")
            return 0
    print("The portal is being started by another `make run`; wait for it, or stop it with `make stop`.")
    return 0


def panel(portal: Portal, title: str) -> str:
    """What people need to know of a portal that runs: addresses and demonstration logins."""
    return PANEL.read_text().format(
        title=title,
        portal=portal.url,
        inbox=portal.inbox_url,
        amqp_port=portal.rabbit.port,
        management_port=portal.rabbit.management_port,
        rabbitmq_password=portal.rabbit.password,
        vhost=VHOST,
    )


def watch(portal: Portal) -> None:
    """Waits for Ctrl-C and says when a process ended and was started again."""
    pids: dict[str, int] = {}
    try:
        while portal.supervisor.answers():
            for name, state in portal.supervisor.states().items():
                if state["statename"] == "RUNNING":
                    if pids.setdefault(name, state["pid"]) != state["pid"]:
                        say(f"  {time.strftime('%H:%M:%S')} {name} had ended and runs again")
                    pids[name] = state["pid"]
            time.sleep(3)
    except KeyboardInterrupt:
        return
    say("  stopped from elsewhere")


def stop(workspace: Workspace) -> int:
    """`make stop` from another terminal, also after a launcher that was killed."""
    if Supervisor(workspace).answers():
        Portal(workspace).stop()
        print("Stopped; the data stay.")
    elif count := end_stale_processes(workspace.state):
        print(f"Ended {count} processes that were left.")
    else:
        print("The portal does not run.")
    return 0
