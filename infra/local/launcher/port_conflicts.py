"""Who listens on a port of this machine, as far as we may know."""

import os
from pathlib import Path

LISTENING = "0A"


def listener_of(port: int) -> str:
    """`nginx (process 123)`, or `another program` when it cannot be seen."""
    sockets = {inode for inode, at in listening_sockets() if at == port}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            for descriptor in os.listdir(f"/proc/{name}/fd"):
                link = os.readlink(f"/proc/{name}/fd/{descriptor}")
                if link.startswith("socket:[") and link[8:-1] in sockets:
                    return f"{Path(f'/proc/{name}/comm').read_text().strip()} (process {name})"
        except OSError:
            continue
    return "another program"


def listening_sockets() -> list[tuple[str, int]]:
    """Inode and port of each TCP socket that listens."""
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == LISTENING:
                found.append((fields[9], int(fields[1].rsplit(":", 1)[1], 16)))
    return found
