"""Take a file from a browser or a program and put its bytes where accounts finds them."""

from __future__ import annotations

from uuid import uuid4

from werkzeug.datastructures import FileStorage

from gateway import web
from gateway.clients import Refused

LARGEST_FILE_BYTES = 10 * 1024 * 1024
LONGEST_NAME = 200


def put_upload(given: FileStorage | None) -> dict[str, str]:
    """What ATTACH_FORM wants to know. Raises Refused(FILE_MISSING, FILE_EMPTY, FILE_TOO_LARGE)."""
    if given is None or not given.filename:
        raise Refused("FILE_MISSING")
    with given.stream as stream:
        content = stream.read(LARGEST_FILE_BYTES + 1)
    if len(content) > LARGEST_FILE_BYTES:
        raise Refused("FILE_TOO_LARGE")
    if not content:
        raise Refused("FILE_EMPTY")
    key = f"uploads/{uuid4()}"
    web.files().put(key, content)
    return {"upload_key": key, "filename": given.filename[-LONGEST_NAME:]}
