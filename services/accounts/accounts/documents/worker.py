"""Start a child process for work on documents, and wait for what it makes (tasks.py)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mtnet_chassis.runtime import child
from mtnet_chassis.runtime.child import WorkerFailed, WorkerLate

PATIENCE_SECONDS = 8  # the page waits ten, a second of them for a place


def work(
    task: str, request: dict[str, Any], upload: bytes | None = None, *, directory: Path | None = None
) -> tuple[dict[str, Any], bytes]:
    """Run a task. Returns its result and its output; files in between are below `directory`. Raises WorkerFailed."""
    return child.work(
        "accounts.documents.tasks",
        task,
        request,
        upload,
        patience_seconds=PATIENCE_SECONDS,
        directory=directory,
    )


__all__ = ["PATIENCE_SECONDS", "WorkerFailed", "WorkerLate", "work"]
