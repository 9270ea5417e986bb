"""Serve the portal: `python -m gateway`."""

from __future__ import annotations

import multiprocessing
import resource
import sys

from granian import Granian
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from mtnet_chassis.fastpath.versions import UntriedVersion, require_tried_versions

from gateway.metrics import served_metrics
from gateway.settings import SettingMissing, settings_from_environment
from gateway.tested_versions import other_versions

# Open connections of one process; more wait in the kernel's queue. Each may need a file descriptor for its body, too.
CONNECTIONS = 4000
DESCRIPTORS = 2 * CONNECTIONS + 500
# A request's headers must be there within this time, and so must the next request of a kept connection.
HEADERS_SECONDS = 15
LARGEST_HEADERS_BYTES = 64 * 1024
# A stop waits this long for requests that are still arriving or being answered.
STOP_SECONDS = 20


def main() -> int:
    try:
        require_tried_versions()  # rpc/connection.py reads replies with the fast path
        settings = settings_from_environment()
    except (UntriedVersion, SettingMissing) as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    if sentence := other_versions():
        sys.stderr.write(f"{sentence}\n")
    connections = allow_connections()
    # Not forked: the main process has threads of its own by then.
    multiprocessing.set_start_method("spawn", force=True)
    server = Granian(
        "gateway.wsgi:served",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGINL,
        loop=Loops.uvloop,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(
            header_read_timeout=HEADERS_SECONDS * 1000, max_buffer_size=LARGEST_HEADERS_BYTES
        ),
        backpressure=connections,
        workers=settings.workers,
        workers_kill_timeout=STOP_SECONDS,
        websockets=False,
        log_access=False,
        respawn_failed_workers=True,
    )
    with served_metrics(settings):
        server.serve()
    return 0


def allow_connections() -> int:
    """Ask the system for as many descriptors as the connections need; how many connections that allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    granted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, DESCRIPTORS)
    if soft == resource.RLIM_INFINITY or soft >= granted:
        return CONNECTIONS
    resource.setrlimit(resource.RLIMIT_NOFILE, (granted, hard))
    return min(CONNECTIONS, max(100, (granted - 500) // 2))


if __name__ == "__main__":
    raise SystemExit(main())
