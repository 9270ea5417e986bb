"""`make run`: one portal in the foreground, until Ctrl-C."""

import contextlib
import errno
import fcntl
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from types import FrameType
from typing import Any

from launcher import stale_processes
from launcher.port_conflicts import listener_of
from launcher.portal import Portal, PortalProblem
from launcher.processes import DEMO_PASSWORD, DEMO_PEOPLE
from launcher.progress import Progress
from launcher.public_address import AddressProblem
from launcher.servers import ServerProblem
from launcher.servers.ports import forget_busy_ports, is_free
from launcher.supervisor import Supervisor
from launcher.workspace import Workspace

# The addresses people type: first choices, and the variable that moves each.
VISIBLE = {
    "portal": ("PORTAL_PORT", 8000),
    "inbox": ("INBOX_PORT", 8025),
    "rabbitmq": ("RABBITMQ_PORT", 8072),
}
SMALLEST_FREE_BYTES = 1024**3


class Stopped(BaseException):
    """Ctrl-C, SIGTERM or a closed terminal."""


def run(workspace: Workspace) -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop_at)
    workspace.create()
    progress = Progress()
    try:
        with only_one(workspace) as first:
            if not first or Supervisor(workspace).answers():
                return already_runs(workspace)
            (workspace.state / "running.json").unlink(missing_ok=True)
            check_disk(workspace)
            count = stale_processes.end(workspace.state)  # they would hold the ports
            if count:
                progress.say(f"Ended {count} processes that an earlier run had left")
            portal = Portal(workspace, ports=visible_ports(workspace), progress=progress)
            progress.say("Starting the portal")
            portal.start()
            try:
                write_facts(portal)
                progress.say(panel(facts(workspace), progress.seconds()))
                watch(portal)
            finally:
                ignore_signals()
                (workspace.state / "running.json").unlink(missing_ok=True)
                progress.say("\nStopping")
                with progress.step("everything stopped; the data stay"):
                    portal.stop()
    except Stopped:
        return 0
    except (PortalProblem, ServerProblem, AddressProblem) as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except OSError as problem:
        if problem.errno != errno.ENOSPC:
            raise
        print(
            f"\nThe disk of {workspace.state} is full: free some space and run `make run` again.",
            file=sys.stderr,
        )
        return 1
    return 0


def stop_at(number: int, frame: FrameType | None) -> None:
    raise Stopped


def ignore_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


@contextlib.contextmanager
def only_one(workspace: Workspace) -> Iterator[bool]:
    """True for the first launcher of this workspace, False for a second one while the first lives."""
    with (workspace.state / "run.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def already_runs(workspace: Workspace) -> int:
    known = facts(workspace)
    if known:
        print(panel(known, None))
        print("It already runs. `make ps` lists its processes, `make stop` stops it.")
    else:
        print("The portal is being started by another `make run`; wait for it, or stop it with `make stop`.")
    return 0


def check_disk(workspace: Workspace) -> None:
    free = shutil.disk_usage(workspace.state).free
    if free < SMALLEST_FREE_BYTES:
        raise PortalProblem(
            f"Only {free // 1024**2} MB are free on the disk of {workspace.state}; the servers need 1024 MB. "
            "Free some space and run `make run` again."
        )


def visible_ports(workspace: Workspace) -> dict[str, int | None]:
    """The ports people type: asked for, remembered, or the first free one from the usual on. Inner ones that have
    become busy are moved."""
    remembered: dict[str, int] = {}
    with contextlib.suppress(FileNotFoundError, ValueError):
        remembered |= json.loads((workspace.state / "ports.json").read_text())
    with contextlib.suppress(FileNotFoundError, ValueError):
        kept = json.loads((workspace.state / "rabbitmq" / "ports.json").read_text())
        remembered["rabbitmq"] = kept["management_port"]
    chosen: dict[str, int | None] = {}
    for name, (variable, usual) in VISIBLE.items():
        wish = os.environ.get(variable)
        if wish and not (wish.isdigit() and 1024 <= int(wish) <= 65535):
            raise PortalProblem(f"{variable}={wish} is no port: choose a number from 1024 to 65535.")
        port = int(wish) if wish else remembered.get(name)
        if port is not None and not is_free(port):
            raise PortalProblem(
                f"Port {port} is used by {listener_of(port)}. Stop that program, or choose another port for "
                f"the {name}: `make run {variable}={next_free(port + 1)}`."
            )
        chosen[name] = port or next_free(usual)
    for name, port in remembered.items():
        if name not in VISIBLE and not is_free(port):
            chosen[name] = next_free(port + 1)
    for server in ("postgres", "rabbitmq"):
        forget_busy_ports(workspace.state / server / "ports.json", keep=["management_port"])
    return chosen


def next_free(port: int) -> int:
    while not is_free(port):
        port += 1
    return port


def write_facts(portal: Portal) -> None:
    known = {
        "portal": portal.url,
        "inbox": portal.inbox_url,
        "rabbitmq": f"http://127.0.0.1:{portal.rabbit.management_port}",
        "operator": "operator",
        "operator_password": portal.rabbit.password,
        "postgres": f"127.0.0.1:{portal.postgres.port}",
    }
    file = portal.workspace.state / "running.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(known, indent=2) + "\n")


def facts(workspace: Workspace) -> dict[str, Any]:
    try:
        return dict(json.loads((workspace.state / "running.json").read_text()))
    except (FileNotFoundError, ValueError):
        return {}


def panel(known: dict[str, Any], seconds: float | None) -> str:
    title = "The portal runs" if seconds is None else f"The portal is ready after {seconds:.1f} s"
    people = "\n".join(
        f"    {name:<16} {chinese} / {english}" for name, (chinese, english) in DEMO_PEOPLE.items()
    )
    rule = "─" * 72
    return (
        f"\n{rule}\n  {title}\n\n"
        f"  Portal 入口網              {known['portal']}\n"
        f"  Inbox 測試信箱             {known['inbox']}\n"
        f"  RabbitMQ management       {known['rabbitmq']}\n"
        f"                            ({known['operator']} / {known['operator_password']})\n\n"
        f"  Demo logins, all with the password {DEMO_PASSWORD}\n{people}\n{rule}\n"
        "  Ctrl-C stops everything; the data stay. In another terminal: make ps, make logs, make stop.\n"
    )


def watch(portal: Portal) -> None:
    """Waits for Ctrl-C and says when a process ended and was started again."""
    pids: dict[str, int] = {}
    try:
        while portal.supervisor.answers():
            for state in portal.supervisor.states():
                name, pid = state["name"], state["pid"]
                if state["statename"] == "RUNNING" and pids.get(name, pid) != pid:
                    print(f"  {time.strftime('%H:%M:%S')} {name} had ended and runs again", flush=True)
                if state["statename"] == "RUNNING":
                    pids[name] = pid
            time.sleep(3)
    except Stopped:
        return
    print("  stopped from elsewhere", flush=True)


def stop(workspace: Workspace) -> int:
    """`make stop` from another terminal, also after a launcher that was killed."""
    portal_runs = Supervisor(workspace).answers()
    if not portal_runs:
        count = stale_processes.end(workspace.state)
        print(f"Ended {count} processes that were left." if count else "The portal does not run.")
        return 0
    Portal(workspace).stop()
    print("Stopped; the data stay.")
    return 0
