"""Heavy or risky work on documents in a process of its own, with limits on memory and time.

`python -m accounts.documents.worker TASK DIRECTORY` reads `request.json` (and `upload`) there and writes `result.json`
(and `output`). It knows no secrets: its environment is empty but for paths and the locale.
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

MEMORY_BYTES = 1536 * 1024**2
OUTPUT_BYTES = 64 * 1024**2
CPU_SECONDS = 7
PATIENCE_SECONDS = 8  # the page waits ten, a second of them for a place
KINDNESS = 5  # pages go first
PASSED_ON = ("PATH", "LANG", "LC_ALL", "HOME", "PYTHONPATH", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
PR_SET_PDEATHSIG = 1


class WorkerFailed(Exception):
    """The worker died, ran out of memory or processor time, or found something it could not read."""


class WorkerLate(WorkerFailed):
    """It was still at work, with processor time left: the machine is busy, the document may be good."""


def work(
    task: str, request: dict[str, Any], upload: bytes | None = None, *, directory: Path | None = None
) -> tuple[dict[str, Any], bytes]:
    """Run a task beside this process; tells its result and output. Raises WorkerFailed.

    Files, not pipes, carry the bytes, and waiting polls: under eventlet other green threads go on. They lie below
    `directory`, where what a killed process left is found.
    """
    with tempfile.TemporaryDirectory(prefix="work-", dir=directory) as name:
        directory = Path(name)
        (directory / "request.json").write_text(json.dumps(request, ensure_ascii=False), "utf-8")
        if upload is not None:
            (directory / "upload").write_bytes(upload)
        with (directory / "errors").open("wb") as errors:
            process = subprocess.Popen(  # noqa: S603 - our own module, no shell
                [sys.executable, "-m", "accounts.documents.worker", task, name],
                env={key: os.environ[key] for key in PASSED_ON if key in os.environ},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
            )
            try:
                process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                raise WorkerLate(f"{task}: no answer within {PATIENCE_SECONDS} s") from None
            finally:
                _end(process)
        if process.returncode != 0:
            told = (directory / "errors").read_text("utf-8", "replace").strip().splitlines()
            raise WorkerFailed(f"{task}: exit {process.returncode} {told[-1][:200] if told else ''}")
        result: dict[str, Any] = json.loads((directory / "result.json").read_text("utf-8"))
        output = directory / "output"
        return result, output.read_bytes() if output.exists() else b""


def _end(process: subprocess.Popen[bytes]) -> None:
    """The worker, and whatever it may have started: all of its group."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def main(task: str, directory: Path) -> int:
    # Whoever asked is gone: so are we.
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.nice(KINDNESS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT_BYTES, OUTPUT_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    request = json.loads((directory / "request.json").read_text("utf-8"))
    result: dict[str, Any]
    if task == "document":
        from accounts.documents.pdf.drawing import drawn

        result, output = {}, drawn(request["html"])
    elif task == "upload":
        from accounts.documents.inspection.inspecting import inspected

        result, output = inspected((directory / "upload").read_bytes())
    elif task == "page":
        from accounts.documents.pdf.page_pictures import page_picture

        result, output = {}, page_picture((directory / "upload").read_bytes(), request["page"])
    else:
        raise ValueError(task)
    if output:
        (directory / "output").write_bytes(output)
    (directory / "result.json").write_text(json.dumps(result), "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], Path(sys.argv[2])))
