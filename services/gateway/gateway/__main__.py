"""Serve the portal: `python -m gateway`."""

from __future__ import annotations

import sys

from granian import Granian
from granian.constants import Interfaces

from gateway.settings import SettingMissing, settings_from_environment

THREADS = 16


def main() -> int:
    try:
        settings = settings_from_environment()
    except SettingMissing as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    Granian(
        "gateway.wsgi:app",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=THREADS,
        websockets=False,
        log_access=False,
        respawn_failed_workers=True,
    ).serve()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
