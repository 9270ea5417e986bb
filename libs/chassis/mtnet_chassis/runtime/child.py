"""Work on what strangers sent, in a child process with limits on memory, processor time and file size.

The parent calls `work`; the child, a module run as `python -m MODULE TASK DIRECTORY`, calls `confine` and reads
`request.json` (and `upload`) in the directory and writes `result.json` (and `output`). It has no secrets: of its
environment only paths and the locale are passed on.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

NICENESS = 5  # pages go first
PR_SET_PDEATHSIG = 1
PASSED_ON = ("PATH", "LANG", "LC_ALL", "HOME", "PYTHONPATH", "VIRTUAL_ENV", "LD_LIBRARY_PATH")


class WorkerFailed(Exception):
    """The worker died, ran out of memory or processor time, or found something it could not read."""


class WorkerLate(WorkerFailed):
    """It was not done in time, with processor time left: the machine is busy, the document may be good."""


def work(
    module: str,
    task: str,
    request: dict[str, Any],
    upload: bytes | None = None,
    *,
    patience_seconds: float,
    directory: Path | None = None,
) -> tuple[dict[str, Any], bytes]:
    """Run a task of the module in a child process. Returns its result and its output. Raises WorkerFailed.

    The bytes travel in files, not pipes, and waiting polls: under eventlet other green threads go on. The files are
    below `directory`, where those of a killed process are found.
    """
    with tempfile.TemporaryDirectory(prefix="work-", dir=directory) as name:
        directory = Path(name)
        (directory / "request.json").write_text(json.dumps(request, ensure_ascii=False), "utf-8")
        if upload is not None:
            (directory / "upload").write_bytes(upload)
        process = start(module, task, directory)
        try:
            process.wait(patience_seconds)
        except subprocess.TimeoutExpired:
            raise WorkerLate(f"{task}: no answer within {patience_seconds} s") from None
        finally:
            _end(process)
        if process.returncode != 0:
            told = (directory / "errors").read_text("utf-8", "replace").strip().splitlines()
            raise WorkerFailed(f"{task}: exit {process.returncode} {told[-1][:200] if told else ''}")
        result: dict[str, Any] = json.loads((directory / "result.json").read_text("utf-8"))
        output = directory / "output"
        return result, output.read_bytes() if output.exists() else b""


def start(module: str, task: str, directory: Path) -> subprocess.Popen[bytes]:
    """The child, in a session of its own; what it says of errors goes to `errors` in the directory."""
    with (directory / "errors").open("wb") as errors:
        return subprocess.Popen(  # noqa: S603 - a module of this service, no shell
            [sys.executable, "-m", module, task, str(directory)],
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )


def environment() -> dict[str, str]:
    return {key: os.environ[key] for key in PASSED_ON if key in os.environ}


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the child and whatever it may have started: its whole process group."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def confine(*, memory_bytes: int, cpu_seconds: int, output_bytes: int) -> None:
    """Called by the child before anything else. If the parent dies, so does the child."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (output_bytes, output_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
