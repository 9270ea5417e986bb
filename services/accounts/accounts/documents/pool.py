"""A few places for work on documents, shared by all processes of the portal on this machine.

A place is a lock on a file, so it is free again whatever happens to the process that had it. Whoever finds none waits a
moment and is told to come again: nobody queues up, and calls that have nothing to do with documents go on meanwhile.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WAIT_SECONDS = 1.0
LOOK_AGAIN_SECONDS = 0.05
# Calls of one process that wait for a place; with those that have one they leave room among its ten workers.
MOST_WAITING = 3
MOST_PLACES = 4
LANES = 256
LEFT_BEHIND_SECONDS = 3600

_waiting = 0


class Busy(Exception):
    """All places are taken, or this source has one already: come again in a few seconds."""


class Places:
    """The places below `directory`.

    Work on what strangers sent may take seconds: the first place is never theirs, so forms and receipts of our own are
    drawn meanwhile. A source has one place for its uploads and one for its forms at a time.
    """

    def __init__(self, directory: Path, count: int) -> None:
        self.directory = directory
        self._count = count

    @contextmanager
    def taken(self, source: str, *, upload: bool) -> Iterator[None]:
        """Have a place while the block runs. Raises Busy."""
        self._prepare()
        lane = f"{'upload' if upload else 'drawing'}-{_number(source, LANES)}"
        places = [f"place-{number}" for number in range(1 if upload else 0, self._count)]
        locks = self._wait(lane, places)
        try:
            yield
        finally:
            for lock in locks:
                os.close(lock)

    def _wait(self, lane: str, places: list[str]) -> list[int]:
        global _waiting
        found = self._both(lane, places)
        if found or _waiting >= MOST_WAITING:
            return found or _busy()
        _waiting += 1
        try:
            until = time.monotonic() + WAIT_SECONDS
            while not found and time.monotonic() < until:
                time.sleep(LOOK_AGAIN_SECONDS)
                found = self._both(lane, places)
        finally:
            _waiting -= 1
        return found or _busy()

    def _both(self, lane: str, places: list[str]) -> list[int]:
        own = self._lock(lane)
        if own is None:
            return []
        for name in places:
            place = self._lock(name)
            if place is not None:
                return [own, place]
        os.close(own)
        return []

    def _lock(self, name: str) -> int | None:
        file = os.open(self.directory / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return None
        return file

    def _prepare(self) -> None:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.directory.stat().st_uid != os.getuid():
            raise PermissionError(f"{self.directory} belongs to somebody else")

    def remove_left_behind(self) -> None:
        """Folders of work whose process was killed."""
        for folder in self.directory.glob("work-*"):
            if time.time() - folder.stat().st_mtime > LEFT_BEHIND_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)


def places_for(files_url: str, count: int) -> Places:
    """The places of the portal whose files lie there; of another portal on this machine they are others."""
    name = f"mtnet-documents-{os.getuid()}-{hashlib.sha256(files_url.encode()).hexdigest()[:12]}"
    return Places(Path(tempfile.gettempdir()) / name, count)


def usual_count() -> int:
    """One for our own drawings, one for each processor."""
    return min(MOST_PLACES, max(3, (os.cpu_count() or 1) + 1))


def _busy() -> list[int]:
    raise Busy


def _number(text: str, below: int) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) % below
