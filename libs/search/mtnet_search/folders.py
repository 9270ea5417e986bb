"""Where an index lies: a folder for each process, and in it a folder for each build of the index."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from pathlib import Path
from typing import IO
from uuid import uuid4

MOST_PROCESSES = 64
_CURRENT = "current"
_MADE_BY = "made-by.json"


class NoFreeFolder(Exception):
    """So many processes have an index in this folder already."""


class OwnFolder:
    """The first folder below `root` that no living process has; the lock ends with the process, however it ends.

    `current` is a link to the build that is used: putting another in its place is one step.
    """

    def __init__(self, root: Path, made_by: dict[str, str | int]) -> None:
        self._made_by = made_by
        root.mkdir(parents=True, exist_ok=True)
        self._lock, self.path = _first_free(root)
        self.remove_others()

    def current(self) -> Path | None:
        """The build that is used; None if there is none, or if another version made it."""
        try:
            build = (self.path / _CURRENT).resolve(strict=True)
            made_by = json.loads((build / _MADE_BY).read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return build if made_by == self._made_by else None

    def new_build(self) -> Path:
        """An empty folder, not used yet."""
        build = self.path / f"build-{uuid4().hex}"
        build.mkdir(parents=True)
        return build

    def use(self, build: Path) -> None:
        """From now on, whatever happens, this one is found."""
        written = build / _MADE_BY
        written.write_text(json.dumps(self._made_by), "utf-8")
        for path in (written, build):
            _sync(path)
        link = self.path / f"{_CURRENT}.new"
        link.unlink(missing_ok=True)
        link.symlink_to(build.name)
        os.replace(link, self.path / _CURRENT)
        _sync(self.path)

    def remove_others(self) -> None:
        """Builds that are not used: of other versions, or left by a process that was killed."""
        used = self.current()
        for build in self.path.glob("build-*"):
            if build != used:
                shutil.rmtree(build, ignore_errors=True)

    def close(self) -> None:
        self._lock.close()


def _first_free(root: Path) -> tuple[IO[bytes], Path]:
    for number in range(MOST_PROCESSES):
        lock = (root / f"{number}.lock").open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        path = (root / str(number)).resolve()
        path.mkdir(exist_ok=True)
        return lock, path
    raise NoFreeFolder(f"{MOST_PROCESSES} processes search in {root} already")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
