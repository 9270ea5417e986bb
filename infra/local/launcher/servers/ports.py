"""Free ports on 127.0.0.1, chosen once and remembered beside the data they serve."""

import contextlib
import json
import os
import random
import socket
from collections.abc import Iterable
from pathlib import Path

LOWEST, HIGHEST = 20000, 32000  # below Linux's range for outgoing connections, which would borrow them


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """True when nobody listens on the port (connections still closing do not count)."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(avoid: Iterable[int] = ()) -> int:
    taken = set(avoid)
    chance = random.SystemRandom()
    while True:
        port = chance.randint(LOWEST, HIGHEST)
        if port not in taken and is_free(port):
            return port


def forget_busy_ports(file: Path, *, keep: Iterable[str] = ()) -> None:
    """Forgets remembered ports on which somebody listens, so that free ones are chosen in their place; only while
    the server they belong to does not run. Those to `keep` are the ones people type."""
    with contextlib.suppress(FileNotFoundError, ValueError):
        known = json.loads(file.read_text())
        free = {name: port for name, port in known.items() if name in keep or is_free(int(port))}
        if free != known:
            file.write_text(json.dumps(free, indent=2) + "\n")


def remembered_ports(
    file: Path, names: Iterable[str], given: dict[str, int | None] | None = None
) -> dict[str, int]:
    """A port for each name: the given one, else the remembered one, else a free one; all written down."""
    wanted = list(names)
    ports: dict[str, int] = {}
    with contextlib.suppress(FileNotFoundError, ValueError):
        ports = {str(name): int(port) for name, port in json.loads(file.read_text()).items()}
    before = dict(ports)
    ports.update({name: port for name, port in (given or {}).items() if port is not None})
    for name in wanted:
        if name not in ports:
            ports[name] = free_port(ports.values())
    if ports != before:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(".new")
        draft.write_text(json.dumps(ports, indent=2) + "\n")
        os.replace(draft, file)
    return {name: ports[name] for name in wanted}
