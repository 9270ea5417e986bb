"""Limits how much work on documents runs at a time: a few slots, shared by all processes of the portal on this machine.

A slot is a lock on a file, so it is free again whatever happens to the process that had it. A call that gets none
within a second is refused and may be repeated: calls do not queue, so those without documents go on meanwhile.
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
# Calls of one process that wait for a slot; with those that have one they leave some of its ten workers free.
MOST_WAITING = 3
SOURCE_LOCKS = 256
LEFT_BEHIND_SECONDS = 3600

_waiting = 0


class Busy(Exception):
    """All slots are taken, or this source has one already."""


class DocumentPool:
    """The slots below `directory`.

    Work on an upload may take seconds, so uploads never get the first slot: forms and receipts are drawn meanwhile.
    A source has one slot for its uploads and one for its forms at a time.
    """

    def __init__(self, directory: Path, count: int) -> None:
        self.directory = directory
        self._count = count

    @contextmanager
    def slot(self, source: str, *, upload: bool) -> Iterator[None]:
        """Hold a slot while the block runs. Raises Busy."""
        self._prepare()
        kind = "upload" if upload else "drawing"
        source_lock = f"{kind}-{_number(source, SOURCE_LOCKS)}"
        slots = [f"slot-{number}" for number in range(1 if upload else 0, self._count)]
        locks = self._wait(source_lock, slots)
        try:
            yield
        finally:
            for lock in locks:
                os.close(lock)

    def _wait(self, source_lock: str, slots: list[str]) -> list[int]:
        global _waiting
        found = self._both(source_lock, slots)
        if found or _waiting >= MOST_WAITING:
            return found or _busy()
        _waiting += 1
        try:
            until = time.monotonic() + WAIT_SECONDS
            while not found and time.monotonic() < until:
                time.sleep(LOOK_AGAIN_SECONDS)
                found = self._both(source_lock, slots)
        finally:
            _waiting -= 1
        return found or _busy()

    def _both(self, source_lock: str, slots: list[str]) -> list[int]:
        own = self._lock(source_lock)
        if own is None:
            return []
        for name in slots:
            slot = self._lock(name)
            if slot is not None:
                return [own, slot]
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


def pool_for(files_url: str, slots: int) -> DocumentPool:
    """The pool of the portal with this object store; another portal on this machine has another pool."""
    name = f"mtnet-documents-{os.getuid()}-{hashlib.sha256(files_url.encode()).hexdigest()[:12]}"
    return DocumentPool(Path(tempfile.gettempdir()) / name, slots)


def _busy() -> list[int]:
    raise Busy


def _number(text: str, below: int) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) % below
