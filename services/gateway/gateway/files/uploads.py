"""Take a file from a browser or a program and put its bytes where accounts finds them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from uuid import uuid4

from mtnet_contracts.vocabulary.limits import LARGEST_FILE_BYTES, LARGEST_FILE_MEGABYTES, LONGEST_FILENAME
from werkzeug.datastructures import FileStorage

from gateway.extensions import files
from gateway.locale import gettext
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


class FilesRefused(Exception):
    """Some of several files cannot be taken; `words` name the file and say how to mend it."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


@contextmanager
def put_uploads(given: list[FileStorage], *, most: int) -> Iterator[list[dict[str, str]]]:
    """Several files, for a service that takes them over while it is called. An empty field is no file.

    Raises FilesRefused before anything is put. The bytes are removed afterwards, as by `put_upload`.
    """
    with ExitStack() as put:
        for one in given:
            put.callback(one.close)
        chosen = [one for one in given if one.filename]
        _check(chosen, most)
        yield [put.enter_context(put_upload(one)) for one in chosen]


def _check(chosen: list[FileStorage], most: int) -> None:
    if len(chosen) > most:
        raise FilesRefused(gettext("Choose at most %(most)s files", most=most))
    for one in chosen:
        size = one.seek(0, 2) or one.tell()
        one.seek(0)
        name = (one.filename or "")[-LONGEST_FILENAME:]
        if not size:
            raise FilesRefused(gettext("%(name)s is empty. Choose another file", name=name))
        if size > LARGEST_FILE_BYTES:
            raise FilesRefused(
                gettext(
                    "%(name)s is larger than %(megabytes)s MB. Send a smaller one",
                    name=name,
                    megabytes=LARGEST_FILE_MEGABYTES,
                )
            )
