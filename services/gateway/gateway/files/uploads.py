"""Take a file from a browser or a program and put its bytes where accounts finds them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from mtnet_contracts.vocabulary.limits import LARGEST_FILE_BYTES, LONGEST_FILENAME
from werkzeug.datastructures import FileStorage

from gateway.extensions import files
from gateway.rpc.client import Refused, ServiceUnavailable


@contextmanager
def put_upload(given: FileStorage | None) -> Iterator[dict[str, str]]:
    """What ATTACH_FORM wants to know. Raises Refused(FILE_MISSING, FILE_EMPTY, FILE_TOO_LARGE).

    The bytes are removed once accounts has answered, whether it took them, refused them, or had them before. While
    it may still be reading them they stay; accounts removes after an hour what is still there.
    """
    if given is None or not given.filename:
        raise Refused("FILE_MISSING")
    with given.stream as stream:
        content = stream.read(LARGEST_FILE_BYTES + 1)
    if len(content) > LARGEST_FILE_BYTES:
        raise Refused("FILE_TOO_LARGE")
    if not content:
        raise Refused("FILE_EMPTY")
    key = f"uploads/{uuid4()}"
    files().put(key, content)
    asked = {
        "upload_key": key,
        "filename": given.filename[-LONGEST_FILENAME:],
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    try:
        yield asked
    except ServiceUnavailable:
        raise
    except BaseException:
        files().delete(key)
        raise
    files().delete(key)
