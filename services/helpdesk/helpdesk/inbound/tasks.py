"""The child process that reads what is large or looks hostile, and draws pages, with limits.

`python -m helpdesk.inbound.tasks TASK DIRECTORY`, see mtnet_chassis.runtime.child.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mtnet_chassis.runtime.child import confine

MEMORY_BYTES = 1024 * 1024**2
OUTPUT_BYTES = 128 * 1024**2
CPU_SECONDS = 30


def main(task: str, directory: Path) -> int:
    confine(memory_bytes=MEMORY_BYTES, cpu_seconds=CPU_SECONDS, output_bytes=OUTPUT_BYTES)
    request = json.loads((directory / "request.json").read_text("utf-8"))
    upload = (directory / "upload").read_bytes()
    result, pieces = _mail(request, upload) if task == "mail" else _pages(request, upload)
    # One file for all: where one piece ends, the next begins.
    result["lengths"] = [len(each) for each in pieces]
    (directory / "output").write_bytes(b"".join(pieces))
    (directory / "result.json").write_text(json.dumps(result), "utf-8")
    return 0


def _mail(request: dict[str, Any], upload: bytes) -> tuple[dict[str, Any], list[bytes]]:
    from helpdesk.inbound.adapters import text_of_html
    from helpdesk.inbound.reading import read_mail

    mail = read_mail(upload, text_of_html, envelope=tuple(request["envelope"]))
    told = asdict(mail)
    contents = [each.pop("content") for each in told["files"]]
    return told, contents


def _pages(request: dict[str, Any], upload: bytes) -> tuple[dict[str, Any], list[bytes]]:
    from helpdesk.inbound.pages import NoPages, pages_of

    try:
        return {"problem": ""}, pages_of(request["kind"], upload)
    except NoPages as problem:
        return {"problem": str(problem)}, []


if __name__ == "__main__":
    code = main(sys.argv[1], Path(sys.argv[2]))
    sys.stderr.flush()
    os._exit(code)
