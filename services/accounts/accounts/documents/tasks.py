"""The child process that works on documents, with limits on memory, processor time and file size.

`python -m accounts.documents.tasks TASK DIRECTORY` reads `request.json` (and `upload`) there and writes `result.json`
(and `output`). It has no secrets: of its environment only paths and the locale are passed on. What a task needs is
imported when it runs, since some of these libraries take long to load.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from mtnet_chassis.runtime.child import confine

MEMORY_BYTES = 1536 * 1024**2
OUTPUT_BYTES = 64 * 1024**2
CPU_SECONDS = 7


def main(task: str, directory: Path) -> int:
    confine(memory_bytes=MEMORY_BYTES, cpu_seconds=CPU_SECONDS, output_bytes=OUTPUT_BYTES)
    request = json.loads((directory / "request.json").read_text("utf-8"))
    result: dict[str, Any]
    if task == "document":
        from accounts.documents.drawing.html import drawn

        result, output = {}, drawn(request["html"])
    elif task == "upload":
        from accounts.documents.inspection.inspecting import inspected

        result, output = inspected((directory / "upload").read_bytes())
    elif task == "page":
        from accounts.documents.drawing.pages import page_picture

        result, output = {}, page_picture((directory / "upload").read_bytes(), request["page"])
    else:
        raise ValueError(task)
    if output:
        (directory / "output").write_bytes(output)
    (directory / "result.json").write_text(json.dumps(result), "utf-8")
    return 0


if __name__ == "__main__":
    code = main(sys.argv[1], Path(sys.argv[2]))
    # Without the libraries' own ends: some unload code that a thread still runs, and a crash there would throw away
    # work that is done and written.
    sys.stderr.flush()
    os._exit(code)
