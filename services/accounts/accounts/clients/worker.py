"""Heavy or risky work on documents in a process of its own, with limits on memory and time.

`python -m accounts.clients.worker TASK DIRECTORY` reads `request.json` (and `upload`) there and writes `result.json`
(and `output`). It knows no secrets: its environment is empty but for paths and the locale.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

MEMORY_BYTES = 2 * 1024**3
CPU_SECONDS = 8
PATIENCE_SECONDS = 9  # the page waits ten
PASSED_ON = ("PATH", "LANG", "LC_ALL", "HOME", "PYTHONPATH", "VIRTUAL_ENV", "LD_LIBRARY_PATH")


class WorkerFailed(Exception):
    """The worker died, ran out of memory or time, or found something it could not read."""


def work(task: str, request: dict[str, Any], upload: bytes | None = None) -> tuple[dict[str, Any], bytes]:
    """Run a task beside this process; tells its result and output. Raises WorkerFailed.

    Files, not pipes, carry the bytes, and waiting polls: under eventlet other green threads go on.
    """
    with tempfile.TemporaryDirectory(prefix="mtnet-document-") as name:
        directory = Path(name)
        (directory / "request.json").write_text(json.dumps(request, ensure_ascii=False), "utf-8")
        if upload is not None:
            (directory / "upload").write_bytes(upload)
        with (directory / "errors").open("wb") as errors:
            process = subprocess.Popen(  # noqa: S603 - our own module, no shell
                [sys.executable, "-m", "accounts.clients.worker", task, name],
                env={key: os.environ[key] for key in PASSED_ON if key in os.environ},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )
            try:
                process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise WorkerFailed(f"{task}: no answer within {PATIENCE_SECONDS} s") from None
        if process.returncode != 0:
            told = (directory / "errors").read_text("utf-8", "replace").strip().splitlines()
            raise WorkerFailed(f"{task}: exit {process.returncode} {told[-1][:200] if told else ''}")
        result: dict[str, Any] = json.loads((directory / "result.json").read_text("utf-8"))
        output = directory / "output"
        return result, output.read_bytes() if output.exists() else b""


def main(task: str, directory: Path) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    request = json.loads((directory / "request.json").read_text("utf-8"))
    result: dict[str, Any]
    if task == "document":
        from accounts.clients.drawing import drawn

        result, output = {}, drawn(request["html"])
    elif task == "upload":
        from accounts.clients.inspecting import inspected

        result, output = inspected((directory / "upload").read_bytes())
    elif task == "page":
        from accounts.clients.page_pictures import page_picture

        result, output = {}, page_picture((directory / "upload").read_bytes(), request["page"])
    else:
        raise ValueError(task)
    if output:
        (directory / "output").write_bytes(output)
    (directory / "result.json").write_text(json.dumps(result), "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], Path(sys.argv[2])))
