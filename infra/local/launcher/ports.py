"""Ports on 127.0.0.1: chosen once, remembered in the workspace, and what is done about port conflicts."""

import contextlib
import json
import os
import random
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path

import psutil

from launcher.problem import Problem
from launcher.workspace import write_private

LOWEST, HIGHEST = 20000, 32000  # below Linux's range for outgoing connections, which would borrow them

# The addresses people type: first choices, and the variable that moves each.
VISIBLE = {
    "portal": ("PORTAL_PORT", 8000),
    "inbox": ("INBOX_PORT", 8025),
    "rabbitmq": ("RABBITMQ_PORT", 8072),
}


def is_free(port: int) -> bool:
    """True when nobody listens on the port (connections still closing do not count)."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def listener_of(port: int) -> str:
    """Who listens: `nginx (process 123)`, or `another program` when we may not see it."""
    for connection in psutil.net_connections("tcp"):
        if (
            connection.status == psutil.CONN_LISTEN
            and getattr(connection.laddr, "port", 0) == port
            and connection.pid
        ):
            with contextlib.suppress(psutil.Error):
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
    return "another program"


def next_free(port: int) -> int:
    while not is_free(port):
        port += 1
    return port


def remembered(file: Path) -> dict[str, int]:
    with contextlib.suppress(FileNotFoundError, ValueError):
        return {str(name): int(port) for name, port in json.loads(file.read_text()).items()}
    return {}


def remembered_ports(
    file: Path, names: Iterable[str], given: Mapping[str, int] | None = None
) -> dict[str, int]:
    """A port for each name: the given one, else the remembered one, else a free one; all written down."""
    before = remembered(file)
    ports = {**before, **(given or {})}
    for name in names:
        while name not in ports:
            port = random.SystemRandom().randint(LOWEST, HIGHEST)
            if port not in ports.values() and is_free(port):
                ports[name] = port
    if ports != before:
        write_private(file, json.dumps(ports, indent=2) + "\n")
    return ports


def ports_for_start(file: Path) -> dict[str, int]:
    """The ports that people type: the ones asked for, else the remembered ones, else the first free ones. Of the
    others, one that somebody uses is forgotten, so that a free one takes its place.

    Raises Problem when a port that people type cannot be had.
    """
    known = {name: port for name, port in remembered(file).items() if name in VISIBLE or is_free(port)}
    write_private(file, json.dumps(known, indent=2) + "\n")
    chosen: dict[str, int] = {}
    for name, (variable, usual) in VISIBLE.items():
        wish = os.environ.get(variable)
        if wish and not (wish.isdigit() and 1024 <= int(wish) <= 65535):
            raise Problem(f"{variable}={wish} is no port: choose a number from 1024 to 65535.")
        port = int(wish) if wish else known.get(name)
        if port is not None and not is_free(port):
            raise Problem(
                f"Port {port} is used by {listener_of(port)}. Stop that program, or choose another port for "
                f"the {name}: `make run {variable}={next_free(port + 1)}`."
            )
        chosen[name] = port or next_free(usual)
    return chosen
